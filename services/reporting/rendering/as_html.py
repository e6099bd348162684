"""The report for people: one self-contained page for screen, phone and paper."""

from __future__ import annotations

import base64
import hashlib
from dataclasses import dataclass
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from services.reporting.rendering import charts, wording
from services.reporting.rendering.snapshot import Breakdown, IncidentReport, Line


def render_html(report: IncidentReport) -> bytes:
    """Return one UTF-8 HTML file that loads nothing, runs nothing, and prints well on A4 (WCAG 2.2 AA).

    Its content security policy allows the one style sheet inside it, by hash, and nothing else.
    """
    routes = report.breakdown("route")
    style = _PAGES.get_template("incident_report.css").render(report=report)
    page = _PAGES.get_template("incident_report.html").render(
        report=report,
        style=Markup(style),  # noqa: S704 - our own style sheet; what it quotes went through css_string
        style_hash=base64.b64encode(hashlib.sha256(style.encode()).digest()).decode(),
        trend=charts.trend(report),
        ranking=charts.ranking(routes) if routes else (),
        positions=positions(report),
        plot_height=charts.PLOT_HEIGHT,
    )
    return page.encode()


@dataclass(frozen=True)
class Positions:
    """What the report covers as a table: for each source, one position (or None) for each partition."""

    partitions: tuple[int, ...]
    rows: tuple[tuple[str, tuple[int | None, ...]], ...]


def positions(report: IncidentReport) -> Positions:
    """Turn the list of covered positions into a row for each source and a column for each partition."""
    found = {(each.source, each.partition): each.position for each in report.covers}
    sources = sorted({source for source, _ in found})
    partitions = tuple(sorted({partition for _, partition in found}))
    return Positions(
        partitions, tuple((source, tuple(found.get((source, at)) for at in partitions)) for source in sources)
    )


def css_string(text: str) -> Markup:
    """Quote text for a style sheet. All but ASCII letters and digits is escaped, so nothing in it can end it."""
    escaped = "".join(c if c.isascii() and c.isalnum() else f"\\{ord(c):06x}" for c in text)
    return Markup('"{}"').format(Markup(escaped))  # noqa: S704 - holds letters, digits and backslashes only


def leader(split: Breakdown) -> Line | None:
    """Return the line with the most people dead or missing, or None where nobody is, or two lines tie."""
    ranked = sorted(split.lines, key=lambda line: -line.figures.dead_or_missing)
    if len(ranked) < 2 or ranked[0].figures.dead_or_missing == ranked[1].figures.dead_or_missing:
        return None
    return ranked[0]


def _pages() -> Environment:
    pages = Environment(
        loader=FileSystemLoader(Path(__file__).parent / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    pages.filters.update(
        number=wording.number,
        people=wording.people,
        share=wording.share,
        day=wording.day,
        minute=wording.minute,
        css_string=css_string,
        leader=leader,
    )
    return pages


_PAGES = _pages()
