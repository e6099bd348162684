"""What every page needs: the database, who is signed in, and how a page, or an error, is answered."""

from __future__ import annotations

import logging
from collections.abc import Callable, Coroutine, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from fastapi import Request, Response
from fastapi.concurrency import run_in_threadpool
from fastapi.exceptions import RequestValidationError
from fastapi.responses import RedirectResponse
from fastapi.routing import APIRoute
from sqlalchemy import Engine
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from services.notify.pages.staff.visits import Visit, form_token
from services.notify.pages.staff.words import ROLES
from services.notify.queries import staff
from services.notify.senders.mailbox import MailboxSender
from shared.access import Act, Actor, require
from shared.crypto import KeyRing
from shared.database import reading, transaction
from shared.errors import KinbridgeError, NotAuthenticated
from shared.logging import describe_error
from shared.pages import FormData, Site, marked, say
from shared.pages.visits import Link, SignedInVisitor
from shared.web import status_of

log = logging.getLogger(__name__)

MENU = (
    ("/notify/messages", marked("Messages")),
    ("/notify/languages", marked("Languages")),
    ("/notify/pauses", marked("Pauses")),
)
BY_MAIL = ("/notify/reports", marked("Reports by mail"))
MAILBOX = ("/notify/mailbox", marked("Mailbox"))
CASES = ("/intake/my-work", marked("My work"))
WORDS = {
    401: (
        marked("Your sign-in has ended"),
        marked("Nothing was changed. Sign in again, and send it once more."),
    ),
    403: (
        marked("You may not do this"),
        marked("Ask a colleague whose role allows it, or your administrator."),
    ),
    404: (
        marked("This page is not here"),
        marked("If you typed the address, check it. The message may not exist, or may not be open to you."),
    ),
    409: (
        marked("This cannot be done now"),
        marked("Something else stands against it. Go back, and look at it as it is now."),
    ),
    500: (
        marked("Something went wrong on our side"),
        marked("Nothing was changed. Go back, and try again in a moment."),
    ),
}


@dataclass(frozen=True)
class Seat:
    """A visitor at work: the database session of this request, and who acts in it."""

    session: Session
    actor: Actor
    visitor: SignedInVisitor


class Desk:
    """Answers visits. With a `mailbox`, what would go to families lies there, and can be looked at."""

    def __init__(self, engine: Engine, keys: KeyRing, mailbox: MailboxSender | None) -> None:
        self.engine = engine
        self.keys = keys
        self.mailbox = mailbox
        self.site = Site(Path(__file__).parent / "templates", "/notify")

    @contextmanager
    def seat(self, visit: Visit, act: Act = Act.READ_MESSAGES) -> Iterator[Seat]:
        """Work of somebody signed in, in one transaction. Raises `NotAuthenticated` and `NotAllowed`."""
        actor = visit.actor(self.keys)
        require(actor, act)
        writes = visit.request.method == "POST"
        with transaction(self.engine) if writes else reading(self.engine) as session:
            yield Seat(session, actor, self._visitor(session, visit, actor))

    def page(
        self, visit: Visit, template: str, seat: Seat | None = None, *, status: int = 200, **known: Any
    ) -> Response:
        """A page, with what its layout needs. No browser and no proxy keeps it."""
        return self.site.page(
            template,
            visit.language,
            status=status,
            headers={"Cache-Control": "no-store"},
            signed_in=seat.visitor if seat is not None else None,
            form_token=form_token(self.keys, seat.actor) if seat is not None else "",
            cases_at=visit.cases_at,
            errors=(),
            **known,
        )

    def error_page(self, visit: Visit, error: Exception) -> Response:
        """What happened, and what to do; who only wants to read and is not signed in is led to where one signs in."""
        if isinstance(error, NotAuthenticated) and visit.request.method == "GET":
            return go_to(visit.sign_in)
        status = status_of(error)
        if status >= 500:
            log.error("error on a page", extra={"error": describe_error(error)})
        title, advice = WORDS.get(status, WORDS[403] if status < 500 else WORDS[500])
        return self.page(visit, "error.html", status=status, title=title, advice=advice, sign_in=visit.sign_in)

    def _visitor(self, session: Session, visit: Visit, actor: Actor) -> SignedInVisitor:
        path = visit.request.url.path
        menu = [*(MENU if actor.may(Act.READ_MESSAGES) else ()), *([BY_MAIL] if actor.may(Act.READ_GRANTS) else ())]
        menu += [MAILBOX] if self.mailbox is not None and may_read_mailbox(actor) else []
        links = [Link(address, title, path.startswith(address)) for address, title in menu]
        links.insert(0, Link(visit.cases_at + CASES[0], CASES[1]))
        roles = [say(visit.language, words) for role, words in ROLES.items() if role in actor.roles]
        return SignedInVisitor(", ".join(roles), staff.organisation_name(session, actor), links)


def may_read_mailbox(actor: Actor) -> bool:
    """It shows texts to families, with their numbers and codes: for whoever sees to every case of the organisation."""
    return actor.may(Act.READ_CHILDREN) and actor.may(Act.ASSIGN_CASES)


def go_to(address: str) -> Response:
    """After a form, or to another page."""
    return RedirectResponse(address, 303)


def page_route(desk: Desk) -> type[APIRoute]:
    """Routes whose errors are pages."""

    class PageRoute(APIRoute):
        def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
            answer = super().get_route_handler()

            async def handle(request: Request) -> Response:
                try:
                    return await answer(request)
                except (KinbridgeError, RequestValidationError, SQLAlchemyError) as error:
                    return await run_in_threadpool(desk.error_page, Visit(request, FormData()), error)

            return handle

    return PageRoute
