"""What a chart draws of its table: the rows that are no total, each with a figure or a mark for every series."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

from services.reporting.rendering.issue import Chart, Table, read
from services.reporting.rendering.wording import Wording

LOOKS = ("solid", "hatched", "pale", "dotted")
"""How the series differ without colour; a fifth looks like the first again."""


@dataclass(frozen=True)
class Series:
    """A column that is drawn: its name and its look."""

    label: str
    look: str


@dataclass(frozen=True)
class Entry:
    """A row that is drawn. A figure that is not given is None, and has its mark in `shown`; none is below 0."""

    key: str
    label: str
    figures: tuple[Decimal | None, ...]
    shown: tuple[str, ...]
    told: str
    """The row in words: `July 2016: Dead 1,002, Missing 598`."""

    @property
    def total(self) -> Decimal:
        """Of what is given."""
        return sum((figure for figure in self.figures if figure is not None), Decimal(0))

    @property
    def is_whole(self) -> bool:
        """Whether every figure is given."""
        return None not in self.figures

    @property
    def mark(self) -> str:
        """The first mark there is, or nothing."""
        return next((sign for sign, figure in zip(self.shown, self.figures, strict=True) if figure is None), "")


def series(chart: Chart, table: Table) -> tuple[Series, ...]:
    """The chart's series, for its legend."""
    labels = {column.key: column.label for column in table.columns}
    return tuple(Series(labels[key], LOOKS[at % len(LOOKS)]) for at, key in enumerate(chart.series))


def entries(chart: Chart, table: Table, said: Wording) -> list[Entry]:
    """The rows to draw, in the table's order."""
    at = {column.key: place for place, column in enumerate(table.columns)}
    drawn = [at[key] for key in chart.series]
    found = []
    for row in table.rows:
        if row.total:
            continue
        columns = [table.columns[place] for place in drawn]
        cells = [row.cells[place] for place in drawn]
        shown = tuple(said.cell(column, cell) for column, cell in zip(columns, cells, strict=True))
        label = said.cell(table.columns[0], row.cells[0])
        parts = ", ".join(f"{column.label} {text}" for column, text in zip(columns, shown, strict=True))
        figures = tuple(_figure(column.kind, cell.value) for column, cell in zip(columns, cells, strict=True))
        found.append(Entry(row.key, label, figures, shown, f"{label}: {parts}"))
    return found


def _figure(kind: str, value: int | str | None) -> Decimal | None:
    if value is None or kind in ("text", "date"):
        return None
    figure = read(kind, value)  # type: ignore[arg-type] # a Kind, by the guard above
    return max(Decimal(0), Decimal(str(figure)))


def round_step(highest: Decimal, *, whole: bool) -> Decimal:
    """Return the smallest of 1, 2, 5, 10, 20, 50 … with which at most five gridlines reach `highest`; below 1 of 0.1,
    0.2, 0.5 … too, unless figures are whole."""
    power = Decimal(10) ** (highest.adjusted() - 1)
    if whole:
        power = max(Decimal(1), power)
    while power * 5 * 5 < highest:
        power *= 10
    return next(factor * power for factor in (1, 2, 5) if factor * power * 5 >= highest)


def highest_of(figures: Iterable[Decimal | None]) -> Decimal:
    """0 where there is none."""
    return max((figure for figure in figures if figure is not None), default=Decimal(0))


def share(figure: Decimal | None, whole: Decimal) -> float:
    """Percent of `whole`, to two decimals; nothing is no bar."""
    return round(float(100 * figure / whole), 2) if figure and whole else 0.0
