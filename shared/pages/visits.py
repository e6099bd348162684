"""A visit to a service's pages: its cookies, its language, and where it came from on the same pages."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar
from urllib.parse import urlsplit

from fastapi import Request, Response

from shared.pages.forms import FormData
from shared.pages.languages import Language, language_of
from shared.web import is_https

LANGUAGE = "kinbridge_language"
_LANGUAGE_KEPT = 365 * 24 * 3600


@dataclass(frozen=True)
class Link:
    """An entry of the menu."""

    address: str
    title: str
    here: bool = False
    count: int = 0


@dataclass(frozen=True)
class SignedInVisitor:
    """Who is shown in the bar above a page."""

    name: str
    organisation: str
    links: Sequence[Link]


class PageVisit:
    """One request for a page. Cookies are host-only; where people come by https their names say so (`__Host-`).

    A service says which pages are its own: everything under `PREFIX` but what begins as one of `PASSING`, where nobody
    is led back to; `HOME` is the first of them.
    """

    PREFIX: ClassVar[str]
    HOME: ClassVar[str]
    PASSING: ClassVar[tuple[str, ...]]

    def __init__(self, request: Request, form: FormData) -> None:
        self.request = request
        self.form = form
        self.https = is_https(request)
        self.language: Language = language_of(self.cookie(LANGUAGE), request.headers.get("accept-language", ""))

    def cookie(self, name: str) -> str | None:
        """The value of one of our cookies."""
        return self.request.cookies.get(self._named(name)) or None

    def keep(self, answer: Response, name: str, value: str, seconds: int | None = None) -> None:
        """Set one of our cookies."""
        answer.set_cookie(
            self._named(name), value, max_age=seconds, path="/", secure=self.https, httponly=True, samesite="lax"
        )

    def keep_language(self, answer: Response, tag: str) -> None:
        """Remember the language that the visitor chose."""
        self.keep(answer, LANGUAGE, tag, _LANGUAGE_KEPT)

    def forget(self, answer: Response, *names: str) -> None:
        """Remove cookies."""
        for name in names:
            answer.delete_cookie(self._named(name), path="/", secure=self.https, httponly=True, samesite="lax")

    @property
    def asked(self) -> str:
        """The page that is asked for, with its query."""
        url = self.request.url
        return url.path + (f"?{url.query}" if url.query else "")

    @property
    def came_from(self) -> str:
        """Our own page that led here; the first page where none did."""
        try:
            referer = urlsplit(self.request.headers.get("referer", ""))
        except ValueError:  # no address at all
            return self.HOME
        if referer.netloc != self.request.headers.get("host"):
            return self.HOME
        return self.own_path(referer.path + (f"?{referer.query}" if referer.query else ""))

    @classmethod
    def own_path(cls, path: str) -> str:
        """A path of our own pages as it is, fit for a cookie; else the first page: nobody is led astray."""
        ours = path.startswith(cls.PREFIX) and "//" not in path and "\\" not in path
        fits = ours and path.isascii() and path.isprintable()
        return path if fits and not path.startswith(cls.PASSING) else cls.HOME

    def _named(self, name: str) -> str:
        return f"__Host-{name}" if self.https else name
