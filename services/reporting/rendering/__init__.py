"""One frozen snapshot, many renderings: the same figures for people, for spreadsheets and for programs.

A rendering is a pure function of its snapshot: no database, no clock, no network, and equal snapshots give equal bytes.
`RENDERINGS` lists the formats of an `Issue` by the name that users write; `INCIDENT_RENDERINGS` those of an
`IncidentReport`, which has a JSON and a CSV of its own, and is shown as an issue in the others.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Generic, TypeVar

from services.reporting.rendering.as_csv import render_csv
from services.reporting.rendering.as_html import render_html
from services.reporting.rendering.as_json import render_json
from services.reporting.rendering.as_pdf import UnprintableText, render_pdf
from services.reporting.rendering.as_xlsx import render_xlsx
from services.reporting.rendering.incidents import as_csv, as_json
from services.reporting.rendering.incidents.as_issue import as_issue
from services.reporting.rendering.incidents.report import (
    Breakdown,
    Dimension,
    Figures,
    IncidentReport,
    Line,
)
from services.reporting.rendering.issue import Covered, Issue

__all__ = [
    "INCIDENT_RENDERINGS",
    "RENDERINGS",
    "Breakdown",
    "Covered",
    "Dimension",
    "Figures",
    "IncidentReport",
    "Issue",
    "Line",
    "Rendering",
    "UnprintableText",
    "as_issue",
    "incident_renderings",
]

Snapshot = TypeVar("Snapshot")


@dataclass(frozen=True)
class Rendering(Generic[Snapshot]):
    """A format: its media type for HTTP, the suffix of its files, and the function that makes its bytes."""

    media_type: str
    suffix: str
    render: Callable[[Snapshot], bytes]


_XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"

RENDERINGS: dict[str, Rendering[Issue]] = {
    "html": Rendering("text/html; charset=utf-8", ".html", render_html),
    "pdf": Rendering("application/pdf", ".pdf", render_pdf),
    "xlsx": Rendering(_XLSX, ".xlsx", render_xlsx),
    "csv": Rendering("text/csv; charset=utf-8", ".csv", render_csv),
    "json": Rendering("application/json", ".json", render_json),
}


def incident_renderings(language: str) -> dict[str, Rendering[IncidentReport]]:
    """The formats of an `IncidentReport`; what people read is in this language, of `LANGUAGES`."""
    return {name: _of_incidents(each, language) for name, each in RENDERINGS.items()} | {
        "csv": Rendering("text/csv; charset=utf-8", ".csv", as_csv.render_csv),
        "json": Rendering("application/json", ".json", as_json.render_json),
    }


def _of_incidents(rendering: Rendering[Issue], language: str) -> Rendering[IncidentReport]:
    def render(report: IncidentReport) -> bytes:
        return rendering.render(as_issue(report, language))

    return Rendering(rendering.media_type, rendering.suffix, render)


INCIDENT_RENDERINGS = incident_renderings("en")
