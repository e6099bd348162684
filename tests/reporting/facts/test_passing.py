"""Referrals, released news and incidents, in the grant's countries and in its zone."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import update

from services.reporting.domain import IncidentFact, PassedFact
from services.reporting.indicators.indicator import Incidents, Referrals, Told
from shared.database import transaction
from shared.errors import Conflict
from shared.events import (
    IncidentCounts,
    ReferralAccepted,
    ReferralDeclined,
    ReferralOffered,
    TransferOffered,
)
from tests.factories import ANOTHER_ORGANISATION, ORGANISATION
from tests.reporting.facts.world import FACTORY, Counting, indicator, released, submitted, told


def moment(month: int, day: int, hour: int = 0, minute: int = 0) -> datetime:
    return datetime(2026, month, day, hour, minute, tzinfo=UTC)


class Referral:
    """One that another organisation offered to ours, or ours to it."""

    def __init__(self, counting: Counting, at: datetime, *, sent: bool = False) -> None:
        self.counting = counting
        sides = (ORGANISATION, ANOTHER_ORGANISATION) if sent else (ANOTHER_ORGANISATION, ORGANISATION)
        self.about: dict[str, Any] = {
            "organisation_id": sides[0],
            "receiver_id": sides[1],
            "case_id": FACTORY.id(),
            "referral_id": FACTORY.id(),
        }
        asked = {"service": "food", "purpose": "assistance", "urgency": "high", "acknowledge_by": at, "answer_by": at}
        counting.tell(ReferralOffered(**self.about, **asked), at=at)

    def accepted(self, at: datetime) -> None:
        self.counting.tell(ReferralAccepted(**self.about), at=at)

    def declined(self, at: datetime) -> None:
        self.counting.tell(ReferralDeclined(**self.about, reason="no_capacity"), at=at)


def referrals(counting: Counting, **of: Any) -> tuple[Any, ...]:
    """Sent, received, accepted, hours to the answer."""
    return tuple(counting.total(Referrals(what), **of) for what in ("sent", "received", "accepted", "answer_hours"))


def test_referrals_are_counted_by_their_offer_and_answers_by_their_own_day(counting: Counting) -> None:
    assert referrals(counting) == (0, 0, 0, None)
    Referral(counting, moment(6, 30, 12)).accepted(moment(7, 1, 12))
    Referral(counting, moment(7, 5)).declined(moment(7, 5, 3, 30))
    Referral(counting, moment(9, 30, 12)).accepted(moment(10, 2))
    Referral(counting, moment(8, 1), sent=True)
    assert referrals(counting) == (1, 2, 1, Decimal("13.75"))


def test_a_transfer_is_no_referral(counting: Counting) -> None:
    asked = {"purpose": "assistance", "urgency": "high", "acknowledge_by": moment(7, 1), "answer_by": moment(7, 1)}
    sides = {"organisation_id": ORGANISATION, "receiver_id": ANOTHER_ORGANISATION}
    ids = {"case_id": FACTORY.id(), "transfer_id": FACTORY.id(), "reference": "KB-7F3K9-QX2MA-5"}
    counting.tell(TransferOffered(**sides, **ids, **asked, why="person_moved"), at=moment(7, 2))
    assert referrals(counting)[0] == 0


def test_a_referral_belongs_to_the_day_that_it_is_in_the_grants_zone(counting: Counting) -> None:
    Referral(counting, moment(6, 30, 22), sent=True)
    assert referrals(counting)[0] == 0
    assert referrals(counting, time_zone="Africa/Addis_Ababa")[0] == 1


def test_an_auditor_finds_offers_and_their_answers(counting: Counting) -> None:
    Referral(counting, moment(7, 5)).declined(moment(7, 6))
    assert [len(counting.behind(Referrals(what))) for what in ("received", "accepted", "answer_hours")] == [1, 0, 2]


def news(counting: Counting, at: datetime, told_on: date | None = None, place: str = "ETH1") -> UUID:
    case = FACTORY.id()
    counting.record(submitted(case, date(2026, 6, 1), place), at=moment(6, 1))
    counting.tell(released(case), at=at)
    if told_on is not None:
        counting.tell(told(case, told_on))
    return case


def tellings(counting: Counting, **of: Any) -> tuple[Any, ...]:
    """Released, told in time, share told in time."""
    return tuple(counting.total(Told(what), **of) for what in ("released", "told_in_time", "share_told_in_time"))


def test_a_family_is_told_in_time_on_the_day_of_the_release_or_the_next(counting: Counting) -> None:
    assert tellings(counting) == (0, 0, None)
    for day in (10, 11, 12, None):
        news(counting, moment(7, 10, 12), date(2026, 7, day) if day else None)
    assert tellings(counting) == (4, 2, 50)
    assert [len(counting.behind(Told(what))) for what in ("released", "told_in_time", "share_told_in_time")] == [
        4,
        4,
        7,
    ]


def test_the_day_of_a_release_is_that_of_the_grants_zone(counting: Counting) -> None:
    news(counting, moment(7, 10, 22), date(2026, 7, 12))
    assert tellings(counting)[1] == 0
    assert tellings(counting, time_zone="Africa/Addis_Ababa")[1] == 1


def test_the_next_telling_answers_all_that_was_released_before_it_and_nothing_after(counting: Counting) -> None:
    case = news(counting, moment(7, 10))
    counting.tell(released(case), at=moment(7, 11))
    counting.tell(told(case, date(2026, 7, 11)))
    counting.tell(released(case), at=moment(7, 20))
    assert tellings(counting) == (3, 2, Decimal("66.67"))
    counting.tell(told(case, date(2026, 7, 21)), told(case, date(2026, 7, 29)))
    assert tellings(counting) == (3, 3, 100)


def test_news_are_of_the_countries_of_their_cases(counting: Counting) -> None:
    news(counting, moment(7, 10), date(2026, 7, 10), "ETH1")
    news(counting, moment(7, 10), None, "SOM1")
    assert tellings(counting, countries=("ETH",)) == (1, 1, 100)
    (cells,) = counting.count(indicator(Told("share_told_in_time"), dimensions=("place",)))
    assert cells.by["place"] == {"ETH1": 100, "SOM1": 0}


def incident(counting: Counting, first: date, last: date, **more: Any) -> Any:
    given = {"occurred_from": first, "occurred_to": last, "organisation_id": ORGANISATION} | more
    event = FACTORY.incident(**given)
    counting.tell(event)
    return event


def incidents(counting: Counting, **of: Any) -> tuple[Any, ...]:
    """Incidents, dead, missing, survivors."""
    return tuple(counting.total(Incidents(what), **of) for what in ("incidents", "dead", "missing", "survivors"))


def test_an_incident_counts_that_lies_wholly_in_the_period_and_unknown_figures_add_nothing(counting: Counting) -> None:
    figures = IncidentCounts(dead=2, missing=None, survivors=5)
    incident(counting, date(2026, 7, 1), date(2026, 7, 31), counts=figures)
    incident(counting, date(2026, 6, 30), date(2026, 7, 1), counts=figures)
    incident(counting, date(2026, 9, 30), date(2026, 9, 30), counts=IncidentCounts(missing=3))
    assert incidents(counting) == (2, 2, 3, 5)
    assert len(counting.behind(Incidents("dead"))) == 2


def test_a_corrected_incident_counts_as_it_is_known_now(counting: Counting) -> None:
    first = incident(counting, date(2026, 7, 1), date(2026, 7, 1), counts=IncidentCounts(dead=9), place="LBY")
    right = FACTORY.correction(
        case_id=first.case_id,
        organisation_id=ORGANISATION,
        occurred_from=date(2026, 7, 2),
        occurred_to=date(2026, 7, 2),
        counts=IncidentCounts(dead=4),
        place="ITA01",
        route="Central Mediterranean",
    )
    counting.tell(right)
    assert incidents(counting) == (1, 4, 0, 0)
    (cells,) = counting.count(indicator(Incidents("dead"), dimensions=("route", "sex")))
    assert cells.by == {"route": {"Central Mediterranean": 4}, "sex": {"unknown": 4}}
    assert [ref.position for ref in counting.behind(Incidents("dead"))] == [2]


@pytest.mark.parametrize("measure", [Incidents("dead"), Referrals("received")], ids=["incident", "referral"])
def test_facts_of_before_their_places_were_kept_ask_for_a_rebuild(counting: Counting, measure: Any) -> None:
    incident(counting, date(2026, 7, 1), date(2026, 7, 1))
    Referral(counting, moment(7, 5))
    with transaction(counting.engine) as session:
        session.execute(update(IncidentFact).values(position=None, event_id=None))
        session.execute(update(PassedFact).values(position=None, event_id=None))
    with pytest.raises(Conflict, match="kinbridge rebuild reporting"):
        counting.behind(measure)
    counting.rebuild()
    assert len(counting.behind(measure)) == 1
