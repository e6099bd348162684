"""The incident report for spreadsheets and statistics: tidy CSV, one line for each figure group."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator

from services.reporting.rendering.as_csv import harmless
from services.reporting.rendering.incidents.report import Figures, IncidentReport

COLUMNS = ("dimension", "key", "label", *Figures.model_fields)


def render_csv(report: IncidentReport) -> bytes:
    """Return the figures as RFC 4180 CSV: a header, a line with dimension `total`, a line for each breakdown line.

    UTF-8 with a byte order mark, because Excel takes a file without one for the local code page and spoils every
    name. Python reads it with `utf-8-sig`. Text that a spreadsheet would run as a formula gets a leading apostrophe.
    """
    out = io.StringIO(newline="")
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(COLUMNS)
    writer.writerows(_rows(report))
    return out.getvalue().encode("utf-8-sig")


def _rows(report: IncidentReport) -> Iterator[list[str | int]]:
    yield ["total", "total", "All incidents", *_counts(report.totals)]
    for split in report.breakdowns:
        for line in split.lines:
            yield [split.dimension, harmless(line.key), harmless(line.label), *_counts(line.figures)]


def _counts(figures: Figures) -> list[int]:
    return [getattr(figures, name) for name in Figures.model_fields]
