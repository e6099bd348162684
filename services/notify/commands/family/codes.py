"""The codes with which families open their pages: 60 bits, good for 30 days, as often as one likes.

A code is derived from the message that brings it, so that sending again brings the same one; only a keyed digest of it
is kept. Neither a stolen database nor a log holds one.
"""

from __future__ import annotations

import hashlib
import hmac
import unicodedata
from collections.abc import Mapping
from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from services.notify.domain.contact import FamilyCode, FamilyContact
from services.notify.settings import CODE_LIFE
from shared.crypto import KeyRing
from shared.database import table_of, upsert

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
"""Crockford's base 32: no letter that reads as a digit (I, L, O), and no U."""
LETTERS = 12
GROUP = 4
MOST_TYPED = 60
"""Characters of what somebody typed that are looked at."""


def code_of(keys: KeyRing, notification_id: UUID) -> str:
    """The code that a message brings, as `XXXX-XXXX-XXXX`."""
    drawn = int.from_bytes(_digest(keys.derived("family code"), notification_id.bytes)) >> (256 - 5 * LETTERS)
    letters = "".join(ALPHABET[(drawn >> 5 * place) & 31] for place in reversed(range(LETTERS)))
    return "-".join(letters[at : at + GROUP] for at in range(0, LETTERS, GROUP))


def keep_codes(session: Session, keys: KeyRing, codes: Mapping[str, UUID], now: datetime) -> None:
    """Let each code open its contact's page for `CODE_LIFE`; one that is kept already stays as it is."""
    key = keys.derived(_KEPT_UNDER)
    rows = [
        {
            "digest": _digest(key, folded(code).encode()),
            "contact_id": contact_id,
            "made_at": now,
            "expires_at": now + CODE_LIFE,
        }
        for code, contact_id in codes.items()
    ]
    if rows:
        session.execute(upsert(session, table_of(FamilyCode)).on_conflict_do_nothing(), rows)


def find_contact(session: Session, keys: KeyRing, typed: str, now: datetime) -> FamilyContact | None:
    """Whose page a code opens, as somebody typed it: in any case and grouping, with any script's digits.

    None for every other text alike, and for the code of a contact that was withdrawn or erased. Whatever was typed, the
    same work is done: one digest under each key, one statement.
    """
    wanted = folded(typed).encode()
    digests = [_digest(key, wanted) for key in keys.all_derived(_KEPT_UNDER)]
    return session.scalar(
        select(FamilyContact)
        .join(FamilyCode, FamilyCode.contact_id == FamilyContact.id)
        .where(
            FamilyCode.digest.in_(digests),
            FamilyCode.expires_at > now,
            FamilyContact.sealed.is_not(None),
            FamilyContact.withdrawn_at.is_(None),
        )
        .limit(1)
    )


def folded(typed: str) -> str:
    """A code's letters as they were meant: what looks alike is alike, and what no code has is left out."""
    shapes = unicodedata.normalize("NFKC", typed[:MOST_TYPED]).upper().translate(_LOOKS_LIKE)
    return "".join(found for one in shapes if (found := _as_digit(one)) in ALPHABET)


def _as_digit(letter: str) -> str:
    value = unicodedata.decimal(letter, None)
    return letter if value is None else str(value)


def _digest(key: bytes, message: bytes) -> bytes:
    return hmac.digest(key, message, hashlib.sha256)


_KEPT_UNDER = "family code digest"
_LOOKS_LIKE = str.maketrans("ILOUАВСЕНІКМОРТХУ", "110VABCEH1KM0PTXY")  # the second half is Cyrillic
"""As Crockford reads them; and letters of a Cyrillic keyboard that look like Latin ones."""
