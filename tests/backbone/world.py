"""Two services on two databases: one that records, one that listens. Nothing runs but what a test calls."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import Column, Engine, Identity, Integer, MetaData, Table, Text, insert, select

from shared.crypto import KeyRing
from shared.database import reading, transaction
from shared.events import Event, IncidentRecorded, Logged, PersonErased
from shared.messaging.consumer import Consumer, Subscriptions, many
from shared.messaging.consumer.backoff import BackOff
from shared.messaging.consumer.reconciler import Reconciler
from shared.messaging.feed import Feed, LocalFeed
from shared.messaging.log import record
from shared.messaging.sequencer import Sequencer
from shared.messaging.tables import alarm, event_log, event_position, held
from tests.databases import Databases
from tests.factories import NoteTaken

EFFECTS = MetaData()
effect = Table(
    "effect",
    EFFECTS,
    Column("number", Integer, Identity(), primary_key=True, comment="the order of the effects"),
    Column("subject", Text, nullable=False),
    Column("seq", Integer, nullable=False),
    Column("type", Text, nullable=False),
)

Poison = Callable[[Logged[Any]], Exception | None]
SOURCE, LISTENER = "intake", "reporting"


class World:
    """A source and a listener. `poison` says with which error the handler of an event fails, if any."""

    def __init__(self, database: Databases, keys: KeyRing) -> None:
        self.database, self.keys = database, keys
        self.source = database(SOURCE)
        self.target = database(LISTENER)
        EFFECTS.create_all(self.target)
        self.poison: Poison = lambda _event: None
        self.restart()

    def restart(self) -> None:
        """Build everything anew, as a process that starts."""
        self.sequencer = Sequencer(self.source)
        self.feed: Feed = LocalFeed(self.source, SOURCE)
        self.consumer = self.another_consumer(self.target)
        self.consumer.prepare()

    def another_consumer(self, engine: Engine) -> Consumer:
        """The listener once more, as a second worker process."""
        subscriptions = Subscriptions(
            {IncidentRecorded: many(self._apply_many), NoteTaken: self._apply}, {PersonErased: self._apply}
        )
        return Consumer(LISTENER, engine, {SOURCE: self.feed}, subscriptions, self.keys)

    def _apply(self, session: Any, event: Logged[Any]) -> None:
        self._apply_many(session, [event])

    def _apply_many(self, session: Any, events: Sequence[Logged[Any]]) -> None:
        rows = []
        for event in events:
            error = self.poison(event)
            if error is not None:
                raise error
            rows.append({"subject": event.subject, "seq": event.seq, "type": event.type})
        session.execute(insert(effect), rows)

    def record(self, *events: Event) -> None:
        """One transaction of the source, and a pass of its sequencer."""
        with transaction(self.source) as session:
            record(session, *events)
        self.sequence()

    def sequence(self) -> None:
        while self.sequencer.sequence():
            pass

    def log(self, partition: int | None = None) -> list[Logged[Any]]:
        """All that was sequenced, by partition and position."""
        partitions = range(8) if partition is None else [partition]
        return [event for p in partitions for event in self.feed.page(p, 0)]

    def catch_up(self) -> None:
        for partition in range(8):
            self.consumer.catch_up(SOURCE, partition)

    def receive(self, events: Sequence[Logged[Any]]) -> None:
        """Deliver events as the broker would, partition by partition."""
        for partition in sorted({event.partition for event in events}):
            self.consumer.receive(SOURCE, partition, [e for e in events if e.partition == partition])

    def effects(self, case: UUID | None = None) -> list[int]:
        """The seqs that took effect, in their order; of one case, or of all."""
        rows = self.rows(select(effect.c.seq, effect.c.subject).order_by(effect.c.number))
        return [row.seq for row in rows if case is None or row.subject == f"case/{case}"]

    def effects_by_subject(self) -> dict[str, list[int]]:
        found: dict[str, list[int]] = {}
        for row in self.rows(select(effect.c.subject, effect.c.seq).order_by(effect.c.number)):
            found.setdefault(row.subject, []).append(row.seq)
        return found

    def recorded(self) -> dict[str, list[int]]:
        """What committed at the source: by subject, the seqs in order."""
        found: dict[str, list[int]] = {}
        with reading(self.source) as session:
            for row in session.execute(select(event_log.c.subject, event_log.c.seq).order_by(event_log.c.seq)):
                found.setdefault(row.subject, []).append(row.seq)
        return found

    def holds(self) -> list[Any]:
        return self.rows(select(held).order_by(held.c.subject))

    def alarms(self) -> list[Any]:
        return self.rows(select(alarm).order_by(alarm.c.kind, alarm.c.position))

    def announced(self) -> list[tuple[str, str]]:
        """(type, subject) of what the listener recorded itself."""
        rows = self.rows(select(event_log.c.type, event_log.c.subject).order_by(event_log.c.ordinal))
        return [(row.type, row.subject) for row in rows]

    def rows(self, statement: Any) -> list[Any]:
        with reading(self.target) as session:
            return list(session.execute(statement))

    def reconciler(self) -> Reconciler:
        return Reconciler(self.consumer, BackOff(self.consumer), range(8))


def positions_of(engine: Engine) -> dict[int, list[tuple[int, str, int]]]:
    """By partition: (position, subject, seq) of all that has a position."""
    found: dict[int, list[tuple[int, str, int]]] = {p: [] for p in range(8)}
    with reading(engine) as session:
        statement = select(
            event_position.c.partition, event_position.c.position, event_log.c.subject, event_log.c.seq
        ).join(event_log, event_log.c.ordinal == event_position.c.ordinal)
        for row in session.execute(statement.order_by(event_position.c.position)):
            found[row.partition].append((row.position, row.subject, row.seq))
    return found


def assert_gapless(engine: Engine) -> None:
    """Positions are 1, 2, 3 … in each partition, and each subject's seqs are in order."""
    for events in positions_of(engine).values():
        assert [position for position, _, _ in events] == list(range(1, len(events) + 1))
        for subject in {subject for _, subject, _ in events}:
            seqs = [seq for _, of, seq in events if of == subject]
            assert seqs == list(range(1, len(seqs) + 1)), seqs
