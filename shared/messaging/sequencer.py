"""The sequencer: gives each committed event the next position of its partition, and its place in the hash chain."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Engine, exists, func, insert, literal, select, text
from sqlalchemy.orm import Session

from shared.database import is_sqlite, reading, transaction, upsert, utc_now
from shared.events.envelope import GENESIS, chain_hash, counts_digest
from shared.messaging.tables import event_log, event_position, head, sequencer_floor

BATCH = 2000
FLOOR_SAVED_EVERY = 500
"""Passes that found something, between two saves of the floor."""
SETTLING_KEPT = 1000


@dataclass(frozen=True)
class Head:
    """The newest event of a partition."""

    position: int
    hash: bytes


def heads(session: Session) -> dict[int, Head]:
    """The head of every partition; position 0 and the genesis hash where there is no event yet."""
    newest = (
        select(func.max(event_position.c.position))
        .where(event_position.c.partition == head.c.partition)
        .correlate(head)
        .scalar_subquery()
    )
    found = {
        partition: Head(position, digest)
        for partition, position, digest in session.execute(
            select(event_position.c.partition, event_position.c.position, event_position.c.hash).join(
                head, (event_position.c.partition == head.c.partition) & (event_position.c.position == newest)
            )
        )
    }
    partitions = session.scalars(select(head.c.partition))
    return {partition: found.get(partition, Head(0, GENESIS)) for partition in partitions}


def _unsequenced(floor: int) -> Any:
    taken = exists().where(event_position.c.ordinal == event_log.c.ordinal, event_position.c.ordinal > floor)
    return select(event_log).where(event_log.c.ordinal > floor, ~taken)


def unsequenced(session: Session) -> tuple[int, float]:
    """(count, age of the oldest in seconds) of the events that have no position yet."""
    floor = session.scalar(select(sequencer_floor.c.ordinal)) or 0
    waiting = _unsequenced(floor).with_only_columns(func.count(), func.min(event_log.c.recorded_at))
    count, oldest = session.execute(waiting).one()
    return count, max(0.0, (utc_now() - oldest).total_seconds()) if count else 0.0


class Sequencer:
    """Sequences one database. Several may run: the row lock on `head` and unique positions keep them honest."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._floor: int | None = None
        self._settling: deque[tuple[int, int]] = deque()
        self._passes = 0

    def sequence(self, limit: int = BATCH) -> set[int]:
        """One pass. Returns the partitions that got new events; an empty set when nothing waits."""
        if self._floor is None:
            with reading(self._engine) as session:
                self._floor = session.scalar(select(sequencer_floor.c.ordinal)) or 0
        with reading(self._engine) as session:
            settled = self._settled(session)
            waiting = session.scalar(_unsequenced(self._floor).with_only_columns(literal(1)).limit(1))
        if not waiting:
            self._floor = max(self._floor, settled)
            return set()
        with transaction(self._engine) as session:
            changed, complete = self._give_positions(session, limit)
        if complete:
            self._floor = max(self._floor, settled)
        return changed

    def _give_positions(self, session: Session, limit: int) -> tuple[set[int], bool]:
        assert self._floor is not None
        if not is_sqlite(session):
            self._note_drawn(session)
            session.execute(select(head.c.partition).order_by(head.c.partition).with_for_update())
        rows = session.execute(
            _unsequenced(self._floor)
            .with_only_columns(
                event_log.c.ordinal,
                event_log.c.partition,
                event_log.c.header,
                event_log.c.counts,
                event_log.c.payload_digest,
                event_log.c.sealed_digest,
            )
            .order_by(event_log.c.ordinal)
            .limit(limit)
        ).all()
        if not rows:
            return set(), True
        at = heads(session)
        positions = []
        for ordinal, partition, header, counts, payload, sealed in rows:
            previous = at[partition]
            digest = chain_hash(previous.hash, header, counts_digest(counts), payload, sealed)
            at[partition] = Head(previous.position + 1, digest)
            positions.append(
                {
                    "partition": partition,
                    "position": previous.position + 1,
                    "ordinal": ordinal,
                    "hash": digest,
                }
            )
        session.execute(insert(event_position), positions)
        self._save_floor(session)
        return {row["partition"] for row in positions}, len(rows) < limit

    def _save_floor(self, session: Session) -> None:
        self._passes += 1
        if self._passes % FLOOR_SAVED_EVERY == 0:
            statement = upsert(session, sequencer_floor).values(only=1, ordinal=self._floor)
            session.execute(
                statement.on_conflict_do_update(
                    index_elements=[sequencer_floor.c.only], set_={"ordinal": statement.excluded.ordinal}
                )
            )

    def _note_drawn(self, session: Session) -> None:
        """Remember the last ordinal drawn, and a transaction id above those of all who drew up to it: our own.

        First thing in its transaction, which has no id before. (The end of a snapshot is no such bound: it says
        nothing of transactions in progress that are younger than the last one that ended.)
        """
        drawn = session.scalar(text("SELECT CASE WHEN is_called THEN last_value ELSE 0 END FROM event_log_ordinal_seq"))
        own = session.scalar(text("SELECT pg_current_xact_id()::text::bigint"))
        if len(self._settling) >= SETTLING_KEPT:
            self._settling[-1] = (drawn, own)
        elif not self._settling or self._settling[-1][0] < drawn:
            self._settling.append((drawn, own))

    def _settled(self, session: Session) -> int:
        """An ordinal up to which every transaction has ended: what is not visible there was rolled back.

        A transaction draws ordinals only after it has a transaction id. So when the last ordinal drawn is read
        first, and a transaction id is taken after it, then all ordinals up to the former belong to transactions
        before the latter; once no transaction before it is in progress, nothing below can appear any more.
        SQLite has one writer at a time, which draws its ordinals in the order of commits.
        """
        if is_sqlite(session):
            return session.scalar(select(func.max(event_position.c.ordinal))) or 0
        oldest = session.scalar(text("SELECT pg_snapshot_xmin(pg_current_snapshot())::text::bigint"))
        settled = 0
        while self._settling and self._settling[0][1] <= oldest:
            settled = self._settling.popleft()[0]
        return settled
