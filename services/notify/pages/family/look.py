"""How a page is made: one answer of at most 4 KB that asks for nothing more. No script, no picture, no font.

Nothing secret stands in a page beside what somebody else may have sent, so that its compressed length tells nothing.
"""

from __future__ import annotations

import base64
import gzip
import hashlib
from functools import cache
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from fastapi import Request, Response
from fastapi.responses import HTMLResponse
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from services.notify.pages.family.texts import day, translations
from services.notify.settings import FAMILY_PAGE
from services.notify.wording import LANGUAGES, when
from shared.pages import HEADERS

_TEMPLATES = Path(__file__).parent / "templates"
STYLE = (_TEMPLATES / "family.css").read_text().strip()
_DIGEST = base64.b64encode(hashlib.sha256(STYLE.encode()).digest()).decode()
PAGE_HEADERS = {
    **HEADERS,
    "Content-Security-Policy": f"default-src 'none'; style-src 'sha256-{_DIGEST}'; img-src data:; form-action 'self'; "
    "base-uri 'none'; frame-ancestors 'none'",
    "Cache-Control": "no-store",
    "Vary": "Accept-Encoding",
}
NOT_YET = "This page is not available yet. Please ask the people who gave you this address."
"""All that is said while nobody has approved a language."""


def page(request: Request, template: str, tag: str, offered: list[str], *, status: int = 200, **known: Any) -> Response:
    """The page in a language, with the languages that are offered. Everything that is shown is escaped."""
    text = _environment(tag).get_template(template).render(languages=[LANGUAGES[one] for one in offered], **known)
    return _compressed(request, HTMLResponse(text, status, headers={**PAGE_HEADERS, "Content-Language": tag}))


def not_yet(request: Request) -> Response:
    """Nothing was approved: a draft is shown to nobody."""
    return page(request, "not_yet.html", "en", [], status=503, sentence=NOT_YET, inside=False, error=None)


@cache
def _environment(tag: str) -> Environment:
    made = Environment(
        loader=FileSystemLoader(_TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        extensions=["jinja2.ext.i18n"],
    )
    made.install_gettext_translations(translations(tag), newstyle=True)  # type: ignore[attr-defined] # of the extension
    made.globals |= {"language": LANGUAGES[tag], "here": FAMILY_PAGE, "style": STYLE}
    made.filters["moment"] = lambda at, zone: when(at.astimezone(ZoneInfo(zone)), tag)
    made.filters["day"] = lambda at, zone: day(at, tag, zone)
    return made


def _compressed(request: Request, answer: Response) -> Response:
    if _takes_gzip(request.headers.get("accept-encoding", "")):
        answer.body = gzip.compress(answer.body, 9, mtime=0)
        answer.headers["Content-Encoding"] = "gzip"
        answer.headers["Content-Length"] = str(len(answer.body))
    return answer


def _takes_gzip(accepted: str) -> bool:
    for part in accepted.lower().split(","):
        name, _, weight = part.partition(";")
        if name.strip() == "gzip":
            return weight.replace(" ", "") not in ("q=0", "q=0.0", "q=0.00", "q=0.000")
    return False
