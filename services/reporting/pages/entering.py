"""Coming in with intake's token, and choosing a language."""

from __future__ import annotations

from contextlib import suppress
from typing import Annotated

from fastapi import APIRouter, Path, Query, Response

from services.reporting.pages.desk import Desk, go_to
from services.reporting.pages.visits import HOME, SIGN_IN, TOKEN, Visited, own_path
from services.reporting.pages.words import ERRORS
from shared.access import read_token
from shared.errors import NotAuthenticated
from shared.pages import LANGUAGES


def add_to(routes: APIRouter, desk: Desk) -> None:
    """The pages of this subject."""

    @routes.get("/")
    def first_page() -> Response:
        return go_to(HOME)

    @routes.get("/enter")
    def enter(visit: Visited, token: Annotated[str, Query(max_length=2000)], to: str = HOME) -> Response:
        """Keeps the token in a host-only cookie and goes on, so that no address holds it."""
        try:
            read_token(desk.keys, token)
        except NotAuthenticated:  # not sent round in circles where the two services have other keys
            title, advice = ERRORS[401]
            sign_in = visit.cases_at + SIGN_IN
            return desk.page(visit, "error.html", status=401, title=title, advice=advice, sign_in=sign_in)
        answer = go_to(own_path(to))
        visit.keep_token(answer, token)
        return answer

    @routes.post("/sign-out")
    def sign_out(visit: Visited) -> Response:
        """The token is forgotten here; whoever has none any more is signed out already."""
        with suppress(NotAuthenticated):
            visit.actor(desk.keys)
        answer = desk.page(visit, "signed_out.html")
        visit.forget(answer, TOKEN)
        return answer

    @routes.get("/language/{tag}")
    def choose_language(visit: Visited, tag: Annotated[str, Path(max_length=20)]) -> Response:
        """The pages in that language from now on."""
        answer = go_to(visit.came_from)
        if tag in LANGUAGES:
            visit.keep_language(answer, tag)
        return answer
