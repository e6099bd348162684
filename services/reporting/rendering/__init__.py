"""One frozen snapshot, many renderings: the same figures for people, for spreadsheets and for programs.

`snapshot.IncidentReport` is the only input. A rendering is a pure function of it: no database, no clock, no network,
and equal snapshots give equal bytes. `RENDERINGS` lists the formats by the name that users write.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from services.reporting.rendering.as_csv import render_csv
from services.reporting.rendering.as_html import render_html
from services.reporting.rendering.as_json import render_json
from services.reporting.rendering.snapshot import (
    Breakdown,
    Covered,
    Dimension,
    Figures,
    IncidentReport,
    Line,
)

__all__ = [
    "RENDERINGS",
    "Breakdown",
    "Covered",
    "Dimension",
    "Figures",
    "IncidentReport",
    "Line",
    "Rendering",
]


@dataclass(frozen=True)
class Rendering:
    """A format: its media type for HTTP, the suffix of its files, and the function that makes its bytes."""

    media_type: str
    suffix: str
    render: Callable[[IncidentReport], bytes]


RENDERINGS: dict[str, Rendering] = {
    "html": Rendering("text/html; charset=utf-8", ".html", render_html),
    "csv": Rendering("text/csv; charset=utf-8", ".csv", render_csv),
    "json": Rendering("application/json", ".json", render_json),
}
