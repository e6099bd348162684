"""A grant is kept from a file, and a report on it comes out, by the command line alone."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import openpyxl
import pypdf
import pytest

from tests.journeys.conftest import Kinbridge

INCIDENTS = "2026-07-04,2026-07-04,3,1,12,,,,Eastern,Horn,\n2026-08-09,2026-08-09,20,,,,,,Eastern,Horn,\n"
GRANT: dict[str, Any] = {
    "number": "echo_2026",
    "title": "Migrants on the Eastern route",
    "donor": {"name": "ECHO", "group": "European Union", "kind": "intergovernmental"},
    "starts_on": "2026-02-15",
    "ends_on": "2026-12-31",
    "time_zone": "Africa/Addis_Ababa",
    "currency": "EUR",
    "budget": [{"code": "staff", "title": "Staff", "amount": "5000.00"}],
    "targets": [{"indicator": "inc.dead", "target": "40"}, {"indicator": "inc.missing"}],
    "schedule": {"every": "quarter", "due_days": 45},
}


@pytest.fixture
def kept(kinbridge: Kinbridge, write_csv: Callable[[str, str], Path], tmp_path: Path) -> Kinbridge:
    """A folder with two incidents and the grant."""
    kinbridge.json("import", "incidents", str(write_csv("incidents.csv", INCIDENTS)))
    file = tmp_path / "grant.json"
    file.write_text(json.dumps(GRANT))
    made = kinbridge.json("grant", "add", str(file))
    assert (made["number"], made["donor"]["group"], len(made["targets"])) == ("echo_2026", "European Union", 2)
    assert [one["every"] for one in made["schedules"]] == ["quarter"]
    return kinbridge


def reported(kinbridge: Kinbridge, form: str, *words: str) -> bytes:
    out = kinbridge.folder.parent / f"report.{form}"
    done = kinbridge.run("report", "--grant", "echo_2026", *words, "--format", form, "--out", str(out))
    assert "a DRAFT of now" in done.stderr
    return out.read_bytes()


def test_a_report_on_a_grant_says_the_same_in_every_form(kept: Kinbridge) -> None:
    assert [one["number"] for one in kept.json("grant", "list")["grants"]] == ["echo_2026"]
    issue = json.loads(reported(kept, "json", "--period", "2026-Q3"))
    assert (issue["draft"], issue["date_from"], issue["date_to"]) == (True, "2026-07-01", "2026-09-30")
    table = next(one for one in issue["tables"] if one["key"] == "indicators")
    at = [column["key"] for column in table["columns"]].index("actual")
    assert {row["key"]: int(row["cells"][at]["value"]) for row in table["rows"]} == {"inc.dead": 23, "inc.missing": 1}

    rows = list(csv.reader(io.StringIO(reported(kept, "csv", "--period", "2026-Q3").decode("utf-8-sig"))))
    assert any({"inc.dead", "actual", "23"} <= set(row) for row in rows)
    page = reported(kept, "html", "--period", "2026-Q3").decode()
    assert "DRAFT" in page.upper()
    assert issue["grant"]["title"] in page
    text = "\n".join(
        one.extract_text() for one in pypdf.PdfReader(io.BytesIO(reported(kept, "pdf", "--period", "2026-Q3"))).pages
    )
    assert "DRAFT" in text.upper()
    assert "23" in text
    book = openpyxl.load_workbook(io.BytesIO(reported(kept, "xlsx", "--period", "2026-Q3")))
    cells = [cell for sheet in book for row in sheet.iter_rows(values_only=True) for cell in row]
    assert 23 in cells


@pytest.mark.parametrize(
    ("words", "first", "last"),
    [
        (("--period", "2026"), "2026-02-15", "2026-12-31"),
        (("--period", "2026-H1"), "2026-02-15", "2026-06-30"),
        (("--period", "2026-08"), "2026-08-01", "2026-08-31"),
        (("--from", "2026-07-05", "--to", "2026-07-31"), "2026-07-05", "2026-07-31"),
    ],
)
def test_a_period_may_have_a_name_and_ends_with_the_grant(
    kept: Kinbridge, words: tuple[str, ...], first: str, last: str
) -> None:
    issue = json.loads(reported(kept, "json", *words))
    assert (issue["date_from"], issue["date_to"]) == (first, last)


def test_wrong_words_end_with_two_and_say_what_to_do(kept: Kinbridge, tmp_path: Path) -> None:
    bad = tmp_path / "bad.json"
    kept.json("org", "add", "other", "Other", "--kind", "ngo")
    for document, told in (
        ("{", "not valid JSON"),
        (json.dumps({**GRANT, "number": "Other Number"}), "#/number"),
        (json.dumps({**GRANT, "number": "other", "targets": [{"indicator": "no.such"}]}), "#/targets/0/indicator"),
        (json.dumps(GRANT), "of this number is kept already"),
    ):
        bad.write_text(document)
        assert told in kept.run("grant", "add", str(bad), code=2).stderr.replace("\n", " ")
    for words, told in (
        (("--grant", "nobodys", "--period", "2026"), "no grant of this number"),
        (("--grant", "echo_2026", "--period", "2026", "--organisation", "other"), "add --organisation local"),
        (("--grant", "echo_2026", "--period", "2026-Q5"), "--period is a year"),
        (("--grant", "echo_2026", "--period", "2025"), "runs from 2026-02-15"),
        (("--grant", "echo_2026", "--from", "2026-01-01", "--to", "2026-03-01"), "runs from 2026-02-15"),
        (("--grant", "echo_2026", "--period", "2026", "--from", "2026-03-01"), "Say which days"),
        (("--grant", "echo_2026"), "Say which days"),
    ):
        done = kept.run("report", *words, code=2)
        assert told in done.stderr.replace("\n", " "), done.stderr
        assert "Traceback" not in done.stderr
