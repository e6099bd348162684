"""A visit of staff or of a donor's reader: who comes, by intake's token in a cookie of this host."""

from __future__ import annotations

from typing import Annotated, ClassVar
from urllib.parse import quote

from fastapi import Depends, Request, Response

from shared.access import TOKEN_LIFE, Actor, read_token
from shared.crypto import KeyRing
from shared.errors import NotAuthenticated
from shared.pages import FormData, csrf_token, posted, require_csrf
from shared.pages.visits import PageVisit

TOKEN = "kinbridge_reporting"  # noqa: S105 - the name of a cookie
HOME = "/reporting/reports"
SIGN_IN = "/intake/reports"
"""Intake's page that gives whoever is signed in there a token, and leads here."""


class Visit(PageVisit):
    """One request for a page."""

    PREFIX: ClassVar[str] = "/reporting/"
    HOME: ClassVar[str] = HOME
    PASSING: ClassVar[tuple[str, ...]] = (
        "/reporting/open",
        "/reporting/enter",
        "/reporting/language/",
        "/reporting/v1",
    )

    def actor(self, keys: KeyRing) -> Actor:
        """Who it is. Raises `NotAuthenticated`; for a form also `NotAllowed`, unless our own page made it."""
        token = self.cookie(TOKEN)
        if token is None:
            raise NotAuthenticated("Sign in first.")
        actor = read_token(keys, token)
        if self.request.method == "POST":
            require_csrf(self.request, self.form, form_token(keys, actor))
        return actor

    @property
    def cases_at(self) -> str:
        """Where intake's pages are, if not at this address."""
        return str(getattr(self.request.app.state, "intake_address", ""))

    @property
    def sign_in(self) -> str:
        """Where a token is to be had, and from where one comes back to this page."""
        here = self.asked if self.request.method == "GET" else HOME
        return f"{self.cases_at}{SIGN_IN}?to={quote(self.own_path(here), safe='/')}"

    def keep_token(self, answer: Response, token: str) -> None:
        """Be signed in until the token ends."""
        self.keep(answer, TOKEN, token, int(TOKEN_LIFE.total_seconds()))


def form_token(keys: KeyRing, actor: Actor) -> str:
    """Stands in every form. The same for all tokens of a person: who writes for longer than one of them lasts, and has
    the next by another page, may still send what they wrote."""
    return csrf_token(f"{keys.derived('forms of reports').hex()} {actor.organisation_id} {actor.user_id}")


own_path = Visit.own_path


async def _visit(request: Request) -> Visit:
    return Visit(request, await posted(request) if request.method == "POST" else FormData())


Visited = Annotated[Visit, Depends(_visit)]
