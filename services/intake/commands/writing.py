"""What every change of a case writes: one version, one timeline entry, one fact."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy.orm import Session

from services.intake.casework import CASE_TYPES
from services.intake.domain import Base, Case, TimelineEntry
from shared.access import Actor
from shared.database import utc_now
from shared.events import CaseClosed, CaseStatusChanged, CaseUpdated, Event
from shared.messaging.log import record
from shared.rows import rows_of, take_in
from shared.vault import vault_of

RECORDED = "record"
"""What other services learn of every deed."""


def write_change(
    session: Session,
    actor: Actor | None,
    case: Case,
    what: str,
    *facts: Event,
    announced: str | None = None,
    status: str | None = None,
    reason: str | None = None,
    recorded: Mapping[str, Any] | None = None,
    personal: Mapping[str, Any] | None = None,
    dimensions: Mapping[str, Any] | None = None,
    made: Sequence[Base] = (),
    **columns: Any,
) -> Case:
    """Give the case its next version with a timeline entry, and record `facts` and the fact of the change. Without an
    actor the family did it.

    `announced` is what other services learn instead of `what`, where that would say too much. `recorded` are coded
    facts in the clear, `personal` is text, encrypted under the case's key; `dimensions` are what `CaseUpdated` says
    the case is counted by now; `made` are new rows, inserted with the timeline entry; `columns` are columns of the
    case that change.
    """
    now, version, was = utc_now(), case.version + 1, case.status
    after = status or was
    note = None
    if personal:
        key = vault_of(session).open_or_renew(session, case.id, case.organisation_id)
        note = key.encrypt(json.dumps(personal).encode(), "timeline_entry.note")
    for name, value in {**columns, "version": version, "updated_at": now, "status": after}.items():
        setattr(case, name, value)
    session.flush()
    entry = TimelineEntry(
        case_id=case.id,
        number=version,
        organisation_id=case.organisation_id,
        at=now,
        user_id=actor.user_id if actor is not None else None,
        what=what,
        reason=reason,
        status=after,
        facts=dict(recorded) if recorded else None,
        note=note,
    )
    about: dict[str, Any] = {"organisation_id": case.organisation_id, "case_id": case.id, "case_type": case.type}
    change: Event = (
        CaseUpdated(**about, what=announced or what, version=version, **(dimensions or {}))
        if status is None
        else CaseStatusChanged(**about, move=what, was=was, status=after, version=version)
    )
    closed = status in CASE_TYPES[case.type].life_cycle.closed and was not in CASE_TYPES[case.type].life_cycle.closed
    ending = (CaseClosed(**about, reason=reason, closed_on=now.date()),) if closed else ()
    record(session, change, *ending, *facts, made=rows_of((*made, entry)))
    take_in(session, made)
    return case
