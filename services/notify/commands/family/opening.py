"""Opening a page by a code. A code of nobody is the same, and costs the same, whatever is wrong with it."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from services.notify.commands.family.codes import find_contact
from services.notify.commands.family.tries import CODES, count_try, refuse_many
from services.notify.domain.contact import FamilyContact
from shared.crypto import KeyRing


def open_page(session: Session, keys: KeyRing, client: str, typed: str, now: datetime) -> FamilyContact | None:
    """Whose page it is; the family was heard of. None for no code of ours. Raises `TooManyTries`."""
    contact = try_code(session, keys, client, typed, now)
    if contact is not None:
        contact.heard(now)
    return contact


def try_code(session: Session, keys: KeyRing, client: str, typed: str, now: datetime) -> FamilyContact | None:
    """As `open_page`, and nothing is opened: is it a code of ours? `client` is an address, of which a digest is kept.

    A right code is not counted. Over the limit a right one is turned away, too: else guessing would go on.
    """
    refuse_many(session, keys, CODES, client, now)
    contact = find_contact(session, keys, typed, now)
    if contact is None:
        count_try(session, keys, CODES, client, now)
    return contact


def contact_of_visit(session: Session, contact_id: UUID) -> FamilyContact | None:
    """The contact of an opened page; None once it was withdrawn or erased."""
    return session.scalar(
        select(FamilyContact).where(
            FamilyContact.id == contact_id, FamilyContact.sealed.is_not(None), FamilyContact.withdrawn_at.is_(None)
        )
    )
