"""The page behind the link in a report's mail, `/notify/u/…`: it ends these mails, and takes that back.

Nobody signs in, and a mail program may end them by itself with one click (RFC 8058): what the link holds is enough, and
nobody guesses it. To look at the page ends nothing, for programs look at links before people do. Whatever the link
holds, and whatever was done with it, the pages are the same: they tell no stranger whether anybody gets a report.
"""

from __future__ import annotations

from pathlib import Path as Folder
from typing import Annotated

from fastapi import APIRouter, Path, Request, Response
from sqlalchemy import Engine

from services.notify.commands.report_readers import come_back_by_link, end_by_link
from services.notify.settings import LEAVE_PAGE
from shared.database import transaction, utc_now
from shared.pages import Site
from shared.pages.forms import Posted
from shared.pages.languages import language_of
from shared.pages.visits import LANGUAGE

Token = Annotated[str, Path(max_length=200)]
TAKE_BACK = "again"
"""The field of the form that takes it back; no mail program sends it."""


def router(engine: Engine) -> APIRouter:
    """The page, bound to this service's database."""
    routes = APIRouter(prefix=LEAVE_PAGE, include_in_schema=False)
    site = Site(Folder(__file__).parent / "templates", "/notify")

    def page(request: Request, template: str) -> Response:
        spoken = language_of(request.cookies.get(LANGUAGE), request.headers.get("accept-language", ""))
        return site.page(
            template,
            spoken,
            headers={"Cache-Control": "no-store"},
            here=request.url.path,
            signed_in=None,
            errors=(),
            form_token="",
        )

    @routes.get("/{token}")
    def ask(request: Request, token: Token) -> Response:  # noqa: ARG001 - nothing is looked up
        """A button."""
        return page(request, "leave.html")

    @routes.post("/{token}")
    def leave(request: Request, token: Token, form: Posted) -> Response:
        """No more reports to this address, or again."""
        act = come_back_by_link if form.one(TAKE_BACK) else end_by_link
        with transaction(engine) as session:
            act(session, token, utc_now())
        return page(request, "back.html" if form.one(TAKE_BACK) else "left.html")

    return routes
