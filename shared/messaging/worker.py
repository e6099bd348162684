"""A service's worker: sequencer, publisher, consumer, reconciler and feed, wired together.

Each service's `worker.py` calls this with its own subscriptions; the embedded system calls it three times.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from functools import partial

from sqlalchemy import Engine
from sqlalchemy.orm import Session

from shared.database import is_sqlite, transaction
from shared.events.envelope import PARTITIONS
from shared.messaging import alarms
from shared.messaging.consumer.apply import Consumer
from shared.messaging.consumer.backoff import BackOff
from shared.messaging.consumer.inlet import Inlet
from shared.messaging.consumer.nearby import Nearby, Tell
from shared.messaging.consumer.reconciler import Reconciler
from shared.messaging.log import SEQUENCER
from shared.messaging.loops import Loops, leading
from shared.messaging.publisher import BATCH, Publisher
from shared.messaging.sequencer import News, Sequencer
from shared.wakes import Waker, bind_finish, bind_wake

POLL = 0.02
"""Seconds between two looks for committed events. (NOTIFY would serialise commits.)"""
QUIET_POLL = 0.1
"""The same, where the last `QUIET_AFTER` looks found none: three quiet services took a third of a processor."""
QUIET_AFTER = 50
RECONCILE_EVERY = 2.0
RECONCILE_WITHOUT_BROKER = 0.25
PUBLISHER_HEARTBEAT = 1.0
FIRST_CHORE = 1.0
"""Seconds after the start, which has enough to do without; a process that is killed again and again gets to it."""


@dataclass
class Relay:
    """Sequencer and publisher of one service's log, and who is told in this process of new positions.

    On SQLite each recording transaction gives its facts their positions itself, in its own commit (decision 0009);
    the loop finds only what an earlier release left, or what was too much for one transaction.
    """

    engine: Engine
    source: str
    broker_url: str | None = None
    on_positions: list[Tell] = field(default_factory=list)

    def start(self, loops: Loops, poll: float = POLL) -> None:
        """Start the loops."""
        recorded, sequenced = threading.Event(), threading.Event()
        for awaited in (recorded, sequenced):
            loops.at_end(awaited.set)
        if is_sqlite(self.engine):
            bind_finish(self.engine, SEQUENCER, partial(self._sequence_within, self._sequencer(), recorded, sequenced))
        else:
            bind_wake(self.engine, SEQUENCER, recorded.set)
        loops.run(f"{self.source} sequencer", lambda: self._sequence(loops, recorded, sequenced, poll))
        if self.broker_url:
            loops.run(f"{self.source} publisher", lambda: self._publish(loops, sequenced))

    def _sequencer(self) -> Sequencer:
        return Sequencer(self.engine, self.source if self.on_positions else None)

    def _sequence(self, loops: Loops, recorded: threading.Event, sequenced: threading.Event, poll: float) -> None:
        with leading(self.engine, f"sequencer {self.source}", loops.stop):
            sequencer, empty = self._sequencer(), 0
            while _goes_on(loops, recorded):
                news = sequencer.sequence()
                empty = 0 if news else empty + 1
                self._tell(news, sequenced)
                if sequencer.complete:
                    recorded.wait(poll if empty < QUIET_AFTER else max(poll, QUIET_POLL))

    def _sequence_within(
        self, sequencer: Sequencer, recorded: threading.Event, sequenced: threading.Event, session: Session
    ) -> Waker:
        news = sequencer.sequence_within(session)
        complete = sequencer.complete

        def committed() -> None:
            self._tell(news, sequenced)
            if not complete:
                recorded.set()

        return committed

    def _tell(self, news: News, sequenced: threading.Event) -> None:
        if news:
            sequenced.set()
            for tell in self.on_positions:
                tell(self.source, news)

    def _publish(self, loops: Loops, sequenced: threading.Event) -> None:
        assert self.broker_url is not None
        with leading(self.engine, f"publisher {self.source}", loops.stop):
            publisher = Publisher(self.engine, self.source, self.broker_url)
            try:
                while _goes_on(loops, sequenced):
                    if publisher.publish() < BATCH // PARTITIONS:  # no partition can have more
                        publisher.heartbeat()
                        sequenced.wait(PUBLISHER_HEARTBEAT)
            finally:
                publisher.close()


def _goes_on(loops: Loops, awaited: threading.Event) -> bool:
    """Begin another turn, whose end waits for the event; False at the end. In this order: the end sets it too."""
    awaited.clear()
    return not loops.stop.is_set()


def start_consumer(
    loops: Loops,
    consumer: Consumer,
    broker_url: str | None,
    partitions: range = range(PARTITIONS),
    *,
    signalled: bool = False,
) -> Tell:
    """Start the loops of one consumer. Returns the ear that sources in this process tell of new positions.

    `signalled` promises that they will; else, without a broker, the feeds are polled.
    """
    consumer.prepare()
    with transaction(consumer.engine) as session:
        alarms.forget_retries(session, consumer.name, partitions)
    backoff = BackOff(consumer)
    reconciler = Reconciler(consumer, backoff, partitions)
    nearby = Nearby(consumer, partitions)
    if broker_url:
        inlet = Inlet(consumer, broker_url, backoff, partitions)
        loops.run(f"{consumer.name} inlet", lambda: inlet.run(loops.stop))
    told = signalled or broker_url is not None
    every = RECONCILE_EVERY if told else RECONCILE_WITHOUT_BROKER
    loops.run(f"{consumer.name} reconciler", lambda: _reconcile(loops, reconciler, every, patient=told))
    loops.at_end(nearby.end)
    loops.run(f"{consumer.name} nearby", lambda: nearby.follow(loops.stop, backoff))
    return nearby.tell


def start_chore(loops: Loops, engine: Engine, name: str, every: timedelta, chore: Callable[[Session], object]) -> None:
    """Do a piece of housekeeping now and then, each time in a transaction of its own. Twice at once does no harm."""

    def turns() -> None:
        pause = FIRST_CHORE
        while not loops.stop.wait(pause):
            with transaction(engine) as session:
                chore(session)
            pause = every.total_seconds()

    loops.run(name, turns)


def _reconcile(loops: Loops, reconciler: Reconciler, every: float, *, patient: bool) -> None:
    reconciler.reconcile(patient=False)  # at start, what came while nobody listened
    while not loops.stop.wait(every):
        reconciler.reconcile(patient=patient)
