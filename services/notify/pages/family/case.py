"""A family's own page: where its request is, in the same words for everybody; and writing to whoever works on it."""

from __future__ import annotations

import re
from typing import Any, get_args

from fastapi import APIRouter, Response
from sqlalchemy.orm import Session

from services.notify.commands.family.replies import heard_before, reply
from services.notify.commands.family.tries import REPLIES, TooManyTries, count_try, refuse_many
from services.notify.domain import FamilyContact
from services.notify.pages.family.desk import Desk, closed, problem_of
from services.notify.pages.family.visits import Visit, Visited
from services.notify.queries.family_pages import appointments_ahead, last_message_at
from shared.crypto import KeyRing
from shared.database import reading, transaction
from shared.errors import FieldError, InvalidInput
from shared.events.notify import ReplyIntent
from shared.pages import marked

DONE = {
    "written": marked("Thank you. We have received what you wrote. A person will read it."),
    "saved": marked("Saved."),
    "started": marked("You get messages from us again."),
}
CHOOSE = marked("Choose what you want to tell us, or write it.")
CALL, CALL_ME = "call", "Please call me."
"""A choice of the page, for whoever would rather not write; the case worker reads the sentence."""
_ONCE = re.compile(r"[0-9a-f]{16}")


def add_to(routes: APIRouter, desk: Desk) -> None:
    """The pages of this subject."""

    @routes.get("/case")
    def tell_state(visit: Visited) -> Response:
        """One sentence and three steps, whatever became of the case."""
        with reading(desk.engine) as session:
            contact = desk.whose(session, visit)
            if contact is None:
                return closed()
            known: dict[str, Any] = {"done": DONE.get(visit.request.query_params.get("done", ""))}
            known |= {"last": last_message_at(session, contact.id)}
            known |= {"appointments": appointments_ahead(session, contact.id, visit.now)}
            return desk.page(visit, session, "case.html", contact, **known)

    @routes.get("/reply")
    def ask_for_reply(visit: Visited) -> Response:
        """What a family may tell."""
        return desk.inside(visit, "reply.html", intent=visit.request.query_params.get("about", ""))

    @routes.post("/reply")
    def take_reply(visit: Visited) -> Response:
        """Passed on to the case worker, once however often it is sent."""
        try:
            with transaction(desk.engine) as session:
                contact = desk.whose(session, visit)
                if contact is None:
                    return closed()
                _take(session, desk.keys, contact, visit)
        except (InvalidInput, TooManyTries) as error:
            problem = problem_of(error, visit)
            return desk.inside(visit, "reply.html", intent=visit.form.one("intent"), problem=problem)
        return desk.stay(visit, contact, "/case?done=written")


def _take(session: Session, keys: KeyRing, contact: FamilyContact, visit: Visit) -> None:
    refuse_many(session, keys, REPLIES, str(contact.id), visit.now)
    said, chosen = visit.form.one("text"), visit.form.one("intent")
    if not chosen and not said.strip():
        raise InvalidInput(CHOOSE, (FieldError("#/intent", "missing", CHOOSE),))
    if chosen == CALL:
        said = f"{CALL_ME}\n{said}".strip()
    if sent_before(session, contact, visit):
        return
    intents: dict[str, ReplyIntent] = {one: one for one in get_args(ReplyIntent)}
    reply(session, contact, said, "page", intents.get(chosen, "reply"))
    count_try(session, keys, REPLIES, str(contact.id), visit.now)


def sent_before(session: Session, contact: FamilyContact | None, visit: Visit) -> bool:
    """True where this very form was sent before: a slow network makes people press twice."""
    once = visit.form.one("once")
    if not _ONCE.fullmatch(once):
        return False
    return heard_before(session, "page", f"{contact.id if contact else ''} {once}", visit.now)
