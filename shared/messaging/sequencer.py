"""The sequencer: gives each committed event the next position of its partition, and its place in the hash chain."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import BigInteger, Engine, Select, bindparam, exists, func, literal, literal_column, select
from sqlalchemy.orm import Session

from shared.database import is_sqlite, reading, transaction, upsert, utc_now
from shared.events.envelope import GENESIS, Logged, Parts, chain_hash, counts_digest
from shared.messaging.settling import OLDEST_TRANSACTION, Settling
from shared.messaging.tables import event_log, event_position, head, sequencer_floor
from shared.rows import insert_rows

BATCH = 2000
FLOOR_SAVED_EVERY = 500
"""Passes that found something, between two saves of the floor."""


@dataclass
class News:
    """What got positions. True when anything did."""

    partitions: set[int] = field(default_factory=set)
    events: list[Logged[Any]] = field(default_factory=list)
    """They themselves, in their order, where the sequencer brings them along."""

    def __bool__(self) -> bool:
        return bool(self.partitions)


@dataclass(frozen=True)
class Head:
    """The newest event of a partition."""

    position: int
    hash: bytes


_newest = (
    select(func.max(event_position.c.position))
    .where(event_position.c.partition == head.c.partition)
    .correlate(head)
    .scalar_subquery()
)
_heads = select(head.c.partition, event_position.c.position, event_position.c.hash).outerjoin(
    event_position, (event_position.c.partition == head.c.partition) & (event_position.c.position == _newest)
)


def heads(session: Session) -> dict[int, Head]:
    """The head of every partition; position 0 and the genesis hash where there is no event yet."""
    return {
        partition: Head(0, GENESIS) if position is None else Head(position, digest)
        for partition, position, digest in session.execute(_heads)
    }


_taken = exists().where(event_position.c.ordinal == event_log.c.ordinal, event_position.c.ordinal > bindparam("floor"))
_unsequenced = select(event_log).where(event_log.c.ordinal > bindparam("floor"), ~_taken)
_counted = _unsequenced.with_only_columns(func.count(), func.min(event_log.c.recorded_at))
_any = _unsequenced.with_only_columns(literal(1)).limit(1)
_batch = (
    _unsequenced.with_only_columns(
        event_log.c.ordinal,
        event_log.c.partition,
        event_log.c.header,
        event_log.c.counts,
        event_log.c.payload_digest,
        event_log.c.sealed_digest,
    )
    .order_by(event_log.c.ordinal)
    .limit(bindparam("at_once"))
)
_whole_batch = _batch.add_columns(event_log.c.nonce, event_log.c.payload, event_log.c.sealed)
_floor = select(sequencer_floor.c.ordinal)
_last_sequenced = select(func.max(event_position.c.ordinal))
_lock = select(head.c.partition).order_by(head.c.partition).with_for_update()
_look: Select[int, bool] = select(
    literal_column(OLDEST_TRANSACTION, BigInteger),
    _unsequenced.with_only_columns(literal(1)).exists(),
)


def unsequenced(session: Session) -> tuple[int, float]:
    """(count, age of the oldest in seconds) of the events that have no position yet."""
    floor = session.scalar(_floor) or 0
    count, oldest = session.execute(_counted, {"floor": floor}).one()
    return count, max(0.0, (utc_now() - oldest).total_seconds()) if count else 0.0


class Sequencer:
    """Sequences one database. Several may run: the row lock on `head` and unique positions keep them honest.

    With the name of its `source` it brings the events along in its news, for those who listen in this process.
    """

    def __init__(self, engine: Engine, source: str | None = None) -> None:
        self._engine = engine
        self._source = source
        self._floor: int | None = None
        self._settling = Settling("event_log_ordinal_seq")
        self._passes = 0
        self.complete = True
        """False when the last pass stopped at its limit: there is more to do at once."""

    def sequence(self, limit: int = BATCH) -> News:
        """One pass. Returns what got positions, if anything waited."""
        if is_sqlite(self._engine):
            return self._sequence_alone(limit)
        with reading(self._engine) as session:
            if self._floor is None:
                self._floor = session.scalar(_floor) or 0
            oldest, waiting = session.execute(_look, {"floor": self._floor}).one()
        settled = self._settling.settled(oldest)
        news = News()
        self.complete = True
        if waiting:
            with transaction(self._engine) as session:
                self._settling.note(session)
                session.execute(_lock)
                news, self.complete = self._give_positions(session, self._floor, limit)
        if self.complete:
            self._floor = max(self._floor, settled)
        return news

    def sequence_within(self, session: Session, limit: int = BATCH) -> News:
        """SQLite only: give positions at the end of a recording transaction, with its facts and in its commit.

        SQLite has one writer at a time, which draws its ordinals in the order of commits: everything up to the last
        ordinal with a position has one, and what this transaction sees behind it is its own, or was left before it.
        """
        news, self.complete = self._give_positions(session, session.scalar(_last_sequenced) or 0, limit)
        return news

    def _sequence_alone(self, limit: int) -> News:
        """Only what no recording transaction sequenced by itself; the lock is not taken for nothing."""
        with reading(self._engine) as session:
            self.complete = not session.scalar(_any, {"floor": session.scalar(_last_sequenced) or 0})
        if self.complete:
            return News()
        with transaction(self._engine) as session:
            return self.sequence_within(session, limit)

    def _give_positions(self, session: Session, floor: int, limit: int) -> tuple[News, bool]:
        """(what got positions, true when all did)."""
        batch = _batch if self._source is None else _whole_batch
        rows = session.execute(batch, {"floor": floor, "at_once": limit}).all()
        if not rows:
            return News(), True
        at = heads(session)
        positions, news = [], News({row.partition for row in rows})
        private: list[bytes | None]  # nonce, payload, sealed part
        for ordinal, partition, header, counts, payload, sealed, *private in rows:
            previous = at[partition]
            digest = chain_hash(previous.hash, header, counts_digest(counts), payload, sealed)
            at[partition] = Head(previous.position + 1, digest)
            if self._source is not None:
                parts = Parts(header, counts, private[0], private[1], private[2], payload, sealed)
                place = partition, previous.position + 1
                news.events.append(Logged(self._source, *place, previous.hash, digest, parts))
            positions.append(
                {
                    "partition": partition,
                    "position": previous.position + 1,
                    "ordinal": ordinal,
                    "hash": digest,
                }
            )
        insert_rows(session, event_position, positions)
        self._save_floor(session, floor)
        return news, len(rows) < limit

    def _save_floor(self, session: Session, floor: int) -> None:
        self._passes += 1
        if self._passes % FLOOR_SAVED_EVERY == 0:
            statement = upsert(session, sequencer_floor).values(only=1, ordinal=floor)
            session.execute(
                statement.on_conflict_do_update(
                    index_elements=[sequencer_floor.c.only], set_={"ordinal": statement.excluded.ordinal}
                )
            )
