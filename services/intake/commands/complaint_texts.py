"""The texts of complaints: whoever reads one is recorded, and what was dealt with long ago is erased when a person says
so. That somebody complained, about what and when, stays: a text may name anybody, a count names nobody."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import update
from sqlalchemy.orm import Session

from services.intake.commands.views import note_views
from services.intake.domain import Complaint
from services.intake.queries import complaints
from services.intake.queries.complaints import ComplaintShown
from shared.access import Actor
from shared.database import utc_now
from shared.vault import destroy_keys

READ, ERASED = "complaint", "complaint_erasure"
"""Purposes in the trail of reads. A complaint stands there in the place of a person, and never with its case: who works
on that learns nothing of it."""


def read_complaints(session: Session, actor: Actor) -> list[ComplaintShown]:
    """As `queries.complaints.complaints`; that the actor read these texts is recorded. Raises `NotAllowed`."""
    shown = complaints.complaints(session, actor)
    _note(session, actor, READ, [one.row.id for one in shown if one.text is not None])
    return shown


def erase_old_complaints(session: Session, actor: Actor) -> int:
    """Erase the texts that `queries.complaints.over` proposes to this actor: it approves, and stands in the trail for
    each. Returns how many. Raises `NotAllowed`."""
    ids = complaints.over(session, actor, utc_now())
    destroy_keys(session, ids)
    session.execute(update(Complaint).where(Complaint.id.in_(ids)).values(sealed=None))
    _note(session, actor, ERASED, ids)
    return len(ids)


def _note(session: Session, actor: Actor, purpose: str, ids: Sequence[UUID]) -> None:
    note_views(session, actor, purpose, [(None, one) for one in ids])
