"""The facts, beside the change itself, that other services act on when a case is moved or something recorded."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from services.intake.casework import Deed, History, Move
from services.intake.domain import Case, CasePerson, Person
from shared.database import utc_now
from shared.events import (
    AppointmentCancelled,
    AppointmentChanged,
    AppointmentSet,
    Event,
    FamilyTold,
    GrantPart,
    NewsReleased,
    ServedFigures,
    ServiceCounts,
    ServiceDelivered,
)

SERVED_BY_MOVE: Mapping[tuple[str, str], tuple[str, str]] = {
    ("red_cross_message", "approve"): ("rcm_collected", "sender"),
    ("red_cross_message", "deliver"): ("rcm_delivered", "addressee"),
    ("red_cross_message", "send_reply"): ("rcm_collected", "addressee"),
    ("red_cross_message", "deliver_reply"): ("rcm_delivered", "sender"),
}
"""(type of case, move) → (category of the service that it is, role of the person who is served)."""


def deed_announced(case: Case, deed: Deed, facts: Mapping[str, Any]) -> tuple[Event, ...]:
    """What a deed makes known, from the coded facts recorded with it."""
    about = {"organisation_id": case.organisation_id, "case_id": case.id}
    match deed.name:
        case "release_news":
            return (NewsReleased(**about),)
        case "tell_family" | "notify_family" | "pass_on_news":
            return (FamilyTold(**about, told_on=date.fromisoformat(facts["told_on"])),)
        case "set_appointment":
            return (AppointmentSet(**about, at=datetime.fromisoformat(facts["at"]), how=facts["how"]),)
        case "change_appointment":
            was, at = (datetime.fromisoformat(facts[one]) for one in ("was", "at"))
            moved = AppointmentChanged(**about, was=was, at=at, how=facts["how"])
            return (moved,) if was != at else ()  # families are told day and time alone
        case "cancel_appointment":
            return (AppointmentCancelled(**about, at=datetime.fromisoformat(facts["was"])),)
        case "deliver_service":
            return (_delivered(case, facts),)
    return ()


def move_announced(session: Session, case: Case, move: Move, known: History) -> tuple[Event, ...]:
    """What a move makes known. A service is done once: a move made again, of a case that was reopened, serves nobody
    anew."""
    served = SERVED_BY_MOVE.get((case.type, move.name))
    if served is None or known.all(move.name):
        return ()
    category, role = served
    statement = (
        select(Person.sex, Person.age_band)
        .join(CasePerson, CasePerson.person_id == Person.id)
        .where(CasePerson.case_id == case.id, CasePerson.role == role)
    )
    people = [{"sex": sex, "age_band": band, "count": 1} for sex, band in session.execute(statement)]
    today = utc_now().date().isoformat()
    return (_delivered(case, {"category": category, "quantity": 1, "people": people, "delivered_on": today}),)


def _delivered(case: Case, facts: Mapping[str, Any]) -> ServiceDelivered:
    people = tuple(ServedFigures(**one) for one in facts["people"])
    return ServiceDelivered(
        organisation_id=case.organisation_id,
        case_id=case.id,
        case_type=case.type,
        counts=ServiceCounts(quantity=facts["quantity"], people=sum(one.count for one in people)),
        category=facts["category"],
        delivered_on=date.fromisoformat(facts["delivered_on"]),
        place=facts.get("place"),
        people=people,
        grants=tuple(GrantPart(**one) for one in facts.get("grants", ())),
    )
