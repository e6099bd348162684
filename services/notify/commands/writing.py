"""Writing to families: which message a fact leads to. Its words are found at the moment of sending."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid5
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session

from services.notify import queries
from services.notify.domain import FamilyContact, Notification, notification_id
from services.notify.settings import DIGEST_AT, DIGEST_FROM, JOBS, PERIOD
from services.notify.wording import ContactCheck, Digest, Kind, News, WithUs, kind_for
from shared.database import table_of, upsert, utc_now
from shared.events import Logged
from shared.wakes import wake

URGENCIES = {"now": 0, "soon": 1, "ordinary": 2}
_A_DAY = timedelta(days=1)
_TOLD_APART = frozenset({News.NAME, WithUs.NAME, ContactCheck.NAME, Digest.NAME})
"""Kinds that are counted into no digest, and make none: news and the periodic message must look alike."""


def write_to_families(session: Session, facts: Sequence[Logged[Any]]) -> None:
    """Write to every contact of each fact's case what `wording.DECLARED` says. Erased facts are passed over."""
    living = [fact for fact in facts if not fact.erased]
    contacts = queries.contacts_of_cases(session, {fact.event.case_id for fact in living}, stopped=True)
    for fact in living:
        kind, moment = kind_for(fact.type), getattr(fact.event, "at", None)
        if kind is None or (moment is not None and moment <= utc_now()):  # what is over is written down, not announced
            continue
        for contact in contacts.get(fact.event.case_id, ()):
            if contact.reachable or moment is not None:  # an appointment that cannot be told becomes a task
                write(session, contact, kind, fact.id, moment=moment)


def write(
    session: Session, contact: FamilyContact, kind: type[Kind], cause: UUID, *, moment: datetime | None = None
) -> None:
    """Write one message to a contact, once for each cause; where a day has brought much, it joins the day's digest,
    which tells no day and time: an appointment does not."""
    now = utc_now()
    if moment is None and kind.URGENCY != "now" and kind.NAME not in _TOLD_APART and _much_today(session, contact, now):
        _add_to_digest(session, contact, cause, now)
    else:
        _keep(session, [_message(contact, kind, notification_id(cause, kind.NAME, contact.id), now, moment)])
    wake(session, JOBS)


def answer(session: Session, contact: FamilyContact, kind: type[Kind], cause: UUID, number: int) -> None:
    """Answer what came from the contact's address of that number (from 0), there and nowhere else."""
    message = _message(contact, kind, notification_id(cause, kind.NAME, contact.id), utc_now())
    message.channel, message.address_number = contact.channels.split()[number], number
    _keep(session, [message])
    wake(session, JOBS)


def write_periodic(session: Session, limit: int = 500) -> int:
    """The periodic message to each contact whose turn has come; the next one follows a period later, whatever became
    of the case meanwhile. Returns how many were written."""
    now = utc_now()
    due = session.scalars(
        select(FamilyContact)
        .where(FamilyContact.write_next_at <= now)
        .order_by(FamilyContact.write_next_at)
        .limit(limit)
        .with_for_update(skip_locked=True)
    ).all()
    _keep(session, list(_periodic(due, now)))
    if due:
        wake(session, JOBS)
    return len(due)


def _periodic(due: Iterable[FamilyContact], now: datetime) -> Iterator[Notification]:
    for contact in due:
        planned = contact.write_next_at
        assert planned is not None
        contact.write_next_at = planned + PERIOD if planned + PERIOD > now else now + PERIOD
        if contact.reachable:
            yield _message(contact, WithUs, uuid5(contact.id, f"{WithUs.NAME} {planned.isoformat()}"), now)


def check_contact(session: Session, contact: FamilyContact, now: datetime) -> None:
    """Ask, once for each silence, whether the address is still the family's; nothing else goes there meanwhile."""
    silence = contact.bounced_at or contact.heard_at
    _keep(
        session, [_message(contact, ContactCheck, uuid5(contact.id, f"{ContactCheck.NAME} {silence.isoformat()}"), now)]
    )


def _much_today(session: Session, contact: FamilyContact, now: datetime) -> bool:
    told = select(func.count()).where(
        _to_the_person_of(contact),
        Notification.created_at > now - _A_DAY,
        Notification.kind.not_in(_TOLD_APART),
    )
    return (session.scalar(told) or 0) >= DIGEST_FROM


def _to_the_person_of(contact: FamilyContact) -> ColumnElement[bool]:
    """Whatever the case: somebody who asks for five people is one family with one telephone."""
    return Notification.contact_id.in_(select(FamilyContact.id).where(FamilyContact.person_id == contact.person_id))


def _add_to_digest(session: Session, contact: FamilyContact, cause: UUID, now: datetime) -> None:
    """Its next attempt is the family's evening; one that went out is followed by another one."""
    open_one = session.scalars(
        select(Notification)
        .where(_to_the_person_of(contact), Notification.kind == Digest.NAME)
        .where(Notification.status == "created", Notification.next_attempt_at > now)
        .with_for_update()
    ).first()
    if open_one is not None:
        open_one.count += 1
        return
    local = now.astimezone(ZoneInfo(contact.time_zone))
    evening = local.replace(hour=DIGEST_AT, minute=0, second=0, microsecond=0)
    due = (evening if evening > local else evening + _A_DAY).astimezone(now.tzinfo)
    _keep(session, [_message(contact, Digest, notification_id(cause, Digest.NAME, contact.id), now, due=due)])


def _message(
    contact: FamilyContact,
    kind: type[Kind],
    id_: UUID,
    now: datetime,
    moment: datetime | None = None,
    due: datetime | None = None,
) -> Notification:
    return Notification(
        id=id_,
        organisation_id=contact.organisation_id,
        kind=kind.NAME,
        about=contact.case_id,
        fact_subject=f"case/{contact.case_id}",
        channel=contact.channels.partition(" ")[0],
        subject="",
        text="",
        status="created",
        created_at=now,
        next_attempt_at=due or now,
        attempts=0,
        contact_id=contact.id,
        person_id=contact.person_id,
        urgency=URGENCIES[kind.URGENCY],
        moment=moment,
        count=1,
        address_number=0,
        tries_there=0,
        maybe_twice=False,
    )


def _keep(session: Session, messages: Sequence[Notification]) -> None:
    """Each once: a fact that is told again is the same message."""
    if not messages:
        return
    table = table_of(Notification)
    rows = [{column.name: getattr(one, column.name) for column in table.columns} for one in messages]
    session.execute(upsert(session, table).on_conflict_do_nothing(), rows)
