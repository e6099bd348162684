"""A table as people read it: every cell as it is written."""

from __future__ import annotations

from dataclasses import dataclass

from services.reporting.rendering.issue import Column, Table
from services.reporting.rendering.wording import Wording

MANY = 15


@dataclass(frozen=True)
class Line:
    """A row; `total` where it sums the others."""

    cells: tuple[str, ...]
    total: bool = False


@dataclass(frozen=True)
class Grid:
    """`numeric` tells for each column whether it is set to the end, as figures are."""

    key: str
    title: str
    heads: tuple[str, ...]
    numeric: tuple[bool, ...]
    rows: tuple[Line, ...]
    notes: tuple[str, ...] = ()

    @property
    def is_short(self) -> bool:
        """Whether it may stay on one page of paper."""
        return len(self.rows) <= MANY


def grid_of(table: Table, said: Wording) -> Grid:
    """Write a table out."""
    units = {column.unit for column in table.columns[1:] if column.unit}
    rows = (
        Line(
            tuple(said.cell(column, cell) for column, cell in zip(table.columns, row.cells, strict=True)),
            row.total,
        )
        for row in table.rows
    )
    return Grid(
        table.key,
        table.title,
        tuple(_head(column, mixed=len(units) > 1 and table.about != "incidents") for column in table.columns),
        tuple(column.kind != "text" for column in table.columns),
        tuple(rows),
        table.notes,
    )


def _head(column: Column, *, mixed: bool) -> str:
    """With the unit where it matters: money, measures, and columns that count different things."""
    wanted = column.unit and (column.kind in ("money", "decimal") or mixed) and column.unit not in column.label.lower()
    return f"{column.label} ({column.unit})" if wanted else column.label
