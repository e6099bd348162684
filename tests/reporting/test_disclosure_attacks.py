"""What somebody tries who reads every figure that is published, and subtracts: each test was a way to a few people."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import date
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import Engine

from services.reporting.domain import Report, Target
from services.reporting.rendering.issue import Issue
from shared.crypto import KeyRing
from shared.database import transaction, uuid7
from shared.events import Event
from tests.factories import ORGANISATION
from tests.reporting.drafting.test_drafting import CODES, NOW, Desk, desk_of, granted, published, shown, table
from tests.reporting.facts.world import FACTORY, closed, served, submitted, women

SPRING = date(2026, 4, 1), date(2026, 6, 30)
IN_SPRING = date(2026, 5, 5)
TRACING = (
    "rfl.tracing_opened",
    "rfl.tracing_closed_positively",
    "rfl.tracing_closed_otherwise",
    "rfl.tracing_open",
)
BOTH = {"G1": "50", "G2": "50"}
Make = Callable[..., Desk]


@pytest.fixture
def make(database: Callable[[str], Engine], keys: KeyRing) -> Make:
    """A desk with a grant G1 of these indicators."""

    def made(*codes: str) -> Desk:
        return desk_of(database, keys, *codes)

    return made


def beside(desk: Desk, *codes: str, number: str = "G2", **terms: Any) -> Desk:
    """Another grant of the same organisation."""
    return Desk(desk.counting, granted(desk.counting.engine, codes or CODES, number, **terms))


def of(issue: Issue, code: str, column: str = "actual") -> float | None:
    """The figure that is shown; None of one that is not."""
    cell = table(issue, "indicators").cell(code, column)
    return None if cell.mark else float(str(cell.value))


def opened_cases(count: int, on: date, **more: Any) -> tuple[list[UUID], list[Event]]:
    cases = [FACTORY.id() for _ in range(count)]
    return cases, [submitted(case, on, **more) for case in cases]


def lived(count: int, on: date, until: date, reason: str = "located", **more: Any) -> Iterable[Event]:
    """Cases that were opened and closed."""
    cases, told = opened_cases(count, on, **more)
    return [*told, *(closed(case, until, reason) for case in cases)]


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


def keys_of(issue: Issue) -> set[str]:
    return {one.key for one in issue.tables}


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


def cells(issue: Issue, key: str) -> dict[tuple[str, str], int]:
    """The figures of a table that are shown."""
    made = table(issue, key)
    return {
        (row.key, column.key): int(cell.value)
        for row in made.rows
        for column, cell in zip(made.columns[1:], row.cells[1:], strict=True)
        if cell.value is not None
    }


def rest(more: Issue, less: Issue, key: str, inside: str) -> int | None:
    """Of two grants' table: what the difference of the totals leaves beside the differences that are shown."""
    ours, theirs = cells(more, key), cells(less, key)
    total = ("total", inside)
    if total not in ours or total not in theirs:
        return None
    known = sum(ours[at] - theirs[at] for at in ours.keys() & theirs.keys() if at[1] == inside and at != total)
    return ours[total] - theirs[total] - known


def test_whom_one_of_two_grants_paid_for_alone_is_no_rest_of_the_differences(make: Make) -> None:
    desk = make("people.reached")
    for country, count in (("ETH", 60), ("SOM", 40), ("ERI", 50)):
        desk.counting.record(served(women(count, nationality=country), grants=BOTH))
    for country, count in (("ETH", 10), ("SOM", 2)):
        desk.counting.record(served(women(count, nationality=country), grants={"G2": "100"}))
    desk.counting.catch_up()
    less, more = desk.draft(), beside(desk).draft()
    assert rest(more, less, "people_nationality", "people") not in range(1, 5), "12 more, of them 10 from Ethiopia"


def test_what_came_late_is_not_the_difference_of_two_grants(make: Make) -> None:
    desk = make("people.reached", "case.opened")
    desk.counting.tell(served(women(60), grants=BOTH), *opened_cases(40, date(2026, 7, 9))[1])
    other = beside(desk, "people.reached", "case.opened")
    assert of(other.draft(), "people.reached") == 60
    published(desk, desk.draft())
    assert of(other.draft(), "people.reached") == 60
    assert of(other.draft(), "case.opened") == 40
    desk.counting.tell(served(women(1), grants=BOTH), *opened_cases(1, date(2026, 7, 9))[1])
    issue = other.draft()
    assert of(issue, "people.reached") is None
    assert not cells(issue, "people_sex_age").keys() & {("total", "total"), ("18-59", "female")}
    assert of(issue, "case.opened") is None


def test_a_month_that_is_withheld_is_no_rest_of_another_grants_quarter(make: Make) -> None:
    desk = make("people.reached", "rfl.phone_calls")
    for month, count in ((7, 30), (8, 3), (9, 30)):
        calls: dict[str, Any] = {"category": "phone_call", "quantity": count, "grants": BOTH}
        desk.counting.record(served(women(count), on=date(2026, month, 9), **calls))
    desk.counting.catch_up()
    other = beside(desk, "people.reached", "rfl.phone_calls")
    for month, last in ((7, 31), (8, 31), (9, 30)):
        published(desk, desk.draft(date(2026, month, 1), date(2026, month, last)))
    issue = other.draft()
    assert of(issue, "rfl.phone_calls") is None, "63 - 30 - 30 are August's"
    assert of(issue, "people.reached") is None


def test_three_grants_of_different_countries_leave_no_rest(make: Make) -> None:
    desk = make("case.opened")
    for place, count in (("ETH001", 20), ("SOM001", 20), ("DJI001", 2)):
        desk.counting.tell(*opened_cases(count, date(2026, 7, 9), place=place)[1])
    others = [beside(desk, "case.opened", number=one, countries=[one]) for one in ("ETH", "SOM")]
    assert None in [of(one.draft(), "case.opened") for one in (desk, *others)], "42 - 20 - 20 are in Djibouti"


def test_an_indicator_that_is_new_is_compared_with_what_tables_told_before(make: Make) -> None:
    desk = make("case.opened")
    people = [FACTORY.id() for _ in range(50)]
    grants = {"G1": "100"}
    desk.counting.tell(*(served(women(1, one), on=IN_SPRING, grants=grants) for one in people))
    earlier = desk.draft(*SPRING)
    assert cells(earlier, "people_sex_age")["total", "total"] == 50
    published(desk, earlier)
    again = [*people[:3], *(FACTORY.id() for _ in range(44))]
    desk.counting.tell(*(served(women(1, one), grants=grants) for one in again))
    with_target = Desk(desk.counting, desk.grant)
    add_target(desk, "people.reached")
    issue = with_target.draft()
    assert of(issue, "people.reached") == 47
    assert of(issue, "people.reached", "cumulative") is None, "50 + 47 - 94 came in both"


def add_target(desk: Desk, code: str) -> None:
    row = Target(grant_id=desk.grant.id, indicator=code, organisation_id=ORGANISATION, baseline=None, order=9)
    with transaction(desk.counting.engine) as session:
        session.add(row)


def hand_over(desk: Desk, issue: Issue) -> None:
    """As submitting leaves it: it will be published as it is."""
    row = Report(
        id=uuid7(), organisation_id=ORGANISATION, grant_id=desk.grant.id, first=issue.date_from, last=issue.date_to,
        due_on=issue.date_to, state="submitted", version=1, number=1, why="", draft=issue.canonical,
        draft_digest=issue.digest, drafted_at=NOW, submitted_at=NOW,
    )  # fmt: skip
    with transaction(desk.counting.engine) as session:
        session.add(row)


def test_what_is_handed_over_counts_as_told(make: Make) -> None:
    desk = make("people.reached")
    desk.counting.tell(served(women(60), grants=BOTH), served(women(20), on=IN_SPRING, grants=BOTH))
    hand_over(desk, desk.draft(*SPRING))
    assert of(desk.draft(), "people.reached", "cumulative") == 80
    hand_over(desk, desk.draft())
    other = beside(desk, "people.reached")
    assert of(other.draft(), "people.reached") == 60
    desk.counting.tell(served(women(1), grants=BOTH), served(women(1), on=IN_SPRING, grants=BOTH))
    assert of(other.draft(), "people.reached") is None
    again = beside(desk, "people.reached", number="G3", countries=["ETH"])
    assert of(again.draft(), "people.reached") == 0


def test_a_report_that_is_published_after_the_next_one_tells_no_more(make: Make) -> None:
    desk = make("people.reached", "case.opened")
    grants = {"G1": "100"}
    desk.counting.tell(
        served(women(20), on=date(2026, 2, 5), grants=grants),
        served(women(30), on=IN_SPRING, grants=grants),
        served(women(40), grants=grants),
    )
    published(desk, desk.draft(date(2026, 1, 1), date(2026, 3, 31)))
    published(desk, desk.draft())  # the quarter in between was sent back
    assert of(desk.draft(*SPRING), "people.reached") == 30
    desk.counting.tell(served(women(1), on=IN_SPRING, grants=grants))
    issue = desk.draft(*SPRING)
    assert of(issue, "people.reached") is None, "90 - 40 - 20 were told already"
    assert of(issue, "people.reached", "cumulative") is None


def test_how_many_are_known_by_number_alone_is_not_told_by_two_grants(make: Make) -> None:
    desk = make("people.reached")
    known = [FACTORY.id() for _ in range(50)]
    desk.counting.tell(
        served(women(100, *known), grants=BOTH),
        served(women(10, *(FACTORY.id() for _ in range(8))), grants={"G2": "100"}),
    )
    told = [" ".join(one.draft().quality) for one in (desk, beside(desk))]
    assert "50 are known" not in told[0] or "52 are known" not in told[1]


def test_the_same_people_under_another_name_are_withheld_with_them(make: Make) -> None:
    desk = make("people.reached", "3w.food")
    grants = {"G1": "100"}
    bands = ("5", "18-49", "60-69")
    kinds = [(sex, band) for sex in ("female", "male") for band in bands][:5]
    desk.counting.tell(*(served(women(1, sex=sex, age_band=band), grants=grants) for sex, band in kinds))
    issue = desk.draft()
    assert of(issue, "people.reached") is None
    assert of(issue, "3w.food") is None, "five people in five cells that are not 0"
