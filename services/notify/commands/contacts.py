"""Keeping how families are reached, as intake passes it on."""

from __future__ import annotations

import hashlib
import hmac
import unicodedata
from collections.abc import Sequence
from contextlib import suppress
from datetime import time
from uuid import UUID
from zoneinfo import available_timezones

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from services.notify.commands.ending import Told
from services.notify.domain import FamilyAddress, FamilyCode, FamilyContact, Notification
from services.notify.domain.statuses import UNSENT
from services.notify.settings import PERIOD
from services.notify.wording import clean_alias
from shared.crypto import KeyRing, Undecipherable
from shared.database import upsert, utc_now
from shared.errors import InvalidInput
from shared.events import (
    CaseClosed,
    CaseMerged,
    CaseMergeUndone,
    CaseStatusChanged,
    ContactDetails,
    FamilyContactChanged,
    FamilyContactRegistered,
    FamilyContactWithdrawn,
    Logged,
)
from shared.messaging.log import ledger_of
from shared.rows import insert_objects
from shared.vault import DataKey, data_key, vault_of

ContactGiven = Logged[FamilyContactRegistered] | Logged[FamilyContactChanged]
PLACE = "family_contact.sealed"
CLOSED = "closed"


def keep_contact(session: Session, given: ContactGiven) -> FamilyContact | None:
    """Keep a contact as it is now, encrypted under the person's key. None where the person was erased since."""
    sealed = None if given.erased else given.unsealed()
    key = None if given.erased else _key_of(session, given.event.person_id, given.organisation_id)
    if key is None:
        return None
    if sealed is None:
        raise InvalidInput("The contact came without its sealed part: register it again.")
    details, fact, now = _usable(ContactDetails.model_validate_json(sealed)), given.event, utc_now()
    contact = session.get(FamilyContact, fact.contact_id, with_for_update={"key_share": True})
    if contact is None:
        contact = FamilyContact(id=fact.contact_id, made_at=now, write_next_at=now + PERIOD)
    contact.case_id, contact.person_id, contact.organisation_id = fact.case_id, fact.person_id, fact.organisation_id
    contact.sealed = key.encrypt(details.model_dump_json().encode(), PLACE)
    contact.channels = " ".join(one.channel for one in details.addresses)
    contact.time_zone = fact.time_zone if fact.time_zone in available_timezones() else "UTC"
    contact.shared_phone = fact.shared_phone
    if contact.chosen_at is None:
        contact.language, contact.fallbacks = fact.language, " ".join(fact.fallbacks)
        contact.quiet_from, contact.quiet_to = _minutes(fact.quiet_from), _minutes(fact.quiet_to)
    contact.withdrawn_at = None
    contact.heard(now)
    session.add(contact)
    session.flush()
    _index_addresses(session, contact.id, details)
    return contact


def _usable(details: ContactDetails) -> ContactDetails:
    """Without an alias that no message may carry: the family is written to without one, which is safe."""
    if details.alias is None:
        return details
    try:
        return details.model_copy(update={"alias": clean_alias(details.alias)})
    except InvalidInput:
        return details.model_copy(update={"alias": None})


def _key_of(session: Session, person_id: UUID, organisation_id: UUID) -> DataKey | None:
    """The person's key, made where there is none yet; None where it was destroyed."""
    vault = vault_of(session)
    _, (row,) = vault.fresh([person_id], organisation_id)
    session.execute(upsert(session, data_key).values(**row).on_conflict_do_nothing())
    return vault.open(session, [person_id]).get(person_id)


def _minutes(at: time) -> int:
    return at.hour * 60 + at.minute


def _index_addresses(session: Session, contact_id: UUID, details: ContactDetails) -> None:
    session.execute(delete(FamilyAddress).where(FamilyAddress.contact_id == contact_id))
    keys = ledger_of(session).keys
    rows = [
        FamilyAddress(contact_id=contact_id, number=number, digest=address_digests(keys, one.address)[0])
        for number, one in enumerate(details.addresses)
    ]
    if rows:
        insert_objects(session, *rows)


def index_anew(session: Session, after: UUID, limit: int = 200) -> tuple[list[UUID], int]:
    """Index the next contacts, by id, under the current key. Returns which were looked at, and how many it was not
    under; what does not open is left as it is."""
    statement = select(FamilyContact).where(FamilyContact.id > after).order_by(FamilyContact.id).limit(limit)
    contacts = session.scalars(statement.with_for_update(key_share=True)).all()
    keys, renewed = open_keys(session, contacts), 0
    for contact in contacts:
        if contact.sealed is None or contact.person_id not in keys:
            continue
        try:
            details = opened(contact, keys[contact.person_id])
        except (Undecipherable, ValueError):
            continue
        current = {address_digests(ledger_of(session).keys, one.address)[0] for one in details.addresses}
        kept = session.scalars(select(FamilyAddress.digest).where(FamilyAddress.contact_id == contact.id))
        if current != set(kept):
            _index_addresses(session, contact.id, details)
            renewed += 1
    return [contact.id for contact in contacts], renewed


def address_digests(keys: KeyRing, address: str) -> tuple[bytes, ...]:
    """The blind index of an address under each master key, the current first. Numbers are told by their digits, mail
    addresses without regard to case."""
    plain = unicodedata.normalize("NFKC", address).strip().casefold()
    if "@" not in plain:
        plain = "+" + "".join(sign for sign in plain if sign.isdecimal())
    return tuple(
        hmac.digest(key, plain.encode(), hashlib.sha256)[:16] for key in keys.all_derived("family address index")
    )


def contacts_at(session: Session, address: str) -> list[FamilyContact]:
    """The contacts, withdrawn ones left out, that are reached by an address."""
    digests = address_digests(ledger_of(session).keys, address)
    found = select(FamilyAddress.contact_id).where(FamilyAddress.digest.in_(digests))
    statement = select(FamilyContact).where(FamilyContact.id.in_(found), FamilyContact.withdrawn_at.is_(None))
    found_ones = session.scalars(statement.order_by(FamilyContact.id).with_for_update(key_share=True)).all()
    return sorted(found_ones, key=lambda one: str(one.case_id))  # as `record` locks subjects


def number_of(session: Session, contact: FamilyContact, address: str, channel: str) -> int | None:
    """Which of the contact's addresses of a channel this one is, from 0; None where it is none of them."""
    digests = address_digests(ledger_of(session).keys, address)
    own = FamilyAddress.contact_id == contact.id, FamilyAddress.digest.in_(digests)
    channels = contact.channels.split()
    found = session.scalars(select(FamilyAddress.number).where(*own).order_by(FamilyAddress.number))
    return next((number for number in found if channels[number] == channel), None)


def open_keys(session: Session, contacts: Sequence[FamilyContact]) -> dict[UUID, DataKey]:
    """The keys of these contacts' persons, those that open."""
    vault, people = vault_of(session), {contact.person_id for contact in contacts}
    try:
        return vault.open(session, people)
    except Undecipherable:  # one was changed: the others open
        found: dict[UUID, DataKey] = {}
        for person in people:
            with suppress(Undecipherable):
                found |= vault.open(session, [person])
        return found


def opened(contact: FamilyContact, key: DataKey) -> ContactDetails:
    """What is sealed of a contact that was not withdrawn. Raises `Undecipherable` and `ValidationError`."""
    assert contact.sealed is not None
    return ContactDetails.model_validate_json(key.decrypt(contact.sealed, PLACE))


def known_addresses(session: Session, given: ContactGiven) -> frozenset[bytes]:
    """The digests of the addresses that are kept of a contact; none of an erased one."""
    if given.erased:
        return frozenset()
    own = FamilyAddress.contact_id == given.event.contact_id
    return frozenset(session.scalars(select(FamilyAddress.digest).where(own)))


def close_codes(session: Session, given: ContactGiven) -> None:
    """An address was taken away, or others read what arrives: whoever has what was sent there opens nothing with it
    any more."""
    if not given.erased:
        session.execute(delete(FamilyCode).where(FamilyCode.contact_id == given.event.contact_id))


def withdraw_contact(session: Session, withdrawn: Logged[FamilyContactWithdrawn]) -> None:
    """Nobody is reached by it any more; what is not sent yet never is."""
    if withdrawn.erased:
        return
    contact = session.get(FamilyContact, withdrawn.event.contact_id, with_for_update={"key_share": True})
    if contact is not None:
        _forget(session, [contact], "withdrawn")


def forget_family(session: Session, person_id: UUID) -> None:
    """Forget how an erased person was reached, and send nothing of what waits."""
    contacts = session.scalars(
        select(FamilyContact).where(FamilyContact.person_id == person_id).with_for_update(key_share=True)
    )
    _forget(session, contacts.all(), "erased")


def _forget(session: Session, contacts: Sequence[FamilyContact], reason: str) -> None:
    ids = [contact.id for contact in contacts]
    for contact in contacts:
        contact.sealed, contact.channels, contact.withdrawn_at, contact.write_next_at = None, "", utc_now(), None
    for table in (FamilyAddress, FamilyCode):
        session.execute(delete(table).where(table.contact_id.in_(ids)))
    unsent = (
        Notification.contact_id.in_(ids),
        Notification.status.in_(UNSENT),
        Notification.next_attempt_at.is_not(None),
    )
    told = Told(utc_now())
    waiting = select(Notification).where(*unsent).order_by(Notification.id).with_for_update(skip_locked=True)
    for message in session.scalars(waiting):
        message.end("cancelled", reason)  # what a sender looks at just now, it refuses the next time
        told.ended(message)
    told.record(session)


def end_periodic(session: Session, closed: Logged[CaseClosed]) -> None:
    """The case was closed: its families are not written to from time to time any more."""
    case_id = closed.subject_id
    session.execute(
        update(FamilyContact).where(FamilyContact.told_by([case_id])).values(closed_at=utc_now(), write_next_at=None)
    )


def tell_with(session: Session, merged: Logged[CaseMerged]) -> None:
    """The case was found to be a duplicate: its families are told what the other one says, once for both."""
    if not merged.erased:
        own = FamilyContact.told_by([merged.event.case_id])
        session.execute(update(FamilyContact).where(own).values(told_with=merged.event.into))


def tell_alone(session: Session, undone: Logged[CaseMergeUndone]) -> None:
    """They are two cases after all."""
    own = FamilyContact.case_id == undone.subject_id
    session.execute(update(FamilyContact).where(own).values(told_with=None))


def begin_periodic_again(session: Session, moved: Logged[CaseStatusChanged]) -> None:
    """A closed case was opened again."""
    if moved.erased or moved.event.was != CLOSED:
        return
    session.execute(
        update(FamilyContact)
        .where(FamilyContact.told_by([moved.event.case_id]), FamilyContact.withdrawn_at.is_(None))
        .values(closed_at=None, write_next_at=utc_now() + PERIOD)
    )
