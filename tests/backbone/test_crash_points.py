"""A process may stop at any statement, commit, publish, confirm or acknowledgement: each event takes effect once."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from sqlalchemy import Engine, event, text

from shared.crypto import KeyRing
from shared.database import transaction
from shared.events import Event
from shared.messaging.consumer.backoff import BackOff
from shared.messaging.consumer.inlet import Inlet
from shared.messaging.log import record
from shared.messaging.publisher import Publisher
from tests.backbone.broker import Broker
from tests.backbone.world import LISTENER, SOURCE, World, assert_gapless
from tests.databases import Databases
from tests.factories import Factory


class Crash(BaseException):
    """The process is gone: no `except Exception` sees it."""


class Fuse:
    """Stops the process at the k-th occasion of one kind."""

    def __init__(self, kind: str, at: int) -> None:
        self.kind, self.left, self.blown = kind, at, False

    def __call__(self, kind: str) -> None:
        if kind == self.kind and not self.blown:
            self.left -= 1
            if self.left == 0:
                self.blown = True
                raise Crash


@contextmanager
def fused(fuse: Fuse, broker: Broker, *engines: Engine) -> Iterator[None]:
    """Put the fuse into every statement and commit of the engines, and into the broker."""

    def statement(*_arguments: Any) -> None:
        fuse("statement")

    def commit(connection: Any) -> None:
        fuse("before commit")
        if fuse.kind == "after commit":
            fuse.left -= 1
            if fuse.left == 0 and not fuse.blown:
                fuse.blown = True
                connection.connection.dbapi_connection.execute("COMMIT")
                raise Crash

    for engine in engines:
        event.listen(engine, "before_cursor_execute", statement)
        event.listen(engine, "commit", commit)
    broker.observe = fuse
    try:
        yield
    finally:
        broker.observe = lambda _what: None
        for engine in engines:
            event.remove(engine, "before_cursor_execute", statement)
            event.remove(engine, "commit", commit)


class OnePass(threading.Event):
    """Lets a loop run `passes` times."""

    def __init__(self, passes: int) -> None:
        super().__init__()
        self._passes = passes

    def is_set(self) -> bool:
        self._passes -= 1
        return self._passes < 0


class Scenario:
    """Six facts of three cases in two transactions, recorded, sequenced, published and consumed."""

    def __init__(self, world: World, broker: Broker, factory: Factory) -> None:
        self.world, self.broker = world, broker
        first, second, third = factory.cases(2, partition=4) + factory.cases(1, partition=5)
        self.transactions: list[tuple[Event, ...]] = [
            (factory.incident(case_id=first), factory.incident(case_id=second), factory.note(first)),
            (factory.note(second), factory.incident(case_id=third), factory.note(first)),
        ]
        self.committed = 0
        for partition in range(8):
            broker.declare(LISTENER, SOURCE, partition)

    def run(self) -> None:
        """From where it was to the end."""
        publisher = Publisher(self.world.source, SOURCE, "memory")
        try:
            for events in self.transactions[self._kept() :]:
                with transaction(self.world.source) as session:
                    record(session, *events)
                self.world.sequencer.sequence()
                publisher.publish()
        finally:
            publisher.close()
        inlet = Inlet(self.world.consumer, "memory", BackOff(self.world.consumer), range(8))
        inlet.run(OnePass(2))

    def _kept(self) -> int:
        """How many transactions committed: a client repeats what got no answer, told apart by its key."""
        return sum(len(seqs) for seqs in self.world.recorded().values()) // 3

    def finish(self) -> None:
        """Build everything anew and run to the end, the reconciler included."""
        self.world.source.dispose()
        self.world.target.dispose()
        self.world.restart()
        self.run()
        self.world.sequence()
        self.world.reconciler().reconcile(patient=False)


def account_holds(world: World) -> None:
    assert_gapless(world.source)
    recorded = world.recorded()
    assert sorted(map(len, recorded.values())) == [1, 2, 3]
    assert world.effects_by_subject() == recorded
    assert world.holds() == []
    assert world.alarms() == []


def empty(world: World) -> None:
    """The same databases for the next crash point: quicker than new ones."""
    for engine in (world.source, world.target):
        with transaction(engine) as session:
            for table in ("event_log", "event_position", "event_subject", "cursor_position", "sequencer_floor"):
                session.execute(text(f"DELETE FROM {table}"))
            session.execute(text("UPDATE head SET published = 0"))
    with transaction(world.target) as session:
        session.execute(text("DELETE FROM effect"))


KINDS = ("statement", "before commit", "after commit", "publish", "confirm", "ack", "connect")


@pytest.mark.parametrize("kind", KINDS)
def test_each_event_takes_effect_once_wherever_the_process_stops(
    database: Databases, keys: KeyRing, kind: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    world = World(database, keys)
    reached = count_until_complete(lambda at: crash_at(world, monkeypatch, kind, at))
    assert reached >= (20 if kind == "statement" else 1)


def crash_at(world: World, patch: pytest.MonkeyPatch, kind: str, at: int) -> bool:
    """Run the scenario with a crash at the occasion; true if there was such an occasion."""
    empty(world)
    world.restart()
    broker = Broker()
    broker.install(patch)
    scenario, fuse = Scenario(world, broker, Factory(at)), Fuse(kind, at)
    with fused(fuse, broker, world.source, world.target):
        try:
            scenario.run()
        except Crash:
            assert fuse.blown
    scenario.finish()
    account_holds(world)
    return fuse.blown


def count_until_complete(attempt: Callable[[int], bool]) -> int:
    """Try 1, 2, 3 … until one is not reached any more; how many were."""
    at = 1
    while attempt(at):
        at += 1
    return at - 1
