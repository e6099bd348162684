"""Cases are submitted, one by one or many, and corrected."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import delete, update
from sqlalchemy.orm import Session

from services.intake import queries
from services.intake.commands.answers import answer_for, earlier_answer
from services.intake.domain import Case, CaseHold, Incident
from services.intake.schemas import CaseIn, IncidentIn
from shared.access import Actor
from shared.database import table_of, upsert, utc_now, uuid7
from shared.events import IncidentCorrected, IncidentCounts, IncidentRecorded
from shared.messaging.log import Once, record, record_new

COUNTS = tuple(IncidentCounts.model_fields)
_cases, _incidents = table_of(Case), table_of(Incident)


@dataclass(frozen=True)
class NewIncident:
    """An incident about to become a case; `row_identity` when it comes from a file."""

    facts: IncidentIn
    row_identity: str | None = None


def submit_incidents(
    session: Session,
    actor: Actor,
    incidents: Sequence[NewIncident],
    ids: Sequence[UUID],
    now: datetime,
    once: Once | None = None,
) -> bool:
    """Make one case of each incident, under the ids given, and record the facts. See `record_new` for `once`."""
    cases = [
        {
            "id": case_id,
            "organisation_id": actor.organisation_id,
            "type": "mass_incident",
            "status": "open",
            "created_at": now,
        }
        for case_id in ids
    ]
    rows = [
        {
            "case_id": case_id,
            "organisation_id": actor.organisation_id,
            "row_identity": incident.row_identity,
            **incident.facts.__dict__,
        }
        for case_id, incident in zip(ids, incidents, strict=True)
    ]
    facts = [_recorded(case_id, actor, incident.facts) for case_id, incident in zip(ids, incidents, strict=True)]
    return record_new(session, facts, {_cases: cases, _incidents: rows}, once)


def submit_case(
    session: Session, actor: Actor, submitted: CaseIn, *, idempotency_key: str | None, request: object
) -> dict[str, Any]:
    """Submit one case; with an `Idempotency-Key`, once. Returns the case's reference as JSON."""
    case_id, now = uuid7(), utc_now()
    answer = _reference(case_id, now)
    once = None if idempotency_key is None else answer_for(actor, idempotency_key, request, answer)
    if submit_incidents(session, actor, [NewIncident(submitted.incident)], [case_id], now, once):
        return answer
    assert idempotency_key is not None
    return earlier_answer(session, actor, idempotency_key, request)


def submit_batch(
    session: Session,
    actor: Actor,
    items: Sequence[CaseIn | dict[str, Any]],
    *,
    idempotency_key: str | None,
    request: object,
) -> dict[str, Any]:
    """Submit the good items of a batch; an item that is a problem document stays one. Returns a result per item."""
    now = utc_now()
    ids = [uuid7() for _ in items]
    results = [
        {"status": item["status"], "problem": item}
        if isinstance(item, dict)
        else {"status": 201, "case": _reference(case_id, now)}
        for case_id, item in zip(ids, items, strict=True)
    ]
    answer = {"results": results}
    once = None if idempotency_key is None else answer_for(actor, idempotency_key, request, answer)
    good = [(case_id, item) for case_id, item in zip(ids, items, strict=True) if isinstance(item, CaseIn)]
    incidents = [NewIncident(item.incident) for _, item in good]
    if submit_incidents(session, actor, incidents, [case_id for case_id, _ in good], now, once):
        return answer
    assert idempotency_key is not None
    return earlier_answer(session, actor, idempotency_key, request)


def _reference(case_id: UUID, now: datetime) -> dict[str, Any]:
    return {"id": str(case_id), "type": "mass_incident", "status": "open", "created_at": now.isoformat()}


def _recorded(case_id: UUID, actor: Actor, facts: IncidentIn) -> IncidentRecorded:
    return IncidentRecorded.model_construct(**_event_fields(case_id, actor.organisation_id, facts))


def _event_fields(case_id: UUID, organisation_id: UUID, facts: IncidentIn) -> dict[str, Any]:
    """`facts` was validated by the stricter `IncidentIn`, so the event is put together without a second look."""
    known = dict(facts.__dict__)
    counts = IncidentCounts.model_construct(**{name: known.pop(name) for name in COUNTS})
    return {"case_id": case_id, "organisation_id": organisation_id, "counts": counts, **known}


def correct_incident(session: Session, actor: Actor, case_id: UUID, facts: IncidentIn) -> None:
    """Replace the facts of an incident. Raises `NotFound`."""
    incident = queries.incident(session, actor, case_id)
    session.execute(update(Incident).where(Incident.case_id == case_id).values(**facts.__dict__))
    record(session, IncidentCorrected.model_construct(**_event_fields(case_id, incident.organisation_id, facts)))


def note_hold(session: Session, case_id: UUID, service: str) -> None:
    """Another service holds a case."""
    session.execute(
        upsert(session, table_of(CaseHold)).values(case_id=case_id, service=service).on_conflict_do_nothing()
    )


def note_hold_ended(session: Session, case_id: UUID, service: str) -> None:
    """Another service no longer holds a case."""
    session.execute(delete(CaseHold).where(CaseHold.case_id == case_id, CaseHold.service == service))
