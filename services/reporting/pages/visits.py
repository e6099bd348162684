"""A visit of staff or of a donor's reader: by intake's token in a cookie of this host."""

from __future__ import annotations

from typing import Annotated, ClassVar

from fastapi import Depends

from shared.pages.signed_in import SignedInVisit

TOKEN = "kinbridge_reporting"  # noqa: S105 - the name of a cookie
HOME = "/reporting/reports"


class Visit(SignedInVisit):
    """One request for a page."""

    PREFIX: ClassVar[str] = "/reporting/"
    HOME: ClassVar[str] = HOME
    PASSING: ClassVar[tuple[str, ...]] = (
        "/reporting/open",
        "/reporting/enter",
        "/reporting/language/",
        "/reporting/v1",
    )
    TOKEN: ClassVar[str] = TOKEN
    SIGN_IN: ClassVar[str] = "/intake/reports"
    FORMS: ClassVar[str] = "forms of reports"


Visited = Annotated[Visit, Depends(Visit.of)]
