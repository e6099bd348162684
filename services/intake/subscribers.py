"""What intake does about the facts of others."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy.orm import Session

from services.intake import commands
from services.intake.domain import CaseHold, ImportMessage
from shared.database import table_of
from shared.events import CaseHeld, CaseHoldEnded, ImportMessageStatusChanged, Logged
from shared.messaging.consumer import Handlers


def show_hold(session: Session, held: Logged[CaseHeld]) -> None:
    """The case's page says which service holds it."""
    commands.note_hold(session, held.event.case_id, held.source)


def hide_hold(session: Session, ended: Logged[CaseHoldEnded]) -> None:
    """The case flows again."""
    commands.note_hold_ended(session, ended.event.case_id, ended.source)


def show_message_status(session: Session, changed: Logged[ImportMessageStatusChanged]) -> None:
    """The import shows how far its message has come."""
    import_id: UUID = changed.event.import_id
    commands.note_message_status(session, import_id, changed.event.status)


PROJECTIONS: Handlers = {
    CaseHeld: show_hold,
    CaseHoldEnded: hide_hold,
    ImportMessageStatusChanged: show_message_status,
}
PROJECTED = (table_of(CaseHold), table_of(ImportMessage))
"""The tables that the projections make, and a rebuild makes anew."""
REACTIONS: Handlers = {}
