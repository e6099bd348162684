"""The facts, beside the change itself, that other services act on when a case is moved or something recorded."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from services.intake.casework import Deed, History, Move
from services.intake.domain import Case, CasePerson, Person
from shared.database import utc_now, uuid7
from shared.errors import NotFound
from shared.events import (
    AppointmentCancelled,
    AppointmentChanged,
    AppointmentSet,
    Event,
    FamilyTold,
    GrantPart,
    IncidentSourceAssessed,
    NewsReleased,
    ServedFigures,
    ServiceCorrected,
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
            return (ServiceDelivered(**_service(case, facts), service_id=UUID(facts["service_id"])),)
        case "correct_service":
            corrected = {"service_id": facts["service"], "cancelled": facts.get("cancelled", False)}
            return (ServiceCorrected(**_service(case, facts), **corrected),)
        case "assess_source":
            return (IncidentSourceAssessed(**about, level=facts["level"]),)
    return ()


def move_announced(session: Session, case: Case, move: Move, known: History) -> tuple[Event, ...]:
    """What a move makes known. A service is done once: a move made again, of a case that was reopened, serves nobody
    anew."""
    served = SERVED_BY_MOVE.get((case.type, move.name))
    if served is None or known.all(move.name):
        return ()
    category, role = served
    details = case.facts or {}
    paid = [{"grant": details["grant"], "per_cent": 100}] if details.get("grant") else []
    facts = {"category": category, "quantity": 1, "people": _in_role(session, case, role), "grants": paid}
    facts |= _collected(details) if move.name == "approve" else {"delivered_on": utc_now().date().isoformat()}
    return (ServiceDelivered(**_service(case, facts)),)


def _collected(details: Mapping[str, Any]) -> dict[str, Any]:
    """A message counts on the day and in the place of its collection, not of its check."""
    return {"delivered_on": details["collected_on"], "place": details.get("collected_in")}


def name_service(session: Session, case: Case, deed: Deed, facts: dict[str, Any]) -> None:
    """Give a delivery an id that a correction names it by. Persons named as served are of the case; who turned out to
    be the same person is one. Raises `NotFound`."""
    if deed.name == "deliver_service":
        facts["service_id"] = str(uuid7())
    if not any("person" in one for one in facts.get("people", ())):
        return
    known = {person["person"]: person["same"] for person in _people_of(session, case)}
    for one in facts["people"]:
        if "person" in one:
            if one["person"] not in known:
                raise NotFound("There is no such person in this case.")
            one["person"] = known[one["person"]]


def _in_role(session: Session, case: Case, role: str) -> list[dict[str, Any]]:
    """One served person each, by what is known of it."""
    return [
        {name: one[name] for name in ("sex", "age_band", "nationality")} | {"count": 1, "person": one["same"]}
        for one in _people_of(session, case)
        if one["role"] == role
    ]


def _people_of(session: Session, case: Case) -> list[dict[str, Any]]:
    statement = (
        select(
            CasePerson.role,
            Person.id,
            Person.sex,
            Person.age_band,
            Person.nationality,
            func.coalesce(Person.merged_into, Person.id).label("same"),
        )
        .join(Person, CasePerson.person_id == Person.id)
        .where(CasePerson.case_id == case.id, CasePerson.left_at.is_(None))
        .order_by(CasePerson.number)
    )
    rows = session.execute(statement).mappings()
    return [{**row, "person": str(row["id"]), "same": str(row["same"])} for row in rows]


def _served(one: Mapping[str, Any]) -> ServedFigures:
    figures = {name: one[name] for name in one if name != "person"}
    return ServedFigures(**figures, persons=(one["person"],) if "person" in one else ())


def _service(case: Case, facts: Mapping[str, Any]) -> dict[str, Any]:
    people = tuple(_served(one) for one in facts["people"])
    return {
        "organisation_id": case.organisation_id,
        "case_id": case.id,
        "case_type": case.type,
        "counts": ServiceCounts(quantity=facts["quantity"], people=sum(one.count for one in people)),
        "category": facts["category"],
        "delivered_on": date.fromisoformat(facts["delivered_on"]),
        "place": facts.get("place"),
        "people": people,
        "grants": tuple(GrantPart(**one) for one in facts.get("grants", ())),
        "modality": facts.get("modality"),
    }
