"""The real incidents of 2014–2018 in all five formats, read back by other libraries: the same totals in each."""

from __future__ import annotations

import csv
import io
import json
import re
from pathlib import Path

import openpyxl
import pytest

from services.reporting.rendering import INCIDENT_RENDERINGS, RENDERINGS, Figures, IncidentReport, as_issue
from tests.journeys.conftest import Kinbridge
from tests.journeys.test_main_job import TOTALS, report
from tests.reporting.rendering.page import read_page
from tests.reporting.rendering.reading import text_of
from tests.samples import sample_data

FIGURES = list(TOTALS.values())
DIMENSIONS = ("year", "month", "route", "region", "cause")


@pytest.fixture
def incidents(kinbridge: Kinbridge) -> IncidentReport:
    kinbridge.run("import", "incidents", str(sample_data("incidents/incidents-2014-2018.csv")), code=1)
    return IncidentReport.model_validate_json(report(kinbridge, "json"))


def test_the_real_file_gives_the_same_totals_in_all_five_formats(incidents: IncidentReport, tmp_path: Path) -> None:
    made = {name: each.render(incidents) for name, each in INCIDENT_RENDERINGS.items()}

    assert list(Figures.model_fields) == list(TOTALS)
    assert json.loads(made["json"])["totals"] == TOTALS
    rows = list(csv.DictReader(io.StringIO(made["csv"].decode("utf-8-sig"), newline="")))
    assert {name: int(rows[0][name]) for name in TOTALS} == TOTALS

    page = read_page(made["html"])
    book = openpyxl.load_workbook(io.BytesIO(made["xlsx"]))
    said = re.sub(r"\s+", " ", text_of(made["pdf"]))
    shown = " ".join(f"{figure:,}" for figure in FIGURES)
    for dimension in DIMENSIONS:
        title = f"Incidents and people by {dimension}"
        lines = page.table(title)
        assert lines.pop("Total") == FIGURES
        assert [sum(column) for column in zip(*lines.values(), strict=True)] == FIGURES
        sheet = [row for row in book[title].iter_rows(min_row=5, max_col=8, values_only=True) if row[1] is not None]
        assert list(sheet[-1][1:]) == FIGURES
        assert [
            sum(int(str(value)) for value in column) for column in list(zip(*sheet[:-1], strict=True))[1:]
        ] == FIGURES
        assert title in said
    assert said.count(f"Total {shown}") == len(DIMENSIONS)


def test_the_real_issue_has_the_same_totals_as_csv_and_json(incidents: IncidentReport) -> None:
    issue = as_issue(incidents)
    read = json.loads(RENDERINGS["json"].render(issue))
    lines = csv.DictReader(io.StringIO(RENDERINGS["csv"].render(issue).decode("utf-8-sig"), newline=""))
    totals = {line["column"]: line["value"] for line in lines if line["table"] == "totals" and line["column"] in TOTALS}

    assert {name: int(value) for name, value in totals.items()} == TOTALS
    (row,) = (table["rows"][0] for table in read["tables"] if table["key"] == "totals")
    assert [cell["value"] for cell in row["cells"][1:]] == FIGURES
