from __future__ import annotations

import csv
import io
import json

import pytest

from services.reporting.rendering import RENDERINGS, Figures, IncidentReport
from tests.reporting.rendering.page import read_page
from tests.reporting.rendering.reports import DIMENSIONS, Incident, five_years, report_of, routes

Read = dict[tuple[str, str], list[int]]  # (dimension, label) → counts in the order of Figures


def read_json(rendered: bytes) -> Read:
    read = json.loads(rendered)
    found = {("total", "Total"): list(read["totals"].values())}
    for split in read["breakdowns"]:
        for line in split["lines"]:
            found[split["dimension"], line["label"]] = list(line["figures"].values())
    return found


def read_csv(rendered: bytes) -> Read:
    rows = list(csv.reader(io.StringIO(rendered.decode("utf-8-sig"), newline="")))
    found = {(row[0], row[2]): [int(count) for count in row[3:]] for row in rows[1:]}
    return {("total", "Total"): found.pop(("total", "All incidents")), **found}


def read_html(rendered: bytes) -> Read:
    page = read_page(rendered)
    found: Read = {}
    for dimension in DIMENSIONS:
        for label, counts in page.table(f"Incidents and people by {dimension}").items():
            found["total" if label == "Total" else dimension, label] = counts
    return found


@pytest.mark.parametrize(
    "report",
    [
        five_years(),
        routes(30),
        report_of(Incident(route="<b>A & B</b>", cause='"quoted", and more'), Incident(region="منطقة", dead=1200)),
    ],
    ids=["5 years", "30 routes", "hostile"],
)
def test_the_same_figures_stand_in_every_format(report: IncidentReport) -> None:
    expected = {("total", "Total"): [getattr(report.totals, name) for name in Figures.model_fields]}
    for split in report.breakdowns:
        for line in split.lines:
            expected[split.dimension, line.label] = list(line.figures.model_dump().values())

    assert read_json(RENDERINGS["json"].render(report)) == expected
    assert read_csv(RENDERINGS["csv"].render(report)) == expected
    assert read_html(RENDERINGS["html"].render(report)) == expected


@pytest.mark.parametrize("name", RENDERINGS)
def test_equal_snapshots_give_equal_bytes(name: str) -> None:
    incidents = [Incident(route=f"Route {at}") for at in range(5)]

    render = RENDERINGS[name].render

    assert render(report_of(*incidents)) == render(report_of(*reversed(incidents)))


def test_each_format_has_its_media_type_and_suffix() -> None:
    assert {name: (each.media_type, each.suffix) for name, each in RENDERINGS.items()} == {
        "html": ("text/html; charset=utf-8", ".html"),
        "csv": ("text/csv; charset=utf-8", ".csv"),
        "json": ("application/json", ".json"),
    }
