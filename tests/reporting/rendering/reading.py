"""Reads files of reports back with other libraries than those that made them: csv, openpyxl, pypdf, html.parser."""

from __future__ import annotations

import csv
import io
import json
import re
from datetime import datetime
from typing import Any

import openpyxl
import pypdf

from services.reporting.rendering.as_csv import as_written
from services.reporting.rendering.issue import MARKS, Issue
from tests.reporting.rendering.page import read_page

Figures = dict[tuple[str, str, int], Any]
"""Title of the table, label of the row, place of the column → what stands there, as text."""


def expected(issue: Issue) -> Figures:
    """Every cell of the issue, as programs write it."""
    return {
        (table.title, row.cells[0].value or MARKS[row.cells[0].mark], at): MARKS[cell.mark]
        if cell.mark
        else str(cell.value)  # type: ignore[index] # a cell has one of both
        for table in issue.tables
        for row in table.rows
        for at, cell in enumerate(row.cells[1:])
    }


def plain(shown: str) -> str:
    """What people read, as programs write it: without commas between thousands, without %; a day as ISO."""
    if re.fullmatch(r"[0-9]{1,2} [A-Z][a-z]+ [0-9]{4}", shown):
        return datetime.strptime(shown, "%d %B %Y").date().isoformat()  # noqa: DTZ007 - a day
    return shown.replace(",", "").removesuffix("%") if re.fullmatch(r"-?[0-9,.]+%?", shown) else shown


def read_html(made: bytes) -> Figures:
    found: Figures = {}
    for table in read_page(made).all("table"):
        title = table.one("caption").text
        for row in [row for part in table.all("tbody", "tfoot") for row in part.all("tr")]:
            for at, cell in enumerate(row.all("td")):
                found[title, row.one("th").text, at] = plain(cell.text)
    return found


def read_csv(made: bytes, issue: Issue) -> Figures:
    """Raises where a line has another column than its table."""
    titles = {table.key: table.title for table in issue.tables}
    places = {table.key: [column.key for column in table.columns] for table in issue.tables}
    found: Figures = {}
    for line in csv.DictReader(io.StringIO(made.decode("utf-8-sig"), newline=""), strict=True):
        at = places[line["table"]].index(line["column"]) if line["table"] in titles else 0
        if at:
            shown = line["mark"] or as_written(line["value"])
            found[titles[line["table"]], as_written(line["row_label"]), at - 1] = shown
    return found


def read_xlsx(made: bytes) -> Figures:
    """A sheet holds a title, a line that says of which issue, heads in row 4, then rows up to an empty one."""
    found: Figures = {}
    for sheet in openpyxl.load_workbook(io.BytesIO(made)).worksheets[1:]:
        for row in sheet.iter_rows(min_row=5, max_col=sheet.max_column):
            if row[0].value is None or row[1].value is None:
                break
            for at, cell in enumerate(row[1:]):
                found[sheet["A1"].value, str(row[0].value), at] = cell.value
    return found


def read_json(made: bytes) -> Figures:
    def shown(cell: dict[str, Any]) -> str:
        return MARKS[cell["mark"]] if cell["mark"] else str(cell["value"])

    return {
        (table["title"], shown(row["cells"][0]), at): shown(cell)
        for table in json.loads(made)["tables"]
        for row in table["rows"]
        for at, cell in enumerate(row["cells"][1:])
    }


def text_of(made: bytes) -> str:
    """All that a PDF says, one line for each of its lines, words apart by one blank."""
    pages = pypdf.PdfReader(io.BytesIO(made)).pages
    return "\n".join(re.sub(r"[ \t]+", " ", page.extract_text()) for page in pages)
