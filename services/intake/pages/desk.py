"""What every page needs: the database, who is signed in, and how a page is answered."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from fastapi import Response
from fastapi.responses import RedirectResponse
from sqlalchemy import Engine
from sqlalchemy.orm import Session

from services.intake import commands, queries
from services.intake.domain import Organisation
from services.intake.pages.visits import Visit
from services.intake.queries import matches, referrals, work
from services.intake.queries.family import task_count
from shared.access import Act, Actor, act_as
from shared.crypto import KeyRing
from shared.database import reading, transaction, utc_now
from shared.errors import NotAuthenticated
from shared.pages import LANGUAGES, Site, marked
from shared.pages.visits import Link, SignedInVisitor

REPORTS = "/intake/reports"
MENU = (
    ("/intake/my-work", marked("My work"), Act.READ_CASES),
    ("/intake/cases", marked("Cases"), Act.READ_CASES),
    ("/intake/matches", marked("Matches"), Act.READ_CASES),
    ("/intake/referrals", marked("Referrals"), Act.REFER_CASES),
    ("/intake/new", marked("New case"), Act.SUBMIT_CASES),
    ("/intake/services", marked("Services"), Act.READ_DIRECTORY),
    ("/intake/own-fields", marked("Own questions"), Act.KEEP_OWN_FIELDS),
    ("/intake/messages", marked("Messages"), Act.READ_MESSAGES),
    (REPORTS, marked("Reports"), Act.READ_GRANTS),
)


@dataclass(frozen=True)
class Seat:
    """A visitor at work: the database session of this request, and who acts in it."""

    session: Session
    actor: Actor
    visitor: SignedInVisitor


class Desk:
    """Answers visits."""

    def __init__(self, engine: Engine, keys: KeyRing) -> None:
        self.engine = engine
        self.keys = keys
        self.site = Site(Path(__file__).parent / "templates", "/intake")

    @contextmanager
    def seat(self, visit: Visit, *, writes: bool = False) -> Iterator[Seat]:
        """Work of somebody signed in, in one transaction. Raises `NotAuthenticated`; checks the form of a POST first.

        `writes` on a page that is only read: what is sealed is opened, or the read is recorded.
        """
        posts = visit.request.method == "POST"
        secret = visit.session
        if secret is None:
            raise NotAuthenticated("Sign in first.")
        if posts:
            visit.check_form()
        keeps = posts or writes
        with transaction(self.engine) if keeps else reading(self.engine) as session:
            opened = queries.open_session(session, secret)
            if keeps and opened.due:
                commands.note_seen(session, secret)
            act_as(session, opened.actor)
            if not visit.chose_language and opened.language in LANGUAGES:
                visit.language = LANGUAGES[opened.language]
            yield Seat(session, opened.actor, _visitor(session, visit, opened))
        if opened.due and not keeps:
            with transaction(self.engine) as session:
                commands.note_seen(session, secret)

    def page(
        self, visit: Visit, template: str, seat: Seat | None = None, *, status: int = 200, **known: Any
    ) -> Response:
        """A page, with what its layout needs."""
        known.setdefault("errors", ())
        signed_in = seat.visitor if seat is not None else None
        answer = self.site.page(
            template, visit.language, status=status, signed_in=signed_in, form_token=visit.form_token, **known
        )
        return visit.dress(answer)


def go_to(address: str) -> Response:
    """After a form: the browser asks for that page."""
    return RedirectResponse(address, 303)


def _visitor(session: Session, visit: Visit, opened: queries.OpenSession) -> SignedInVisitor:
    organisation = session.get(Organisation, opened.actor.organisation_id)
    path = visit.request.url.path
    counts = {
        "/intake/my-work": lambda: (
            work.urgent(session, opened.actor, utc_now().date()) + task_count(session, opened.actor, utc_now())
        ),
        "/intake/matches": lambda: matches.waiting(session, opened.actor),
        "/intake/referrals": lambda: referrals.waiting(session, opened.actor),
    }
    links = [
        Link(address, title, path.startswith(address), counts.get(address, int)())
        for address, title, act in MENU
        if opened.actor.may(act) or (address == REPORTS and opened.actor.may(Act.READ_PUBLISHED))
    ]
    return SignedInVisitor(opened.display_name, organisation.name if organisation else "", links)
