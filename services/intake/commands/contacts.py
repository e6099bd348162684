"""How a family wishes to be reached about a case. The address itself is sealed to notify, and kept nowhere here."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime, time
from typing import Any
from uuid import UUID

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from services.intake import histories
from services.intake.casework import CASE_TYPES
from services.intake.casework.common import standing_appointments
from services.intake.casework.contacts import (
    ContactKept,
    FamilyContactIn,
    FamilyWishes,
    KeptAddress,
    hint_of,
)
from services.intake.casework.telling import REACHED, TELL_THE_FAMILY
from services.intake.commands.changes import RECORDED, open_for_change, write_change
from services.intake.domain import Attention, Case, FamilyContact, Person
from services.intake.queries import protection
from services.intake.queries.family import SEALED, contact_of, opened_contacts, reachable
from shared.access import Actor
from shared.database import utc_now, uuid7
from shared.errors import Conflict, NotFound, Stale
from shared.events import (
    ContactAddress,
    ContactDetails,
    FamilyContactChanged,
    FamilyContactRegistered,
    FamilyContactWithdrawn,
)
from shared.messaging.log import record
from shared.vault import vault_of

PURPOSE = "notification"
CHOSEN = ("language", "fallbacks", "quiet_from", "quiet_to")
"""What a family chooses itself, on its page."""


def register_family_contact(
    session: Session,
    actor: Actor,
    case_id: UUID,
    person_id: UUID,
    given: FamilyContactIn,
    *,
    expected: int | None = None,
) -> FamilyContact:
    """Register how a person of the case wishes to be told. `expected` is the case's version.

    Raises as `open_for_change`; `NotFound` for somebody who is not of this case; `Conflict` for a closed case, for
    somebody who is not told in such a case (`REACHED`), who was erased, or without a legal basis for it.
    """
    case = open_for_change(session, actor, case_id, expected)
    _check_open(case)
    _check_person(session, case, person_id)
    now = utc_now()
    row = FamilyContact(
        id=uuid7(),
        organisation_id=case.organisation_id,
        case_id=case.id,
        person_id=person_id,
        version=1,
        sealed=_sealed(session, person_id, given),
        made_at=now,
        changed_at=now,
    )
    session.add(row)
    session.flush()
    ahead = tuple(at for at in standing_appointments(histories.history(session, case)) if at > now)
    told = FamilyContactRegistered(**_about(row), **_given(given), appointments=ahead)
    write_change(session, actor, case, "register_contact", told, announced=RECORDED, recorded=_recorded(row))
    return row


def change_family_contact(
    session: Session, actor: Actor, case_id: UUID, contact_id: UUID, given: FamilyContactIn, expected: int | None
) -> FamilyContact:
    """Give a contact anew, whole, addresses too; `expected` is the contact's version. An opt-out stands, and so do the
    language and the quiet hours that the family chose itself.

    Raises as `register_family_contact`, and `Conflict` for a contact that was withdrawn.
    """
    case = open_for_change(session, actor, case_id, None)
    row = _standing(session, case, contact_id, expected)
    _check_open(case)
    _check_allowed(session, row.person_id)
    given = _with_choice(session, row, given)
    row.sealed = _sealed(session, row.person_id, given)
    _touch(row, utc_now())
    told = FamilyContactChanged(**_about(row), **_given(given))
    write_change(session, actor, case, "change_contact", told, announced=RECORDED, recorded=_recorded(row))
    return row


def withdraw_family_contact(
    session: Session, actor: Actor, case_id: UUID, contact_id: UUID, expected: int | None
) -> FamilyContact:
    """Reach nobody by this contact any more, also in a closed case; what was kept of it is gone. `expected` is the
    contact's version. Raises as `open_for_change`, `NotFound`, and `Conflict` for one that was withdrawn."""
    case = open_for_change(session, actor, case_id, None)
    row = _standing(session, case, contact_id, expected)
    _withdraw(row, utc_now())
    told = FamilyContactWithdrawn(**_about(row))
    write_change(session, actor, case, "withdraw_contact", told, announced=RECORDED, recorded=_recorded(row))
    return row


def end_contacts(session: Session, case_ids: Collection[UUID], now: datetime) -> None:
    """The cases go to another organisation: nobody is reached by their contacts any more, and what notify asked about
    them is to be done by nobody. The transaction may see the rows of the organisation that hands over."""
    asked = Attention.case_id.in_(case_ids), Attention.done_at.is_(None), Attention.reason != TELL_THE_FAMILY
    session.execute(update(Attention).where(*asked).values(done_at=now))
    standing = select(FamilyContact).where(FamilyContact.case_id.in_(case_ids), FamilyContact.withdrawn_at.is_(None))
    rows = session.scalars(standing.order_by(FamilyContact.id).with_for_update()).all()
    for row in rows:
        _withdraw(row, now)
    session.flush()
    record(session, *(FamilyContactWithdrawn(**_about(row)) for row in rows))


def _standing(session: Session, case: Case, contact_id: UUID, expected: int | None) -> FamilyContact:
    row = contact_of(session, case, contact_id, lock=True)
    if expected is not None and row.version != expected:
        raise Stale("The contact was changed since you read it: read it again, and decide anew.")
    if row.withdrawn_at is not None:
        raise Conflict("This contact was withdrawn: register a new one.")
    return row


def _check_open(case: Case) -> None:
    if case.status in CASE_TYPES[case.type].life_cycle.closed:
        raise Conflict("The case is closed: open it again before you say how the family is told.")


def _check_person(session: Session, case: Case, person_id: UUID) -> None:
    told = reachable(session, case, REACHED.get(case.type, ()))
    if person_id not in told:
        everybody = reachable(session, case, tuple(CASE_TYPES[case.type].people))
        if person_id not in everybody:
            raise NotFound("There is no such person in this case.")
        raise Conflict("Messages go to who asked, or to whom such a case is about: choose that person.")
    _check_allowed(session, person_id)


def _check_allowed(session: Session, person_id: UUID) -> None:
    if session.get_one(Person, person_id).erased_at is not None:
        raise Conflict("This person was erased: nothing is recorded of it any more.")
    if not protection.may_use(session, person_id, PURPOSE, None, utc_now().date()).allowed:
        raise Conflict(
            "Nothing allows to send messages to this person: first record, under the person's Protection, consent and "
            "requests, why its data may be used to tell the family."
        )


def _withdraw(row: FamilyContact, now: datetime) -> None:
    row.withdrawn_at, row.sealed = now, None
    _touch(row, now)


def _touch(row: FamilyContact, now: datetime) -> None:
    row.version, row.changed_at = row.version + 1, now


def _sealed(session: Session, person_id: UUID, given: FamilyContactIn) -> bytes:
    """Everything but the addresses, of which a hint is kept."""
    wishes: dict[str, Any] = {name: getattr(given, name) for name in FamilyWishes.model_fields}
    hints = tuple(KeptAddress(channel=one.channel, hint=hint_of(one.channel, one.address)) for one in given.addresses)
    kept = ContactKept(**wishes, addresses=hints).model_dump_json()
    return vault_of(session).open(session, [person_id])[person_id].encrypt(kept.encode(), SEALED)


def _with_choice(session: Session, row: FamilyContact, given: FamilyContactIn) -> FamilyContactIn:
    if row.chosen_at is None:
        return given
    (shown,) = opened_contacts(session, [row])
    return given if shown.kept is None else given.model_copy(update={one: getattr(shown.kept, one) for one in CHOSEN})


def _about(row: FamilyContact) -> dict[str, Any]:
    return {
        "organisation_id": row.organisation_id,
        "case_id": row.case_id,
        "person_id": row.person_id,
        "contact_id": row.id,
    }


def _recorded(row: FamilyContact) -> dict[str, str]:
    return {"person": str(row.person_id), "contact": str(row.id)}


def _given(given: FamilyContactIn) -> dict[str, Any]:
    """The contact as notify is told of it; what only notify may read is sealed."""
    return {
        "language": given.language,
        "fallbacks": given.fallbacks,
        "time_zone": given.time_zone,
        "quiet_from": time.fromisoformat(given.quiet_from),
        "quiet_to": time.fromisoformat(given.quiet_to),
        "shared_phone": given.shared_phone,
        "sealed": ContactDetails(
            addresses=tuple(ContactAddress(channel=one.channel, address=one.address) for one in given.addresses),
            alias=given.alias,
            spoken_word=given.spoken_word,
        ),
    }
