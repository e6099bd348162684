"""The issue for people: one self-contained page for screen, phone and paper."""

from __future__ import annotations

import base64
import hashlib
import re
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from services.reporting.rendering import charts
from services.reporting.rendering.charts.trend import PLOT_HEIGHT
from services.reporting.rendering.covering import newest
from services.reporting.rendering.document import document_of
from services.reporting.rendering.issue import Issue
from services.reporting.rendering.wording import readable


def render_html(issue: Issue) -> bytes:
    """Return one UTF-8 HTML file that loads nothing, runs nothing, and prints well on A4 (WCAG 2.2 AA).

    Its content security policy allows the one style sheet inside it, by hash, and nothing else.
    """
    document = document_of(issue)
    footer = f"{issue.title[:70]} · {document.identity.partition(' · SHA')[0]} · {issue.digest[:12]}"
    style = _PAGES.get_template("report.css").render(
        footer=footer,
        page_of=re.split("[\1\2]", document.said.say("Page {page} of {pages}", page="\1", pages="\2")),
    )
    page = _PAGES.get_template("report.html").render(
        document=document,
        issue=issue,
        said=document.said,
        say=document.said.say,
        newest=newest(issue),
        style=Markup(style),  # noqa: S704 - our own style sheet; what it quotes went through css_string
        style_hash=base64.b64encode(hashlib.sha256(style.encode()).digest()).decode(),
        plot_height=PLOT_HEIGHT,
    )
    return page.encode()


def css_string(text: str) -> Markup:
    """Quote text for a style sheet. All but ASCII letters and digits is escaped, so nothing in it can end it."""
    escaped = "".join(c if c.isascii() and c.isalnum() else f"\\{ord(c):06x}" for c in readable(text))
    return Markup('"{}"').format(Markup(escaped))  # noqa: S704 - holds letters, digits and backslashes only


def _shown(value: object) -> object:
    """Every text that is shown, whoever wrote it, is without characters that HTML cannot hold."""
    return readable(value) if isinstance(value, str) and not isinstance(value, Markup) else value


def _kind_of(drawing: charts.Drawing | None) -> str:
    return type(drawing).__name__.lower() if drawing else ""


def _pages() -> Environment:
    pages = Environment(
        loader=FileSystemLoader(Path(__file__).parent / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        finalize=_shown,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    pages.filters.update(css_string=css_string, kind_of=_kind_of)
    return pages


_PAGES = _pages()
