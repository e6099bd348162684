"""What notify does about the facts of others."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import delete
from sqlalchemy.orm import Session

from services.notify import commands
from services.notify.commands import appointments, contacts
from services.notify.commands.report_mail import write_to_readers
from services.notify.commands.writing import write, write_to_families
from services.notify.domain import CaseHold, OrganisationName, PersonBasis, RefusedRow
from services.notify.domain.messages import PASSED
from services.notify.settings import JOBS
from services.notify.wording import Receipt
from shared.database import put_row, table_of, upsert
from shared.events import (
    AppointmentCancelled,
    AppointmentChanged,
    AppointmentSet,
    CaseClosed,
    CaseHeld,
    CaseHoldEnded,
    CaseMerged,
    CaseMergeUndone,
    CaseStatusChanged,
    FamilyContactChanged,
    FamilyContactRegistered,
    FamilyContactWithdrawn,
    ImportFinished,
    ImportRowRefused,
    Logged,
    NewsReleased,
    OrganisationRegistered,
    PersonErased,
    ReportPublished,
    ReportReminded,
)
from shared.messaging.consumer import Handlers, many
from shared.person_basis import confirm_erasure, erase_from, projections_into
from shared.wakes import wake


def know_organisation(session: Session, registered: Logged[OrganisationRegistered]) -> None:
    """Messages can be addressed."""
    event = registered.event
    names = {"short_name": event.short_name, "name": event.name}
    put_row(session, table_of(OrganisationName), organisation_id=event.organisation_id, **names)


def keep_refused_row(session: Session, refused: Logged[ImportRowRefused]) -> None:
    """The row waits for the message about its import."""
    event = refused.event
    session.add(RefusedRow(import_id=event.import_id, row=event.row, field=event.field, reason=event.reason))
    session.flush()


def note_hold(session: Session, held: Logged[CaseHeld]) -> None:
    """What is written for the case waits."""
    row = upsert(session, table_of(CaseHold)).values(subject=held.subject, service=held.source)
    session.execute(row.on_conflict_do_nothing())


def forget_hold(session: Session, ended: Logged[CaseHoldEnded]) -> None:
    """This service no longer holds the case."""
    own = CaseHold.subject == ended.subject, CaseHold.service == ended.source
    session.execute(delete(CaseHold).where(*own))


def send_what_waited(session: Session, _ended: Logged[CaseHoldEnded]) -> None:
    """Messages for the case go out now, and not with the next sweep."""
    wake(session, JOBS)


def tell_organisation(session: Session, finished: Logged[ImportFinished]) -> None:
    """One message tells the organisation what became of its file."""
    commands.tell_import_finished(session, finished)


def tell_both_sides(session: Session, passed: Sequence[Logged[Any]]) -> None:
    """The organisations learn what happened to what passes between them, and what is asked of them."""
    commands.tell_both_sides(session, passed)


def keep_contact(session: Session, given: Logged[FamilyContactRegistered]) -> None:
    """The family can be written to, and is told that its request has arrived, and of what appointments it has."""
    contact = contacts.keep_contact(session, given)
    if contact is not None and contact.reachable:
        write(session, contact, Receipt, given.id)
        appointments.tell_of_earlier(session, contact, given)


def change_contact(session: Session, given: Logged[FamilyContactChanged]) -> None:
    """From now on the family is written to as it last said; where it had not been reached before, it is told that its
    request has arrived, and how to open its page."""
    before = contacts.known_addresses(session, given)
    contact = contacts.keep_contact(session, given)
    if not before <= contacts.known_addresses(session, given) or (contact is not None and contact.shared_phone):
        contacts.close_codes(session, given)
    if contact is not None and contact.reachable and not contacts.known_addresses(session, given) <= before:
        write(session, contact, Receipt, given.id)


def tell_families(session: Session, facts: Sequence[Logged[Any]]) -> None:
    """Families learn what `services.notify.wording.declared` says of these facts, and no more."""
    write_to_families(session, facts)


def remind_of_report(session: Session, reminded: Logged[ReportReminded]) -> None:
    """The organisation learns that a report to a donor is due."""
    commands.tell_report_due(session, reminded)


def write_to_donor(session: Session, published: Logged[ReportPublished]) -> None:
    """The donor's people who asked for the reports of the grant get this issue by mail."""
    write_to_readers(session, published)


def forget_family(session: Session, erased: Logged[PersonErased]) -> None:
    """Nobody can reach the person any more, or read what it wrote; intake is told."""
    assert erased.person_id is not None
    contacts.forget_family(session, erased.person_id)
    confirm_erasure(session, erased)


PROJECTIONS: Handlers = {
    **projections_into(table_of(PersonBasis)),
    OrganisationRegistered: know_organisation,
    ImportRowRefused: keep_refused_row,
    CaseHeld: note_hold,
    CaseHoldEnded: forget_hold,
}
PROJECTED = (table_of(OrganisationName), table_of(RefusedRow), table_of(PersonBasis), table_of(CaseHold))
"""The tables that the projections make, and a rebuild makes anew."""
REACTIONS: Handlers = {
    PersonErased: forget_family,
    FamilyContactRegistered: keep_contact,
    FamilyContactChanged: change_contact,
    FamilyContactWithdrawn: contacts.withdraw_contact,
    CaseClosed: contacts.end_periodic,
    CaseStatusChanged: contacts.begin_periodic_again,
    CaseMerged: contacts.tell_with,
    CaseMergeUndone: contacts.tell_alone,
    AppointmentSet: many(tell_families),
    AppointmentChanged: appointments.tell_of_change,
    AppointmentCancelled: appointments.tell_of_cancellation,
    NewsReleased: many(tell_families),
    CaseHoldEnded: send_what_waited,
    ImportFinished: tell_organisation,
    ReportPublished: write_to_donor,
    ReportReminded: remind_of_report,
    **dict.fromkeys(PASSED, many(tell_both_sides)),
}
_erase_bases = erase_from(table_of(PersonBasis))


def erase_again(session: Session, person_id: UUID, case_ids: frozenset[UUID]) -> None:
    """Erase a person again, whom a restored backup knows."""
    contacts.forget_family(session, person_id)
    _erase_bases(session, person_id, case_ids)
