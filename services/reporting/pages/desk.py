"""What every page needs: the database, who is signed in, and how a page, a file or an error is answered."""

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

from services.reporting import queries
from services.reporting.pages.visits import HOME, Visit, form_token
from services.reporting.pages.words import ERRORS, ROLES
from services.reporting.rendering import RENDERINGS, Issue
from shared.access import Act, Actor
from shared.crypto import KeyRing
from shared.database import reading
from shared.errors import KinbridgeError, NotAllowed, NotAuthenticated
from shared.logging import describe_error
from shared.pages import HEADERS, FormData, Site, marked, say
from shared.pages.visits import Link, SignedInVisitor
from shared.web import status_of

log = logging.getLogger(__name__)

REPORTS = (HOME, marked("Reports"))
CASES = ("/intake/my-work", marked("My work"))
_POLICY = "Content-Security-Policy"


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
        self.site = Site(Path(__file__).parent / "templates", "/reporting")

    @contextmanager
    def seat(self, visit: Visit) -> Iterator[Seat]:
        """Reading of somebody signed in, in one snapshot. Raises `NotAuthenticated` and `NotAllowed`."""
        actor = visit.actor(self.keys)
        if not (actor.may(Act.READ_GRANTS) or actor.may(Act.READ_PUBLISHED)):
            raise NotAllowed("Reports are read by those whose role is about grants, and by readers of donors.")
        with reading(self.engine, snapshot=True) as session:
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
            errors=known.pop("errors", ()),
            **known,
        )

    def file(self, issue: Issue, form: str, name: str) -> Response:
        """An issue in one of the formats: the page to be read at once, the others as files."""
        rendering = RENDERINGS[form]
        headers = {each: value for each, value in HEADERS.items() if each != _POLICY} | {"Cache-Control": "no-store"}
        if form != "html":  # the page has its own policy inside, by the hash of its style sheet
            headers["Content-Disposition"] = f'attachment; filename="{name}{rendering.suffix}"'
            headers[_POLICY] = "default-src 'none'"
        return Response(rendering.render(issue), media_type=rendering.media_type, headers=headers)

    def error_page(self, visit: Visit, error: Exception) -> Response:
        """What happened, and what to do; who only wants to read and is not signed in is led to where one signs in."""
        if isinstance(error, NotAuthenticated) and visit.request.method == "GET":
            return go_to(visit.sign_in)
        status = status_of(error)
        if status >= 500:
            log.error("error on a page", extra={"error": describe_error(error)})
        title, advice = ERRORS.get(status, ERRORS[404] if status < 500 else ERRORS[500])
        return self.page(visit, "error.html", status=status, title=title, advice=advice, sign_in=visit.sign_in)

    def _visitor(self, session: Session, visit: Visit, actor: Actor) -> SignedInVisitor:
        links = [Link(REPORTS[0], REPORTS[1], visit.request.url.path.startswith(REPORTS[0]))]
        if actor.may(Act.READ_CASES):
            links.insert(0, Link(visit.cases_at + CASES[0], CASES[1]))
        roles = [say(visit.language, words) for role, words in ROLES.items() if role in actor.roles]
        return SignedInVisitor(", ".join(roles), queries.name_of(session, actor), links)


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
