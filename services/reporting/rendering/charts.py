"""The geometry of the two charts, in numbers: the templates only draw what is decided here.

Across, everything is a percentage of the chart's width; down, it is CSS pixels. So one drawing serves a phone, a
screen and an A4 page, and its text keeps its size on all of them.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import date

from services.reporting.rendering import wording
from services.reporting.rendering.snapshot import Breakdown, Figures, IncidentReport

PLOT_HEIGHT = 240
ROUTES_SHOWN = 12

_NARROW_PLOT, _WIDE_PLOT = 270, 600  # pixels across: a phone of 360 px, and the narrowest page or screen above it
_CHARACTER = 8  # pixels that one character of a label takes at most
_AT_A_GLANCE = 14  # up to so many months, each bar has a label of its own
_QUARTERS_LEGIBLE = 40  # up to so many months, each quarter has a label
_YEARS_LEGIBLE = 20
_BAR_SHARE = 0.74
_WIDEST_BAR = 12.0


@dataclass(frozen=True)
class Mark:
    """A text on the x axis or above a bar. `wide_only`: a phone has no room for it."""

    x: float
    text: str
    wide_only: bool
    y: float = 0.0
    anchor: str = "middle"


@dataclass(frozen=True)
class Bar:
    """One month: the dead at the bottom, the missing on top of them. `x` is the bar's left edge."""

    name: str
    figures: Figures
    x: float
    width: float
    dead_height: float
    missing_height: float

    @property
    def centre(self) -> float:
        return round(self.x + self.width / 2, 2)

    @property
    def top(self) -> float:
        """Pixels from the top of the plot to the top of the bar."""
        return round(PLOT_HEIGHT - self.dead_height - self.missing_height, 2)


@dataclass(frozen=True)
class Gridline:
    """A line across the plot and the number of people it stands for."""

    y: float
    text: str


@dataclass(frozen=True)
class Trend:
    """Bars for every month of the period, also for those without an incident."""

    bars: tuple[Bar, ...]
    gridlines: tuple[Gridline, ...]
    values: tuple[Mark, ...]
    months: tuple[Mark, ...]
    years: tuple[Mark, ...]
    year_starts: tuple[float, ...]
    peak: Bar | None


@dataclass(frozen=True)
class RankedBar:
    """One route: its bar is `dead_width` and then `missing_width` percent of the longest possible bar."""

    label: str
    figures: Figures
    dead_width: float
    missing_width: float
    is_rest: bool = False


def trend(report: IncidentReport) -> Trend | None:
    """Lay out the months of the report, or return None where no month has anybody dead or missing."""
    split = report.breakdown("month")
    found = {line.key: line.figures for line in split.lines} if split else {}
    months = _axis(report, sorted(found))
    figures = [found.get(f"{year:04}-{month:02}", Figures()) for year, month in months]
    highest = max(each.dead_or_missing for each in figures)
    if not highest:
        return None
    step = _round_step(highest)
    top = step * -(-highest // step)
    bars = tuple(_bars(months, figures, top))
    peak = _only_highest(bars)
    return Trend(
        bars=bars,
        gridlines=tuple(
            Gridline(round(PLOT_HEIGHT * (1 - people / top), 2), wording.number(people))
            for people in range(0, top + 1, step)
        ),
        values=_values(bars, peak),
        months=_month_marks(months, bars),
        years=_year_marks(months),
        year_starts=tuple(
            round(100 * at / len(months), 3) for at, (_, month) in enumerate(months) if at and month == 1
        ),
        peak=peak,
    )


def ranking(split: Breakdown, shown: int = ROUTES_SHOWN) -> tuple[RankedBar, ...]:
    """Lay out the lines with anybody dead or missing, most first; what is beyond `shown` becomes one last bar.

    A remainder of a single line is shown as itself.
    """
    lines = [line for line in split.lines if line.figures.dead_or_missing]
    if len(lines) == shown + 1:
        shown += 1
    rows = [(line.label, line.figures, False) for line in lines[:shown]]
    if rest := lines[shown:]:
        rows.append((f"{len(rest)} other {split.dimension}s", Figures.sum(x.figures for x in rest), True))
    longest = max((figures.dead_or_missing for _, figures, _ in rows), default=1)
    return tuple(
        RankedBar(
            label,
            figures,
            round(100 * figures.dead / longest, 2),
            round(100 * figures.missing / longest, 2),
            is_rest,
        )
        for label, figures, is_rest in rows
    )


def _axis(report: IncidentReport, found: list[str]) -> tuple[tuple[int, int], ...]:
    """Every month of the period; of a period too long to draw, those from the first to the last incident."""
    first, last = report.date_from, report.date_to
    if found and last.year - first.year > _YEARS_LEGIBLE:
        first, last = date.fromisoformat(f"{found[0]}-01"), date.fromisoformat(f"{found[-1]}-01")
    return tuple(_months(first, last))


def _months(first: date, last: date) -> Iterator[tuple[int, int]]:
    for at in range(first.year * 12 + first.month - 1, last.year * 12 + last.month):
        yield at // 12, at % 12 + 1


def _round_step(highest: int) -> int:
    """Return the smallest of 1, 2, 5, 10, 20, 50 … with which at most five gridlines reach the highest bar."""
    power = 1
    while power * 5 * 5 < highest:
        power *= 10
    return next(factor * power for factor in (1, 2, 5) if factor * power * 5 >= highest)


def _bars(months: tuple[tuple[int, int], ...], figures: list[Figures], top: int) -> Iterator[Bar]:
    slot = 100 / len(months)
    width = min(slot * _BAR_SHARE, _WIDEST_BAR)
    for at, ((year, month), each) in enumerate(zip(months, figures, strict=True)):
        yield Bar(
            name=wording.month(year, month),
            figures=each,
            x=round(slot * at + (slot - width) / 2, 3),
            width=round(width, 3),
            dead_height=_height(each.dead, top),
            missing_height=_height(each.missing, top),
        )


def _height(people: int, top: int) -> float:
    """Nobody is no bar; a single person is always seen."""
    return max(1.0, round(PLOT_HEIGHT * people / top, 2)) if people else 0.0


def _only_highest(bars: tuple[Bar, ...]) -> Bar | None:
    highest = max(bar.figures.dead_or_missing for bar in bars)
    at_top = [bar for bar in bars if bar.figures.dead_or_missing == highest]
    return at_top[0] if len(at_top) == 1 and len(bars) > 1 else None


def _values(bars: tuple[Bar, ...], peak: Bar | None) -> tuple[Mark, ...]:
    if len(bars) <= _AT_A_GLANCE:
        return _bar_values(bars, peak)
    if not peak:
        return ()
    anchor = "start" if peak.centre < 25 else "end" if peak.centre > 75 else "middle"
    text = f"{peak.name}: {wording.number(peak.figures.dead_or_missing)}"
    return (Mark(peak.centre, text, False, peak.top, anchor),)


def _bar_values(bars: tuple[Bar, ...], peak: Bar | None) -> tuple[Mark, ...]:
    """Label every bar; where a phone has no room for all of them, it shows the highest alone."""
    marks = _thinned(
        Mark(bar.centre, wording.number(bar.figures.dead_or_missing), False, bar.top)
        for bar in bars
        if bar.figures.dead_or_missing
    )
    if not any(mark.wide_only for mark in marks):
        return marks
    return tuple(replace(mark, wide_only=not peak or mark.x != peak.centre) for mark in marks)


def _month_marks(months: tuple[tuple[int, int], ...], bars: tuple[Bar, ...]) -> tuple[Mark, ...]:
    if len(months) > _QUARTERS_LEGIBLE:
        return ()
    every = 1 if len(months) <= _AT_A_GLANCE else 3
    return _thinned(
        Mark(bar.centre, wording.MONTHS[month - 1][:3], False)
        for (_, month), bar in zip(months, bars, strict=True)
        if (month - 1) % every == 0
    )


def _year_marks(months: tuple[tuple[int, int], ...]) -> tuple[Mark, ...]:
    """Put each year under the middle of its months."""
    slot, marks, start = 100 / len(months), [], 0
    for year, group in itertools.groupby(year for year, _ in months):
        length = len(tuple(group))
        marks.append(Mark(round(slot * (start + length / 2), 2), str(year), False))
        start += length
    return _thinned(marks)


def _thinned(marks: Iterable[Mark]) -> tuple[Mark, ...]:
    """Leave out the labels that would touch their neighbour, and mark those that would on a phone."""
    fits_wide = _without_collisions(tuple(marks), _WIDE_PLOT)
    fits_narrow = set(_without_collisions(fits_wide, _NARROW_PLOT))
    return tuple(replace(mark, wide_only=mark not in fits_narrow) for mark in fits_wide)


def _without_collisions(marks: tuple[Mark, ...], plot: int) -> tuple[Mark, ...]:
    kept: list[Mark] = []
    end = float("-inf")
    for mark in marks:
        half = len(mark.text) * _CHARACTER / 2
        centre = mark.x * plot / 100
        if centre - half >= end:
            kept.append(mark)
            end = centre + half
    return tuple(kept)
