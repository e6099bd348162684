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
from services.intake.casework import CASE_TYPES
from services.intake.casework.mass_incident import MASS_INCIDENT
from services.intake.commands.answers import amend_answer, answer_for, earlier_answer, is_known
from services.intake.commands.changes import open_for_change, write_change
from services.intake.commands.submission import CaseName, fresh_name, new_case_row, submit_people_cases
from services.intake.domain import Case, CaseHold, Incident
from services.intake.schemas import IncidentCaseIn, IncidentIn, PeopleCaseIn, SubmittedCase
from shared.access import Act, Actor, require
from shared.database import table_of, upsert, utc_now
from shared.errors import Conflict, InvalidInput
from shared.events import IncidentCorrected, IncidentCounts, IncidentRecorded
from shared.messaging.log import Once, record_new

COUNTS = tuple(IncidentCounts.model_fields)
Duplicates = dict[UUID, list[dict[str, Any]]]
"""By new case: what its submitter is told of cases that may be the same."""
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
    named: Sequence[CaseName],
    now: datetime,
    once: Once | None = None,
) -> bool:
    """Make one case of each incident, under the names given, and record the facts. See `record_new` for `once`."""
    cases = [
        {
            **new_case_row(actor, name, MASS_INCIDENT, now),
            "happened_on": incident.facts.occurred_from,
        }
        for name, incident in zip(named, incidents, strict=True)
    ]
    rows = [
        {
            "case_id": name.id,
            "organisation_id": actor.organisation_id,
            "row_identity": incident.row_identity,
            **incident.facts.__dict__,
        }
        for name, incident in zip(named, incidents, strict=True)
    ]
    facts = [_recorded(name.id, actor, incident.facts) for name, incident in zip(named, incidents, strict=True)]
    return record_new(session, facts, {_cases: cases, _incidents: rows}, once)


def submit_case(
    session: Session, actor: Actor, submitted: SubmittedCase, *, idempotency_key: str | None, request: object
) -> dict[str, Any]:
    """Submit one case; with an `Idempotency-Key`, once. Returns the case's reference as JSON."""
    require(actor, Act.SUBMIT_CASES)
    name, now = fresh_name(), utc_now()
    answer = _reference(name, submitted, now)
    once = None if idempotency_key is None else answer_for(session, actor, idempotency_key, request, answer)
    found: Duplicates = {}
    try:
        made = _submit(session, actor, [(name, submitted)], now, once, found)
    except InvalidInput:  # it may have been taken before the own fields were changed
        if idempotency_key is None or not is_known(session, actor, idempotency_key):
            raise
        made = False
    if made:
        return _told_of_duplicates(session, actor, idempotency_key, answer, [answer], found)
    assert idempotency_key is not None
    return earlier_answer(session, actor, idempotency_key, request)


def submit_batch(
    session: Session,
    actor: Actor,
    items: Sequence[SubmittedCase | dict[str, Any]],
    *,
    idempotency_key: str | None,
    request: object,
) -> dict[str, Any]:
    """Submit the good items of a batch; an item that is a problem document stays one. Returns a result per item."""
    require(actor, Act.SUBMIT_CASES)
    now = utc_now()
    named = [fresh_name() for _ in items]
    results: list[dict[str, Any]] = [
        {"status": item["status"], "problem": item}
        if isinstance(item, dict)
        else {"status": 201, "case": _reference(name, item, now)}
        for name, item in zip(named, items, strict=True)
    ]
    answer = {"results": results}
    once = None if idempotency_key is None else answer_for(session, actor, idempotency_key, request, answer)
    good = [(name, item) for name, item in zip(named, items, strict=True) if not isinstance(item, dict)]
    found: Duplicates = {}
    if _submit(session, actor, good, now, once, found):
        accepted = [result["case"] for result in results if "case" in result]
        return _told_of_duplicates(session, actor, idempotency_key, answer, accepted, found)
    assert idempotency_key is not None
    return earlier_answer(session, actor, idempotency_key, request)


def _submit(
    session: Session,
    actor: Actor,
    cases: Sequence[tuple[CaseName, SubmittedCase]],
    now: datetime,
    once: Once | None,
    duplicates: Duplicates,
) -> bool:
    """False, and nothing done, when the row of `once` was there; possible duplicates are put into `duplicates`.
    Incidents alone need no transaction of several statements."""
    incidents = [(name, case) for name, case in cases if isinstance(case, IncidentCaseIn)]
    others = [(name, case) for name, case in cases if isinstance(case, PeopleCaseIn)]
    if others:
        found = submit_people_cases(
            session, actor, [case for _, case in others], [name for name, _ in others], now, once
        )
        if found is None:
            return False
        duplicates |= found
        once = None
    facts = [NewIncident(case.incident) for _, case in incidents]
    return submit_incidents(session, actor, facts, [name for name, _ in incidents], now, once)


def _told_of_duplicates(
    session: Session,
    actor: Actor,
    idempotency_key: str | None,
    answer: dict[str, Any],
    accepted: Sequence[dict[str, Any]],
    found: Duplicates,
) -> dict[str, Any]:
    """The answer, in which each case says which it may be a duplicate of; kept so under an `Idempotency-Key`."""
    if found:
        for one in accepted:
            one["possible_duplicates"] = found.get(UUID(one["id"]), [])
        if idempotency_key is not None:
            amend_answer(session, actor, idempotency_key, answer)
    return answer


def _reference(name: CaseName, submitted: SubmittedCase, now: datetime) -> dict[str, Any]:
    return {
        "id": str(name.id),
        "reference": name.reference,
        "type": submitted.type,
        "status": CASE_TYPES[submitted.type].life_cycle.initial,
        "version": 1,
        "created_at": now.isoformat(),
        "possible_duplicates": [],
    }


def _recorded(case_id: UUID, actor: Actor, facts: IncidentIn) -> IncidentRecorded:
    return IncidentRecorded.model_construct(**_event_fields(case_id, actor.organisation_id, facts))


def _event_fields(case_id: UUID, organisation_id: UUID, facts: IncidentIn) -> dict[str, Any]:
    """`facts` was validated by the stricter `IncidentIn`, so the event is put together without a second look."""
    known = dict(facts.__dict__)
    counts = IncidentCounts.model_construct(**{name: known.pop(name) for name in COUNTS})
    return {"case_id": case_id, "organisation_id": organisation_id, "counts": counts, **known}


def correct_incident(
    session: Session, actor: Actor, case_id: UUID, facts: IncidentIn, expected: int | None = None
) -> Case:
    """Replace the facts of an incident. Raises `NotFound`, `Stale`, and `Conflict` when its figures are final."""
    case = open_for_change(session, actor, case_id, expected)
    queries.incident(session, actor, case_id)
    if case.status in MASS_INCIDENT.life_cycle.closed:
        raise Conflict("The figures are final: reopen the incident first.")
    session.execute(update(Incident).where(Incident.case_id == case_id).values(**facts.__dict__))
    corrected = IncidentCorrected.model_construct(**_event_fields(case_id, case.organisation_id, facts))
    return write_change(session, actor, case, "correct", corrected, happened_on=facts.occurred_from)


def note_hold(session: Session, case_id: UUID, service: str) -> None:
    """Another service holds a case."""
    session.execute(
        upsert(session, table_of(CaseHold)).values(case_id=case_id, service=service).on_conflict_do_nothing()
    )


def note_hold_ended(session: Session, case_id: UUID, service: str) -> None:
    """Another service no longer holds a case."""
    session.execute(delete(CaseHold).where(CaseHold.case_id == case_id, CaseHold.service == service))
