"""Figures: what is counted, for whom, in which period."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

import pytest
from sqlalchemy import Engine

from services.reporting import queries
from services.reporting.domain import IncidentFact
from services.reporting.queries import Period
from services.reporting.rendering import IncidentReport
from shared.access import Actor
from shared.database import reading, transaction, utc_now
from shared.errors import InvalidInput
from tests.factories import ANOTHER_ORGANISATION, ORGANISATION, Factory


@pytest.fixture
def engine(database: Callable[[str], Engine]) -> Engine:
    return database("reporting")


def fact(engine: Engine, first: str, last: str, **figures: object) -> None:
    given = {"organisation_id": ORGANISATION, "dead": 1, **figures}
    with transaction(engine) as session:
        session.add(
            IncidentFact(
                case_id=FACTORY.id(),
                occurred_from=date.fromisoformat(first),
                occurred_to=date.fromisoformat(last),
                **given,
            )
        )
        session.flush()


FACTORY = Factory(seed=9)


def report(engine: Engine, first: str, last: str, actor: Actor | None = None) -> IncidentReport:
    period = Period(date.fromisoformat(first), date.fromisoformat(last))
    with reading(engine, snapshot=True) as session:
        return queries.incident_report(session, actor or Actor(ORGANISATION), period, now=utc_now())


def test_a_blank_figure_is_unknown_and_adds_nothing(engine: Engine) -> None:
    fact(engine, "2018-01-05", "2018-01-05", dead=None, missing=None, children=None)
    fact(engine, "2018-01-05", "2018-01-05", dead=2, missing=5)
    totals = report(engine, "2018-01-01", "2018-12-31").totals
    assert (totals.incidents, totals.dead, totals.missing, totals.children) == (2, 2, 5, 0)


def test_both_days_of_the_period_are_included(engine: Engine) -> None:
    for day in ("2017-12-31", "2018-01-01", "2018-12-31", "2019-01-01"):
        fact(engine, day, day)
    assert report(engine, "2018-01-01", "2018-12-31").totals.incidents == 2


def test_what_is_known_by_month_counts_when_the_whole_month_lies_inside(engine: Engine) -> None:
    fact(engine, "2018-02-01", "2018-02-28")
    assert report(engine, "2018-02-01", "2018-02-28").totals.incidents == 1
    assert report(engine, "2018-02-02", "2018-12-31").totals.incidents == 0
    assert report(engine, "2018-01-01", "2018-02-27").totals.incidents == 0


def test_every_breakdown_adds_up_also_where_a_dimension_is_unknown(engine: Engine) -> None:
    fact(engine, "2018-02-01", "2018-02-28", route="Sea", region="North", cause="Drowning")
    fact(engine, "2018-03-01", "2018-03-01", route=None, region=None, cause=None)
    made = report(engine, "2018-01-01", "2018-12-31")
    for breakdown in made.breakdowns:
        assert sum(line.figures.dead for line in breakdown.lines) == made.totals.dead
    route = made.breakdown("route")
    assert route is not None
    assert {line.label for line in route.lines} == {"Sea", "Unknown"}


def test_an_organisation_reports_its_own_incidents_and_the_operator_all(engine: Engine) -> None:
    fact(engine, "2018-02-01", "2018-02-28")
    fact(engine, "2018-02-01", "2018-02-28", organisation_id=ANOTHER_ORGANISATION)
    assert report(engine, "2018-01-01", "2018-12-31").totals.incidents == 1
    assert report(engine, "2018-01-01", "2018-12-31", Actor(ORGANISATION, operator=True)).totals.incidents == 2


def test_a_period_that_runs_backwards_is_refused() -> None:
    with pytest.raises(InvalidInput):
        Period(date(2018, 1, 2), date(2018, 1, 1))
