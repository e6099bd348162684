"""Bars for every month: of each series one beside the other, or one on top of the other."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import date
from decimal import ROUND_CEILING, Decimal

from services.reporting.rendering.charts.series import LOOKS, Entry, highest_of, round_step
from services.reporting.rendering.wording import Wording, is_month

PLOT_HEIGHT = 240
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
class Segment:
    """One series of one month. `x` is its left edge, `y` its top in pixels from the plot's top."""

    look: str
    x: float
    width: float
    y: float
    height: float


@dataclass(frozen=True)
class Bar:
    """One month. `top` is the highest of its segments; `told` says its figures."""

    name: str
    told: str
    x: float
    width: float
    segments: tuple[Segment, ...]
    highest: Decimal
    shown: str
    """Above a single bar: its sum where series are stacked, the mark where one is not given."""
    labels: tuple[Mark, ...]
    """What stands above its columns: one for all that are stacked, else one each."""

    @property
    def centre(self) -> float:
        return round(self.x + self.width / 2, 2)

    @property
    def top(self) -> float:
        """Pixels from the top of the plot to the top of the bar."""
        return min((segment.y for segment in self.segments), default=float(PLOT_HEIGHT))


@dataclass(frozen=True)
class Gridline:
    """A line across the plot and the figure it stands for."""

    y: float
    text: str


@dataclass(frozen=True)
class Trend:
    """Bars for every month of the period, also for those without a figure."""

    bars: tuple[Bar, ...]
    gridlines: tuple[Gridline, ...]
    values: tuple[Mark, ...]
    months: tuple[Mark, ...]
    years: tuple[Mark, ...]
    year_starts: tuple[float, ...]
    peak: Bar | None

    @property
    def height(self) -> int:
        """Of the drawing with what stands under the plot, pixels."""
        return PLOT_HEIGHT + (52 if self.months else 34)


def trend(found: list[Entry], period: tuple[date, date], said: Wording, *, stacked: bool) -> Trend | None:
    """Lay out the months, or return None where none has a figure above 0."""
    known = {entry.key: entry for entry in found if is_month(entry.key)}
    reach = highest_of(_reach(entry, stacked) for entry in known.values())
    if not reach:
        return None
    whole = all(figure == figure.to_integral_value() for one in known.values() for figure in one.figures if figure)
    step = round_step(reach, whole=whole)
    top = step * (reach / step).to_integral_value(ROUND_CEILING)
    keys = _axis(period, sorted(known))
    bars = tuple(_bar(at, key, known.get(key), (len(keys), top, stacked), said) for at, key in enumerate(keys))
    peak = _only_highest(bars)
    return Trend(
        bars=bars,
        gridlines=tuple(_gridlines(step, top, said)),
        values=_values(bars, peak, single=stacked or len(found[0].figures) == 1),
        months=_month_marks(keys, bars, said),
        years=_year_marks(keys),
        year_starts=tuple(round(100 * at / len(keys), 3) for at, key in enumerate(keys) if at and key.endswith("-01")),
        peak=peak,
    )


def _reach(entry: Entry, stacked: bool) -> Decimal:
    return entry.total if stacked else highest_of(entry.figures)


def _axis(period: tuple[date, date], found: list[str]) -> tuple[str, ...]:
    """Every month of the period and of the table; of a period too long to draw, the table's alone."""
    first, last = (f"{day.year:04}-{day.month:02}" for day in period)
    if period[1].year - period[0].year > _YEARS_LEGIBLE:
        first, last = found[0], found[-1]
    begin, end = min(first, found[0]), max(last, found[-1])
    return tuple(_months(begin, end))


def _months(first: str, last: str) -> Iterator[str]:
    begin, end = (int(key[:4]) * 12 + int(key[5:]) - 1 for key in (first, last))
    for at in range(begin, end + 1):
        yield f"{at // 12:04}-{at % 12 + 1:02}"


def _gridlines(step: Decimal, top: Decimal, said: Wording) -> Iterator[Gridline]:
    for at in range(int(top / step) + 1):
        figure = step * at
        exact = figure.quantize(Decimal(1)) if figure == figure.to_integral_value() else figure.normalize()
        yield Gridline(round(PLOT_HEIGHT * (1 - float(figure / top)), 2), said.number(exact))


def _bar(at: int, key: str, entry: Entry | None, scale: tuple[int, Decimal, bool], said: Wording) -> Bar:
    count, top, stacked = scale
    slot = 100 / count
    width = min(slot * _BAR_SHARE, _WIDEST_BAR)
    x = slot * at + (slot - width) / 2
    name = said.month(key)
    if entry is None:
        return Bar(name, name, round(x, 3), round(width, 3), (), Decimal(0), "", ())
    laid = tuple(_stacked(entry, x, width, top) if stacked else _grouped(entry, x, width, top))
    shown = said.number(entry.total) if entry.is_whole else entry.mark
    labels = _one_label(laid, x + width / 2, shown) if stacked else tuple(_labels(entry, x, width, top))
    return Bar(name, entry.told, round(x, 3), round(width, 3), laid, _reach(entry, stacked), shown, labels)


def _one_label(laid: tuple[Segment, ...], centre: float, shown: str) -> tuple[Mark, ...]:
    if not laid and not shown.startswith("["):
        return ()
    return (Mark(round(centre, 2), shown, False, min((one.y for one in laid), default=float(PLOT_HEIGHT))),)


def _labels(entry: Entry, x: float, width: float, top: Decimal) -> Iterator[Mark]:
    """Above each column its figure; where there is none, its mark stands on the ground."""
    each = width / len(entry.figures)
    for at, (figure, shown) in enumerate(zip(entry.figures, entry.shown, strict=True)):
        if figure != 0:
            yield Mark(round(x + (at + 0.5) * each, 2), shown, False, round(PLOT_HEIGHT - _height(figure, top), 2))


def _stacked(entry: Entry, x: float, width: float, top: Decimal) -> Iterator[Segment]:
    floor = float(PLOT_HEIGHT)
    for at, figure in enumerate(entry.figures):
        height = _height(figure, top)
        if height:
            floor = round(floor - height, 2)
            yield Segment(LOOKS[at % len(LOOKS)], round(x, 3), round(width, 3), floor, height)


def _grouped(entry: Entry, x: float, width: float, top: Decimal) -> Iterator[Segment]:
    each = width / len(entry.figures)
    for at, figure in enumerate(entry.figures):
        height = _height(figure, top)
        if height:
            y = round(PLOT_HEIGHT - height, 2)
            yield Segment(LOOKS[at % len(LOOKS)], round(x + at * each, 3), round(each * 0.92, 3), y, height)


def _height(figure: Decimal | None, top: Decimal) -> float:
    """Nothing is no bar; a single one is always seen."""
    return max(1.0, round(PLOT_HEIGHT * float(figure / top), 2)) if figure else 0.0


def _only_highest(bars: tuple[Bar, ...]) -> Bar | None:
    highest = max(bar.highest for bar in bars)
    at_top = [bar for bar in bars if bar.highest == highest]
    return at_top[0] if len(at_top) == 1 and len(bars) > 1 else None


def _values(bars: tuple[Bar, ...], peak: Bar | None, *, single: bool) -> tuple[Mark, ...]:
    """Label every column; where a phone has no room for all of them, it shows the highest month alone. Of many months
    the highest alone is labelled, where one number says it."""
    if len(bars) <= _AT_A_GLANCE:
        marks = _thinned(mark for bar in bars for mark in bar.labels)
        if not any(mark.wide_only for mark in marks):
            return marks
        kept = {mark.x for mark in peak.labels} if peak and single else set()
        return tuple(replace(mark, wide_only=mark.x not in kept) for mark in marks)
    if not peak or not single:
        return ()
    anchor = "start" if peak.centre < 25 else "end" if peak.centre > 75 else "middle"
    return (Mark(peak.centre, f"{peak.name}: {peak.shown}", False, peak.top, anchor),)


def _month_marks(keys: tuple[str, ...], bars: tuple[Bar, ...], said: Wording) -> tuple[Mark, ...]:
    if len(keys) > _QUARTERS_LEGIBLE:
        return ()
    every = 1 if len(keys) <= _AT_A_GLANCE else 3
    months = [int(key[5:]) for key in keys]
    return _thinned(
        Mark(bar.centre, said.month_short(month), False)
        for month, bar in zip(months, bars, strict=True)
        if (month - 1) % every == 0
    )


def _year_marks(keys: tuple[str, ...]) -> tuple[Mark, ...]:
    """Put each year under the middle of its months."""
    slot, marks, start = 100 / len(keys), [], 0
    for year, group in itertools.groupby(key[:4] for key in keys):
        length = len(tuple(group))
        marks.append(Mark(round(slot * (start + length / 2), 2), year, False))
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
