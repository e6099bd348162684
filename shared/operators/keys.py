"""Rotation of the master key: what is under which key, and what was wrapped by an older one wrapped anew.

Data keys are wrapped by a master key; what they encrypt stays as it is. Events cannot be encrypted anew, since their
bytes are hashed: of a dropped master key the one key that opens its events is kept (`retired`).
"""

from __future__ import annotations

import base64
import json
import time
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from typing import Any
from uuid import UUID

from sqlalchemy import Column, Engine, MetaData, Table, bindparam, cast, func, select, update
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Session

from shared.crypto import KeyRing, key_id
from shared.database import is_sqlite, reading, transaction
from shared.errors import Conflict, MisconfiguredError, NotFound
from shared.messaging.tables import event_log
from shared.vault import VAULT, vault_of

BATCH = 500
"""Data keys that are wrapped anew in one transaction."""
PATIENCE = 60.0
"""Seconds for which keys that somebody works on are tried again."""

Renewals = Mapping[str, Callable[[Engine], int]]
"""What a service makes under the master key besides, each with a function that makes it anew under the current one."""
Count = dict[str, int]


def keyed_tables(metadata: MetaData) -> list[Table]:
    """The tables with wrapped data keys: `data_key`, and where a key lies beside what it encrypts."""
    tables = {table.name: table for one in (VAULT, metadata) for table in one.sorted_tables}
    return [table for _, table in sorted(tables.items()) if {"key_id", "wrapped"} <= set(table.columns.keys())]


def _owner(table: Table) -> Column[UUID]:
    (owner,) = table.primary_key.columns
    return owner


def keys_in_use(engine: Engine, metadata: MetaData, keys: KeyRing) -> dict[str, Any]:
    """Under each key: how many data keys it wraps, and how many events it opens."""
    wrapped: Counter[str] = Counter()
    with reading(engine) as session:
        for table in keyed_tables(metadata):
            counted = select(table.c.key_id, func.count()).where(table.c.wrapped.is_not(None))
            wrapped.update({key: count for key, count in session.execute(counted.group_by(table.c.key_id))})
        events = {key: count for key, count in session.execute(_events_by_key(session))}
    known = [key_id(master) for master in keys.masters]
    every = list(dict.fromkeys([*known, *sorted(keys.opens_events_of), *wrapped, *events]))
    return {
        "keys": [
            {
                "id": key,
                "state": _state(key, keys, known),
                "data_keys": wrapped.get(key, 0),
                "events": events.get(key, 0),
            }
            for key in every
        ]
    }


def _state(key: str, keys: KeyRing, known: list[str]) -> str:
    if key == keys.current:
        return "current"
    if key in known:
        return "older"
    return "events alone" if key in keys.opens_events_of else "missing"


def _events_by_key(session: Session) -> Any:
    header = event_log.c.header
    key = func.json_extract(header, "$.keyid") if is_sqlite(session) else cast(header, JSONB)["keyid"].astext
    return select(key.label("key"), func.count()).where(event_log.c.payload.is_not(None)).group_by("key")


def check_keys(engine: Engine, service: str, metadata: MetaData, keys: KeyRing) -> None:
    """Refuse to start without a key that data keys are wrapped by, or that the oldest event names: a dropped key
    would show as cases that cannot be read. Raises `MisconfiguredError`."""
    with reading(engine) as session:
        for table in keyed_tables(metadata):
            under = select(table.c.key_id).where(
                table.c.wrapped.is_not(None), table.c.key_id.not_in(keys.opens_data_keys_of)
            )
            missing = session.scalar(under.limit(1))
            if missing is not None:
                raise MisconfiguredError(
                    f"KINBRIDGE_MASTER_KEY lacks key {missing}, which data of {service} is still under. Put it back, "
                    "behind the newest one; `keys rewrap` frees it, and `keys list` shows when."
                )
        oldest = session.scalar(
            select(event_log.c.header).where(event_log.c.payload.is_not(None)).order_by(event_log.c.ordinal).limit(1)
        )
    named = json.loads(oldest)["keyid"] if oldest is not None else keys.current
    if named not in keys.opens_events_of:
        raise MisconfiguredError(
            f"Neither KINBRIDGE_MASTER_KEY nor KINBRIDGE_EVENT_KEYS has key {named}, which events of {service} name. "
            "Put it back, behind the newest one; `keys retire` prints what is to be kept of it."
        )


def rewrap(engine: Engine, metadata: MetaData, renewals: Renewals) -> Count:
    """Wrap every data key anew that is under an older master key, and renew what else was made under one.

    Safe while the system runs, and to be broken off: what is done stays done, and the next run goes on from there.
    """
    done = {table.name: _rewrap_table(engine, table) for table in keyed_tables(metadata)}
    return done | {name: renew(engine) for name, renew in renewals.items()}


def _rewrap_table(engine: Engine, table: Table) -> int:
    """Rows that somebody has locked are passed over, so that nobody waits for us in a circle, and tried again later."""
    done, until = 0, time.monotonic() + PATIENCE
    while True:
        after: UUID | None = None
        while True:
            with transaction(engine) as session:
                rows = _rewrap_batch(session, table, after)
            if not rows:
                break
            done, after = done + len(rows), rows[-1]
        if not _is_left(engine, table):
            return done
        if time.monotonic() > until:
            raise Conflict("Some data keys are being worked on all the time: run it again.")
        time.sleep(0.1)


def _rewrap_batch(session: Session, table: Table, after: UUID | None) -> list[UUID]:
    owner, vault = _owner(table), vault_of(session)
    statement = select(owner, table.c.key_id, table.c.wrapped).where(_is_old(session, table))
    if after is not None:
        statement = statement.where(owner > after)
    rows = session.execute(statement.order_by(owner).limit(BATCH).with_for_update(skip_locked=True)).all()
    if rows:
        change = update(table).where(owner == bindparam("of_owner"))
        session.connection().execute(
            change.values(key_id=bindparam("key_id"), wrapped=bindparam("wrapped")),
            [{"of_owner": one, **vault.wrapped_anew(one, key, wrapped)} for one, key, wrapped in rows],
        )
    return [one for one, *_ in rows]


def _is_old(session: Session, table: Table) -> Any:
    return table.c.wrapped.is_not(None) & (table.c.key_id != vault_of(session).current)


def _is_left(engine: Engine, table: Table) -> bool:
    with reading(engine) as session:
        return session.scalar(select(_owner(table)).where(_is_old(session, table)).limit(1)) is not None


def retired(keys: KeyRing, key: str, in_use: Iterable[Mapping[str, Any]]) -> str:
    """What is kept of a master key that is dropped from the list: `id:key`, for KINBRIDGE_EVENT_KEYS.

    Raises `Conflict` while data keys are under it, or it is the current one.
    """
    master = next((one for one in keys.masters if key_id(one) == key), None)
    if master is None:
        raise NotFound("KINBRIDGE_MASTER_KEY has no such key: `keys list` shows them.")
    if key == keys.current:
        raise Conflict("This is the current key: put a new one before it first.")
    if any(one["id"] == key and one["data_keys"] for one in in_use):
        raise Conflict("Data keys are still under this key: run `keys rewrap` first.")
    return f"{key}:{base64.b64encode(KeyRing.event_key(master)).decode()}"
