"""The blind index is asked: which persons of an organisation hold these digests?"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, BindParameter, Column, Uuid, bindparam, text
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Session
from sqlalchemy.types import JSON

from shared.database import is_sqlite
from shared.messaging.log import ledger_of

_COLUMNS = Column("digest", BigInteger), Column("person_id", Uuid)
_GIVEN: tuple[BindParameter[Any], ...] = bindparam("organisation", type_=Uuid()), bindparam("most")
_ON_POSTGRESQL = (  # an array is planned anew each time: a plan kept from an empty table would walk a full one
    text(
        "SELECT asked.digest, held.person_id FROM unnest(CAST(:digests AS bigint[])) AS asked (digest) "
        "CROSS JOIN LATERAL (SELECT person_id FROM name_key WHERE organisation_id = :organisation "
        "AND digest = asked.digest ORDER BY person_id DESC LIMIT :most) AS held"
    )
    .bindparams(bindparam("digests", type_=ARRAY(BigInteger)), *_GIVEN)
    .columns(*_COLUMNS)
)
_ON_SQLITE = (
    text(
        "SELECT digest, person_id FROM (SELECT digest, person_id, "
        "row_number() OVER (PARTITION BY digest ORDER BY person_id DESC) AS place FROM name_key "
        "WHERE organisation_id = :organisation AND digest IN (SELECT value FROM json_each(:digests))) "
        "WHERE place <= :most"
    )
    .bindparams(bindparam("digests", type_=JSON()), *_GIVEN)
    .columns(*_COLUMNS)
)


def index_keys_of(session: Session) -> tuple[bytes, ...]:
    """The keys of the blind index: what is written is under the first, what is looked up may be under any."""
    return ledger_of(session).keys.all_derived("name index")


def holders_of(session: Session, organisation_id: UUID, digests: Iterable[int], most: int) -> Mapping[int, list[UUID]]:
    """Digest → the newest `most` persons of the organisation that hold it. One statement, however many are asked."""
    found: dict[int, list[UUID]] = defaultdict(list)
    asked = {"digests": sorted(set(digests)), "organisation": organisation_id, "most": most}
    statement = _ON_SQLITE if is_sqlite(session) else _ON_POSTGRESQL
    for digest, person_id in session.connection().execute(statement, asked):
        found[digest].append(person_id)
    return found
