"""What somebody tries who reads the reports of several grants, or in another order: each was a way to a few people."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

from services.reporting.domain import Report, Target
from services.reporting.rendering.issue import Issue
from shared.database import transaction, uuid7
from tests.factories import ORGANISATION
from tests.reporting.disclosure_attacks import BOTH, IN_SPRING, SPRING, beside, cells, of, opened_cases, rest
from tests.reporting.drafting.test_drafting import NOW, Desk, published
from tests.reporting.facts.world import FACTORY, served, women

Make = Callable[..., Desk]


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


def test_three_grants_of_the_same_services_leave_no_rest(make: Make) -> None:
    desk = make("people.reached")
    for grants, count in ((BOTH, 60), ({"G1": "50", "G3": "50"}, 38), ({"G1": "100"}, 2)):
        desk.counting.tell(served(women(count), grants=grants))
    others = [beside(desk, "people.reached", number=number) for number in ("G2", "G3")]
    assert None in [of(one.draft(), "people.reached") for one in (desk, *others)], "100 - 60 - 38 are G1's alone"


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
