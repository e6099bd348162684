"""Tokens of persons: the same person, the same token, and no way back without a key that reporting alone keeps."""

from __future__ import annotations

import hmac
import os
from collections.abc import Collection
from uuid import UUID

from sqlalchemy import ARRAY, Uuid, any_, bindparam, select, update
from sqlalchemy.orm import Session

from services.reporting.domain import ServedPerson, TokenKey
from services.reporting.subscribers.common import LIVE
from shared.crypto import KeyRing
from shared.database import is_sqlite, table_of, upsert
from shared.vault import Vault, erased

_OWNER = UUID("6b696e62-7269-8467-a570-6572736f6e73")
"""Of the one key of this installation."""
_PLACE = "token_key.secret"
_AT_ONCE = 500


def tokens_of(session: Session, keys: KeyRing, persons: Collection[UUID]) -> dict[UUID, UUID]:
    """Person → token; whoever was erased from this service has none, whatever arrives late or is read again."""
    if not persons:
        return {}
    gone = _erased_of(session, list(persons))
    secret = _secret(session, keys)
    return {person: _token(secret, person) for person in persons if person not in gone}


def drop_token(session: Session, keys: KeyRing, person: UUID) -> None:
    """Nothing tells any more which deliveries were to the same person. What was counted stays."""
    token = _token(_secret(session, keys), person)
    session.execute(update(ServedPerson).where(ServedPerson.token == token).values(token=None))


def _token(secret: bytes, person: UUID) -> UUID:
    return UUID(bytes=hmac.digest(secret, person.bytes, "sha256")[:16])


def _erased_of(session: Session, persons: list[UUID]) -> set[UUID]:
    if not is_sqlite(session):
        statement = select(erased.c.person_id).where(erased.c.person_id == any_(bindparam("of", type_=ARRAY(Uuid()))))
        return set(session.scalars(statement, {"of": persons}, execution_options=LIVE))
    found: set[UUID] = set()
    for at in range(0, len(persons), _AT_ONCE):
        some = select(erased.c.person_id).where(erased.c.person_id.in_(persons[at : at + _AT_ONCE]))
        found.update(session.scalars(some, execution_options=LIVE))
    return found


def _secret(session: Session, keys: KeyRing) -> bytes:
    """The key; made by whoever needs it first. Raises `KeyMissing` when the master key that wraps it is missing."""
    vault, table = Vault(keys), table_of(TokenKey)
    columns = select(table.c.key_id, table.c.wrapped, table.c.secret).where(table.c.owner_id == _OWNER)
    row = session.execute(columns, execution_options=LIVE).one_or_none()
    if row is None:
        made = upsert(session, table).values(**_fresh(vault)).on_conflict_do_nothing()
        session.execute(made, execution_options=LIVE)
        row = session.execute(columns, execution_options=LIVE).one()
    return vault.unwrapped(_OWNER, row.key_id, row.wrapped).decrypt(row.secret, _PLACE)


def _fresh(vault: Vault) -> dict[str, object]:
    opened, (row,) = vault.fresh([_OWNER], _OWNER)
    secret = opened[_OWNER].encrypt(os.urandom(32), _PLACE)
    return {"owner_id": _OWNER, "key_id": row["key_id"], "wrapped": row["wrapped"], "secret": secret}
