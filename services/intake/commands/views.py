"""Reads of personal data are recorded: who saw whom, when, in which case."""

from __future__ import annotations

from collections.abc import Iterable
from uuid import UUID

from sqlalchemy import insert
from sqlalchemy.orm import Session

from services.intake.domain import PersonViewed
from shared.access import Actor
from shared.database import table_of, utc_now

_insert_view = insert(table_of(PersonViewed)).inline()


def note_view(session: Session, actor: Actor, purpose: str, case_id: UUID | None, person_ids: Iterable[UUID]) -> None:
    """Record that the actor saw these people's data, in the transaction that reads them."""
    rows = [
        {
            "organisation_id": actor.organisation_id,
            "at": utc_now(),
            "user_id": actor.user_id,
            "case_id": case_id,
            "person_id": person_id,
            "purpose": purpose,
        }
        for person_id in person_ids
    ]
    if rows:
        session.connection().execute(_insert_view, rows)
