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
WHATS: tuple[Any, ...] = ("quantity", "people", "services")
INCIDENTS: tuple[Any, ...] = ("incidents", "dead", "missing", "survivors")
OF_INCIDENTS: tuple[Any, ...] = ("route", "source_quality")
LOCATED = frozenset({"located"})
Found = dict[str, Any]
"""Code → `Cells`; figures are compared with plain numbers."""


def _of(category: str | None) -> frozenset[str]:
    return frozenset({category} if category else ())


ASKED = (
    *(indicator(Services(w, _of(c)), f"{w} {c}", dimensions=EVERY_DIMENSION) for w in WHATS for c in CATEGORIES),
    *(
        indicator(Services("people", _of(c)), f"unique {c}", formula="unique", dimensions=EVERY_DIMENSION)
        for c in CATEGORIES
    ),
    indicator(Services("places"), "places"),
    indicator(Cases("opened"), "opened"),
    indicator(Cases("opened", frozenset({"child"})), "children"),
    indicator(Cases("closed"), "closed"),
    indicator(Cases("closed", reasons=LOCATED), "located"),
    indicator(Cases("closed", reasons=LOCATED, other_reasons=True), "otherwise"),
    indicator(Cases("open_at_end"), "open_at_end"),
    indicator(Cases("days_to_close"), "days_to_close"),
    indicator(Cases("closure_rate"), "closure_rate"),
    *(indicator(Told(what), what) for what in ("released", "told_in_time", "share_told_in_time")),
    *(indicator(Referrals(what), what) for what in ("sent", "received", "accepted", "answer_hours")),
    *(indicator(Incidents(what), what, dimensions=OF_INCIDENTS) for what in INCIDENTS),
)


@pytest.fixture
def year(counting: Counting) -> list[dict[str, Any]]:
    counting.record_all(Year(seed=28).days())
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
                figures = counting.count(*ASKED, first=first, last=last, organisation_id=organisation, **scope)
                found = {one.code: cells for one, cells in zip(ASKED, figures, strict=True)}
                for name, compare in COMPARISONS.items():
                    counted[name] += compare(found, again)
    assert set(counted) == set(COMPARISONS)
    assert min(counted.values()) > 100, "there was something to count, everywhere"


def services(found: Found, again: Recount) -> int:
    total = 0
    for category in CATEGORIES:
        for what in WHATS:
            cells = found[f"{what} {category}"]
            figure, attributed, by = again.service_figure(what, *_of(category))
            assert cells.total == figure, (what, category)
            assert cells.attributed == (None if again.grant is None else exact(attributed))
            known = ("place", "modality") if what != "people" else EVERY_DIMENSION
            assert by_of(cells, known) == positive(by), (what, category)
            total += figure
    return total


def places(found: Found, again: Recount) -> int:
    assert found["places"].total == again.places()
    return again.places()


def people(found: Found, again: Recount) -> int:
    total = 0
    for category in CATEGORIES:
        cells = found[f"unique {category}"]
        figure, without, by = again.unique(*_of(category))
        assert (cells.total, cells.unlinked) == (figure, without), category
        assert by_of(cells, EVERY_DIMENSION) == positive(by), category
        total += figure
    return total


def cases(found: Found, again: Recount) -> int:
    reasons = [reason for _, _, reason in again.closed]
    assert found["opened"].total == again.opened()
    assert found["children"].total == again.opened("child")
    assert found["closed"].total == len(reasons)
    assert found["located"].total == reasons.count("located")
    assert found["otherwise"].total == len(reasons) - reasons.count("located")
    assert found["open_at_end"].total == again.open_at_end()
    assert found["days_to_close"].total == rounded(again.days_to_close())
    assert found["closure_rate"].total == rounded(again.closure_rate())
    return again.opened() + len(reasons) + again.open_at_end()


def news(found: Found, again: Recount) -> int:
    released, in_time = again.told()
    assert (found["released"].total, found["told_in_time"].total) == (released, in_time)
    share = rounded(Fraction(100 * in_time, released)) if released else None
    assert found["share_told_in_time"].total == share
    return released


def referrals(found: Found, again: Recount) -> int:
    sent, received, accepted, hours = again.referrals()
    told = [found[what].total for what in ("sent", "received", "accepted", "answer_hours")]
    assert told == [sent, received, accepted, rounded(hours)]
    return sent + received + accepted


def incidents(found: Found, again: Recount) -> int:
    figures, by = again.incidents()
    assert {what: found[what].total for what in INCIDENTS} == figures
    told = {(what, *at): figure for what in INCIDENTS for at, figure in by_of(found[what], OF_INCIDENTS).items()}
    assert told == positive(by)
    return sum(figures.values())


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
