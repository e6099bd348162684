"""Cases as they stood at the end of a period: opened, closed, opened again, merged, handed over."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest

from services.reporting.indicators.indicator import Cases
from shared.events import CaseStatusChanged, CaseUpdated, Event, PersonFigures, TransferAccepted
from tests.factories import ANOTHER_ORGANISATION, ORGANISATION
from tests.reporting.facts.world import (
    CASES,
    FACTORY,
    QUARTER,
    Counting,
    about,
    closed,
    merged,
    parted,
    reopened,
    submitted,
)

MAY, JULY, AUGUST = date(2026, 5, 4), date(2026, 7, 10), date(2026, 8, 20)
JULY_END, AUGUST_END = date(2026, 7, 31), date(2026, 8, 31)
POSITIVE = frozenset({"located", "fate_established"})


def figures(counting: Counting, first: date = QUARTER[0], last: date = QUARTER[1], **of: Any) -> tuple[Any, ...]:
    """Opened, closed, open at the end, days to close, closure rate."""
    return tuple(cells.total for cells in counting.count(*CASES, first=first, last=last, **of))


def at(day: int, hour: int = 12, month: int = 8) -> datetime:
    return datetime(2026, month, day, hour, tzinfo=UTC)


def case_of(counting: Counting, *events: Event | tuple[Event, datetime]) -> None:
    told = (one if isinstance(one, tuple) else (one, at(1, month=7)) for one in events)
    counting.record_all((moment, [event]) for event, moment in told)
    counting.catch_up()


def test_a_case_is_opened_on_its_day_and_open_until_it_is_closed(counting: Counting) -> None:
    case = FACTORY.id()
    case_of(counting, submitted(case, JULY), closed(case, AUGUST))
    assert figures(counting) == (1, 1, 0, 41, 100)
    assert figures(counting, last=JULY_END) == (1, 0, 1, None, 0)
    assert figures(counting, first=date(2026, 8, 1)) == (0, 1, 0, 41, 100)
    assert figures(counting, first=date(2026, 9, 1)) == (0, 0, 0, None, None)


def test_the_last_day_of_a_period_decides_whether_a_case_is_open(counting: Counting) -> None:
    case = FACTORY.id()
    case_of(counting, submitted(case, JULY), closed(case, AUGUST))
    assert counting.total(Cases("open_at_end"), last=date(2026, 8, 19)) == 1
    assert counting.total(Cases("open_at_end"), last=AUGUST) == 0
    assert counting.total(Cases("closed"), last=AUGUST) == 1


def test_a_case_that_was_opened_again_is_open_and_no_closed_case(counting: Counting) -> None:
    case = FACTORY.id()
    case_of(counting, submitted(case, JULY), closed(case, date(2026, 8, 2)), (reopened(case), at(9)))
    assert figures(counting) == (1, 0, 1, None, 0)
    assert figures(counting, last=date(2026, 8, 8)) == (1, 1, 0, 23, 100), "as it stood then"


def test_a_case_that_is_closed_twice_is_one_closed_case(counting: Counting) -> None:
    case = FACTORY.id()
    first = submitted(case, JULY), closed(case, date(2026, 8, 2)), (reopened(case), at(9))
    case_of(counting, *first, closed(case, date(2026, 8, 30), "withdrawn"))
    assert figures(counting) == (1, 1, 0, 51, 100)
    assert counting.total(Cases("closed", reasons=POSITIVE)) == 0
    assert counting.total(Cases("closed", reasons=POSITIVE, other_reasons=True)) == 1


def test_a_closing_that_is_dated_back_behind_a_reopening_counts_from_its_own_day(counting: Counting) -> None:
    case = FACTORY.id()
    case_of(
        counting,
        submitted(case, JULY),
        closed(case, date(2026, 8, 2)),
        (reopened(case), at(9)),
        closed(case, date(2026, 8, 6)),
    )
    assert [counting.total(Cases("open_at_end"), last=date(2026, 8, day)) for day in (1, 3, 6, 9, 10)] == [
        1,
        0,
        0,
        0,
        0,
    ]


def test_a_merged_case_counts_no_more_and_again_when_that_is_undone(counting: Counting) -> None:
    case, other = FACTORY.id(), FACTORY.id()
    case_of(counting, submitted(case, JULY), submitted(other, JULY), (merged(case), at(5)))
    assert figures(counting) == (1, 0, 1, None, 0)
    assert figures(counting, last=JULY_END) == (2, 0, 2, None, 0)
    case_of(counting, (parted(case), at(7)))
    assert figures(counting) == (2, 0, 2, None, 0)
    assert figures(counting, last=date(2026, 8, 6)) == (1, 0, 1, None, 0)


def test_a_closed_case_that_was_merged_and_parted_is_closed_as_before(counting: Counting) -> None:
    case = FACTORY.id()
    case_of(counting, submitted(case, JULY), closed(case, date(2026, 8, 2)), (merged(case), at(5)))
    assert figures(counting) == (0, 0, 0, None, None)
    case_of(counting, (parted(case), at(7)))
    assert figures(counting) == (1, 1, 0, 23, 100)


def test_a_moment_is_of_the_day_that_it_is_in_the_grants_zone(counting: Counting) -> None:
    case = FACTORY.id()
    late = datetime(2026, 8, 31, 22, 30, tzinfo=UTC)
    case_of(counting, submitted(case, JULY), closed(case, date(2026, 8, 2)), (reopened(case), late))
    assert counting.total(Cases("open_at_end"), last=AUGUST_END) == 1
    assert counting.total(Cases("open_at_end"), last=AUGUST_END, time_zone="Africa/Addis_Ababa") == 0
    assert counting.total(Cases("open_at_end"), last=date(2026, 9, 1), time_zone="Africa/Addis_Ababa") == 1


@pytest.mark.parametrize(
    ("minute", "day"),
    [
        (datetime(2026, 10, 24, 22, 0, tzinfo=UTC), date(2026, 10, 25)),
        (datetime(2026, 10, 25, 22, 59, tzinfo=UTC), date(2026, 10, 25)),
        (datetime(2026, 10, 25, 23, 0, tzinfo=UTC), date(2026, 10, 26)),
        (datetime(2026, 3, 28, 22, 59, tzinfo=UTC), date(2026, 3, 28)),
        (datetime(2026, 3, 28, 23, 0, tzinfo=UTC), date(2026, 3, 29)),
        (datetime(2026, 3, 29, 21, 59, tzinfo=UTC), date(2026, 3, 29)),
        (datetime(2026, 3, 29, 22, 0, tzinfo=UTC), date(2026, 3, 30)),
    ],
)
def test_days_on_which_clocks_change_have_25_or_23_hours(counting: Counting, minute: datetime, day: date) -> None:
    case, early = FACTORY.id(), date(2026, 1, 2)
    case_of(counting, submitted(case, early), closed(case, early), (reopened(case), minute))
    before = date.fromordinal(day.toordinal() - 1)
    found = [counting.total(Cases("open_at_end"), last=end, time_zone="Europe/Rome") for end in (before, day)]
    assert found == [0, 1]


def test_moves_that_open_nothing_change_no_figure(counting: Counting) -> None:
    case = FACTORY.id()
    moved = CaseStatusChanged(**about(case, move="close", was="open", status="closed", version=2))
    case_of(counting, submitted(case, JULY), moved, closed(case, AUGUST))
    assert figures(counting) == (1, 1, 0, 41, 100)


def test_types_and_reasons_are_told_apart(counting: Counting) -> None:
    cases = [FACTORY.id() for _ in range(4)]
    reasons = ["located", "fate_established", "withdrawn", None]
    for case, reason in zip(cases, reasons, strict=True):
        case_of(counting, submitted(case, JULY), closed(case, AUGUST, reason))  # type: ignore[arg-type] # none was given
    case_of(counting, submitted(FACTORY.id(), JULY, case_type="child"))
    tracing = frozenset({"tracing_request"})
    assert counting.total(Cases("opened", tracing)) == 4
    assert counting.total(Cases("opened", frozenset({"child"}))) == 1
    assert counting.total(Cases("closed", tracing, POSITIVE)) == 2
    assert counting.total(Cases("closed", tracing, POSITIVE, other_reasons=True)) == 2
    assert len(counting.behind(Cases("closed", tracing, POSITIVE))) == 2
    assert len(counting.behind(Cases("closed", tracing, POSITIVE, other_reasons=True))) == 2


def test_the_countries_of_a_grant_take_in_the_cases_whose_place_begins_with_one(counting: Counting) -> None:
    for place in ("ETH001", "ETH", "SOM02", None):
        case_of(counting, submitted(FACTORY.id(), JULY, place))
    assert counting.total(Cases("opened"), countries=("ETH",)) == 2
    assert counting.total(Cases("opened"), countries=("ETH", "SOM")) == 3
    assert counting.total(Cases("open_at_end")) == 4


def test_a_case_is_counted_where_it_is_and_by_whom_it_is_about(counting: Counting) -> None:
    case = FACTORY.id()
    case_of(counting, submitted(case, JULY))
    (cells,) = counting.count(CASES[0])
    assert cells.by["sex_age_disability"] == {"male|13-17|unknown": 1}
    moved = CaseUpdated(**about(case, what="update", version=2, place="SOM1"))
    people = (PersonFigures(role="sought", sex="female", age_band="18-49"),)
    changed = CaseUpdated(**about(case, what="change_person", version=3, people=people))
    noted = CaseUpdated(**about(case, what="record", version=4))
    case_of(counting, moved, changed, noted)
    (cells,) = counting.count(CASES[0])
    assert cells.by["place"] == {"SOM1": 1}
    assert (cells.by["sex"], cells.by["age"], cells.by["nationality"]) == ({"female": 1}, {"18-49": 1}, {"unknown": 1})


def test_the_closure_rate_is_of_those_that_were_open_at_some_time_of_the_period(counting: Counting) -> None:
    cases = [FACTORY.id() for _ in range(4)]
    early, before, during, young = cases
    case_of(counting, *(submitted(case, MAY) for case in (early, before, during)), submitted(young, JULY))
    case_of(counting, closed(before, date(2026, 6, 30)), closed(during, AUGUST))
    (cells,) = counting.count(CASES[4])
    assert (cells.total, cells.facts) == (Decimal("33.33"), 3)
    assert len(counting.behind(Cases("closure_rate"))) == 4, "three that were open, and one closing"


def test_a_case_that_was_handed_over_goes_on_as_the_receivers(counting: Counting) -> None:
    case, transfer = FACTORY.id(), FACTORY.id()
    accepted = TransferAccepted(
        organisation_id=ORGANISATION,
        case_id=case,
        transfer_id=transfer,
        receiver_id=ANOTHER_ORGANISATION,
        reference="KB-7F3K9-QX2MA-5",
    )
    case_of(counting, submitted(case, JULY), (accepted, at(3)))
    case_of(counting, closed(case, date(2026, 9, 2), organisation_id=ANOTHER_ORGANISATION))
    assert figures(counting) == (1, 0, 0, None, 0)
    assert figures(counting, last=JULY_END) == (1, 0, 1, None, 0)
    receivers = figures(counting, organisation_id=ANOTHER_ORGANISATION)
    assert receivers == (0, 1, 0, 54, 100)
    assert figures(counting, last=AUGUST_END, organisation_id=ANOTHER_ORGANISATION) == (0, 0, 1, None, 0)


def test_an_auditor_finds_the_facts_of_cases(counting: Counting) -> None:
    case, other = FACTORY.id(), FACTORY.id()
    case_of(counting, submitted(case, JULY), submitted(other, JULY), closed(case, AUGUST))
    refs = {what: counting.behind(Cases(what)) for what in ("opened", "closed", "open_at_end", "days_to_close")}
    assert [len(found) for found in refs.values()] == [2, 1, 1, 1]
    assert refs["closed"] == refs["days_to_close"]
    assert _subject(counting, refs["closed"][0]) == f"case/{case}"
    assert _subject(counting, refs["open_at_end"][0]) == f"case/{other}"


def _subject(counting: Counting, ref: Any) -> str:
    (found,) = counting.consumer.feeds["intake"].page(ref.partition, ref.position - 1, 1)
    assert found.id == ref.fact_id
    return found.subject


def test_the_organisation_of_another_sees_none_of_them(counting: Counting) -> None:
    stranger: UUID = FACTORY.id()
    case_of(counting, submitted(FACTORY.id(), JULY))
    assert figures(counting, organisation_id=stranger) == (0, 0, 0, None, None)
