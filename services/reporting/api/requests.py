"""What reporting's routes share: how a request says who acts, what it expects, and in which form it wants a report."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any, Literal

from fastapi import Depends, Header, Query

from shared.web import bearer, json_body

Credential = Annotated[str, Depends(bearer)]
Json = Annotated[Any, Depends(json_body)]
IfMatch = Annotated[
    str | None,
    Header(alias="If-Match", max_length=100, description="The ETag that was read: refused with 412 if it changed."),
]
First = Annotated[date, Query(alias="from", description="The first day of the period, included: YYYY-MM-DD.")]
Last = Annotated[date, Query(alias="to", description="The last day of the period, included: YYYY-MM-DD.")]
Form = Literal["json", "csv", "html", "pdf", "xlsx"]
"""Of `rendering.RENDERINGS`."""
Language = Literal["en", "fr", "es", "ar", "am"]
"""Of `rendering.wording.LANGUAGES`."""
