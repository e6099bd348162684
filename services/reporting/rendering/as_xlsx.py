"""The issue as a workbook: a sheet for each table, nothing hidden, no formula."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from textwrap import wrap
from typing import Any

import xlsxwriter

from services.reporting.rendering.covering import changing, column_of
from services.reporting.rendering.document import Document, document_of
from services.reporting.rendering.grid import Grid, Line
from services.reporting.rendering.issue import Cell, Change, Column, Issue, KeyFigure, Kind, Table, read
from services.reporting.rendering.wording import Wording, readable, wording_of

_LONGEST_NAME = 31
_LONGEST_TEXT = 32_767
_EXACT_DIGITS = 15
_WIDTH = 15  # characters of a column of figures
_LINE = 15  # points
_FORMATS: dict[Kind, str] = {
    "text": "@",
    "whole": "#,##0",
    "decimal": "#,##0.0##",
    "per_cent": '0.0##"%"',
    "money": "#,##0.00",
    "date": "yyyy-mm-dd",
}


def render_xlsx(issue: Issue) -> bytes:
    """Return an Excel workbook. Sheet 1 says what report it is and holds its words, then each table has a sheet.

    Figures are numbers (per cent as hundredths: 12.5 is 12.5 %), those among the words of sheet 1 too, dates are dates,
    a withheld cell holds its mark.
    A figure of more digits than a spreadsheet keeps (15) is text. Equal issues give equal bytes.
    """
    out = io.BytesIO()
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    book = xlsxwriter.Workbook(out, options)
    made = issue.made_at.astimezone(UTC).replace(tzinfo=None)
    book.set_properties({"title": readable(issue.title)[:255], "author": "Kinbridge", "created": made})
    _Book(book, wording_of(issue.language)).fill(issue)
    book.close()
    return out.getvalue()


@dataclass(frozen=True)
class Figure:
    """A figure among words: written as a number where it is one."""

    column: Column
    cell: Cell


@dataclass
class _Book:
    """A workbook that is being filled; `row` is the next free one of the first sheet."""

    book: xlsxwriter.Workbook
    said: Wording
    row: int = 0

    def fill(self, issue: Issue) -> None:
        document = document_of(issue)
        names = _names([self.said.say("Report"), *(table.title for table in issue.tables)])
        self._add_words(names[0], document)
        for name, table in zip(names[1:], issue.tables, strict=True):
            self._add_table(name, table, document)

    def _sheet(self, name: str) -> Any:
        sheet = self.book.add_worksheet(name)
        sheet.set_landscape()
        sheet.set_paper(9)  # A4
        sheet.fit_to_pages(1, 0)
        if self.said.direction == "rtl":
            sheet.right_to_left()
        return sheet

    def _add_words(self, name: str, document: Document) -> None:
        sheet = self._sheet(name)
        bold, wrapped = self.book.add_format({"bold": True}), self.book.add_format({"text_wrap": True, "valign": "top"})
        sheet.set_column(0, 0, 34)
        sheet.set_column(1, 1, 90)
        sheet.set_column(2, 8, 24)
        for heading, rows in _words_of(document):
            if not rows:
                continue
            sheet.write_string(self.row, 0, _text(heading), bold)
            self.row += 1
            for row in rows:
                for at, written in enumerate(row):
                    if isinstance(written, Figure):
                        self._write(sheet, self.row, at, written.column, written.cell, self._look(written))
                    elif written:
                        sheet.write_string(self.row, at, _text(written), wrapped)
                self.row += 1
            self.row += 1

    def _look(self, figure: Figure) -> Any:
        """At the left, where the words beside it stand."""
        kind: Kind = "whole" if _is_whole(figure.column, figure.cell) else figure.column.kind
        return self.book.add_format({"num_format": _FORMATS[kind], "align": "left", "valign": "top"})

    def _add_table(self, name: str, table: Table, document: Document) -> None:
        sheet = self._sheet(name)
        self._add_heads(sheet, table, document)
        for at, column in enumerate(table.columns):
            self._add_column(sheet, at, column, table)
        longest = max((len(str(row.cells[0].value)) for row in table.rows), default=0)
        sheet.set_column(0, 0, min(max(longest + 2, 24), 60))
        sheet.set_column(1, max(1, len(table.columns) - 1), _WIDTH)
        for at, note in enumerate((*table.notes, *document.legend_lines), 5 + len(table.rows)):
            sheet.write_string(at, 0, _text(note))

    def _add_heads(self, sheet: Any, table: Table, document: Document) -> None:
        """What the sheet is, and the names of its columns, which stay in sight and come again on each page."""
        sheet.write_string(0, 0, _text(table.title), self.book.add_format({"bold": True}))
        sheet.write_string(1, 0, _text(document.identity))
        lines = 1
        for at, column in enumerate(table.columns):
            looks = {"bold": True, "text_wrap": True, "bottom": 1, "valign": "bottom", "align": _side(column)}
            sheet.write_string(3, at, _text(_named(column)), self.book.add_format(looks))
            lines = max(lines, len(wrap(_named(column), _WIDTH - 2)) if at else 1)
        sheet.set_row(3, _LINE * lines)
        sheet.freeze_panes(4, 1)
        sheet.repeat_rows(3)

    def _add_column(self, sheet: Any, at: int, column: Column, table: Table) -> None:
        looks = {"num_format": _FORMATS[column.kind], "align": _side(column)}
        formats = {
            (is_whole, is_total): self.book.add_format(
                looks
                | ({"num_format": _FORMATS["whole"]} if is_whole else {})
                | ({"bold": True, "top": 1} if is_total else {})
            )
            for is_whole in (True, False)
            for is_total in (True, False)
        }
        for down, row in enumerate(table.rows, 4):
            cell = row.cells[at]
            self._write(sheet, down, at, column, cell, formats[_is_whole(column, cell), row.total])

    def _write(self, sheet: Any, row: int, at: int, column: Column, cell: Cell, look: Any) -> None:
        value = None if cell.value is None else read(column.kind, cell.value)
        if isinstance(value, date):
            sheet.write_datetime(row, at, datetime.combine(value, datetime.min.time()), look)
        elif isinstance(value, int | Decimal) and _is_exact(value):
            sheet.write_number(row, at, value, look)
        else:
            shown = self.said.cell(column, cell) if value is None else str(value)
            sheet.write_string(row, at, _text(shown), look)


def _words_of(document: Document) -> Iterator[tuple[str, list[tuple[str | Figure, ...]]]]:
    """Headings with their lines; what has no lines is left out."""
    said, issue = document.said, document.issue
    yield issue.title, list(_heading_of(document))
    yield said.say("Key figures"), [_key_figure(one) for one in issue.key_figures]
    for part in document.parts:
        told = [*part.paragraphs, part.signed] if part.paragraphs else []
        yield part.title, [("", text) for text in told]
    yield said.say("Data quality"), [("", note) for note in document.quality]
    yield said.say("What is withheld"), [("", document.suppression)] if document.suppression else []
    yield said.say("Symbols"), list(document.legend)
    for grid in (document.definitions, document.revisions):
        yield grid.title, _all_of(grid)
    for grid, revision in zip(document.changes, changing(issue), strict=True):
        lines = zip(grid.rows, revision.changes, strict=True)
        yield grid.title, [grid.heads, *(_change(line, change, issue) for line, change in lines)]
    yield document.covers.title, _all_of(document.covers)


def _all_of(grid: Grid) -> list[tuple[str | Figure, ...]]:
    return [grid.heads, *(row.cells for row in grid.rows)] if grid.rows else []


def _key_figure(figure: KeyFigure) -> tuple[str | Figure, ...]:
    column = Column(key=figure.key, label=figure.label, kind=figure.kind, unit=figure.unit)
    return _named(column), Figure(column, figure.cell)


def _change(line: Line, change: Change, issue: Issue) -> tuple[str | Figure, ...]:
    """What it was and is as figures; which one, and the difference, in words."""
    column = column_of(change, issue)
    return *line.cells[:3], Figure(column, change.was), Figure(column, change.now), *line.cells[5:]


def _heading_of(document: Document) -> Iterator[tuple[str, ...]]:
    said, issue = document.said, document.issue
    yield said.say("Organisation"), issue.organisation
    yield said.say("Period"), document.period
    yield from document.about
    if issue.draft:
        yield said.say("State"), said.say("DRAFT")
    yield said.say("Made on"), said.minute(issue.made_at)
    yield "SHA-256", issue.digest


def _named(column: Column) -> str:
    """With its unit, where the figure alone does not say it."""
    return column.label + (f" ({column.unit})" if column.unit and column.kind in ("money", "decimal") else "")


def _is_whole(column: Column, cell: Cell) -> bool:
    return column.kind == "decimal" and cell.value is not None and "." not in str(cell.value)


def _side(column: Column) -> str:
    return "left" if column.kind == "text" else "right"


def _is_exact(value: int | Decimal) -> bool:
    return len(Decimal(value).normalize().as_tuple().digits) <= _EXACT_DIGITS


def _text(text: str) -> str:
    """As a cell can hold it: a sheet cuts a longer text off itself, and not at the end of one."""
    shown = readable(text)
    return shown if len(shown) <= _LONGEST_TEXT else shown[: _LONGEST_TEXT - 1] + "…"


def _names(titles: list[str]) -> list[str]:
    """A name for each sheet: what Excel takes, and no name twice, however the letters are written."""
    names: list[str] = []
    for at, title in enumerate(titles, 1):
        plain = _cut(re.sub(r"[\[\]:*?/\\]", " ", readable(title)), _LONGEST_NAME)
        taken = {name.lower() for name in names} | {"", "history"}
        number = f" ({at})"
        names.append((_cut(plain, _LONGEST_NAME - len(number)) or "…") + number if plain.lower() in taken else plain)
    return names


def _cut(text: str, units: int) -> str:
    """At most so many units of UTF-16, by which Excel measures, and no blank or apostrophe at either end."""
    return text.encode("utf-16-le")[: 2 * units].decode("utf-16-le", "ignore").strip(" '")
