"""A visit: who asks for a page, in which language, with which cookies and which form."""

from __future__ import annotations

from typing import Annotated, ClassVar
from urllib.parse import quote

from fastapi import Depends, Request, Response

from services.intake.credentials import fresh_secret
from shared.pages import FormData, csrf_token, posted, require_csrf
from shared.pages.visits import LANGUAGE, PageVisit
from shared.uploads import UPLOAD_TYPE, uploaded

SESSION, TICKET, INVITATION, FORM = (
    "kinbridge_session",
    "kinbridge_ticket",
    "kinbridge_invitation",
    "kinbridge_form",
)
HOME = "/intake/my-work"
SIGN_IN = "/intake/sign-in"


class Visit(PageVisit):
    """One request for a page."""

    PREFIX: ClassVar[str] = "/intake/"
    HOME: ClassVar[str] = HOME
    PASSING: ClassVar[tuple[str, ...]] = (SIGN_IN, "/intake/language")

    def __init__(self, request: Request, form: FormData) -> None:
        super().__init__(request, form)
        self.file: bytes | None = None
        """What came with the form, where the page takes a file."""
        self._fresh_form: str | None = None
        self.chose_language = self.cookie(LANGUAGE) is not None

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
        return self.own_path(self.asked) if self.request.method in {"GET", "HEAD"} else self.came_from


own_path = Visit.own_path


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
