"""What intake does about the facts of others."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from services.intake import commands
from services.intake.commands import family
from services.intake.commands.protection import erase_again, note_erasure_confirmed
from services.intake.commands.sharing import review_sharing
from services.intake.commands.telling import erase_complaints
from services.intake.domain import CaseHold, FamilyMessage, ImportMessage, Person
from services.intake.domain import ErasureConfirmed as ErasureConfirmation
from shared.database import table_of
from shared.events import (
    AttentionRequested,
    CaseHeld,
    CaseHoldEnded,
    ComplaintReceived,
    ComplaintText,
    ErasureConfirmed,
    FamilyMessageStatusChanged,
    FamilyOptedIn,
    FamilyOptedOut,
    FamilyPreferencesChosen,
    FamilyReplied,
    ImportMessageStatusChanged,
    Logged,
    ReplyText,
)
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
    note_erasure_confirmed(session, _person_of(confirmed), confirmed.subject_id, confirmed.source)


def erase_whom_others_erased(session: Session, confirmed: Logged[ErasureConfirmed]) -> None:
    """This database knows whom others have erased: it was restored from a backup, and the journal was lost."""
    erase_complaints(session, [confirmed.subject_id])  # also what an organisation keeps that handed the case over
    person = session.get(Person, _person_of(confirmed))
    if person is not None and person.erased_at is None:
        erase_again(session, person.id, [confirmed.subject_id])


def withhold_shared(session: Session, held: Logged[CaseHeld]) -> None:
    """While another service holds a case, nothing of it is shown to those whom it was shared with."""
    review_sharing(session, [held.event.case_id])


def show_shared(session: Session, ended: Logged[CaseHoldEnded]) -> None:
    """The case flows again."""
    review_sharing(session, [ended.event.case_id])


def show_family_message(session: Session, changed: Logged[FamilyMessageStatusChanged]) -> None:
    """The case shows how far a message to the family has come."""
    family.note_family_message(session, changed.event, _moment(changed))


def bring_reply(session: Session, replied: Logged[FamilyReplied]) -> None:
    """A case worker reads what the family wrote. Nobody reads what was erased meanwhile."""
    if not replied.erased:
        said = _said(replied)
        family.keep_reply(session, replied.event, said.text if said is not None else None, _moment(replied))


def show_opt_out(session: Session, opted: Logged[FamilyOptedOut]) -> None:
    """The contact shows that the family wants no messages by it."""
    if not opted.erased:
        family.note_opt_out(session, opted.event.contact_id, _moment(opted))


def show_opt_in(session: Session, opted: Logged[FamilyOptedIn]) -> None:
    """The contact shows that it wants them again."""
    if not opted.erased:
        family.note_opt_out(session, opted.event.contact_id, None)


def show_choice(session: Session, chosen: Logged[FamilyPreferencesChosen]) -> None:
    """The contact shows what the family chose itself."""
    if not chosen.erased:
        family.note_choice(session, chosen.event, _moment(chosen))


def give_task(session: Session, asked: Logged[AttentionRequested]) -> None:
    """A case worker does what notify cannot."""
    family.ask_for_attention(session, asked.event, _moment(asked))


def bring_complaint(session: Session, received: Logged[ComplaintReceived]) -> None:
    """Who may read complaints reads it."""
    sealed = None if received.erased else received.unsealed()
    said = None if sealed is None else ComplaintText.model_validate_json(sealed)
    family.keep_complaint(session, received.event, said, _moment(received))


def _moment(of: Logged[Any]) -> datetime:
    return datetime.fromisoformat(of.time)


def _said(of: Logged[Any]) -> ReplyText | None:
    """What is sealed to this service alone."""
    sealed = None if of.erased else of.unsealed()
    return None if sealed is None else ReplyText.model_validate_json(sealed)


def _person_of(confirmed: Logged[ErasureConfirmed]) -> UUID:
    """From the header, which is there when the rest was erased."""
    assert confirmed.person_id is not None
    return confirmed.person_id


PROJECTIONS: Handlers = {
    ErasureConfirmed: show_confirmation,
    CaseHeld: show_hold,
    CaseHoldEnded: hide_hold,
    ImportMessageStatusChanged: show_message_status,
    FamilyMessageStatusChanged: show_family_message,
}
PROJECTED = (table_of(CaseHold), table_of(ErasureConfirmation), table_of(ImportMessage), table_of(FamilyMessage))
"""The tables that the projections make, and a rebuild makes anew."""
REACTIONS: Handlers = {
    ErasureConfirmed: erase_whom_others_erased,
    CaseHeld: withhold_shared,
    CaseHoldEnded: show_shared,
    FamilyReplied: bring_reply,
    FamilyOptedOut: show_opt_out,
    FamilyOptedIn: show_opt_in,
    FamilyPreferencesChosen: show_choice,
    AttentionRequested: give_task,
    ComplaintReceived: bring_complaint,
}
