"""The geometry of the charts, in numbers: the renderings only draw what is decided here.

Across, everything is a percentage of the chart's width; down, it is CSS pixels. So one drawing serves a phone, a screen
and an A4 page, and its text keeps its size on all of them.
"""

from __future__ import annotations

from datetime import date

from services.reporting.rendering.charts.bars import Ranking, ranking
from services.reporting.rendering.charts.places import Places, places
from services.reporting.rendering.charts.pyramid import Pyramid, pyramid
from services.reporting.rendering.charts.series import Entry, Series, entries, series
from services.reporting.rendering.charts.trend import Trend, trend
from services.reporting.rendering.issue import Chart, Table
from services.reporting.rendering.wording import Wording

__all__ = ["Drawing", "Entry", "Places", "Pyramid", "Ranking", "Series", "Trend", "draw", "series"]

Drawing = Trend | Ranking | Pyramid | Places


def draw(chart: Chart, table: Table, period: tuple[date, date], said: Wording) -> Drawing | None:
    """Lay a chart out, or return None where its table has nothing to draw: no figure above 0."""
    found = entries(chart, table, said)
    if chart.kind == "trend":
        return trend(found, period, said, stacked=is_stacked(table))
    if chart.kind == "pyramid":
        return pyramid(found)
    if chart.kind == "map":
        return places(chart, found, said)
    return ranking(found, said, stacked=is_stacked(table))


def is_stacked(table: Table) -> bool:
    """The dead and the missing add up to one bar; other series (opened and closed) stand beside each other."""
    return table.about == "incidents"
