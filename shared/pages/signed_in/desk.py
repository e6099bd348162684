"""What every page needs: the database, who is signed in, and how a page, or an error, is answered."""

from __future__ import annotations

import logging
from collections.abc import Callable, Coroutine, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

from fastapi import Request, Response
from fastapi.concurrency import run_in_threadpool
from fastapi.exceptions import RequestValidationError
from fastapi.responses import RedirectResponse
from fastapi.routing import APIRoute
from sqlalchemy import Engine
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from shared.access import Actor, Role
from shared.crypto import KeyRing
from shared.errors import KinbridgeError, NotAuthenticated
from shared.logging import describe_error
from shared.pages.forms import FormData
from shared.pages.languages import marked, say
from shared.pages.signed_in.visits import SignedInVisit
from shared.pages.site import Site
from shared.pages.visits import Link, SignedInVisitor
from shared.web import status_of

log = logging.getLogger(__name__)

CASES = ("/intake/my-work", marked("My work"))
ERRORS = {
    401: (
        marked("Your sign-in has ended"),
        marked("Nothing was changed. Sign in again, and send it once more."),
    ),
    403: (
        marked("You may not do this"),
        marked("Ask a colleague whose role allows it, or your administrator."),
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
"""Status → what happened, and what to do; 404 names what the pages of a service are about."""
NOT_HERE = marked("This page is not here")


@dataclass(frozen=True)
class Seat:
    """A visitor at work: the database session of this request, and who acts in it."""

    session: Session
    actor: Actor
    visitor: SignedInVisitor


class SignedInDesk:
    """Answers visits. A service says the class of its visits, what to do about a page that is not here (`LOST`), the
    status whose words stand for an error that has none (`OTHERWISE`), and its visitors' roles in words: tokens carry no
    names."""

    VISIT: ClassVar[type[SignedInVisit]]
    LOST: ClassVar[str]
    OTHERWISE: ClassVar[int]
    ROLES: ClassVar[Mapping[Role, str]]

    def __init__(self, engine: Engine, keys: KeyRing, site: Site) -> None:
        self.engine = engine
        self.keys = keys
        self.site = site

    def page(
        self, visit: SignedInVisit, template: str, seat: Seat | None = None, *, status: int = 200, **known: Any
    ) -> Response:
        """A page, with what its layout needs. No browser and no proxy keeps it."""
        known.setdefault("errors", ())
        return self.site.page(
            template,
            visit.language,
            status=status,
            headers={"Cache-Control": "no-store"},
            signed_in=seat.visitor if seat is not None else None,
            form_token=visit.form_token(self.keys, seat.actor) if seat is not None else "",
            cases_at=visit.cases_at,
            **known,
        )

    def error_page(self, visit: SignedInVisit, error: Exception) -> Response:
        """What happened, and what to do; who only wants to read and is not signed in is led to where one signs in."""
        if isinstance(error, NotAuthenticated) and visit.request.method == "GET":
            return go_to(visit.sign_in)
        status = status_of(error)
        if status >= 500:
            log.error("error on a page", extra={"error": describe_error(error)})
        return self.told(visit, status, visit.sign_in)

    def told(self, visit: SignedInVisit, status: int, sign_in: str) -> Response:
        """The page of an error, with the way to where one signs in."""
        words = {**ERRORS, 404: (NOT_HERE, self.LOST)}
        title, advice = words.get(status, words[self.OTHERWISE if status < 500 else 500])
        return self.page(visit, "error.html", status=status, title=title, advice=advice, sign_in=sign_in)

    def visitor(self, visit: SignedInVisit, actor: Actor, organisation: str, links: Sequence[Link]) -> SignedInVisitor:
        """Who is shown in the bar above a page: by roles, and with the menu."""
        roles = [say(visit.language, words) for role, words in self.ROLES.items() if role in actor.roles]
        return SignedInVisitor(", ".join(roles), organisation, links)


def go_to(address: str) -> Response:
    """After a form, or to another page."""
    return RedirectResponse(address, 303)


def page_route(desk: SignedInDesk) -> type[APIRoute]:
    """Routes whose errors are pages."""

    class PageRoute(APIRoute):
        def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
            answer = super().get_route_handler()

            async def handle(request: Request) -> Response:
                try:
                    return await answer(request)
                except (KinbridgeError, RequestValidationError, SQLAlchemyError) as error:
                    return await run_in_threadpool(desk.error_page, desk.VISIT(request, FormData()), error)

            return handle

    return PageRoute
