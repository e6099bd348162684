"""Reads of personal data are recorded: who saw whom, when, in which case."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from uuid import UUID

from sqlalchemy.orm import Session

from services.intake.domain import PersonViewed
from shared.access import Actor
from shared.database import table_of, utc_now
from shared.rows import insert_rows

_views = table_of(PersonViewed)


def note_view(session: Session, actor: Actor, purpose: str, case_id: UUID | None, person_ids: Iterable[UUID]) -> None:
    """Record that the actor saw these people's data, in the transaction that reads them."""
    note_views(session, actor, purpose, [(case_id, person_id) for person_id in person_ids])


def note_views(session: Session, actor: Actor, purpose: str, seen: Sequence[tuple[UUID | None, UUID]]) -> None:
    """The same for people of several cases: (case, person)."""
    if not seen:
        return
    insert_rows(
        session,
        _views,
        [
            {
                "organisation_id": actor.organisation_id,
                "at": utc_now(),
                "user_id": actor.user_id,
                "case_id": case_id,
                "person_id": person_id,
                "purpose": purpose,
            }
            for case_id, person_id in seen
        ],
        settled=True,
    )
