"""A visit: who asks for a page, in which language, with which cookies and which form."""

from __future__ import annotations

from typing import Annotated
from urllib.parse import quote, urlsplit

from fastapi import Depends, Request, Response

from services.intake.credentials import fresh_secret
from shared.pages import FormData, Language, csrf_token, language_of, posted, require_csrf
from shared.uploads import UPLOAD_TYPE, uploaded
from shared.web import is_https

SESSION, TICKET, INVITATION, FORM, LANGUAGE = (
    "kinbridge_session",
    "kinbridge_ticket",
    "kinbridge_invitation",
    "kinbridge_form",
    "kinbridge_language",
)
HOME = "/intake/my-work"
SIGN_IN = "/intake/sign-in"
_LANGUAGE_KEPT = 365 * 24 * 3600


class Visit:
    """One request for a page. Cookies are host-only; where people come by https their names say so (`__Host-`)."""

    def __init__(self, request: Request, form: FormData) -> None:
        self.request = request
        self.form = form
        self.file: bytes | None = None
        """What came with the form, where the page takes a file."""
        self.https = is_https(request)
        self._fresh_form: str | None = None
        self.language: Language = language_of(self.cookie(LANGUAGE), request.headers.get("accept-language", ""))
        self.chose_language = self.cookie(LANGUAGE) is not None

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
    def session(self) -> str | None:
        """The secret of the session."""
        return self.cookie(SESSION)

    @property
    def form_secret(self) -> str:
        """What the form's token is made from: the session, or before there is one a cookie of its own."""
        found = self.session or self.cookie(FORM) or self._fresh_form
        if found is None:
            found = self._fresh_form = fresh_secret()
        return found

    @property
    def form_token(self) -> str:
        """Stands in every form of the page."""
        return csrf_token(self.form_secret)

    def dress(self, answer: Response) -> Response:
        """Give the answer the cookie that its form needs."""
        if self._fresh_form is not None:
            self.keep(answer, FORM, self._fresh_form)
        return answer

    def check_form(self) -> None:
        """Raises `NotAllowed` unless our own page, in this session, made the form."""
        require_csrf(self.request, self.form, self.form_token)

    @property
    def here(self) -> str:
        """The page that is asked for, or that the form stood on: where to go on after signing in again."""
        if self.request.method in {"GET", "HEAD"}:
            return own_path(self.request.url.path + (f"?{self.request.url.query}" if self.request.url.query else ""))
        return self.came_from

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

    def _named(self, name: str) -> str:
        return f"__Host-{name}" if self.https else name


def own_path(path: str) -> str:
    """A path of our own pages as it is, fit for a cookie; the first page for anything else: nobody is led astray."""
    ours = path.startswith("/intake/") and "//" not in path and "\\" not in path
    fits = ours and path.isascii() and path.isprintable()
    return path if fits and not path.startswith((SIGN_IN, "/intake/language")) else HOME


def sign_in_address(wanted: str, *, ended: bool) -> str:
    """Where somebody signs in who wanted that page."""
    query = [part for part in ("ended=1" if ended else "", f"next={quote(wanted, safe='/')}") if part]
    return f"{SIGN_IN}?{'&'.join(query)}" if ended or wanted != HOME else SIGN_IN


async def _visit(request: Request) -> Visit:
    form = await posted(request) if request.method == "POST" else FormData()
    return Visit(request, form)


async def _visit_with_file(request: Request) -> Visit:
    if not request.headers.get("content-type", "").lower().startswith(UPLOAD_TYPE):
        return await _visit(request)
    came = await uploaded(request)
    visit = Visit(request, came.fields)
    visit.file = came.file
    return visit


Visited = Annotated[Visit, Depends(_visit)]
VisitedWithFile = Annotated[Visit, Depends(_visit_with_file)]
"""Of a page whose form brings a file."""
