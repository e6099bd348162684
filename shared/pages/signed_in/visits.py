"""A visit of somebody signed in at intake: who comes, by intake's token in a cookie of this host."""

from __future__ import annotations

from typing import ClassVar, Self
from urllib.parse import quote

from fastapi import Request, Response

from shared.access import TOKEN_LIFE, Actor, read_token
from shared.crypto import KeyRing
from shared.errors import NotAuthenticated
from shared.pages.forms import FormData, csrf_token, posted, require_csrf
from shared.pages.visits import PageVisit


class SignedInVisit(PageVisit):
    """One request for a page. A service says its cookie's name (`TOKEN`), intake's page that gives whoever is signed in
    there a token and leads back (`SIGN_IN`), and what the key of its forms is derived for (`FORMS`)."""

    TOKEN: ClassVar[str]
    SIGN_IN: ClassVar[str]
    FORMS: ClassVar[str]

    @classmethod
    async def of(cls, request: Request) -> Self:
        """The visit with its form. Async: it reads the body, for an endpoint that works in a thread."""
        return cls(request, await posted(request) if request.method == "POST" else FormData())

    def actor(self, keys: KeyRing) -> Actor:
        """Who it is. Raises `NotAuthenticated`; for a form also `NotAllowed`, unless our own page made it."""
        token = self.cookie(self.TOKEN)
        if token is None:
            raise NotAuthenticated("Sign in first.")
        actor = read_token(keys, token)
        if self.request.method == "POST":
            require_csrf(self.request, self.form, self.form_token(keys, actor))
        return actor

    @classmethod
    def form_token(cls, keys: KeyRing, actor: Actor) -> str:
        """Stands in every form. The same for all tokens of a person: who reads or writes for longer than one of them
        lasts, and has the next by another page, may still send what they have."""
        return csrf_token(f"{keys.derived(cls.FORMS).hex()} {actor.organisation_id} {actor.user_id}")

    @property
    def cases_at(self) -> str:
        """Where intake's pages are, if not at this address."""
        return str(getattr(self.request.app.state, "intake_address", ""))

    @property
    def sign_in(self) -> str:
        """Where a token is to be had, and from where one comes back to this page."""
        here = self.asked if self.request.method == "GET" else self.HOME
        return f"{self.cases_at}{self.SIGN_IN}?to={quote(self.own_path(here), safe='/')}"

    def keep_token(self, answer: Response, token: str) -> None:
        """Be signed in until the token ends."""
        self.keep(answer, self.TOKEN, token, int(TOKEN_LIFE.total_seconds()))
