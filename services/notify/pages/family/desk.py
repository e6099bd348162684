"""What every one of these pages needs: the database, the keys, whose page it is, and the languages that are offered."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from typing import Any

from fastapi import Response
from fastapi.responses import RedirectResponse
from sqlalchemy import Engine
from sqlalchemy.orm import Session

from services.notify.commands.approvals import approved_anywhere, approved_languages
from services.notify.commands.family.opening import contact_of_visit
from services.notify.commands.family.tries import TooManyTries
from services.notify.domain import FamilyContact
from services.notify.pages.family.look import not_yet, page
from services.notify.pages.family.texts import best_of
from services.notify.pages.family.visits import Visit
from services.notify.settings import FAMILY_PAGE
from shared.crypto import KeyRing
from shared.database import reading
from shared.errors import DomainError, InvalidInput


@dataclass(frozen=True)
class Problem:
    """What was not taken: the field, a sentence of the catalogues, the answer's status, seconds to wait."""

    field: str
    sentence: str
    status: int = 422
    wait: int = 0


class Desk:
    """Answers visits with pages."""

    def __init__(self, engine: Engine, keys: KeyRing) -> None:
        self.engine = engine
        self.keys = keys

    def whose(self, session: Session, visit: Visit) -> FamilyContact | None:
        """Whose page the visit has open; None also for a form that was not sent from here."""
        contact_id = visit.opened(self.keys)
        if contact_id is None or (visit.request.method == "POST" and not visit.ours):
            return None
        return contact_of_visit(session, contact_id)

    def page(
        self, visit: Visit, session: Session, template: str, contact: FamilyContact | None = None, **known: Any
    ) -> Response:
        """A page in the visitor's language; only what was approved is offered: by the contact's organisation, or before
        anybody is known, by any."""
        offered = approved_languages(session, contact.organisation_id) if contact else approved_anywhere(session)
        if not offered:
            return not_yet(visit.request)
        wanted = [*visit.chosen, *(contact.languages if contact else ())]
        tag = best_of(offered, wanted, visit.request.headers.get("accept-language", ""))
        problem: Problem | None = known.pop("problem", None)
        known = {"contact": contact, "inside": contact is not None, "error": problem, "form": visit.form, **known}
        known |= {"once": secrets.token_hex(8)}
        answer = page(visit.request, template, tag, offered, status=problem.status if problem else 200, **known)
        if problem is not None and problem.wait:
            answer.headers["Retry-After"] = str(problem.wait)
        visit.keep_language(answer, tag)
        return visit.keep_open(answer, self.keys, contact.id) if contact else answer

    def inside(self, visit: Visit, template: str, **known: Any) -> Response:
        """A page behind a code; where none is open, the way to one."""
        with reading(self.engine) as session:
            contact = self.whose(session, visit)
            return self.page(visit, session, template, contact, **known) if contact else closed()

    def stay(self, visit: Visit, contact: FamilyContact, path: str) -> Response:
        """After a form of an open page: the page that follows."""
        return visit.keep_open(go_to(path), self.keys, contact.id)

    def outside(self, visit: Visit, template: str, **known: Any) -> Response:
        """A page for everybody; whoever has opened one stays inside."""
        with reading(self.engine) as session:
            return self.page(visit, session, template, self.whose(session, visit), **known)


def closed() -> Response:
    """The way to the page that asks for a code, and says that none is open."""
    return go_to("?closed=1")


def go_to(path: str) -> Response:
    """After a form: the page that follows, to be fetched anew."""
    return RedirectResponse(f"{FAMILY_PAGE}{path}", 303, headers={"Cache-Control": "no-store"})


def problem_of(error: DomainError, visit: Visit) -> Problem:
    """What a page says of a refusal."""
    if isinstance(error, TooManyTries):
        return Problem("", error.sentence, 429, max(1, int((error.until - visit.now).total_seconds()) + 1))
    assert isinstance(error, InvalidInput)
    return Problem(error.fields[0].field.removeprefix("#/"), error.fields[0].message)
