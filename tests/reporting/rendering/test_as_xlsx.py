from __future__ import annotations

import io
import re
import zipfile
from datetime import datetime

import openpyxl
import pytest
from openpyxl.workbook import Workbook

from services.reporting.rendering.as_xlsx import render_xlsx
from services.reporting.rendering.issue import Issue
from tests.reporting.rendering.issues import grant_issue, table


def book_of(issue: Issue) -> Workbook:
    return openpyxl.load_workbook(io.BytesIO(render_xlsx(issue)))


def test_figures_are_numbers_days_are_days_and_what_is_withheld_is_its_mark() -> None:
    sheet = book_of(grant_issue())["Table of finance"]

    assert [cell.value for cell in sheet[5]] == ["Staff", 120000.5, -5000.05, 12.5, datetime(2026, 10, 5)]  # noqa: DTZ001 - a sheet's days have no zone
    assert [cell.value for cell in sheet[6]][1:4] == ["[z]", 0, "[x]"]
    assert [cell.data_type for cell in sheet[5]] == ["s", "n", "n", "n", "d"]
    assert (sheet["B5"].number_format, sheet["D5"].number_format) == ("#,##0.00", '0.0##"%"')
    assert book_of(grant_issue())["Table of ages"]["B5"].value == "[c]"


def test_a_sheet_for_each_table_and_none_is_hidden() -> None:
    book = book_of(grant_issue())

    assert book.sheetnames == ["Report", "Table of ages", "Table of months", "Table of places", "Table of finance"]
    for sheet in book.worksheets:
        assert sheet.sheet_state == "visible"
        assert not any(row.hidden for row in sheet.row_dimensions.values())
        assert not any(column.hidden for column in sheet.column_dimensions.values())
    assert not book.defined_names or all("Print_Titles" in name for name in book.defined_names)


def test_the_first_sheet_says_which_issue_it_is_and_all_its_words() -> None:
    issue = grant_issue()
    said = {str(cell.value) for row in book_of(issue)["Report"].iter_rows() for cell in row if cell.value is not None}

    for text in (issue.title, issue.digest, "DRAFT", "We registered 317 requests.", issue.suppression, *issue.quality):
        assert text in said
    assert {"Late facts arrived.", "+2", "1,007", "ICRC, 2019", "withheld, so that nobody can be recognised"} <= said


def test_figures_among_the_words_are_numbers_too() -> None:
    rows = [[cell.value for cell in row] for row in book_of(grant_issue())["Report"].iter_rows()]
    beside = {row[0]: row[1] for row in reversed(rows) if row[0]}

    assert (beside["Cases opened"], beside["People reunited"], beside["Spent (EUR)"]) == (317, "[c]", 12345.6)
    at = next(number for number, row in enumerate(rows) if row[0] == "What changed since issue 1")
    assert rows[at + 1][3:6] == ["Before", "Now", "Difference"]
    assert [row[3:6] for row in rows[at + 2 : at + 4]] == [[39, 41, "+2"], ["[z]", "[c]", None]]


@pytest.mark.parametrize(
    "text", ["=1+1", '=HYPERLINK("x")', "{=1}", "http://example.invalid", "00123", "1e5", "\x00\x1b"]
)
def test_no_text_becomes_a_formula_a_link_or_a_number(text: str) -> None:
    made = render_xlsx(grant_issue(sections=(), charts=(), tables=(_odd(text),)))
    cell = openpyxl.load_workbook(io.BytesIO(made)).worksheets[1]["A5"]

    assert cell.data_type == "s"
    assert cell.value == re.sub("[\x00\x1b]", "\N{REPLACEMENT CHARACTER}", text)
    assert cell.hyperlink is None
    with zipfile.ZipFile(io.BytesIO(made)) as parts:
        assert not [name for name in parts.namelist() if b"<f>" in parts.read(name)]


def test_a_figure_of_more_digits_than_a_sheet_keeps_is_text() -> None:
    columns = {"name": "text", "figure": "whole"}
    exact, long = 123456789012345, 12345678901234567
    made = table("odd", "words", columns, ("a", exact), ("b", long))
    sheet = book_of(grant_issue(sections=(), charts=(), tables=(made,))).worksheets[1]

    assert (sheet["B5"].value, sheet["B6"].value) == (exact, str(long))


@pytest.mark.parametrize(
    "title", ["History", "a/b\\c?*[x]:y", "'", "\x00", "x" * 90, "😀" * 40, "Report", "REPORT", " "]
)
def test_any_title_names_a_sheet(title: str) -> None:
    twice = [_odd("a").model_copy(update={"key": key, "title": title}) for key in ("one", "two")]
    book = book_of(grant_issue(sections=(), charts=(), tables=tuple(twice)))

    assert len({name.lower() for name in book.sheetnames}) == 3
    assert book.worksheets[1]["A1"].value == title.replace("\x00", "\N{REPLACEMENT CHARACTER}")


def test_arabic_sheets_run_from_right_to_left() -> None:
    assert all(sheet.sheet_view.rightToLeft for sheet in book_of(grant_issue(language="ar")).worksheets)


def _odd(text: str):  # type: ignore[no-untyped-def] # a Table
    return table("odd", "words", {"name": "text", "figure": "whole"}, (text, 1))
