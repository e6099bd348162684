"""What is due to families, and what decides whether it may go out."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence, Set
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import ColumnElement, exists, select
from sqlalchemy.orm import Session

from services.notify.domain import Attempt, FamilyContact, Notification, OrganisationName, PersonBasis, ProviderRest
from services.notify.queries.organisations import flows
from shared.legal import Decision, decide

PURPOSE = "notification"


def due_to_families(session: Session, now: datetime, limit: int) -> Sequence[UUID]:
    """Messages to families to look at now: every organisation's turn comes round, so that the surge of one delays no
    other; of one organisation the urgent ones first, then the oldest."""
    waiting = _due(now)
    turns = [
        list(
            session.scalars(
                select(Notification.id)
                .where(waiting, Notification.organisation_id == one, flows())
                .order_by(Notification.urgency, Notification.next_attempt_at)
                .limit(limit)
            )
        )
        for one in session.scalars(
            select(OrganisationName.organisation_id).where(
                exists().where(Notification.organisation_id == OrganisationName.organisation_id, waiting)
            )
        )
    ]
    taken: list[UUID] = []
    for place in range(max((len(turn) for turn in turns), default=0)):
        taken += [turn[place] for turn in turns if place < len(turn)]
        if len(taken) >= limit:
            break
    return taken[:limit]


def _due(now: datetime) -> ColumnElement[bool]:
    return Notification.contact_id.is_not(None) & (Notification.next_attempt_at <= now)


def contacts_of_cases(
    session: Session, case_ids: Collection[UUID], *, stopped: bool = False
) -> Mapping[UUID, Sequence[FamilyContact]]:
    """The contacts of each of these cases, and of its duplicates, by which somebody may be reached; with those who said
    stop where `stopped`."""
    found: defaultdict[UUID, list[FamilyContact]] = defaultdict(list)
    statement = select(FamilyContact).where(FamilyContact.told_by(case_ids)).order_by(FamilyContact.id)
    for contact in session.scalars(statement):
        if contact.reachable or (stopped and contact.sealed is not None and contact.withdrawn_at is None):
            found[contact.told_with or contact.case_id].append(contact)
    return found


def may_be_told(session: Session, contacts: Collection[FamilyContact], on: date) -> Mapping[UUID, Decision]:
    """By contact: whether its person's data may be used to write to it on this day, and why not."""
    rows: defaultdict[tuple[UUID, UUID], list[PersonBasis]] = defaultdict(list)
    people = {contact.person_id for contact in contacts}
    cases = {contact.case_id for contact in contacts}
    statement = (
        select(PersonBasis)
        .where(PersonBasis.case_id.in_(cases), PersonBasis.person_id.in_(people), PersonBasis.purpose == PURPOSE)
        .order_by(PersonBasis.case_id, PersonBasis.seq)
    )
    for row in session.scalars(statement):
        rows[row.case_id, row.person_id].append(row)
    return {one.id: decide(rows[one.case_id, one.person_id], None, on) for one in contacts}


def letters_of_living(session: Session, references: Collection[str]) -> Set[str]:
    """Those of these letters of the mailbox whose contact was neither withdrawn nor erased."""
    sent = select(Attempt.provider_id).join(Notification, Notification.id == Attempt.notification_id)
    living = sent.join(FamilyContact, FamilyContact.id == Notification.contact_id).where(
        Attempt.provider_id.in_(references), FamilyContact.sealed.is_not(None)
    )
    return {one for one in session.scalars(living) if one is not None}


def under_way(session: Session) -> bool:
    """True while an attempt has no outcome and its message waits for one. What a crash broke off of a message that
    arrived by another attempt stays without: nobody asks for it any more."""
    waits = Notification.next_attempt_at.is_not(None) | (Notification.status == "sending")
    asked = select(Attempt.id).join(Notification, Notification.id == Attempt.notification_id)
    return session.scalar(asked.where(Attempt.outcome.is_(None), waits).limit(1)) is not None


def resting(session: Session, now: datetime) -> Mapping[str, datetime]:
    """Providers that asked to be left alone, and until when."""
    statement = select(ProviderRest.provider, ProviderRest.until).where(ProviderRest.until > now)
    return {provider: until for provider, until in session.execute(statement)}


def newest_attempts(session: Session, message_ids: Collection[UUID]) -> Mapping[UUID, Attempt]:
    """The newest attempt of each of these messages that has one."""
    statement = select(Attempt).where(Attempt.notification_id.in_(message_ids)).order_by(Attempt.started_at, Attempt.id)
    return {attempt.notification_id: attempt for attempt in session.scalars(statement)}
