"""Incidents, as they are known now, and the names of organisations for headings."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import update
from sqlalchemy.orm import Session

from services.reporting.domain import IncidentFact, OrganisationName
from services.reporting.subscribers.common import place_of
from shared.database import put_row, table_of
from shared.events import (
    IncidentCorrected,
    IncidentRecorded,
    IncidentSourceAssessed,
    Logged,
    OrganisationRegistered,
)
from shared.rows import insert_rows


def count_incidents(session: Session, recorded: Sequence[Logged[IncidentRecorded]]) -> None:
    """Each incident becomes one fact."""
    insert_rows(session, table_of(IncidentFact), [_fact(one) for one in recorded])


def correct_incident(session: Session, corrected: Logged[IncidentCorrected]) -> None:
    """The fact becomes what the correction says."""
    fact = _fact(corrected)
    session.execute(update(IncidentFact).where(IncidentFact.case_id == fact.pop("case_id")).values(**fact))


def note_source(session: Session, assessed: Logged[IncidentSourceAssessed]) -> None:
    """The fact says how good its sources are, as they were judged last."""
    event = assessed.event
    session.execute(
        update(IncidentFact).where(IncidentFact.case_id == event.case_id).values(source_quality=event.level)
    )


def know_organisation(session: Session, registered: Logged[OrganisationRegistered]) -> None:
    """Headings can name the organisation."""
    event = registered.event
    names = {"short_name": event.short_name, "name": event.name}
    put_row(session, table_of(OrganisationName), organisation_id=event.organisation_id, **names)


def _fact(logged: Logged[Any]) -> dict[str, Any]:
    event: IncidentRecorded | IncidentCorrected = logged.event
    return {
        "case_id": event.case_id,
        "organisation_id": event.organisation_id,
        "occurred_from": event.occurred_from,
        "occurred_to": event.occurred_to,
        "route": event.route,
        "region": event.region,
        "cause": event.cause,
        **event.counts.__dict__,
        **place_of(logged),
    }
