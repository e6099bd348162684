from __future__ import annotations

import itertools
from datetime import UTC, date, datetime, timedelta, timezone

import pytest
from pydantic import ValidationError

from services.reporting.rendering import Breakdown, Dimension, Figures, IncidentReport, Line
from tests.reporting.rendering.reports import DIMENSIONS, Incident, breakdown, report_of


def test_figures_add_up_field_by_field() -> None:
    one = Figures(incidents=1, dead=2, missing=3, survivors=4, females=5, males=6, children=7)

    assert one + one == Figures(incidents=2, dead=4, missing=6, survivors=8, females=10, males=12, children=14)
    assert Figures.sum(()) == Figures()
    assert one.dead_or_missing == 5


@pytest.mark.parametrize("count", [-1, 1.5, "1", True, None])
def test_a_count_is_a_whole_number_that_is_not_negative(count: object) -> None:
    with pytest.raises(ValidationError):
        Figures.model_validate({"dead": count})


@pytest.mark.parametrize("dimension", DIMENSIONS)
@pytest.mark.parametrize("name", Figures.model_fields)
def test_a_breakdown_that_does_not_add_up_is_refused_by_name(dimension: Dimension, name: str) -> None:
    right = report_of(Incident())
    totals = right.totals.model_copy(update={name: getattr(right.totals, name) + 1})

    with pytest.raises(ValueError, match=f"by {dimension} does not add up to the totals: {name} "):
        report_of(totals=totals, breakdowns=(breakdown(dimension, Incident()),))


def test_a_breakdown_without_lines_does_not_add_up_to_people() -> None:
    with pytest.raises(ValueError, match="by route does not add up"):
        report_of(Incident(), breakdowns=(Breakdown(dimension="route", lines=()),))


def test_a_breakdown_is_given_once() -> None:
    with pytest.raises(ValueError, match="by route appears 2 times"):
        report_of(Incident(), breakdowns=(breakdown("route", Incident()),) * 2)


def test_a_key_stands_once_in_a_breakdown() -> None:
    line = Line(key="a", label="A", figures=Figures())

    with pytest.raises(ValueError, match="by route has 1 keys more than once"):
        Breakdown(dimension="route", lines=(line, line))


@pytest.mark.parametrize(
    ("dimension", "key"), [("year", "18"), ("year", "2018-01"), ("month", "2018"), ("month", "2018-13")]
)
def test_years_and_months_have_keys_that_sort_by_time(dimension: Dimension, key: str) -> None:
    with pytest.raises(ValueError, match=f"key that is no {dimension}"):
        Breakdown(dimension=dimension, lines=(Line(key=key, label=key, figures=Figures()),))


@pytest.mark.parametrize("dimension", ["year", "month"])
@pytest.mark.parametrize("month", ["2017-12", "2019-01"])
def test_nothing_outside_the_period_is_counted(dimension: Dimension, month: str) -> None:
    outside = Incident(month=month)

    with pytest.raises(ValueError, match=f"a {dimension} outside the report's period"):
        report_of(outside, breakdowns=(breakdown(dimension, outside),))


def test_the_months_in_which_a_period_starts_and_ends_belong_to_it() -> None:
    incidents = Incident(month="2018-02"), Incident(month="2018-03")

    assert report_of(*incidents, date_from=date(2018, 2, 27), date_to=date(2018, 3, 2)).totals.incidents == 2


def test_a_period_runs_forward() -> None:
    with pytest.raises(ValueError, match="date_from is after date_to"):
        report_of(date_from=date(2019, 1, 1))


def test_a_report_is_made_at_a_known_moment_in_utc() -> None:
    in_rome = datetime(2019, 1, 3, 9, 5, tzinfo=timezone(timedelta(hours=1)))

    assert report_of(generated_at=in_rome).generated_at == datetime(2019, 1, 3, 8, 5, tzinfo=UTC)
    assert report_of(generated_at=in_rome).generated_at.tzinfo is UTC
    with pytest.raises(ValidationError, match="timezone"):
        report_of(generated_at=datetime(2019, 1, 3, 8, 5))  # noqa: DTZ001 - a naive time is what is refused


def test_the_order_in_which_lines_were_gathered_shows_nowhere() -> None:
    incidents = (
        Incident(route="B", dead=1),
        Incident(route="A", dead=1),
        Incident(route="C", dead=9, month="2018-01"),
    )

    reports = [report_of(*order) for order in itertools.permutations(incidents)]

    assert all(each == reports[0] for each in reports)
    assert [line.key for line in _lines(reports[0], "route")] == ["C", "A", "B"]
    assert [line.key for line in _lines(reports[0], "month")] == ["2018-01", "2018-03"]


def test_a_snapshot_never_changes() -> None:
    report = report_of(Incident())

    with pytest.raises(ValidationError, match="frozen"):
        report.title = "Another"  # type: ignore[misc]  # what must fail
    with pytest.raises(ValidationError, match="frozen"):
        report.totals.dead = 0  # type: ignore[misc]  # what must fail


def test_an_error_repeats_no_value() -> None:
    with pytest.raises(ValidationError) as refused:
        report_of(title=["Jane Doe"])

    assert "Jane" not in str(refused.value)


def test_a_report_is_empty_only_without_incidents() -> None:
    assert report_of().is_empty
    assert not report_of(Incident(dead=0, missing=0)).is_empty


def _lines(report: IncidentReport, dimension: Dimension) -> tuple[Line, ...]:
    found = report.breakdown(dimension)
    assert found
    return found.lines
