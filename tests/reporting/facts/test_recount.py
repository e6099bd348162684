"""A year of work of five organisations and three overlapping grants: every figure equals a slow, simple recount."""

from __future__ import annotations

from collections import Counter
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction
from typing import Any

import pytest

from services.reporting.indicators.indicator import Cases, Incidents, Referrals, Services, Told
from services.reporting.queries.figures import Cells
from tests.reporting.facts.recount import Recount, read_log
from tests.reporting.facts.world import EVERY_DIMENSION, Counting, indicator
from tests.reporting.facts.year import GRANTS, ORGANISATIONS, Year

PERIODS = (
    (date(2028, 1, 1), date(2028, 12, 31)),
    (date(2028, 1, 1), date(2028, 3, 31)),
    (date(2028, 2, 10), date(2028, 2, 29)),
    (date(2028, 3, 5), date(2028, 11, 20)),
)
SCOPES: tuple[dict[str, Any], ...] = (
    {"grant": None, "countries": (), "time_zone": "Africa/Addis_Ababa"},
    {"grant": GRANTS[0], "countries": ("ETH",), "time_zone": "America/New_York"},
    {"grant": GRANTS[1], "countries": ("ETH", "SOM"), "time_zone": "UTC"},
    {"grant": GRANTS[2], "countries": (), "time_zone": "Pacific/Auckland"},
)
CATEGORIES = (None, "food", "child_reunification")


@pytest.fixture
def year(counting: Counting) -> list[dict[str, Any]]:
    for at, events in Year(seed=28).days():
        counting.record(*events, at=at)
    counting.catch_up()
    return read_log(counting.consumer.feeds["intake"], counting.keys)


def test_every_figure_equals_a_slow_recount_of_the_log(counting: Counting, year: list[dict[str, Any]]) -> None:
    assert len(year) > 2000
    counted = Counter[str]()
    for organisation in ORGANISATIONS:
        for scope in SCOPES:
            for first, last in PERIODS:
                again = Recount(
                    year, str(organisation), scope["grant"], scope["countries"], scope["time_zone"], first, last
                )
                asked = {"first": first, "last": last, "organisation_id": organisation, **scope}
                for name, compare in COMPARISONS.items():
                    counted[name] += compare(counting, again, asked)
    assert set(counted) == set(COMPARISONS)
    assert min(counted.values()) > 100, "there was something to count, everywhere"


def services(counting: Counting, again: Recount, asked: dict[str, Any]) -> int:
    total = 0
    for category in CATEGORIES:
        categories = frozenset({category} if category else ())
        for what in ("quantity", "people", "services"):
            measure = Services(what, categories)  # type: ignore[arg-type] # one of its words
            (cells,) = counting.count(indicator(measure, dimensions=EVERY_DIMENSION), **asked)
            figure, attributed, by = again.service_figure(what, category)
            assert cells.total == figure, (what, category, asked)
            assert cells.attributed == (None if asked["grant"] is None else exact(attributed))
            known = ("place", "modality") if what != "people" else EVERY_DIMENSION
            assert by_of(cells, known) == positive(by), (what, category, asked)
            total += figure
    return total


def places(counting: Counting, again: Recount, asked: dict[str, Any]) -> int:
    found = counting.total(Services("places"), **asked)
    assert found == again.places()
    return int(found or 0)


def people(counting: Counting, again: Recount, asked: dict[str, Any]) -> int:
    total = 0
    for category in CATEGORIES:
        measure = Services("people", frozenset({category} if category else ()))
        (cells,) = counting.count(indicator(measure, formula="unique", dimensions=EVERY_DIMENSION), **asked)
        figure, without, by = again.unique(category)
        assert (cells.total, cells.unlinked) == (figure, without), (category, asked)
        assert by_of(cells, EVERY_DIMENSION) == positive(by), (category, asked)
        total += figure
    return total


def cases(counting: Counting, again: Recount, asked: dict[str, Any]) -> int:
    closed = again.closed()
    found = [counting.total(Cases(what), **asked) for what in ("opened", "closed", "open_at_end")]
    assert found == [again.opened(), len(closed), again.open_at_end()], asked
    located = frozenset({"located"})
    assert counting.total(Cases("closed", reasons=located), **asked) == sum(one[2] == "located" for one in closed)
    others = counting.total(Cases("closed", reasons=located, other_reasons=True), **asked)
    assert others == sum(one[2] != "located" for one in closed)
    assert counting.total(Cases("opened", frozenset({"child"})), **asked) == again.opened("child")
    assert counting.total(Cases("days_to_close"), **asked) == rounded(again.days_to_close())
    assert counting.total(Cases("closure_rate"), **asked) == rounded(again.closure_rate())
    return int(sum(one or 0 for one in found))


def news(counting: Counting, again: Recount, asked: dict[str, Any]) -> int:
    found = [counting.total(Told(what), **asked) for what in ("released", "told_in_time")]
    released, in_time = again.told()
    assert found == [released, in_time], asked
    share = rounded(Fraction(100 * in_time, released)) if released else None
    assert counting.total(Told("share_told_in_time"), **asked) == share
    return released


def referrals(counting: Counting, again: Recount, asked: dict[str, Any]) -> int:
    sent, received, accepted, hours = again.referrals()
    found = [counting.total(Referrals(what), **asked) for what in ("sent", "received", "accepted", "answer_hours")]
    assert found == [sent, received, accepted, rounded(hours)], asked
    return sent + received + accepted


def incidents(counting: Counting, again: Recount, asked: dict[str, Any]) -> int:
    *figures, routes = again.incidents()
    found = [counting.total(Incidents(what), **asked) for what in ("incidents", "dead", "missing", "survivors")]
    assert found == figures, asked
    (cells,) = counting.count(indicator(Incidents("dead"), dimensions=("route",)), **asked)
    assert dict(cells.by["route"]) == {route: dead for route, dead in routes.items() if dead}
    return int(sum(figures))


def by_of(cells: Cells, dimensions: tuple[Any, ...]) -> dict[Any, Decimal]:
    return {
        (dimension, category): figure for dimension in dimensions for category, figure in cells.by[dimension].items()
    }


def positive(by: Counter[Any]) -> dict[Any, int]:
    return {key: figure for key, figure in by.items() if figure}


def exact(figure: Fraction) -> Decimal:
    return Decimal(figure.numerator) / Decimal(figure.denominator)


def rounded(figure: Fraction | None) -> Decimal | None:
    return None if figure is None else exact(figure).quantize(Decimal("0.01"), ROUND_HALF_UP)


COMPARISONS = {
    "services": services,
    "places": places,
    "people": people,
    "cases": cases,
    "news": news,
    "referrals": referrals,
    "incidents": incidents,
}
