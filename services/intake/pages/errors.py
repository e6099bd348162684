"""Errors on pages: what happened and what to do, in the visitor's language. Programs get the answers they had."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import Any

from fastapi import FastAPI, Request, Response
from fastapi.concurrency import run_in_threadpool
from fastapi.exceptions import RequestValidationError
from sqlalchemy.exc import DBAPIError, SQLAlchemyError
from starlette.exceptions import HTTPException

from services.intake.casework import CASE_TYPES
from services.intake.casework.words import label
from services.intake.pages.desk import Desk, Seat, go_to
from services.intake.pages.fields import Problem
from services.intake.pages.visits import SESSION, Visit, sign_in_address
from shared.errors import KinbridgeError, NotAuthenticated
from shared.logging import describe_error
from shared.pages import FormData, Language, marked, say
from shared.web import STATUS_OF, headers_of, status_of

log = logging.getLogger(__name__)
Handler = Callable[[Request, Any], Awaitable[Response]]

PROGRAMS = ("/intake/v1", "/intake/openapi.json", "/intake/health")
WORDS = {
    403: (marked("You may not do this"), marked("Ask a colleague whose role allows it, or your administrator.")),
    404: (
        marked("This page is not here"),
        marked("If you typed the address, check it. The case may not exist, or may not be open to you."),
    ),
    409: (
        marked("This cannot be done now"),
        marked("Something else stands against it. Go back, and look at the case as it is now."),
    ),
    412: (
        marked("Somebody else changed this meanwhile"),
        marked("Go back, look at what changed, and decide anew."),
    ),
    405: (marked("This page is not here"), marked("Go back, and open the page again.")),
    413: (marked("This is too much at once"), marked("Go back, and send less at once.")),
    500: (
        marked("Something went wrong on our side"),
        marked("Nothing was changed. Go back, and try again in a moment."),
    ),
}


def answer_as_pages(app: FastAPI, desk: Desk) -> None:
    """Have the application answer an error on a page with a page, and any other as before."""
    for kind in (*STATUS_OF, RequestValidationError, HTTPException, DBAPIError, SQLAlchemyError, Exception):
        before: Any = app.exception_handlers[kind]
        app.add_exception_handler(kind, _either(desk, before))


def _either(desk: Desk, before: Handler) -> Handler:
    async def answer(request: Request, error: Exception) -> Response:
        path = request.url.path
        if not path.startswith("/intake") or path.startswith(PROGRAMS):
            return await before(request, error)
        return await run_in_threadpool(error_page, desk, Visit(request, FormData()), error)

    return answer


def error_page(desk: Desk, visit: Visit, error: Exception) -> Response:
    """The page that says what happened; for somebody who is not signed in, the page to sign in."""
    if isinstance(error, NotAuthenticated):
        answer = go_to(sign_in_address(visit.here, ended=visit.session is not None))
        visit.forget(answer, SESSION)
        return answer
    status = status_of(error)
    if status >= 500:
        log.error("error on a page", extra={"error": describe_error(error)})
    answer = _signed_in_page(desk, visit, error, status) or _page(desk, visit, error, status)
    answer.headers.update(headers_of(error))
    return answer


def _signed_in_page(desk: Desk, visit: Visit, error: Exception, status: int) -> Response | None:
    """In the language, and with the menu, of somebody who is signed in; None where nobody is, or the database fails."""
    if status < 500 and visit.request.method == "GET" and visit.session is not None:
        with suppress(NotAuthenticated, SQLAlchemyError), desk.seat(visit) as seat:
            return _page(desk, visit, error, status, seat)
    return None


def _page(desk: Desk, visit: Visit, error: Exception, status: int, seat: Seat | None = None) -> Response:
    title, advice = WORDS.get(status, WORDS[403] if status < 500 else WORDS[500])
    told = told_in(visit.language, error) if status < 500 and isinstance(error, KinbridgeError) else None
    return desk.page(visit, "error.html", seat, status=status, title=title, told=told, advice=advice)


def told_in(language: Language, error: KinbridgeError) -> str | None:
    """What an error tells, in a language; None where it was never translated, as what only programs are told."""
    said = say(language, error.sentence)
    if said == error.sentence and language.tag != "en":
        return None
    parts = {name: _part_in(language, part) for name, part in error.parts.items()}
    return said.format(**parts) if parts else said


def _part_in(language: Language, part: str) -> str:
    """One code or several, in words."""
    codes = part.split(", ")
    return ", ".join(say(language, CASE_TYPES[one].title if one in CASE_TYPES else label(one)) for one in codes)


def problem_in(language: Language, error: KinbridgeError) -> Problem:
    """The same as a problem of the page that was sent."""
    return Problem("", told_in(language, error) or WORDS[409][0])
