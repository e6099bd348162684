"""A visit of staff: by intake's token in a cookie of this host."""

from __future__ import annotations

from typing import Annotated, ClassVar

from fastapi import Depends

from shared.pages.signed_in import SignedInVisit

TOKEN = "kinbridge_notify"  # noqa: S105 - the name of a cookie
HOME = "/notify/messages"


class Visit(SignedInVisit):
    """One request for a page."""

    PREFIX: ClassVar[str] = "/notify/"
    HOME: ClassVar[str] = HOME
    PASSING: ClassVar[tuple[str, ...]] = ("/notify/open", "/notify/language/", "/notify/v1")
    TOKEN: ClassVar[str] = TOKEN
    SIGN_IN: ClassVar[str] = "/intake/messages"
    FORMS: ClassVar[str] = "forms of staff"


Visited = Annotated[Visit, Depends(Visit.of)]
