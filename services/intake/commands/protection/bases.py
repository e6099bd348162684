"""Why a person's data may be used, and the person's own yes and no."""

from __future__ import annotations

from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from services.intake.commands.changes import write_change
from services.intake.commands.sharing import review_sharing
from services.intake.domain import LegalBasis, Organisation, Person
from services.intake.queries import protection
from services.intake.queries.locking import locked, one_at_a_time
from shared.access import Act, Actor, require
from shared.database import utc_now, uuid7
from shared.errors import Conflict
from shared.events import ConsentGiven, ConsentWithdrawn, Event, LegalBasisRecorded, ObjectionRecorded
from shared.legal import OBJECTION, STOPS, WITHDRAWAL
from shared.messaging.log import record
from shared.vault import vault_of


def record_legal_basis(
    session: Session,
    actor: Actor,
    person_id: UUID,
    *,
    purpose: str,
    basis: str,
    recipient_id: UUID | None = None,
    expires_on: date | None = None,
) -> LegalBasis:
    """Record why the person's data may be used, as the actor assessed it, or the person's own no (`STOPS`).

    A consent lifts the person's earlier no to the very same; nothing else does. Raises `NotFound`, `NotAllowed`, and
    `Conflict` for an erased person or a recipient that never receives anything.
    """
    require(actor, Act.RECORD_LEGAL_BASES)
    one_at_a_time(session, actor.organisation_id)
    person = protection.person(session, actor, person_id, lock=True)
    if person.erased_at is not None:
        raise Conflict("This person was erased: nothing is recorded of it any more.")
    if basis not in STOPS:
        check_recipient(session, recipient_id)
    return _add(session, new_basis(actor, person.id, purpose, basis, recipient_id, expires_on))


def withdraw_consent(
    session: Session, actor: Actor, person_id: UUID, *, purpose: str, recipient_id: UUID | None = None
) -> LegalBasis:
    """Record that the person takes its consent back; without a recipient, for every use of that purpose."""
    return record_legal_basis(session, actor, person_id, purpose=purpose, basis=WITHDRAWAL, recipient_id=recipient_id)


def record_objection(
    session: Session, actor: Actor, person_id: UUID, *, purpose: str, recipient_id: UUID | None = None
) -> LegalBasis:
    """Record that the person objects to a use, whatever its basis; without a recipient, to every such use."""
    return record_legal_basis(session, actor, person_id, purpose=purpose, basis=OBJECTION, recipient_id=recipient_id)


def share_with_nobody(session: Session, actor: Actor, person_id: UUID, *, wish: bool) -> Person:
    """Record the person's wish that nothing of it leaves this organisation, or that it no longer wishes so.

    The other services learn the wish as an objection to sharing. Its end alone allows nothing: consent does. It ends
    whichever record of the person it was noted with.
    """
    require(actor, Act.RECORD_LEGAL_BASES)
    one_at_a_time(session, actor.organisation_id)
    person = protection.person(session, actor, person_id, lock=True)
    if protection.known(session, person) is None:
        raise Conflict("This person was erased: nothing is recorded of it any more.")
    records = [person]
    if not wish:
        others = Person.id.in_(protection.everybody_of(session, person)), Person.id != person.id
        records += session.scalars(locked(select(Person).where(*others, Person.share_with_nobody).order_by(Person.id)))
    changed = [one.id for one in records if one.share_with_nobody != wish]
    for one in records:
        _write_wish(session, actor, one, wish=wish)
    cases = protection.cases_of(session, changed, lock=True) if changed else ()
    review_sharing(session, [case.id for case in cases])
    for case in cases:
        write_change(session, actor, case, "share_with_nobody", recorded={"wish": wish, "about": str(person.id)})
    return person


def _write_wish(session: Session, actor: Actor, person: Person, *, wish: bool) -> None:
    known = protection.known(session, person)
    if known is not None:
        told = known.model_copy(update={"share_with_nobody": wish}).model_dump_json(exclude_defaults=True)
        person.sealed = vault_of(session).open(session, [person.id])[person.id].encrypt(told.encode(), "person.sealed")
    note_wish(session, actor, person, wish=wish)


def note_wish(session: Session, actor: Actor, person: Person, *, wish: bool) -> None:
    """Note whether the person wishes to be shared with nobody, and tell a new wish in each of its cases.

    The caller has called `one_at_a_time`.
    """
    if person.share_with_nobody != wish:
        person.share_with_nobody = wish
        if wish:
            _add(session, new_basis(actor, person.id, "sharing", OBJECTION))
    session.flush()


def _add(session: Session, row: LegalBasis) -> LegalBasis:
    session.add(row)
    session.flush()
    people = protection.everybody_of(session, session.get_one(Person, row.person_id))
    cases = protection.cases_of(session, people)
    review_sharing(session, [case.id for case in cases])
    record(session, *(fact_of(row, case.id, person_id) for case in cases for person_id in people))
    return row


def check_recipient(session: Session, recipient_id: UUID | None) -> None:
    """Raises `Conflict` unless data may ever be given to this organisation; None is the own one."""
    if recipient_id is None:
        return
    recipient = session.get(Organisation, recipient_id)
    if recipient is None:
        raise Conflict("The recipient is no organisation of this hub: `recipient_id` must name one.")
    if recipient.kind == protection.AUTHORITY:
        raise Conflict("Nothing is shared with authorities: there is no basis to record.")


def new_basis(
    actor: Actor,
    person_id: UUID,
    purpose: str,
    basis: str,
    recipient_id: UUID | None = None,
    expires_on: date | None = None,
) -> LegalBasis:
    """A legal basis that the actor assessed now, not yet stored."""
    return LegalBasis(
        id=uuid7(),
        organisation_id=actor.organisation_id,
        person_id=person_id,
        purpose=purpose,
        basis=basis,
        recipient_id=recipient_id,
        assessed_by=actor.user_id,
        recorded_at=utc_now(),
        expires_on=expires_on,
    )


def fact_of(row: LegalBasis, case_id: UUID, person_id: UUID | None = None) -> Event:
    """What is told of a legal basis, in one case of the person, perhaps under another id of the same person."""
    about: dict[str, Any] = {
        "organisation_id": row.organisation_id,
        "case_id": case_id,
        "person_id": person_id or row.person_id,
        "purpose": row.purpose,
        "recipient_id": row.recipient_id,
    }
    if row.basis == WITHDRAWAL:
        return ConsentWithdrawn(**about)
    if row.basis == OBJECTION:
        return ObjectionRecorded(**about)
    if row.basis == "consent":
        return ConsentGiven(**about, expires_on=row.expires_on)
    return LegalBasisRecorded(**about, basis=row.basis, expires_on=row.expires_on)
