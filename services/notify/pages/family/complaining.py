"""Complaints and thanks, with and without a name.

Whoever has a page open complains to the organisation that it belongs to, and chooses whether the request is named.
Without a code nobody knows which organisation it is about, and the pages name none to choose from: then the complaint
goes to each that has families here, as the page says before. A complaint is never turned away for want of a code.
"""

from __future__ import annotations

from typing import get_args

from fastapi import APIRouter, Response
from sqlalchemy.orm import Session

from services.notify.commands.family.replies import About, complain, complain_to_each
from services.notify.commands.family.tries import COMPLAINTS, TooManyTries, count_try, refuse_many
from services.notify.pages.family.case import DONE, sent_before
from services.notify.pages.family.desk import Desk, go_to, problem_of
from services.notify.pages.family.visits import Visit, Visited
from services.notify.queries.family_pages import organisations_of_families
from shared.database import transaction
from shared.errors import FieldError, InvalidInput
from shared.pages import marked

CLOSED = marked("Your page is closed. Look at who will read this, then send it again.")


def add_to(routes: APIRouter, desk: Desk) -> None:
    """The pages of this subject."""

    @routes.get("/complaint")
    def ask_for_complaint(visit: Visited) -> Response:
        """Who will read it stands there before it is written."""
        done = DONE.get(visit.request.query_params.get("done", ""))
        return desk.outside(visit, "complaint.html", done=done)

    @routes.post("/complaint")
    def take_complaint(visit: Visited) -> Response:
        """Passed on to people who do not work on the request."""
        if not visit.ours:
            return go_to("/complaint")
        try:
            with transaction(desk.engine) as session:
                _take(session, desk, visit)
        except (InvalidInput, TooManyTries) as error:
            return desk.outside(visit, "complaint.html", done=None, problem=problem_of(error, visit))
        return go_to("/complaint?done=written")


def _take(session: Session, desk: Desk, visit: Visit) -> None:
    refuse_many(session, desk.keys, COMPLAINTS, visit.client, visit.now)
    contact, said = desk.whose(session, visit), visit.form.one("text")
    abouts: dict[str, About] = {one: one for one in get_args(About)}
    about = abouts.get(visit.form.one("about"), "other")
    if contact is None and visit.form.one("inside"):
        raise InvalidInput(CLOSED, (FieldError("#/text", "closed", CLOSED),))
    if sent_before(session, contact, visit):
        return
    if contact is None:
        complain_to_each(session, organisations_of_families(session), about, said)
    else:
        complain(session, contact, about, said, named=bool(visit.form.one("named")))
    count_try(session, desk.keys, COMPLAINTS, visit.client, visit.now)
