from __future__ import annotations

import csv
import io
import json
import re
import subprocess
import sys

import openpyxl
import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from services.reporting.rendering import (
    INCIDENT_RENDERINGS,
    RENDERINGS,
    Figures,
    IncidentReport,
    Issue,
    UnprintableText,
    as_issue,
)
from services.reporting.rendering.issue import MARKS
from services.reporting.rendering.wording import LANGUAGES, wording_of
from tests.reporting.rendering.issues import grant_issue, table
from tests.reporting.rendering.page import read_page
from tests.reporting.rendering.reading import (
    expected,
    read_csv,
    read_html,
    read_json,
    read_xlsx,
    text_of,
)
from tests.reporting.rendering.reports import Incident, five_years, report_of, routes

ISSUES = {
    "grant": grant_issue(),
    "5 years": as_issue(five_years()),
    "30 routes": as_issue(routes(30)),
    "hostile": as_issue(
        report_of(Incident(route="<b>A & B</b>", cause='"quoted", and more'), Incident(region="منطقة"))
    ),
}
Read = dict[tuple[str, str], list[int]]  # (dimension, label) → counts in the order of Figures


@pytest.fixture(params=ISSUES)
def issue(request: pytest.FixtureRequest) -> Issue:
    return ISSUES[request.param]


def test_every_format_holds_the_same_figures(issue: Issue) -> None:
    found = expected(issue)
    shown = {at: value for at, value in found.items() if at[0] != "Incidents and people in all"}

    assert read_json(RENDERINGS["json"].render(issue)) == found
    assert read_csv(RENDERINGS["csv"].render(issue), issue) == found
    assert {at: value for at, value in read_html(RENDERINGS["html"].render(issue)).items() if at in found} == shown
    sheets = read_xlsx(RENDERINGS["xlsx"].render(issue))
    assert sheets.keys() == found.keys()
    for at, value in sheets.items():
        assert str(value)[:10] == found[at] or float(value) == float(found[at]), at


def test_each_row_of_each_table_stands_in_the_print(issue: Issue) -> None:
    said, wording = text_of(RENDERINGS["pdf"].render(issue)), wording_of(issue.language)
    lines = re.sub(r"\s+", " ", said)

    for one in issue.tables:
        for row in one.rows:
            shown = " ".join(wording.cell(*pair) for pair in zip(one.columns, row.cells, strict=True))
            if one.key != "totals" and "منطقة" not in shown:
                assert re.sub(r"\s+", " ", shown) in lines
    assert issue.digest in said


@pytest.mark.parametrize("name", RENDERINGS)
def test_what_an_issue_says_of_itself_is_in_every_format(name: str) -> None:
    issue = grant_issue()
    made = RENDERINGS[name].render(issue)
    said = {
        "pdf": text_of,
        "xlsx": lambda made: " ".join(str(value) for value in _cells(made)),
        "html": lambda made: read_page(made).one("body").text,
    }.get(name, bytes.decode)(made)

    wanted = [issue.title, issue.suppression, *issue.quality, "Late facts arrived.", "RFL-2026/17"]
    wanted += [] if name == "json" else ["DRAFT", issue.digest, *MARKS.values()]
    assert [text for text in wanted if text not in said] == []


@pytest.mark.parametrize("name", RENDERINGS)
def test_equal_snapshots_give_equal_bytes(name: str) -> None:
    incidents = [Incident(route=f"Route {at}") for at in range(5)]

    for render in (lambda report: RENDERINGS[name].render(as_issue(report)), INCIDENT_RENDERINGS[name].render):
        assert render(report_of(*incidents)) == render(report_of(*reversed(incidents)))


def test_another_process_makes_the_same_bytes() -> None:
    script = (
        "import hashlib; from services.reporting.rendering import RENDERINGS;"
        "from tests.reporting.rendering.issues import grant_issue;"
        "print([hashlib.sha256(each.render(grant_issue())).hexdigest() for each in RENDERINGS.values()])"
    )
    made = {subprocess.run([sys.executable, "-c", script], capture_output=True, check=True).stdout for _ in range(2)}

    assert len(made) == 1


def test_each_format_has_its_media_type_and_suffix() -> None:
    sheet = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
    for renderings in (RENDERINGS, INCIDENT_RENDERINGS):
        assert {name: (each.media_type, each.suffix) for name, each in renderings.items()} == {
            "html": ("text/html; charset=utf-8", ".html"),
            "pdf": ("application/pdf", ".pdf"),
            "xlsx": (sheet, ".xlsx"),
            "csv": ("text/csv; charset=utf-8", ".csv"),
            "json": ("application/json", ".json"),
        }


@given(text=st.text(min_size=1), language=st.sampled_from(LANGUAGES))
@settings(max_examples=60, deadline=None, phases=[Phase.explicit, Phase.reuse, Phase.generate])
def test_odd_texts_never_break_a_rendering(text: str, language: str) -> None:
    odd = table("odd", "words", {"name": "text", "word": "text"}, (text, text), title=text, notes=(text,))
    issue = grant_issue(
        title=text,
        organisation=text,
        language=language,
        suppression=text,
        quality=(text,),
        sections=(),
        charts=(),
        tables=(odd,),
    )

    assert read_json(RENDERINGS["json"].render(issue))[text, text, 0] == text
    assert read_csv(RENDERINGS["csv"].render(issue), issue)[text, text, 0] == text
    page = read_page(RENDERINGS["html"].render(issue))
    assert page.all("script") == []
    assert RENDERINGS["xlsx"].render(issue)
    print_or_why = printed(issue)
    assert print_or_why.startswith("%PDF") or any(f"U+{ord(one):04X}" in print_or_why for one in text)


def printed(issue: Issue) -> str:
    """How the print begins, or why there is none."""
    try:
        return RENDERINGS["pdf"].render(issue)[:4].decode()
    except UnprintableText as refused:
        return str(refused)


def read_incidents(name: str, made: bytes) -> Read:
    """The incident report's own JSON and CSV."""
    if name == "csv":
        rows = list(csv.reader(io.StringIO(made.decode("utf-8-sig"), newline="")))
        return {(row[0], row[2]): [int(count) for count in row[3:]] for row in rows[1:]}
    read = json.loads(made)
    found = {("total", "All incidents"): list(read["totals"].values())}
    for split in read["breakdowns"]:
        for line in split["lines"]:
            found[split["dimension"], line["label"]] = list(line["figures"].values())
    return found


@pytest.mark.parametrize("report", [five_years(), routes(30)], ids=["5 years", "30 routes"])
def test_the_incident_reports_own_files_hold_its_figures(report: IncidentReport) -> None:
    wanted = {("total", "All incidents"): [getattr(report.totals, name) for name in Figures.model_fields]}
    for split in report.breakdowns:
        for line in split.lines:
            wanted[split.dimension, line.label] = list(line.figures.model_dump().values())

    for name in ("json", "csv"):
        assert read_incidents(name, INCIDENT_RENDERINGS[name].render(report)) == wanted


def _cells(made: bytes) -> list[object]:
    book = openpyxl.load_workbook(io.BytesIO(made))
    return [cell.value for sheet in book.worksheets for row in sheet.iter_rows() for cell in row]
