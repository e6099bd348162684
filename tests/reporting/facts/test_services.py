"""Services delivered: quantities, people by what is known of them, each grant's share; whole months and their edges."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from itertools import product
from typing import Any

import pytest
from sqlalchemy import func, select

from services.reporting.domain import ServedFact, ServedPerson, ServiceRollup
from services.reporting.indicators.indicator import Services
from shared.database import reading
from shared.events import ServiceCorrected, ServiceCounts
from shared.messaging.tables import held
from tests.factories import ANOTHER_ORGANISATION
from tests.reporting.facts.world import (
    FACTORY,
    QUARTER,
    SERVICES,
    Counting,
    indicator,
    served,
    women,
)

FOOD = frozenset({"food"})


def test_quantities_services_and_people_add_up_by_category(counting: Counting) -> None:
    counting.tell(served(women(2), quantity=5), served(women(3), quantity=1), served(women(1), category="water"))
    figures = [counting.total(Services(what, FOOD)) for what in ("quantity", "people", "services")]
    assert figures == [6, 5, 2]
    assert [counting.total(Services(what)) for what in ("quantity", "people", "services")] == [7, 6, 3]


def test_both_days_of_a_period_count_and_no_other(counting: Counting) -> None:
    first, last = QUARTER
    for day in (first - timedelta(days=1), first, last, last + timedelta(days=1)):
        counting.tell(served(women(1), on=day))
    assert counting.total(Services("people")) == 2


def test_the_29th_of_february_belongs_to_its_month(counting: Counting) -> None:
    counting.tell(served(women(1), on=date(2028, 2, 29)), served(women(1), on=date(2028, 3, 1)))
    assert counting.total(Services("people"), date(2028, 2, 1), date(2028, 2, 29)) == 1
    assert counting.total(Services("people"), date(2028, 2, 29), date(2028, 2, 29)) == 1
    assert counting.total(Services("people"), date(2028, 2, 1), date(2028, 3, 31)) == 2


def test_people_are_told_apart_by_what_is_known_and_the_rest_is_unknown(counting: Counting) -> None:
    known = women(2, nationality="SYR", legal_status="refugee")
    boy = women(1, sex="male", age_band="6-11", disability="with")
    unknown = women(1, sex="unknown", age_band="unknown", disability="unknown")
    counting.tell(served(known, boy, unknown, place="LBN01", modality="in_kind"))
    counting.tell(served(counts=ServiceCounts(quantity=1, people=4)))
    (cells,) = counting.count(SERVICES[1])
    assert cells.total == 8
    assert cells.by["sex"] == {"female": 2, "male": 1, "unknown": 5}
    assert cells.by["age"] == {"18-49": 2, "6-11": 1, "unknown": 5}
    assert cells.by["disability"] == {"without": 2, "with": 1, "unknown": 5}
    assert cells.by["sex_age_disability"] == {
        "female|18-49|without": 2,
        "male|6-11|with": 1,
        "unknown|unknown|unknown": 5,
    }
    assert cells.by["nationality"] == {"SYR": 2, "unknown": 6}
    assert cells.by["legal_status"] == {"refugee": 2, "unknown": 6}
    assert cells.by["place"] == {"LBN01": 4, "unknown": 4}
    assert cells.by["modality"] == {"in_kind": 4, "unknown": 4}


def test_categories_of_each_dimension_add_up_to_the_total(counting: Counting) -> None:
    counting.tell(*_varied(), *_varied())
    for cells in counting.count(*SERVICES, first=date(2026, 7, 9)):
        for dimension, categories in cells.by.items():
            assert sum(categories.values()) == cells.total, dimension


def _varied() -> list[Any]:
    return [
        served(women(2), women(1, nationality="ETH"), on=date(2026, 7, day), place=place, quantity=day)
        for day, place in ((1, None), (9, "ETH01"), (20, "ETH02"), (31, "ETH01"))
    ]


def test_a_grant_counts_the_whole_service_and_is_attributed_its_share(counting: Counting) -> None:
    counting.tell(
        served(women(3), quantity=4, grants={"g1": "62.50", "g2": "37.5"}),
        served(women(1), quantity=2, grants={"g1": "100"}),
        served(women(9), quantity=9),
    )
    quantity, people = counting.count(*SERVICES[:2], grant="g1")
    assert (quantity.total, quantity.attributed) == (6, Decimal("4.5"))
    assert (people.total, people.attributed) == (4, Decimal("2.875"))
    (other,) = counting.count(SERVICES[1], grant="g2")
    assert (other.total, other.attributed) == (3, Decimal("1.125"))
    (whole,) = counting.count(SERVICES[1])
    assert (whole.total, whole.attributed) == (13, None)


def test_thirds_of_a_service_are_counted_to_the_millionth(counting: Counting) -> None:
    counting.tell(served(women(3), grants={"a": "33.3333", "b": "33.33335"}))
    assert [counting.count(SERVICES[1], grant=one)[0].attributed for one in "ab"] == [
        Decimal("0.999999"),
        Decimal("1.000002"),
    ], "finer parts are rounded half to even"


def test_a_grant_is_found_by_its_whole_name_whatever_stands_in_it(counting: Counting) -> None:
    names = ["g1", "g11", "G1", "g 1|g2=3", "g%1", "ጤና"]
    counting.tell(*(served(women(1, FACTORY.id()), grants={name: "10"}, on=date(2026, 7, 3)) for name in names))
    for name in names:
        found = counting.count(*SERVICES, grant=name, first=date(2026, 7, 2), last=date(2026, 7, 4))
        assert [cells.total for cells in found] == [1, 1, 1, 0, 1, 1], name


def test_a_grant_knows_who_else_paid_for_its_services(counting: Counting) -> None:
    counting.tell(
        served(women(1), grants={"g1": "50", "g2": "30"}),
        served(women(1), grants={"g1": "50", "g3": "30"}, on=date(2026, 6, 30)),
        served(women(1), grants={"g2": "50", "g4": "30"}),
    )
    assert counting.shared_with(grant="g1") == ("g2",)
    assert counting.shared_with(grant="g2") == ("g1", "g4")
    assert counting.shared_with() == ()


def test_places_are_counted_once_and_unknown_ones_not_at_all(counting: Counting) -> None:
    for day, place in ((3, "ETH01"), (9, "ETH01"), (9, "ETH02"), (9, None)):
        counting.tell(served(on=date(2026, 8, day), place=place, counts=ServiceCounts(quantity=1, people=0)))
    (cells,) = counting.count(SERVICES[3])
    assert (cells.total, cells.facts) == (2, 4)
    assert cells.by["place"] == {"ETH01": 1, "ETH02": 1}


def test_another_organisation_is_not_counted(counting: Counting) -> None:
    counting.tell(served(women(2)), served(women(3), organisation_id=ANOTHER_ORGANISATION))
    assert counting.total(Services("people")) == 2
    assert counting.total(Services("people"), organisation_id=ANOTHER_ORGANISATION) == 3


FIRSTS = date(2026, 7, 1), date(2026, 7, 2), date(2026, 7, 31), date(2026, 8, 1)
LASTS = date(2026, 8, 1), date(2026, 8, 30), date(2026, 8, 31), date(2026, 10, 1)


def test_days_from_facts_and_months_from_rollups_are_the_same_figures(counting: Counting) -> None:
    days = [date(2026, 6, 28) + timedelta(days=number) for number in range(0, 100, 3)]
    delivered = []
    for number, day in enumerate(days):
        grants = {"g1": "62.5", "g2": "20"} if number % 2 else {"g1": "33.33"}
        cells = women(number % 4, nationality=("SYR", None)[number % 2]), women(1, sex="male", age_band="80+")
        delivered.append(served(*cells, on=day, grants=grants, quantity=number, place=f"LBN{number % 3}"))
    counting.tell(*delivered)
    of_day = {day: counting.count(SERVICES[1], first=day, last=day, grant="g1")[0] for day in days}
    for first, last in product(FIRSTS, LASTS):
        (whole,) = counting.count(SERVICES[1], first=first, last=last, grant="g1")
        daily = [one for day, one in of_day.items() if first <= day <= last]
        assert whole.total == sum(one.total or 0 for one in daily), (first, last)
        assert whole.attributed == sum(one.attributed or 0 for one in daily), (first, last)
        assert whole.facts == sum(one.facts for one in daily) == len(daily), (first, last)
        for dimension, categories in whole.by.items():
            for category, figure in categories.items():
                told = sum(one.by[dimension].get(category, 0) for one in daily)
                assert figure == told, (first, last, dimension, category)


def test_a_trend_tells_each_month_also_where_the_period_cuts_it(counting: Counting) -> None:
    counting.tell(served(women(1)), served(women(2), on=date(2026, 9, 30)), served(women(4), on=date(2026, 10, 1)))
    assert counting.trend(SERVICES[1]) == {"people": {"2026-07": 1, "2026-08": 0, "2026-09": 2}}


def test_of_several_months_the_highest_counts_where_the_formula_says_so(counting: Counting) -> None:
    days = date(2026, 7, 3), date(2026, 8, 4), date(2026, 8, 30), date(2026, 9, 2)
    counting.tell(*(served(women(number), on=day) for number, day in zip((7, 3, 5, 7), days, strict=True)))
    highest = indicator(Services("people"), formula="max", dimensions=("sex",))
    (cells,) = counting.count(highest)
    assert (cells.total, cells.by["sex"], cells.facts) == (8, {"female": 8}, 2)
    assert counting.count(highest, last=date(2026, 8, 20))[0].total == 7
    assert len(counting.behind(Services("people"), formula="max")) == 2


def test_the_same_figures_are_read_from_few_rows_however_many_facts_there_are(counting: Counting) -> None:
    counting.tell(*(served(women(1), case=FACTORY.id(), on=date(2026, 7, 1 + n % 31)) for n in range(200)))
    with reading(counting.engine) as session:
        assert session.scalar(select(func.count()).select_from(ServedFact)) == 200
        assert session.scalar(select(func.count()).select_from(ServiceRollup)) == 2


def test_a_correction_replaces_what_was_counted(counting: Counting) -> None:
    case, service, person = FACTORY.id(), FACTORY.id(), FACTORY.id()
    counting.tell(served(women(2, person), case=case, service_id=service, quantity=7, grants={"g1": "50"}))
    right = served(
        women(1, sex="male"),
        case=case,
        kind=ServiceCorrected,
        service_id=service,
        on=date(2026, 8, 2),
        category="water",
        grants={"g2": "10"},
    )
    counting.tell(right)
    assert counting.total(Services("people", FOOD)) == 0
    assert counting.count(SERVICES[1], grant="g1")[0].total == 0
    (water,) = counting.count(indicator(Services("people"), dimensions=("sex",)), grant="g2", first=date(2026, 8, 1))
    assert (water.total, water.attributed, water.by["sex"]) == (1, Decimal("0.1"), {"male": 1})
    with reading(counting.engine) as session:
        assert session.scalar(select(func.count()).select_from(ServedPerson)) == 0
    assert [ref.position for ref in counting.behind(Services("people"))] == [1, 2], "the delivery and its correction"


def test_a_service_that_never_was_is_taken_back(counting: Counting) -> None:
    case, service = FACTORY.id(), FACTORY.id()
    counting.tell(
        served(women(2, FACTORY.id()), case=case, service_id=service, place="ETH01", grants={"a": "1", "b": "1"})
    )
    counting.tell(served(case=case, kind=ServiceCorrected, service_id=service, cancelled=True))
    assert [cells.total for cells in counting.count(*SERVICES, grant="a")] == [0] * len(SERVICES)
    assert counting.shared_with(grant="a") == ()
    assert counting.behind(Services("people")) == []


def test_a_correction_of_nothing_that_was_counted_waits_for_an_operator(counting: Counting) -> None:
    case = FACTORY.id()
    counting.tell(served(case=case, kind=ServiceCorrected, service_id=FACTORY.id()))
    with reading(counting.engine) as session:
        assert session.scalars(select(held.c.subject)).all() == [f"case/{case}"]


@pytest.mark.parametrize(
    "wrong",
    [
        {"counts": ServiceCounts(quantity=1, people=1), "people": (women(2),)},
        {"people": (women(1, FACTORY.id(), FACTORY.id()),)},
    ],
    ids=["more by sex and age", "more persons"],
)
def test_parts_that_are_more_than_their_whole_wait_for_an_operator(counting: Counting, wrong: dict[str, Any]) -> None:
    event = served(women(1)).model_copy(update=wrong)
    counting.tell(event, served(women(1)))
    with reading(counting.engine) as session:
        assert session.scalars(select(held.c.subject)).all() == [event.subject]
    assert counting.total(Services("people")) == 1


def test_a_child_brought_back_to_its_family_is_counted_apart(counting: Counting) -> None:
    counting.tell(
        served(women(1), category="reunification", case_type="child"),
        served(women(1), category="reunification", case_type="tracing_request"),
    )
    assert counting.total(Services("people", frozenset({"child_reunification"}))) == 1
    assert counting.total(Services("people", frozenset({"child_reunification", "reunification"}))) == 2


def test_an_auditor_finds_each_fact_behind_a_figure(counting: Counting) -> None:
    food, water = served(women(1), grants={"g1": "5"}), served(women(1), category="water", on=date(2026, 7, 2))
    counting.tell(food, water, served(women(1), on=date(2026, 10, 1)))
    (found,) = counting.behind(Services("people", FOOD))
    feed = counting.consumer.feeds["intake"].page(found.partition, found.position - 1, 1)
    assert (feed[0].id, feed[0].subject, found.source) == (found.fact_id, food.subject, "intake")
    assert len(counting.behind(Services("people"))) == 2
    assert counting.behind(Services("people"), grant="g1") == [found]
