"""One function per business act. Each takes (session, actor, input), changes the domain, and records the fact."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import delete, insert, select, update
from sqlalchemy.orm import Session

from services.intake import queries
from services.intake.domain import (
    AcceptedRequest,
    ApiKey,
    Case,
    CaseHold,
    Import,
    ImportedRow,
    ImportMessage,
    Incident,
    Organisation,
)
from services.intake.domain.organisation import key_digest, new_key
from services.intake.importing.incidents import GoodRow, RefusedRow
from services.intake.schemas import CaseIn, IncidentIn
from services.intake.settings import ANSWERS_KEPT
from shared.access import Actor
from shared.database import table_of, upsert, utc_now, uuid7
from shared.errors import Conflict, FieldError, InvalidInput
from shared.events import (
    ImportCounts,
    ImportFinished,
    ImportRowRefused,
    IncidentCorrected,
    IncidentCounts,
    IncidentRecorded,
    OrganisationRegistered,
)
from shared.messaging.log import record

COUNTS = tuple(IncidentCounts.model_fields)
_SHORT_NAME = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")


def register_organisation(session: Session, *, short_name: str, name: str, kind: str) -> Organisation:
    """Register a member of the hub. Raises `Conflict` when the short name is taken."""
    if not _SHORT_NAME.fullmatch(short_name) or len(short_name) > 40:
        raise InvalidInput(
            "A short name has up to 40 lower-case letters, digits and single hyphens, for example red-cross-xy.",
            (FieldError("short_name", "form", "Use lower-case letters, digits and hyphens."),),
        )
    taken = session.scalar(select(Organisation.id).where(Organisation.short_name == short_name))
    if taken is not None:
        raise Conflict("That short name is taken: choose another.")
    organisation = Organisation(id=uuid7(), short_name=short_name, name=name, kind=kind, registered_at=utc_now())
    session.add(organisation)
    session.flush()
    record(
        session,
        OrganisationRegistered.model_validate(
            {"organisation_id": organisation.id, "kind": kind, "name": name, "short_name": short_name}
        ),
    )
    return organisation


def create_api_key(session: Session, organisation_id: UUID, label: str) -> str:
    """Make a key for an organisation's system. It is returned once; only its digest is kept."""
    key = new_key()
    session.add(
        ApiKey(id=uuid7(), organisation_id=organisation_id, digest=key_digest(key), label=label, created_at=utc_now())
    )
    session.flush()
    return key


def revoke_api_keys(session: Session, organisation_id: UUID, label: str) -> int:
    """Revoke the keys of a label, at once. Returns how many were revoked."""
    statement = (
        update(ApiKey)
        .where(ApiKey.organisation_id == organisation_id, ApiKey.label == label, ApiKey.revoked_at.is_(None))
        .values(revoked_at=utc_now())
        .returning(ApiKey.id)
    )
    return len(session.execute(statement).all())


@dataclass(frozen=True)
class NewIncident:
    """An incident about to become a case; `row_identity` when it comes from a file."""

    facts: IncidentIn
    row_identity: str | None = None


def submit_incidents(
    session: Session, actor: Actor, incidents: Sequence[NewIncident], ids: Sequence[UUID], now: datetime
) -> None:
    """Make one case of each incident, under the ids given, and record the facts."""
    if not incidents:
        return
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
    session.execute(insert(table_of(Case)), cases)
    session.execute(insert(table_of(Incident)), rows)
    record(
        session,
        *(_recorded(case_id, actor, incident.facts) for case_id, incident in zip(ids, incidents, strict=True)),
    )


def submit_case(
    session: Session, actor: Actor, submitted: CaseIn, *, idempotency_key: str | None, request: object
) -> dict[str, Any]:
    """Submit one case; with an `Idempotency-Key`, once. Returns the case's reference as JSON."""
    case_id, now = uuid7(), utc_now()
    answer = _reference(case_id, now)
    if idempotency_key is not None:
        earlier = answer_once(session, actor, idempotency_key, request, answer)
        if earlier is not None:
            return earlier
    submit_incidents(session, actor, [NewIncident(submitted.incident)], [case_id], now)
    return answer


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
    if idempotency_key is not None:
        earlier = answer_once(session, actor, idempotency_key, request, answer)
        if earlier is not None:
            return earlier
    good = [(case_id, item) for case_id, item in zip(ids, items, strict=True) if isinstance(item, CaseIn)]
    submit_incidents(session, actor, [NewIncident(item.incident) for _, item in good], [i for i, _ in good], now)
    return answer


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


def answer_once(
    session: Session, actor: Actor, key: str, request: object, answer: dict[str, Any]
) -> dict[str, Any] | None:
    """Reserve an `Idempotency-Key` for an answer, in the transaction that makes it true.

    None when the key is new. The first answer when the same request came before: nothing may be done then. Raises
    `Conflict` when the key came with another request.
    """
    digest = hashlib.sha256(json.dumps(request, sort_keys=True, default=str).encode()).digest()
    statement = upsert(session, table_of(AcceptedRequest)).values(
        organisation_id=actor.organisation_id,
        key=key,
        request_digest=digest,
        answer=json.dumps(answer, default=str),
        accepted_at=utc_now(),
    )
    if session.execute(statement.on_conflict_do_nothing().returning(AcceptedRequest.key)).one_or_none():
        return None
    earlier = session.execute(
        select(AcceptedRequest.request_digest, AcceptedRequest.answer).where(
            AcceptedRequest.organisation_id == actor.organisation_id, AcceptedRequest.key == key
        )
    ).one()
    if earlier.request_digest != digest:
        raise Conflict("This Idempotency-Key was used for another request: use a new key for a new request.")
    found: dict[str, Any] = json.loads(earlier.answer)
    return found


def forget_old_answers(session: Session) -> int:
    """Drop the answers kept for `Idempotency-Key` that are over thirty days old."""
    old = AcceptedRequest.accepted_at < utc_now() - ANSWERS_KEPT
    return len(session.execute(delete(AcceptedRequest).where(old).returning(AcceptedRequest.key)).all())


def begin_import(session: Session, actor: Actor, *, digest: bytes, file_name: str) -> Import:
    """Begin to import a file, or go on with an import of the same content that broke off."""
    found = queries.import_of_file(session, actor, digest)
    if found is not None:
        return found
    statement = upsert(session, table_of(Import)).values(
        id=uuid7(),
        organisation_id=actor.organisation_id,
        digest=digest,
        file_name=file_name,
        started_at=utc_now(),
    )
    session.execute(statement.on_conflict_do_nothing())
    begun = queries.import_of_file(session, actor, digest)
    assert begun is not None
    return begun


def import_rows(
    session: Session, actor: Actor, import_id: UUID, rows: Sequence[GoodRow | RefusedRow]
) -> list[tuple[int, str]]:
    """Take the next rows of a file. Returns (row, accepted | unchanged | refused) for each that was new to this run.

    Rows that this import has dealt with are passed over, so the same chunk may come twice.
    """
    session.execute(select(Import.id).where(Import.id == import_id).with_for_update())
    last, _ = queries.rows_taken(session, import_id)
    fresh = [row for row in rows if row.row > last]
    good = [row for row in fresh if isinstance(row, GoodRow)]
    known = set(
        session.scalars(
            select(Incident.row_identity).where(
                Incident.organisation_id == actor.organisation_id,
                Incident.row_identity.in_([row.identity for row in good]),
            )
        )
    )
    new = [row for row in good if row.identity not in known]
    case_of = {row.row: uuid7() for row in new}
    submit_incidents(
        session, actor, [NewIncident(row.incident, row.identity) for row in new], list(case_of.values()), utc_now()
    )
    results = [(row.row, _result(row, case_of)) for row in fresh]
    if results:
        session.execute(
            insert(table_of(ImportedRow)),
            [
                {"import_id": import_id, "row": row, "result": result, "case_id": case_of.get(row)}
                for row, result in results
            ],
        )
    record(session, *(_refusal(actor, import_id, row) for row in fresh if isinstance(row, RefusedRow)))
    return results


def _result(row: GoodRow | RefusedRow, case_of: dict[int, UUID]) -> str:
    if isinstance(row, RefusedRow):
        return "refused"
    return "accepted" if row.row in case_of else "unchanged"


def _refusal(actor: Actor, import_id: UUID, row: RefusedRow) -> ImportRowRefused:
    first = row.refusals[0]
    return ImportRowRefused(
        organisation_id=actor.organisation_id,
        import_id=import_id,
        row=row.row,
        field=first.field,
        reason=first.reason,
    )


def finish_import(session: Session, actor: Actor, import_id: UUID) -> ImportCounts:
    """Close an import at the end of its file; a second call changes nothing. Returns its counts."""
    _, results = queries.rows_taken(session, import_id)
    counts = ImportCounts(
        rows=sum(results.values()),
        accepted=results.get("accepted", 0),
        unchanged=results.get("unchanged", 0),
        refused=results.get("refused", 0),
    )
    finished = session.execute(
        update(Import)
        .where(Import.id == import_id, Import.finished_at.is_(None))
        .values(finished_at=utc_now())
        .returning(Import.file_name)
    ).scalar_one_or_none()
    if finished is not None:
        record(
            session,
            ImportFinished(
                organisation_id=actor.organisation_id, import_id=import_id, counts=counts, file_name=finished
            ),
        )
    return counts


def note_hold(session: Session, case_id: UUID, service: str) -> None:
    """Another service holds a case."""
    session.execute(
        upsert(session, table_of(CaseHold)).values(case_id=case_id, service=service).on_conflict_do_nothing()
    )


def note_hold_ended(session: Session, case_id: UUID, service: str) -> None:
    """Another service no longer holds a case."""
    session.execute(delete(CaseHold).where(CaseHold.case_id == case_id, CaseHold.service == service))


def note_message_status(session: Session, import_id: UUID, status: str) -> None:
    """How far the message about an import has come."""
    statement = upsert(session, table_of(ImportMessage)).values(import_id=import_id, status=status)
    session.execute(
        statement.on_conflict_do_update(index_elements=["import_id"], set_={"status": statement.excluded.status})
    )
