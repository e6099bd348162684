"""Encryption at rest: a data key for each person and for each case, wrapped by the master key.

AES-256-GCM with associated data that names the place (`table.column.row`), so that a cipher text moved elsewhere does
not open. Destroying a data key is the erasure: what was encrypted under it opens nowhere any more.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from typing import Any
from uuid import UUID
from weakref import WeakKeyDictionary

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from sqlalchemy import Column, LargeBinary, MetaData, Table, Text, Uuid, bindparam, select, update
from sqlalchemy.orm import Session

from shared.crypto import NONCE_BYTES, KeyMissing, KeyRing, Undecipherable, derive, fresh_nonces, key_id
from shared.database import NAMING, UtcDateTime, utc_now
from shared.messaging.log import SCRUB, ledger_of
from shared.wakes import wake

VAULT = MetaData(naming_convention=NAMING)

data_key = Table(
    "data_key",
    VAULT,
    Column("owner_id", Uuid, primary_key=True),
    Column("organisation_id", Uuid, nullable=False),
    Column("key_id", Text, nullable=False),
    Column("wrapped", LargeBinary),
    Column("made_at", UtcDateTime, nullable=False),
    Column("destroyed_at", UtcDateTime),
    comment="One key for each person or case; without it nothing encrypted under it opens",
)

erased = Table(
    "erased",
    VAULT,
    Column("person_id", Uuid, primary_key=True),
    Column("case_id", Uuid, primary_key=True),
    Column("erased_at", UtcDateTime, nullable=False),
    comment="Whom this service has erased: what the erasure journal is compared with at start",
)

KEY_BYTES = 32


class DataKey:
    """The open key of one person or case. Never stored, never logged."""

    __slots__ = ("_cipher", "owner_id")

    def __init__(self, owner_id: UUID, secret: bytes) -> None:
        self.owner_id = owner_id
        self._cipher = AESGCM(secret)

    def encrypt(self, plain: bytes, place: str, nonce: bytes | None = None) -> bytes:
        """Nonce and cipher text. `place` is `table.column`; the owner is added."""
        nonce = nonce or os.urandom(NONCE_BYTES)
        return nonce + self._cipher.encrypt(nonce, plain, self._associated(place))

    def decrypt(self, stored: bytes, place: str) -> bytes:
        """The plain bytes; raises `Undecipherable` when they were changed or moved."""
        try:
            return self._cipher.decrypt(stored[:NONCE_BYTES], stored[NONCE_BYTES:], self._associated(place))
        except (InvalidTag, ValueError):
            raise Undecipherable(
                "A stored value does not decrypt: it was changed, or belongs to another row."
            ) from None

    def _associated(self, place: str) -> bytes:
        return f"{place}.{self.owner_id}".encode()


class Vault:
    """Makes, opens and destroys data keys, in the session's transaction."""

    def __init__(self, keys: KeyRing) -> None:
        self._masters = {key_id(master): AESGCM(derive(master, "wrap data keys")) for master in keys.masters}
        self.current = keys.current

    def fresh(self, owners: Iterable[UUID], organisation_id: UUID) -> tuple[dict[UUID, DataKey], list[dict[str, Any]]]:
        """New keys, and the rows of `data_key` to insert with what they encrypt."""
        owners = list(owners)
        secrets, nonces = os.urandom(KEY_BYTES * len(owners)), fresh_nonces(len(owners))
        opened, rows, now = {}, [], utc_now()
        for number, (owner, nonce) in enumerate(zip(owners, nonces, strict=True)):
            secret = secrets[number * KEY_BYTES : (number + 1) * KEY_BYTES]
            opened[owner] = DataKey(owner, secret)
            wrapped = nonce + self._masters[self.current].encrypt(nonce, secret, _wrapping(owner))
            rows.append(
                {
                    "owner_id": owner,
                    "organisation_id": organisation_id,
                    "key_id": self.current,
                    "wrapped": wrapped,
                    "made_at": now,
                    "destroyed_at": None,
                }
            )
        return opened, rows

    def open(self, session: Session, owners: Iterable[UUID]) -> dict[UUID, DataKey]:
        """The keys of these owners; a destroyed one is missing. Raises `KeyMissing` for an unknown master key."""
        wanted = list(owners)
        if not wanted:
            return {}
        rows = session.connection().execute(_keys_of, {"owners": wanted}).all()
        return {owner: self.unwrapped(owner, key, wrapped) for owner, key, wrapped in rows}

    def open_or_renew(self, session: Session, owner: UUID, organisation_id: UUID) -> DataKey:
        """The key of a case that lives on: where an erasure destroyed it, a new one, under which nothing old opens."""
        found = self.open(session, [owner]).get(owner)
        if found is not None:
            return found
        opened, (row,) = self.fresh([owner], organisation_id)
        session.execute(update(data_key).where(data_key.c.owner_id == owner).values(row))
        return opened[owner]

    def every_key(self, session: Session) -> Iterator[DataKey]:
        """Every key that this database still has, for a proof that none of them opens something."""
        rows = session.execute(
            select(data_key.c.owner_id, data_key.c.key_id, data_key.c.wrapped)
            .where(data_key.c.wrapped.is_not(None))
            .execution_options(yield_per=1000)
        )
        for owner, key, wrapped in rows:
            yield self.unwrapped(owner, key, wrapped)

    def unwrapped(self, owner: UUID, key: str, wrapped: bytes) -> DataKey:
        """The open key, from where it is kept: `data_key`, or beside what it encrypts. Raises `KeyMissing`, and
        `Undecipherable` for one that was changed."""
        return DataKey(owner, self._secret(owner, key, wrapped))

    def wrapped_anew(self, owner: UUID, key: str, wrapped: bytes) -> dict[str, Any]:
        """`key_id` and `wrapped` of the same key under the current master key. Raises as `unwrapped`."""
        nonce = os.urandom(NONCE_BYTES)
        secret = self._secret(owner, key, wrapped)
        return {
            "key_id": self.current,
            "wrapped": nonce + self._masters[self.current].encrypt(nonce, secret, _wrapping(owner)),
        }

    def _secret(self, owner: UUID, key: str, wrapped: bytes) -> bytes:
        try:
            return self._masters[key].decrypt(wrapped[:NONCE_BYTES], wrapped[NONCE_BYTES:], _wrapping(owner))
        except KeyError:
            raise KeyMissing(f"A data key is wrapped by key {key}, which KINBRIDGE_MASTER_KEY lacks.") from None
        except (InvalidTag, ValueError):
            raise Undecipherable("A data key does not open: it was changed.") from None


def destroy_keys(session: Session, owners: Iterable[UUID]) -> int:
    """Destroy data keys: the erasure. Returns how many there were. SQLite's log is cut off after the commit."""
    statement = (
        update(data_key)
        .where(data_key.c.owner_id.in_(list(owners)), data_key.c.destroyed_at.is_(None))
        .values(wrapped=None, destroyed_at=utc_now())
        .returning(data_key.c.owner_id)
    )
    wake(session, SCRUB)
    return len(session.execute(statement).all())


def vault_of(session: Session) -> Vault:
    """The vault of the session's database."""
    keys = ledger_of(session).keys
    found = _vaults.get(keys)
    if found is None:
        found = _vaults.setdefault(keys, Vault(keys))
    return found


_vaults: WeakKeyDictionary[KeyRing, Vault] = WeakKeyDictionary()
_keys_of = select(data_key.c.owner_id, data_key.c.key_id, data_key.c.wrapped).where(
    data_key.c.owner_id.in_(bindparam("owners", expanding=True)), data_key.c.wrapped.is_not(None)
)


def _wrapping(owner: UUID) -> bytes:
    return f"data_key.wrapped.{owner}".encode()
