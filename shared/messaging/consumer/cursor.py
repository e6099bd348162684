"""The cursor: how far one consumer has come in one partition of one source. That is the whole inbox.

The lock row is never updated, and each advance inserts a row and deletes the one before: the newest is found by the
end of an index, however many dead versions a held snapshot keeps alive behind it (decision 0003).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from sqlalchemy import delete, insert, select
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
        session.execute(
            select(cursor.c.partition)
            .where(
                cursor.c.consumer == place.consumer,
                cursor.c.source == place.source,
                cursor.c.partition == place.partition,
            )
            .with_for_update()
        ).one()
    return read_cursor(session, place)


def read_cursor(session: Session, place: Place) -> Head:
    """How far the consumer has come; position 0 and the genesis hash before the first event."""
    row = session.execute(
        select(cursor_position.c.position, cursor_position.c.hash)
        .where(
            cursor_position.c.consumer == place.consumer,
            cursor_position.c.source == place.source,
            cursor_position.c.partition == place.partition,
        )
        .order_by(cursor_position.c.position.desc())
        .limit(1)
    ).one_or_none()
    return Head(0, GENESIS) if row is None else Head(row.position, row.hash)


def advance(session: Session, place: Place, old: Head, new: Head) -> None:
    """Move the cursor; to be called under its lock."""
    key = {"consumer": place.consumer, "source": place.source, "partition": place.partition}
    session.execute(insert(cursor_position).values(**key, position=new.position, hash=new.hash))
    session.execute(
        delete(cursor_position).where(
            cursor_position.c.consumer == place.consumer,
            cursor_position.c.source == place.source,
            cursor_position.c.partition == place.partition,
            cursor_position.c.position == old.position,
        )
    )
