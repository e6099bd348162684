"""A report beside the one of an earlier period: for whoever may read both, nothing that they do not say."""

from __future__ import annotations

from services.reporting.rendering.covering import column_of, difference
from services.reporting.rendering.grid import Line
from services.reporting.rendering.issue import Change, Issue, TableRow
from services.reporting.rendering.wording import Wording

TABLE, COLUMN = "indicators", "actual"


def beside(issue: Issue, earlier: Issue, said: Wording) -> tuple[Line, ...]:
    """Each indicator that both tell of, in this one's order: its name, the figure of the period then, that of now, and
    the difference."""
    was = _figures(earlier)
    return tuple(_line(was[key], row, issue, said) for key, row in _figures(issue).items() if key in was)


def _figures(issue: Issue) -> dict[str, TableRow]:
    """The rows of the table of indicators, each cut to its name and its figure of the period."""
    found = {}
    for table in issue.tables if issue.report == "grant" else ():
        if table.key == TABLE:
            for row in table.rows:
                found[row.key] = row.model_copy(update={"cells": (row.cells[0], table.cell(row.key, COLUMN))})
    return found


def _line(was: TableRow, now: TableRow, issue: Issue, said: Wording) -> Line:
    change = Change(table=TABLE, row=now.key, column=COLUMN, was=was.cells[1], now=now.cells[1])
    column = column_of(change, issue)
    shown = (said.cell(column, cell) for cell in (change.was, change.now))
    return Line((str(now.cells[0].value), *shown, difference(change, column, said)))
