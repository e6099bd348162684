from __future__ import annotations

import itertools
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.reporting.rendering.charts import PLOT_HEIGHT, Mark, RankedBar, Trend, ranking, trend
from services.reporting.rendering.snapshot import IncidentReport
from tests.reporting.rendering.reports import Incident, five_years, report_of, routes


def trend_of(report: IncidentReport) -> Trend:
    found = trend(report)
    assert found
    return found


def ranking_of(report: IncidentReport) -> tuple[RankedBar, ...]:
    split = report.breakdown("route")
    assert split
    return ranking(split)


def collisions(marks: tuple[Mark, ...], plot: int) -> list[tuple[str, str]]:
    """Pairs of neighbours that touch when a character is 7 pixels wide, as it is at 13 px in Noto Sans."""
    ends = [(m.x * plot / 100 - len(m.text) * 3.5, m.x * plot / 100 + len(m.text) * 3.5, m.text) for m in marks]
    return [(a[2], b[2]) for a, b in itertools.pairwise(ends) if b[0] < a[1]]


def test_sixty_months_stand_side_by_side_inside_the_plot() -> None:
    bars = trend_of(five_years()).bars

    assert len(bars) == 60
    assert all(left.x + left.width < right.x for left, right in itertools.pairwise(bars))
    assert bars[0].x > 0
    assert bars[-1].x + bars[-1].width < 100


def test_sixty_months_are_read_by_year_and_by_the_highest() -> None:
    found = trend_of(five_years())

    assert [mark.text for mark in found.years if not mark.wide_only] == ["2014", "2015", "2016", "2017", "2018"]
    assert [mark.text for mark in found.values] == ["July 2016: 1,600"]
    assert found.months == ()


def test_the_axis_has_a_place_for_a_month_without_incidents() -> None:
    bars = trend_of(report_of(Incident(month="2018-02"), Incident(month="2018-11"))).bars

    assert len(bars) == 12
    assert [bar.name for bar in bars if bar.figures.dead_or_missing] == ["February 2018", "November 2018"]


def test_a_report_over_all_time_draws_the_months_that_have_something_to_show() -> None:
    incidents = Incident(month="2017-12"), Incident(month="2018-02")

    bars = trend_of(report_of(*incidents, date_from=date.min, date_to=date.max)).bars

    assert [bar.name for bar in bars] == ["December 2017", "January 2018", "February 2018"]


def test_a_single_month_is_one_bar_in_the_middle() -> None:
    found = trend_of(report_of(Incident(), date_from=date(2018, 3, 5), date_to=date(2018, 3, 20)))

    (bar,) = found.bars
    assert (bar.centre, bar.width) == (50, 12)
    assert [mark.text for mark in (*found.values, *found.months, *found.years)] == ["5", "Mar", "2018"]


def test_heights_are_in_proportion_and_fit_under_the_highest_gridline() -> None:
    found = trend_of(report_of(Incident(dead=30, missing=12), Incident(month="2018-04", dead=10, missing=4)))

    march, april = found.bars[2], found.bars[3]
    assert march.dead_height == pytest.approx(3 * april.dead_height)
    assert march.missing_height == pytest.approx(3 * april.missing_height)
    assert [line.text for line in found.gridlines] == ["0", "10", "20", "30", "40", "50"]
    assert march.top == pytest.approx(PLOT_HEIGHT * (1 - 42 / 50))


def test_one_person_is_seen_beside_a_thousand() -> None:
    found = trend_of(report_of(Incident(dead=5000), Incident(month="2018-04", dead=1, missing=0)))

    assert found.bars[3].dead_height == 1
    assert found.bars[3].missing_height == 0


def test_no_month_is_called_the_highest_when_two_are() -> None:
    assert trend_of(report_of(Incident(), Incident(month="2018-05"))).peak is None
    assert trend_of(report_of(Incident(), Incident(month="2018-05", dead=3))).peak


def test_without_anybody_dead_or_missing_there_is_no_chart() -> None:
    report = report_of(Incident(dead=0, missing=0))

    assert trend(report) is None
    assert trend(report_of()) is None
    assert ranking_of(report) == ()


@given(first=st.integers(0, 200), length=st.integers(1, 300), dead=st.integers(1, 10**6))
def test_labels_never_collide(first: int, length: int, dead: int) -> None:
    last = first + length - 1
    start, end = date(2000 + first // 12, first % 12 + 1, 1), date(2000 + last // 12, last % 12 + 1, 1)
    months = [f"{2000 + at // 12}-{at % 12 + 1:02}" for at in range(first, last + 1)]
    incidents = (Incident(month=month, dead=dead + at) for at, month in enumerate(months))

    found = trend_of(report_of(*incidents, date_from=start, date_to=end))

    for marks in (found.months, found.years, found.values):
        assert collisions(marks, 600) == []
        assert collisions(tuple(mark for mark in marks if not mark.wide_only), 270) == []
    assert found.years


def test_routes_are_sorted_and_the_rest_is_one_last_bar() -> None:
    bars = ranking_of(routes(30))

    assert [bar.label for bar in bars] == [*(f"Route {at}" for at in range(30, 18, -1)), "18 other routes"]
    assert [bar.is_rest for bar in bars] == [False] * 12 + [True]
    assert sum(bar.figures.dead_or_missing for bar in bars) == sum(range(1, 31))


def test_thirteen_routes_are_all_shown_by_name() -> None:
    assert [bar.label for bar in ranking_of(routes(13))] == [f"Route {at}" for at in range(13, 0, -1)]


def test_no_bar_is_longer_than_the_chart() -> None:
    bars = ranking_of(routes(30))

    assert max(bar.dead_width + bar.missing_width for bar in bars) == 100
    assert bars[-1].dead_width == 100  # the rest, larger than any route, sets the scale
