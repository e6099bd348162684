"""A visit of staff: who comes, by intake's token in a cookie of this host; in which language, with which form."""

from __future__ import annotations

from typing import Annotated
from urllib.parse import quote, urlsplit

from fastapi import Depends, Request, Response

from shared.access import TOKEN_LIFE, Actor, read_token
from shared.crypto import KeyRing
from shared.errors import NotAuthenticated
from shared.pages import FormData, Language, csrf_token, language_of, posted, require_csrf
from shared.web import is_https

TOKEN, LANGUAGE = "kinbridge_notify", "kinbridge_language"
HOME = "/notify/messages"
SIGN_IN = "/intake/messages"
"""Intake's page that gives whoever is signed in there a token, and leads here."""
_LANGUAGE_KEPT = 365 * 24 * 3600


class Visit:
    """One request for a page. Cookies are host-only; where people come by https their names say so (`__Host-`)."""

    def __init__(self, request: Request, form: FormData) -> None:
        self.request = request
        self.form = form
        self.https = is_https(request)
        self.language: Language = language_of(self._cookie(LANGUAGE), request.headers.get("accept-language", ""))

    def actor(self, keys: KeyRing) -> Actor:
        """Who it is. Raises `NotAuthenticated`; for a form also `NotAllowed`, unless our own page made it."""
        token = self._cookie(TOKEN)
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
        url = self.request.url
        here = url.path + (f"?{url.query}" if url.query else "") if self.request.method == "GET" else HOME
        return f"{self.cases_at}{SIGN_IN}?to={quote(own_path(here), safe='/')}"

    @property
    def came_from(self) -> str:
        """Our own page that led here; the first page where none did."""
        try:
            referer = urlsplit(self.request.headers.get("referer", ""))
        except ValueError:  # no address at all
            return HOME
        if referer.netloc != self.request.headers.get("host"):
            return HOME
        return own_path(referer.path + (f"?{referer.query}" if referer.query else ""))

    def keep_token(self, answer: Response, token: str) -> None:
        """Be signed in until the token ends."""
        self._keep(answer, TOKEN, token, int(TOKEN_LIFE.total_seconds()))

    def keep_language(self, answer: Response, tag: str) -> None:
        """Remember the language that the visitor chose."""
        self._keep(answer, LANGUAGE, tag, _LANGUAGE_KEPT)

    def _keep(self, answer: Response, name: str, value: str, seconds: int) -> None:
        answer.set_cookie(
            self._named(name), value, max_age=seconds, path="/", secure=self.https, httponly=True, samesite="lax"
        )

    def _cookie(self, name: str) -> str | None:
        return self.request.cookies.get(self._named(name)) or None

    def _named(self, name: str) -> str:
        return f"__Host-{name}" if self.https else name


def form_token(keys: KeyRing, actor: Actor) -> str:
    """Stands in every form. The same for all tokens of a person: who reads for longer than one of them lasts, and has
    the next by another page, may still send what they read."""
    return csrf_token(f"{keys.derived('forms of staff').hex()} {actor.organisation_id} {actor.user_id}")


def own_path(path: str) -> str:
    """A path of these pages as it is; the first page for anything else: nobody is led astray."""
    plain = path.isascii() and path.isprintable() and "//" not in path and "\\" not in path
    ours = path.startswith("/notify/") and not path.startswith(("/notify/open", "/notify/language/", "/notify/v1"))
    return path if ours and plain else HOME


async def _visit(request: Request) -> Visit:
    return Visit(request, await posted(request) if request.method == "POST" else FormData())


Visited = Annotated[Visit, Depends(_visit)]
