"""Rows ranked by length: a bar for each, most first as the table has them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal

from services.reporting.rendering.charts.series import LOOKS, Entry, highest_of, share
from services.reporting.rendering.wording import Wording

SHOWN = 12


@dataclass(frozen=True)
class Part:
    """A piece of a bar: percent of the longest possible one."""

    look: str
    x: float
    width: float


@dataclass(frozen=True)
class RankedBar:
    """One row; where series stand beside each other, one of its series."""

    label: str
    told: str
    parts: tuple[Part, ...]
    shown: str
    is_rest: bool = False

    @property
    def length(self) -> float:
        return round(sum(part.width for part in self.parts), 2)


@dataclass(frozen=True)
class Ranking:
    """`mirrored`: bars grow from right to left."""

    bars: tuple[RankedBar, ...]
    mirrored: bool


def ranking(found: list[Entry], said: Wording, *, stacked: bool, shown: int = SHOWN) -> Ranking | None:
    """Lay out the rows with a figure above 0 or a mark, in the table's order, or return None where none has a figure.

    Of a stacked ranking, what is beyond `shown` becomes one last bar; a remainder of a single row is shown as itself.
    """
    lines = [entry for entry in found if entry.total or not entry.is_whole]
    if not any(entry.total for entry in lines):
        return None
    if stacked:
        lines = _with_rest(sorted(lines, key=lambda entry: -entry.total), shown, said)
        longest = max(entry.total for entry in lines)
        bars = [_stacked(entry, longest, said) for entry in lines]
    else:
        longest = highest_of(figure for entry in lines for figure in entry.figures)
        bars = [bar for entry in lines for bar in _grouped(entry, longest)]
    return Ranking(tuple(bars), said.direction == "rtl")


_REST = "+rest"


def _with_rest(lines: list[Entry], shown: int, said: Wording) -> list[Entry]:
    if len(lines) <= shown + 1:
        return lines
    rest = lines[shown:]
    columns = zip(*(entry.figures for entry in rest), strict=True)
    figures = tuple(sum((figure or Decimal(0) for figure in column), Decimal(0)) for column in columns)
    label = said.say("{count} others", count=said.number(len(rest)))
    told = tuple(said.number(figure) for figure in figures)
    return [*lines[:shown], Entry(_REST, label, figures, told, f"{label}: {', '.join(told)}")]


def _stacked(entry: Entry, longest: Decimal, said: Wording) -> RankedBar:
    parts, x = [], 0.0
    for at, figure in enumerate(entry.figures):
        width = share(figure, longest)
        if width:
            parts.append(Part(LOOKS[at % len(LOOKS)], round(x, 2), width))
            x += width
    shown = said.number(entry.total) if entry.is_whole else entry.mark
    return RankedBar(entry.label, entry.told, tuple(parts), shown, entry.key == _REST)


def _grouped(entry: Entry, longest: Decimal) -> Iterator[RankedBar]:
    for at, (figure, shown) in enumerate(zip(entry.figures, entry.shown, strict=True)):
        width = share(figure, longest)
        parts = (Part(LOOKS[at % len(LOOKS)], 0.0, width),) if width else ()
        yield RankedBar("" if at else entry.label, entry.told, parts, shown)
