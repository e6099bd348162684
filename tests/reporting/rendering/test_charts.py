from __future__ import annotations

import csv
import itertools
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.reporting.rendering import as_issue
from services.reporting.rendering.charts import Drawing, Places, Pyramid, Ranking, Trend, draw
from services.reporting.rendering.charts.places import RATIO
from services.reporting.rendering.charts.trend import PLOT_HEIGHT, Mark
from services.reporting.rendering.incidents.report import IncidentReport
from services.reporting.rendering.issue import Issue, Table
from services.reporting.rendering.routes import ROUTES
from services.reporting.rendering.wording import wording_of
from tests.reporting.rendering.issues import ages, charts, grant_issue, months, places, table
from tests.reporting.rendering.reports import Incident, five_years, report_of, routes
from tests.samples import sample_data


def drawing_of(issue: Issue, key: str) -> Drawing | None:
    chart = next(one for one in issue.charts if one.key == key)
    behind = next(one for one in issue.tables if one.key == chart.table)
    return draw(chart, behind, (issue.date_from, issue.date_to), wording_of(issue.language))


def trend_of(report: IncidentReport) -> Trend:
    found = drawing_of(as_issue(report), "trend")
    assert isinstance(found, Trend)
    return found


def ranking_of(report: IncidentReport) -> Ranking:
    found = drawing_of(as_issue(report), "routes")
    assert isinstance(found, Ranking)
    return found


def drawn(key: str, changed: Table | None = None, language: str = "en") -> Drawing | None:
    tables = [changed if changed and changed.key == one.key else one for one in (ages(), months(), places())]
    return drawing_of(grant_issue(language=language, tables=tables, sections=(), charts=charts()), key)


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
    assert [bar.name for bar in bars if bar.segments] == ["February 2018", "November 2018"]


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
    for high, low in zip(march.segments, april.segments, strict=True):
        assert high.height == pytest.approx(3 * low.height, abs=0.05)
    assert [line.text for line in found.gridlines] == ["0", "10", "20", "30", "40", "50"]
    assert march.top == pytest.approx(PLOT_HEIGHT * (1 - 42 / 50), abs=0.05)


def test_one_person_is_seen_beside_a_thousand() -> None:
    found = trend_of(report_of(Incident(dead=5000), Incident(month="2018-04", dead=1, missing=0)))

    assert [segment.height for segment in found.bars[3].segments] == [1]


def test_no_month_is_called_the_highest_when_two_are() -> None:
    assert trend_of(report_of(Incident(), Incident(month="2018-05"))).peak is None
    assert trend_of(report_of(Incident(), Incident(month="2018-05", dead=3))).peak


def test_without_anybody_dead_or_missing_there_is_no_chart() -> None:
    for report in (report_of(Incident(dead=0, missing=0)), report_of()):
        assert as_issue(report).charts == ()


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
    bars = ranking_of(routes(30)).bars

    assert [bar.label for bar in bars] == [*(f"Route {at}" for at in range(30, 18, -1)), "18 others"]
    assert [bar.is_rest for bar in bars] == [False] * 12 + [True]
    assert sum(int(bar.shown) for bar in bars) == sum(range(1, 31))


def test_thirteen_routes_are_all_shown_by_name() -> None:
    assert [bar.label for bar in ranking_of(routes(13)).bars] == [f"Route {at}" for at in range(13, 0, -1)]


def test_no_bar_is_longer_than_the_chart() -> None:
    bars = ranking_of(routes(30)).bars

    assert max(bar.length for bar in bars) == 100
    assert bars[-1].length == 100  # the rest, larger than any route, sets the scale


def test_what_adds_up_is_stacked_and_what_does_not_stands_side_by_side() -> None:
    stacked = trend_of(report_of(Incident())).bars[2].segments
    beside = drawn("trend")

    assert stacked[0].x == stacked[1].x
    assert stacked[1].y + stacked[1].height == pytest.approx(stacked[0].y)
    assert isinstance(beside, Trend)
    for bar in (bar for bar in beside.bars if bar.segments):
        opened, closed = bar.segments
        assert opened.x + opened.width < closed.x
        assert opened.y + opened.height == closed.y + closed.height == PLOT_HEIGHT
        assert bar.x <= opened.x
        assert closed.x + closed.width <= bar.x + bar.width
        assert opened.y >= 0


def test_a_withheld_figure_has_its_mark_and_no_column() -> None:
    rows = (("June", "withheld", 20), ("July", 41, 21))
    made = table("months", "cases", {"month": "text", "opened": "whole cases", "closed": "whole cases"}, *rows)
    keyed = tuple(row.model_copy(update={"key": f"2026-0{at}"}) for at, row in enumerate(made.rows, 6))
    found = drawn("trend", made.model_copy(update={"rows": keyed}))

    assert isinstance(found, Trend)
    assert [segment.look for segment in found.bars[0].segments] == ["hatched"]
    assert (found.values[0].text, found.values[0].y) == ("[c]", PLOT_HEIGHT)
    assert "Opened [c], Closed 20" in found.bars[0].told


def test_the_oldest_stand_on_top_of_the_pyramid_and_the_unknown_at_its_foot() -> None:
    made = ages()
    rows = tuple(row.model_copy(update={"key": "unknown"}) if row.cells[0].mark else row for row in made.rows)
    found = drawn("pyramid", made.model_copy(update={"rows": rows}))

    assert isinstance(found, Pyramid)
    assert [step.label for step in found.steps] == ["60+", "18–59", "12–17", "5–11", "0–4", "[x]"]
    assert (found.steps[0].left_shown, found.steps[0].right) == ("16", 100)
    assert (found.steps[4].left_shown, found.steps[4].left) == ("[c]", 0)


def test_places_lie_inside_the_map_the_largest_first_and_areas_are_in_proportion() -> None:
    found = drawn("map")

    assert isinstance(found, Places)
    assert [(place.number, place.label, place.shown) for place in found.places] == [
        (1, "Catania", "61"),
        (2, "Tripoli", "48"),
        (3, "Lesbos", "22"),
    ]
    first, _, third = found.places
    assert (first.radius / third.radius) ** 2 == pytest.approx(61 / 22, rel=0.02)
    assert third.x > first.x  # east is right
    assert found.places[1].y > first.y  # south is below
    assert all(0 < at < 100 for place in found.places for at in (place.x, place.y))


def test_the_land_is_cut_at_the_edges_and_lies_where_it_lies() -> None:
    found = drawn("map")

    assert isinstance(found, Places)
    assert found.land
    assert all(0 <= at <= 100 for ring in found.land for point in ring for at in point)
    catania = found.places[0]
    nearest = min(abs(x - catania.x) + abs(y - catania.y) * RATIO for ring in found.land for x, y in ring)
    assert nearest < 5  # a town on the coast


def test_the_land_has_no_line_from_one_side_of_the_world_to_the_other() -> None:
    every = report_of(Incident(route="US-Mexico border crossing"), Incident(route="Afghanistan to Iran"))
    found = drawing_of(as_issue(every), "map")

    assert isinstance(found, Places)
    for ring in found.land:
        for (x1, y1), (x2, y2) in itertools.pairwise(ring):
            assert abs(x1 - x2) < 50 or y1 == y2 in (0, 100)


def test_bars_of_a_language_from_right_to_left_are_mirrored() -> None:
    arabic, english = drawn("bars", language="ar"), drawn("bars")

    assert isinstance(arabic, Ranking)
    assert isinstance(english, Ranking)
    assert (arabic.mirrored, english.mirrored) == (True, False)


def test_where_every_figure_is_withheld_there_is_no_picture() -> None:
    made = table("places", "services", {"place": "text", "services": "whole"}, ("A", "withheld"), ("B", 0), ("C", 0))

    assert drawn("bars", made) is None


def test_each_route_of_the_real_incidents_has_a_place_on_land_or_sea() -> None:
    with sample_data("incidents/incidents-2014-2018.csv").open(encoding="utf-8-sig", newline="") as file:
        named = {row["Migration route"].strip() for row in csv.DictReader(file)}
    assert named - {"Unknown"} == ROUTES.keys()
    assert all(-180 <= x <= 180 and -60 <= y <= 75 for x, y in ROUTES.values())
