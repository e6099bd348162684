"""Coming in with intake's token, and choosing a language."""

from __future__ import annotations

from contextlib import suppress
from typing import Annotated

from fastapi import APIRouter, Depends, Path, Query, Response

from shared.access import read_token
from shared.errors import NotAuthenticated
from shared.pages.languages import LANGUAGES
from shared.pages.signed_in.desk import SignedInDesk, go_to
from shared.pages.signed_in.visits import SignedInVisit


def add_to(routes: APIRouter, desk: SignedInDesk, entry: str) -> None:
    """The pages of this subject. `entry` is the path that intake leads to with a token."""
    visited = Depends(desk.VISIT.of)

    @routes.get("/")
    def first_page() -> Response:
        return go_to(desk.VISIT.HOME)

    @routes.get(entry)
    def enter(token: Annotated[str, Query(max_length=2000)], to: str = "", visit: SignedInVisit = visited) -> Response:
        """Keeps the token in a host-only cookie and goes on, so that no address holds it."""
        try:
            read_token(desk.keys, token)
        except NotAuthenticated:  # not sent round in circles where the two services have other keys
            return desk.told(visit, 401, visit.cases_at + visit.SIGN_IN)
        answer = go_to(visit.own_path(to))
        visit.keep_token(answer, token)
        return answer

    @routes.post("/sign-out")
    def sign_out(visit: SignedInVisit = visited) -> Response:
        """The token is forgotten here; whoever has none any more is signed out already."""
        with suppress(NotAuthenticated):
            visit.actor(desk.keys)
        answer = desk.page(visit, "signed_out.html")
        visit.forget(answer, visit.TOKEN)
        return answer

    @routes.get("/language/{tag}")
    def choose_language(tag: Annotated[str, Path(max_length=20)], visit: SignedInVisit = visited) -> Response:
        """The pages in that language from now on."""
        answer = go_to(visit.came_from)
        if tag in LANGUAGES:
            visit.keep_language(answer, tag)
        return answer
