"""Errors on pages: what happened and what to do, in the visitor's language. Programs get the answers they had."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable
from typing import Any

from fastapi import FastAPI, Request, Response
from sqlalchemy.exc import DBAPIError, SQLAlchemyError
from starlette.exceptions import HTTPException

from services.intake.pages.desk import Desk, go_to
from services.intake.pages.visits import SESSION, Visit, sign_in_address
from shared.errors import NotAuthenticated
from shared.logging import describe_error
from shared.middleware import TooLarge
from shared.pages import FormData, marked, say
from shared.web import STATUS_OF, headers_of

log = logging.getLogger(__name__)
Handler = Callable[[Request, Any], Awaitable[Response]]

PROGRAMS = ("/intake/v1", "/intake/openapi.json", "/intake/health")
WORDS = {
    403: (marked("You may not do this"), marked("Ask a colleague whose role allows it, or your administrator.")),
    404: (
        marked("This page is not here"),
        marked("If you typed the address, check it. The case may not exist, or may not be open to you."),
    ),
    405: (marked("This page is not here"), marked("Go back, and open the page again.")),
    413: (marked("This is too much at once"), marked("Go back, and send less at once.")),
    500: (
        marked("Something went wrong on our side"),
        marked("Nothing was changed. Go back, and try again in a moment."),
    ),
}

TOLD = (
    marked("There is no such case."),
    marked("This invitation was used, or has ended: ask your administrator for a new one."),
    marked("The form came from another site: open the page here, and send it again."),
    marked("The form is too old, or not of this session: open the page again, and send it again."),
    marked("This password is guessed soon: take several words that have nothing to do with you."),
)
"""What commands and queries say and pages pass on, for the catalogues."""


def answer_as_pages(app: FastAPI, desk: Desk) -> None:
    """Have the application answer an error on a page with a page, and any other as before."""
    for kind in (*STATUS_OF, HTTPException, DBAPIError, SQLAlchemyError, Exception):
        before: Any = app.exception_handlers[kind]
        app.add_exception_handler(kind, _either(desk, before))


def _either(desk: Desk, before: Handler) -> Handler:
    async def answer(request: Request, error: Exception) -> Response:
        path = request.url.path
        if not path.startswith("/intake") or path.startswith(PROGRAMS):
            return await before(request, error)
        return error_page(desk, Visit(request, FormData()), error)

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
    title, advice = WORDS.get(status, WORDS[403] if status < 500 else WORDS[500])
    told = str(error) if status < 500 and not isinstance(error, HTTPException | TooLarge) else ""
    answer = desk.page(visit, "error.html", status=status, title=title, told=_in(visit, told), advice=advice)
    answer.headers.update(headers_of(error))
    return answer


def _in(visit: Visit, told: str) -> str:
    """A sentence of a command or query, if it can be said in the visitor's language."""
    said = say(visit.language, told)
    return said if said != told or visit.language.tag == "en" else ""


def status_of(error: Exception) -> int:
    """The status that an error has everywhere."""
    if isinstance(error, HTTPException):
        return error.status_code
    return next((STATUS_OF[kind] for kind in type(error).__mro__ if kind in STATUS_OF), 500)
