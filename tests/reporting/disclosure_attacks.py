"""Figures that a report shows, as somebody subtracts them; and cases to be counted."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Any
from uuid import UUID

from services.reporting.rendering.issue import Issue
from shared.events import Event
from tests.reporting.drafting.test_drafting import CODES, Desk, granted, table
from tests.reporting.facts.world import FACTORY, closed, submitted

SPRING = date(2026, 4, 1), date(2026, 6, 30)
IN_SPRING = date(2026, 5, 5)
BOTH = {"G1": "50", "G2": "50"}


def beside(desk: Desk, *codes: str, number: str = "G2", **terms: Any) -> Desk:
    """Another grant of the same organisation."""
    return Desk(desk.counting, granted(desk.counting.engine, codes or CODES, number, **terms))


def of(issue: Issue, code: str, column: str = "actual") -> float | None:
    """The figure that is shown; None of one that is not."""
    cell = table(issue, "indicators").cell(code, column)
    return None if cell.mark else float(str(cell.value))


def opened_cases(count: int, on: date, **more: Any) -> tuple[list[UUID], list[Event]]:
    cases = [FACTORY.id() for _ in range(count)]
    return cases, [submitted(case, on, **more) for case in cases]


def lived(count: int, on: date, until: date, reason: str = "located", **more: Any) -> Iterable[Event]:
    """Cases that were opened and closed."""
    cases, told = opened_cases(count, on, **more)
    return [*told, *(closed(case, until, reason) for case in cases)]


def keys_of(issue: Issue) -> set[str]:
    return {one.key for one in issue.tables}


def cells(issue: Issue, key: str) -> dict[tuple[str, str], int]:
    """The figures of a table that are shown."""
    made = table(issue, key)
    return {
        (row.key, column.key): int(cell.value)
        for row in made.rows
        for column, cell in zip(made.columns[1:], row.cells[1:], strict=True)
        if cell.value is not None
    }


def rest(more: Issue, less: Issue, key: str, inside: str) -> int | None:
    """Of two grants' table: what the difference of the totals leaves beside the differences that are shown."""
    ours, theirs = cells(more, key), cells(less, key)
    total = ("total", inside)
    if total not in ours or total not in theirs:
        return None
    known = sum(ours[at] - theirs[at] for at in ours.keys() & theirs.keys() if at[1] == inside and at != total)
    return ours[total] - theirs[total] - known
