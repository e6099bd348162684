"""What somebody tries who reads every figure that is published, and subtracts: each test was a way to a few people."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest

from tests.reporting.disclosure_attacks import IN_SPRING, SPRING, beside, keys_of, lived, of, opened_cases
from tests.reporting.drafting.test_drafting import Desk, published, shown
from tests.reporting.facts.world import FACTORY, closed, served, women

TRACING = (
    "rfl.tracing_opened",
    "rfl.tracing_closed_positively",
    "rfl.tracing_closed_otherwise",
    "rfl.tracing_open",
)
Make = Callable[..., Desk]


def test_what_was_open_before_is_no_balance_of_what_is_shown(make: Make) -> None:
    desk = make("case.opened", "case.closed", "case.open")
    cases, told = opened_cases(3, IN_SPRING)
    desk.counting.tell(*told, *opened_cases(23, date(2026, 7, 9))[1], *lived(37, date(2026, 7, 2), date(2026, 8, 3)))
    desk.counting.tell(*(closed(case, date(2026, 8, 4)) for case in cases))
    assert of(desk.draft(*SPRING), "case.open") is None  # 3 families
    issue = desk.draft()
    terms = [of(issue, code) for code in ("case.open", "case.closed", "case.opened")]
    assert None in terms, "23 + 40 - 60 are open before"


def test_what_is_open_at_the_end_of_a_month_is_no_balance_of_the_trend(make: Make) -> None:
    desk = make("case.open")
    desk.counting.tell(
        *lived(9, date(2026, 7, 3), date(2026, 7, 20)),
        *lived(3, date(2026, 7, 4), date(2026, 8, 20)),
        *lived(8, date(2026, 8, 4), date(2026, 8, 20)),
        *opened_cases(40, date(2026, 9, 4))[1],
    )
    issue = desk.draft()
    assert of(issue, "case.open") == 40
    trend = {one.key: one for one in issue.tables}.get("trend")
    assert trend is None or any(trend.cell(month, "closed").mark for month in ("2026-07", "2026-08"))


def test_where_nothing_was_open_before_opened_less_closed_are_open(make: Make) -> None:
    desk = make("case.opened", "case.closed", "rfl.tracing_opened", *TRACING[1:3])
    desk.counting.tell(
        *lived(30, date(2026, 7, 3), date(2026, 7, 20)),
        *lived(27, date(2026, 7, 3), date(2026, 8, 20), "withdrawn"),
        *opened_cases(3, date(2026, 7, 3))[1],
    )
    issue = desk.draft()
    assert None in (of(issue, "case.opened"), of(issue, "case.closed"))
    assert None in [of(issue, code) for code in TRACING[:3]]
    assert all(
        shown(issue, "trend", "total", column) == "withheld" for column in ("closed",) if "trend" in keys_of(issue)
    )


def test_all_closed_less_tracing_requests_closed_either_way_are_a_few_others(make: Make) -> None:
    desk = make("case.closed", *TRACING[1:3])
    days = date(2026, 7, 3), date(2026, 8, 20)
    desk.counting.tell(*lived(20, *days), *lived(20, *days, "withdrawn"), *lived(3, *days, case_type="child"))
    issue = desk.draft()
    assert None in [of(issue, code) for code in ("case.closed", *TRACING[1:3])], "43 - 20 - 20 are cases of children"


def test_all_deliveries_less_the_calls_are_a_few_visits(make: Make) -> None:
    desk = make("services.delivered", "rfl.phone_calls", "rfl.family_visits")
    grants = {"G1": "100"}
    people = [FACTORY.id() for _ in range(57)]
    for person in people:
        desk.counting.record(served(women(1, person), category="phone_call", grants=grants))
    for person in people[:3]:
        desk.counting.record(served(women(1, person), category="family_visit", grants=grants))
    desk.counting.catch_up()
    issue = desk.draft()
    assert of(issue, "rfl.family_visits") is None
    assert None in (of(issue, "services.delivered"), of(issue, "rfl.phone_calls"))


def test_services_since_the_begin_less_this_periods_are_a_few_of_before(make: Make) -> None:
    desk = make("rfl.phone_calls")
    people = [FACTORY.id() for _ in range(20)]
    calls: dict[str, Any] = {"category": "phone_call", "grants": {"G1": "100"}}
    for person in people[:3]:
        desk.counting.record(served(women(1, person), on=IN_SPRING, **calls))
    for person in people:
        desk.counting.record(served(women(1, person), **calls))
    desk.counting.catch_up()
    issue = desk.draft()
    assert of(issue, "rfl.phone_calls") == 20
    assert of(issue, "rfl.phone_calls", "cumulative") is None, "23 - 20 were before, all for people of now"


def test_services_that_came_late_are_not_the_difference_of_two_reports(make: Make) -> None:
    desk = make("rfl.phone_calls")
    calls: dict[str, Any] = {"category": "phone_call", "grants": {"G1": "100"}}
    desk.counting.tell(served(women(20), on=IN_SPRING, quantity=20, **calls))
    published(desk, desk.draft(*SPRING))
    desk.counting.tell(served(women(30), quantity=30, **calls))
    assert of(desk.draft(), "rfl.phone_calls", "cumulative") == 50
    desk.counting.tell(served(women(1), on=IN_SPRING, **calls))
    assert of(desk.draft(), "rfl.phone_calls", "cumulative") is None


def test_a_mean_since_the_begin_less_this_periods_is_of_one_case(make: Make) -> None:
    desk = make("case.closed", "case.days_to_close")
    desk.counting.tell(*lived(1, date(2026, 1, 2), date(2026, 6, 20)), *lived(50, date(2026, 7, 3), date(2026, 8, 2)))
    issue = desk.draft()
    assert of(issue, "case.days_to_close") == 30
    assert of(issue, "case.days_to_close", "cumulative") is None, "51 x 32.7 - 50 x 30: one took 169 days"


def test_means_of_two_grants_do_not_tell_of_the_case_that_one_has_more(make: Make) -> None:
    desk = make("case.days_to_close")
    days = date(2026, 7, 3), date(2026, 8, 2)
    desk.counting.tell(*lived(40, *days), *lived(1, date(2026, 1, 2), date(2026, 8, 2), place="SOM001"))
    other = beside(desk, "case.days_to_close", countries=["ETH"])
    assert None in [of(one.draft(), "case.days_to_close") for one in (desk, other)]


@pytest.mark.parametrize("on", [IN_SPRING, date(2026, 7, 9)])
def test_many_services_of_one_person_that_no_issue_told_of_are_not_what_is_left(make: Make, on: date) -> None:
    desk = make("rfl.phone_calls")
    calls: dict[str, Any] = {"category": "phone_call", "grants": {"G1": "100"}}
    desk.counting.tell(served(women(20), on=IN_SPRING, quantity=20, **calls))
    published(desk, desk.draft(*SPRING))
    august = date(2026, 8, 1), date(2026, 9, 30)
    desk.counting.tell(served(women(30), on=date(2026, 8, 5), quantity=30, **calls))
    assert of(desk.draft(*august), "rfl.phone_calls", "cumulative") == 50
    desk.counting.tell(served(women(1), on=on, quantity=8, **calls))
    assert of(desk.draft(*august), "rfl.phone_calls", "cumulative") is None, "58 - 30 - 20 are of one person"
