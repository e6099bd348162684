"""The matcher's index is asked: who of the other side shares keys with a record? One statement, whatever is asked.

A digest is of a key together with the side that holds it: the look-up of sought persons never touches found ones. Each
key's holders are read the newest first and no further than `MOST_OF_KEY`: a key that so many share says little, and a
true record shares rarer ones. Everything here sees the rows of every organisation.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import BigInteger, LargeBinary, Select, any_, bindparam, func, select, text
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Session
from sqlalchemy.types import JSON

from services.intake.casework.matching import OPEN
from services.intake.domain import Match, MatchRecord
from services.intake.matching import MOST_OF_KEY, VERSION, Holders, Prepared
from services.intake.naming import digest_of
from services.intake.queries.compared import OTHER_SIDE
from shared.crypto import key_id
from shared.database import is_sqlite
from shared.messaging.log import ledger_of
from shared.vault import data_key, vault_of

SEALED = "match_record.sealed"
_PURPOSE = "match index"
_TRAITS = 31
"""Bits of `MatchKey.holder`."""


@dataclass(frozen=True)
class Held:
    """A record of the index, still sealed."""

    number: int
    person_id: UUID
    case_id: UUID
    organisation_id: UUID
    sealed: bytes
    key_id: str
    wrapped: bytes


def index_key_ids(session: Session) -> tuple[str, ...]:
    """The ids of the master keys that digests may be under, the current one first."""
    return tuple(key_id(master) for master in ledger_of(session).keys.masters)


def digests_of(session: Session, side: str, keys: Iterable[str]) -> list[int]:
    """What is stored of a record's keys, under the current master key; sorted, each once."""
    index_key = ledger_of(session).keys.derived(_PURPOSE)
    return sorted({_digest(index_key, side, key) for key in keys})


def packed(digests: Iterable[int]) -> bytes:
    """`MatchRecord.digests`."""
    return np.array([*digests], ">i8").tobytes()


def unpacked(stored: bytes | None) -> list[int]:
    """The digests of `packed`; none of None."""
    found: list[int] = np.frombuffer(stored or b"", ">i8").tolist()
    return found


def holder_of(number: int, traits: int) -> int:
    """`MatchKey.holder`."""
    return number << _TRAITS | traits


def holders(session: Session, side: str, keys: Iterable[str], most: int = MOST_OF_KEY) -> dict[str, Holders]:
    """Key in the clear → who of that side holds it, under whichever master key; keys that nobody holds are left out."""
    index_keys = ledger_of(session).keys.all_derived(_PURPOSE)
    asked = {_digest(index_key, side, key): key for key in keys for index_key in index_keys}
    found: dict[str, list[NDArray[np.int64]]] = defaultdict(list)
    for digest, held in _looked_up(session, sorted(asked), most):
        found[asked[digest]].append(held)
    return {
        key: _holders(held[0] if len(held) == 1 else np.unique(np.concatenate(held))) for key, held in found.items()
    }


def population(session: Session, side: str) -> int:
    """How many records of a side are in the index. Counts them: for whoever remembers it for a while."""
    return session.scalar(select(func.count()).where(MatchRecord.side == side)) or 0


def records(session: Session, side: str, numbers: Collection[int]) -> list[Held]:
    """Those of these records that are on that side, were prepared by this version, and whose key is there."""
    statement = _RECORDS_ON_SQLITE if is_sqlite(session) else _RECORDS_ON_POSTGRESQL
    asked = {"numbers": sorted(numbers), "side": side, "version": VERSION}
    return [Held(*row) for row in session.connection().execute(statement, asked)]


def opened(session: Session, found: Iterable[Held]) -> dict[int, Prepared]:
    """Number → the record, decrypted."""
    vault = vault_of(session)
    return {
        one.number: Prepared.from_bytes(
            vault.unwrapped(one.person_id, one.key_id, one.wrapped).decrypt(one.sealed, SEALED)
        )
        for one in found
    }


def standing(session: Session, side: str, person_id: UUID) -> set[int]:
    """The records with which a person of that side has a match that is open: they are scored anew whatever comes of
    it."""
    own, other = Match.sought_person_id, Match.found_person_id
    if OTHER_SIDE[side] == "sought":
        own, other = other, own
    of_person = select(other).where(own == person_id, Match.state.in_(sorted(OPEN)))
    return set(session.scalars(select(MatchRecord.number).where(MatchRecord.person_id.in_(of_person))))


def waiting(session: Session, now: datetime) -> bool:
    """Whether it is some record's turn: it is due, or another version prepared it."""
    due = select(MatchRecord.number).where(MatchRecord.next_attempt_at <= now).limit(1)
    return session.scalar(due) is not None or session.scalar(behind().limit(1)) is not None


def behind() -> Select[int]:
    """The numbers of records that an older version prepared, while nobody is at them."""
    return (
        select(MatchRecord.number)
        .where(MatchRecord.version < VERSION, MatchRecord.attempts == 0)
        .order_by(MatchRecord.version)
    )


def _digest(index_key: bytes, side: str, key: str) -> int:
    return digest_of(index_key, f"{side} {key}")


def _looked_up(session: Session, digests: Sequence[int], most: int) -> Iterable[tuple[int, NDArray[np.int64]]]:
    connection, asked = session.connection(), {"digests": digests, "most": most}
    if is_sqlite(session):
        rows = connection.execute(_ON_SQLITE, asked)
        return [(digest, np.array(held.split(","), np.int64)) for digest, held in rows]
    rows = connection.execute(_ON_POSTGRESQL, asked)
    return [(digest, np.frombuffer(held, ">i8").astype(np.int64)) for digest, held in rows]


def _holders(held: NDArray[np.int64]) -> Holders:
    return Holders(held >> _TRAITS, held & (1 << _TRAITS) - 1)


_ON_POSTGRESQL = (  # an array is planned anew each time; holders come as bytes: 20,000 of them are read in no time
    text(
        "SELECT asked.digest, held.holders FROM unnest(CAST(:digests AS bigint[])) AS asked (digest) "
        "CROSS JOIN LATERAL (SELECT string_agg(int8send(holder), '') AS holders FROM (SELECT holder FROM match_key "
        "WHERE digest = asked.digest ORDER BY holder DESC LIMIT :most) AS newest) AS held "
        "WHERE held.holders IS NOT NULL"
    )
    .bindparams(bindparam("digests", type_=ARRAY(BigInteger)), bindparam("most"))
    .columns(digest=BigInteger, holders=LargeBinary)
)
_ON_SQLITE = text(
    "SELECT asked.value, (SELECT group_concat(holder) FROM (SELECT holder FROM match_key WHERE digest = asked.value "
    "ORDER BY holder DESC LIMIT :most)) AS holders FROM json_each(:digests) AS asked WHERE holders IS NOT NULL"
).bindparams(bindparam("digests", type_=JSON()), bindparam("most"))
_RECORDS = (
    select(
        MatchRecord.number,
        MatchRecord.person_id,
        MatchRecord.case_id,
        MatchRecord.organisation_id,
        MatchRecord.sealed,
        data_key.c.key_id,
        data_key.c.wrapped,
    )
    .join(data_key, data_key.c.owner_id == MatchRecord.person_id)
    .where(
        MatchRecord.side == bindparam("side"),
        MatchRecord.version == bindparam("version"),
        data_key.c.wrapped.is_not(None),
    )
)
_RECORDS_ON_POSTGRESQL = _RECORDS.where(MatchRecord.number == any_(bindparam("numbers", type_=ARRAY(BigInteger))))
_RECORDS_ON_SQLITE = _RECORDS.where(
    MatchRecord.number.in_(select(func.json_each(bindparam("numbers", type_=JSON())).table_valued("value").c.value))
)
