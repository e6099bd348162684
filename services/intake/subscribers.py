"""What intake does about the facts of others."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy.orm import Session

from services.intake import commands
from services.intake.commands.protection import erase_again, note_erasure_confirmed
from services.intake.commands.sharing import review_sharing
from services.intake.domain import CaseHold, ImportMessage, Person
from services.intake.domain import ErasureConfirmed as ErasureConfirmation
from shared.database import table_of
from shared.events import CaseHeld, CaseHoldEnded, ErasureConfirmed, ImportMessageStatusChanged, Logged
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


def show_confirmation(session: Session, confirmed: Logged[ErasureConfirmed]) -> None:
    """The erasure shows which services have done it."""
    note_erasure_confirmed(session, _person_of(confirmed), _case_of(confirmed), confirmed.source)


def erase_whom_others_erased(session: Session, confirmed: Logged[ErasureConfirmed]) -> None:
    """This database knows whom others have erased: it was restored from a backup, and the journal was lost."""
    person = session.get(Person, _person_of(confirmed))
    if person is not None and person.erased_at is None:
        erase_again(session, person.id, [_case_of(confirmed)])


def withhold_shared(session: Session, held: Logged[CaseHeld]) -> None:
    """While another service holds a case, nothing of it is shown to those whom it was shared with."""
    review_sharing(session, [held.event.case_id])


def show_shared(session: Session, ended: Logged[CaseHoldEnded]) -> None:
    """The case flows again."""
    review_sharing(session, [ended.event.case_id])


def _person_of(confirmed: Logged[ErasureConfirmed]) -> UUID:
    """From the header, which is there when the rest was erased."""
    assert confirmed.person_id is not None
    return confirmed.person_id


def _case_of(confirmed: Logged[ErasureConfirmed]) -> UUID:
    return UUID(confirmed.subject.partition("/")[2])


PROJECTIONS: Handlers = {
    ErasureConfirmed: show_confirmation,
    CaseHeld: show_hold,
    CaseHoldEnded: hide_hold,
    ImportMessageStatusChanged: show_message_status,
}
PROJECTED = (table_of(CaseHold), table_of(ErasureConfirmation), table_of(ImportMessage))
"""The tables that the projections make, and a rebuild makes anew."""
REACTIONS: Handlers = {
    ErasureConfirmed: erase_whom_others_erased,
    CaseHeld: withhold_shared,
    CaseHoldEnded: show_shared,
}
