"""Circles on the shapes of the land, without borders; each has a number, and a list says its name and figure."""

from __future__ import annotations

import json
import math
from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from pathlib import Path

from services.reporting.rendering.charts.series import Entry, highest_of
from services.reporting.rendering.issue import Chart
from services.reporting.rendering.wording import Wording

LAND = Path(__file__).parent / "land.json"
"""The world's land without Antarctica, 1:110 million, from Natural Earth 2.0 (public domain; by world-atlas 2.0.2,
`land-110m.json`): rings of longitude and latitude in tenths of a degree, one after the other. A ring across the 180th
meridian is there twice, once beyond either edge."""
RATIO = 1.6
"""Width by height of every map."""
_LARGEST, _SMALLEST = 22.0, 5.0  # pixels of a circle's radius
_ROOMY = 10.0  # from this radius on, a number has room inside
_MARGIN = 0.18
_NARROWEST = 16.0  # degrees of longitude: nearer than that, 1:110 million shows corners only


@dataclass(frozen=True)
class Place:
    """A circle: its centre in percent of the map, its radius in pixels; `hollow` where no figure is given."""

    number: int
    label: str
    told: str
    shown: str
    x: float
    y: float
    radius: float
    hollow: bool
    beside: bool
    """Its number stands to the right, because it has no room inside."""


@dataclass(frozen=True)
class Places:
    """Rings of land as points in percent of the map, cut at its edges."""

    land: tuple[tuple[tuple[float, float], ...], ...]
    places: tuple[Place, ...]

    @property
    def path(self) -> str:
        """The land as an SVG path in a box of 100 by 100."""
        return " ".join("M" + " ".join(f"{x:g},{y:g}" for x, y in ring) + "Z" for ring in self.land)


def places(chart: Chart, found: list[Entry], said: Wording) -> Places | None:
    """Lay out the points of the rows with a figure above 0 or a mark, or return None where there is none."""
    known = {entry.key: entry for entry in found if entry.total or not entry.is_whole}
    points = [(point.longitude, point.latitude, known[point.row]) for point in chart.points if point.row in known]
    if not points:
        return None
    window = _window([point[:2] for point in points])
    points.sort(key=lambda point: (-point[2].total, point[2].key))
    highest = highest_of(point[2].total for point in points)
    circles = (
        Place(
            number,
            entry.label,
            entry.told,
            said.number(entry.total) if entry.is_whole else entry.mark,
            *_placed(longitude, latitude, window),
            (radius := _radius(entry.total, highest)),
            not entry.is_whole,
            radius < _ROOMY,
        )
        for number, (longitude, latitude, entry) in enumerate(points, 1)
    )
    return Places(tuple(_land(window)), tuple(circles))


Window = tuple[float, float, float, float]
"""West, south, east, north, degrees. Plate carrée, true to scale along the middle parallel."""


def _window(points: list[tuple[float, float]]) -> Window:
    west, east = min(x for x, _ in points), max(x for x, _ in points)
    south, north = min(y for _, y in points), max(y for _, y in points)
    middle_x, middle_y = (west + east) / 2, (south + north) / 2
    squeeze = max(0.4, math.cos(math.radians(middle_y)))
    width = max((east - west) * (1 + 2 * _MARGIN), _NARROWEST)
    height = max((north - south) * (1 + 2 * _MARGIN), width * squeeze / RATIO)
    width = max(width, height * RATIO / squeeze)
    return middle_x - width / 2, middle_y - height / 2, middle_x + width / 2, middle_y + height / 2


def _placed(longitude: float, latitude: float, window: Window) -> tuple[float, float]:
    west, south, east, north = window
    return round(100 * (longitude - west) / (east - west), 2), round(100 * (north - latitude) / (north - south), 2)


def _radius(total: Decimal, highest: Decimal) -> float:
    """The area is in proportion to the figure."""
    return round(max(_SMALLEST, _LARGEST * math.sqrt(total / highest)), 1) if highest else _SMALLEST


def _land(window: Window) -> list[tuple[tuple[float, float], ...]]:
    rings = []
    for ring in _rings():
        cut = _cut([_placed(x, y, window) for x, y in ring])
        if len(cut) >= 3:
            rings.append(tuple(cut))
    return rings


@cache
def _rings() -> tuple[tuple[tuple[float, float], ...], ...]:
    rings = json.loads(LAND.read_text())
    return tuple(tuple(zip((x / 10 for x in one[::2]), (y / 10 for y in one[1::2]), strict=True)) for one in rings)


def _cut(ring: list[tuple[float, float]]) -> list[tuple[float, float]]:
    """The part of a ring inside the square from 0 to 100 (Sutherland and Hodgman, 1974)."""
    for axis, edge, inside_is_more in ((0, 0.0, True), (0, 100.0, False), (1, 0.0, True), (1, 100.0, False)):
        ring = _cut_at(ring, axis, edge, inside_is_more)
    return [(round(x, 2), round(y, 2)) for x, y in ring]


def _cut_at(ring: list[tuple[float, float]], axis: int, edge: float, inside_is_more: bool) -> list[tuple[float, float]]:
    kept: list[tuple[float, float]] = []
    for before, after in zip(ring[-1:] + ring[:-1], ring, strict=True):
        was, now = ((point[axis] >= edge) == inside_is_more for point in (before, after))
        if was != now:
            part = (edge - before[axis]) / (after[axis] - before[axis])
            kept.append((before[0] + part * (after[0] - before[0]), before[1] + part * (after[1] - before[1])))
        if now:
            kept.append(after)
    return kept
