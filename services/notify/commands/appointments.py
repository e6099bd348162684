"""Appointments that are moved or cancelled: what was told of them holds no more, and who heard of it hears so."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID, uuid5

from sqlalchemy import select
from sqlalchemy.orm import Session

from services.notify import queries
from services.notify.commands.ending import Told
from services.notify.commands.writing import write
from services.notify.domain import FamilyContact, Notification
from services.notify.domain.statuses import UNSENT
from services.notify.wording import STANDING_APPOINTMENTS, Appointment, AppointmentCancelled, AppointmentChanged
from shared.database import utc_now
from shared.events import AppointmentCancelled as Cancelled
from shared.events import AppointmentChanged as Changed
from shared.events import FamilyContactRegistered, Logged


def tell_of_earlier(session: Session, contact: FamilyContact, registered: Logged[FamilyContactRegistered]) -> None:
    """Who is told from now on learns of the appointments that were set before and still lie ahead, each once."""
    for at in registered.event.appointments:
        if at > utc_now():
            write(session, contact, Appointment, uuid5(registered.id, at.isoformat()), moment=at)


def tell_of_change(session: Session, changed: Logged[Changed]) -> None:
    """Every contact of the case learns the new day and time: as a change where it had heard of the old one. A new time
    that is over already was written down only: who expected the old one learns that it does not take place."""
    if changed.erased:
        return
    event, now = changed.event, utc_now()
    for contact, heard in _overtake(session, event.case_id, event.was, now):
        expects = heard and event.was > now
        if event.at > now:
            write(session, contact, AppointmentChanged if expects else Appointment, changed.id, moment=event.at)
        elif expects:
            write(session, contact, AppointmentCancelled, changed.id, moment=event.was)


def tell_of_cancellation(session: Session, cancelled: Logged[Cancelled]) -> None:
    """Who had heard of the appointment, and still expects it, learns that it does not take place."""
    if cancelled.erased:
        return
    event, now = cancelled.event, utc_now()
    for contact, heard in _overtake(session, event.case_id, event.at, now):
        if heard and event.at > now:
            write(session, contact, AppointmentCancelled, cancelled.id, moment=event.at)


def _overtake(session: Session, case_id: UUID, was: datetime, now: datetime) -> Sequence[tuple[FamilyContact, bool]]:
    """Take back what was not sent yet of an appointment. Returns each contact of the case, and whether it heard of it,
    or a case worker was asked to tell."""
    contacts = queries.contacts_of_cases(session, [case_id], stopped=True).get(case_id, ())
    told, heard = Told(now), set()
    statement = (
        select(Notification)
        .where(
            Notification.contact_id.in_([contact.id for contact in contacts]),
            Notification.kind.in_(STANDING_APPOINTMENTS),
            Notification.moment == was,
            Notification.overtaken_at.is_(None),
        )
        .order_by(Notification.id)
        .with_for_update()
    )
    for message in session.scalars(statement):
        message.overtaken_at = now
        if message.attempts or message.status not in UNSENT:
            heard.add(message.contact_id)
        if message.status in UNSENT:
            message.end("cancelled", "overtaken")
            told.ended(message)
    told.record(session)
    return [(contact, contact.id in heard) for contact in contacts]
