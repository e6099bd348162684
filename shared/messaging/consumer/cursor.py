"""The cursor: how far one consumer has come in one partition of one source. That is the whole inbox.

The lock row is never updated, and each advance inserts a row and deletes the one before: the newest is found by the
end of an index, however many dead versions a held snapshot keeps alive behind it (decision 0003).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Table, and_, bindparam, delete, insert, select, update
from sqlalchemy.orm import Session

from shared.database import is_sqlite, upsert
from shared.events.envelope import GENESIS, PARTITIONS
from shared.messaging.sequencer import Head
from shared.messaging.tables import cursor, cursor_position


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


_lock = select(cursor.c.partition).where(at_place(cursor)).with_for_update()
_newest = (
    select(cursor_position.c.position, cursor_position.c.hash)
    .where(at_place(cursor_position))
    .order_by(cursor_position.c.position.desc())
    .limit(1)
)
_insert = insert(cursor_position)
_delete = delete(cursor_position).where(at_place(cursor_position), cursor_position.c.position == bindparam("old"))
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
    if not is_sqlite(session):  # there, the transaction itself is the only writer
        session.execute(_lock, place.key()).one()
    return read_cursor(session, place)


def read_cursor(session: Session, place: Place) -> Head:
    """How far the consumer has come; position 0 and the genesis hash before the first event."""
    row = session.execute(_newest, place.key()).one_or_none()
    return Head(0, GENESIS) if row is None else Head(row.position, row.hash)


def advance(session: Session, place: Place, old: Head, new: Head) -> None:
    """Move the cursor; to be called under its lock."""
    if old.position and is_sqlite(session):  # where an updated row leaves nothing behind
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
        return
    session.execute(_insert, {**place.key(), "position": new.position, "hash": new.hash})
    if old.position:
        session.execute(_delete, {**place.key(), "old": old.position})
