"""The cursor: how far one consumer has come in one partition of one source. That is the whole inbox.

The lock row is never updated, and each advance inserts a row and deletes the one before: the newest is found by the
end of an index, however many dead versions a held snapshot keeps alive behind it (decision 0003).
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Table, and_, bindparam, delete, insert, select, true, tuple_, update
from sqlalchemy.exc import NoResultFound
from sqlalchemy.orm import Session

from shared.database import is_sqlite, upsert
from shared.events.envelope import GENESIS, PARTITIONS
from shared.messaging.sequencer import Head
from shared.messaging.tables import cursor, cursor_position
from shared.rows import insert_rows


@dataclass(frozen=True)
class Place:
    """One consumer on one partition of one source."""

    consumer: str
    source: str
    partition: int

    def key(self) -> dict[str, Any]:
        """As the parameters of a statement made with `at_place`."""
        return {"consumer": self.consumer, "source": self.source, "partition": self.partition}


def at_place(table: Table) -> ColumnElement[bool]:
    """For a statement that is made once and run for each event: its rows of one place, given by `Place.key()`."""
    return and_(*(table.c[name] == bindparam(name) for name in ("consumer", "source", "partition")))


def at_places(table: Table) -> ColumnElement[bool]:
    """The same for several partitions of one source, given by `places_key()`."""
    of_source = (table.c[name] == bindparam(name) for name in ("consumer", "source"))
    return and_(*of_source, table.c.partition.in_(bindparam("partitions", expanding=True)))


def places_key(consumer: str, source: str, partitions: Collection[int]) -> dict[str, Any]:
    """The parameters of a statement made with `at_places`."""
    return {"consumer": consumer, "source": source, "partitions": list(partitions)}


_lock = select(cursor.c.partition).where(at_places(cursor)).order_by(cursor.c.partition).with_for_update()
_newest = (
    select(cursor_position.c.position, cursor_position.c.hash)
    .where(at_place(cursor_position))
    .order_by(cursor_position.c.position.desc())
    .limit(1)
)
_newest_here = (
    select(cursor_position.c.position, cursor_position.c.hash)
    .where(*(cursor_position.c[name] == cursor.c[name] for name in ("consumer", "source", "partition")))
    .order_by(cursor_position.c.position.desc())
    .limit(1)
    .lateral()
)
_newest_of_each = (
    select(cursor.c.partition, _newest_here.c.position, _newest_here.c.hash)
    .join(_newest_here, true())
    .where(at_places(cursor))
)
_insert = insert(cursor_position)
_delete = delete(cursor_position).where(
    *(cursor_position.c[name] == bindparam(name) for name in ("consumer", "source")),
    tuple_(cursor_position.c.partition, cursor_position.c.position).in_(bindparam("old", expanding=True)),
)
_move = (
    update(cursor_position)
    .where(
        cursor_position.c.consumer == bindparam("of_consumer"),
        cursor_position.c.source == bindparam("of_source"),
        cursor_position.c.partition == bindparam("of_partition"),
        cursor_position.c.position == bindparam("old"),
    )
    .values(position=bindparam("new"), hash=bindparam("digest"))
)


def ensure_cursors(session: Session, consumer: str, sources: Iterable[str]) -> None:
    """Make the lock rows that are missing."""
    rows = [
        {"consumer": consumer, "source": source, "partition": partition}
        for source in sources
        for partition in range(PARTITIONS)
    ]
    if rows:
        session.execute(upsert(session, cursor).on_conflict_do_nothing(), rows)


def lock_cursor(session: Session, place: Place) -> Head:
    """Lock the cursor until the transaction ends and read it: nobody else advances it meanwhile."""
    return lock_cursors(session, place.consumer, place.source, (place.partition,))[place.partition]


def lock_cursors(session: Session, consumer: str, source: str, partitions: Collection[int]) -> dict[int, Head]:
    """Lock the cursors of several partitions, always in the same order, and read them behind the locks."""
    if not is_sqlite(session):  # there, the transaction itself is the only writer
        locked = session.execute(_lock, places_key(consumer, source, partitions)).all()
        if len(locked) != len(partitions):
            raise NoResultFound("a cursor that was never prepared")
    return read_cursors(session, consumer, source, partitions)


def read_cursors(session: Session, consumer: str, source: str, partitions: Collection[int]) -> dict[int, Head]:
    """How far the consumer has come in several partitions of one source."""
    if is_sqlite(session):
        return {p: read_cursor(session, Place(consumer, source, p)) for p in partitions}
    rows = session.execute(_newest_of_each, places_key(consumer, source, partitions))
    found = {partition: Head(position, digest) for partition, position, digest in rows}
    return {p: found.get(p, Head(0, GENESIS)) for p in partitions}


def read_cursor(session: Session, place: Place) -> Head:
    """How far the consumer has come; position 0 and the genesis hash before the first event."""
    row = session.execute(_newest, place.key()).one_or_none()
    return Head(0, GENESIS) if row is None else Head(row.position, row.hash)


def advance(session: Session, consumer: str, source: str, moves: Mapping[int, tuple[Head, Head]]) -> None:
    """Move the cursors of some partitions, each from where it stood; to be called under their locks."""
    if is_sqlite(session):
        for partition, (old, new) in moves.items():
            _advance_alone(session, Place(consumer, source, partition), old, new)
        return
    rows = [
        {**Place(consumer, source, p).key(), "position": new.position, "hash": new.hash}
        for p, (_, new) in moves.items()
    ]
    insert_rows(session, cursor_position, rows)
    left = [(p, old.position) for p, (old, _) in moves.items() if old.position]
    if left:
        session.execute(_delete, {"consumer": consumer, "source": source, "old": left})


def _advance_alone(session: Session, place: Place, old: Head, new: Head) -> None:
    """On SQLite, where an updated row leaves nothing behind."""
    if not old.position:
        session.execute(_insert, {**place.key(), "position": new.position, "hash": new.hash})
        return
    session.execute(
        _move,
        {
            "of_consumer": place.consumer,
            "of_source": place.source,
            "of_partition": place.partition,
            "old": old.position,
            "new": new.position,
            "digest": new.hash,
        },
    )
