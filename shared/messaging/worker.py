"""A service's worker: sequencer, publisher, consumer, reconciler and feed, wired together.

Each service's `worker.py` calls this with its own subscriptions; the embedded system calls it three times.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from functools import partial

from sqlalchemy import Engine
from sqlalchemy.orm import Session

from shared.database import bind_wake, transaction
from shared.events.envelope import PARTITIONS
from shared.messaging.consumer.apply import Consumer
from shared.messaging.consumer.backoff import BackOff
from shared.messaging.consumer.inlet import Inlet
from shared.messaging.consumer.reconciler import Reconciler
from shared.messaging.feed import PAGE
from shared.messaging.loops import Loops, leading
from shared.messaging.publisher import BATCH, Publisher
from shared.messaging.sequencer import News, Sequencer

log = logging.getLogger(__name__)

POLL = 0.02
"""Seconds between two looks for committed events. (NOTIFY would serialise commits.)"""
RECONCILE_EVERY = 2.0
RECONCILE_WITHOUT_BROKER = 0.25
PUBLISHER_HEARTBEAT = 1.0
PASSED_BY_EVERY = 0.03
"""Seconds between two partitions in which there is nothing but events without a handler here."""

Tell = Callable[[str, News], None]
"""Takes the word that a source has new positions."""


@dataclass
class Relay:
    """Sequencer and publisher of one service's log, and who is told in this process of new positions."""

    engine: Engine
    source: str
    broker_url: str | None = None
    on_positions: list[Tell] = field(default_factory=list)

    def start(self, loops: Loops, poll: float = POLL) -> None:
        """Start the loops."""
        recorded, sequenced = threading.Event(), threading.Event()
        bind_wake(self.engine, "sequencer", recorded.set)
        loops.run(f"{self.source} sequencer", lambda: self._sequence(loops, recorded, sequenced, poll))
        if self.broker_url:
            loops.run(f"{self.source} publisher", lambda: self._publish(loops, sequenced))

    def _sequence(self, loops: Loops, recorded: threading.Event, sequenced: threading.Event, poll: float) -> None:
        with leading(self.engine, f"sequencer {self.source}", loops.stop):
            sequencer = Sequencer(self.engine)
            while not loops.stop.is_set():
                recorded.clear()
                news = sequencer.sequence()
                if news:
                    sequenced.set()
                    for tell in self.on_positions:
                        tell(self.source, news)
                if sequencer.complete:
                    recorded.wait(poll)

    def _publish(self, loops: Loops, sequenced: threading.Event) -> None:
        assert self.broker_url is not None
        with leading(self.engine, f"publisher {self.source}", loops.stop):
            publisher = Publisher(self.engine, self.source, self.broker_url)
            try:
                while not loops.stop.is_set():
                    sequenced.clear()
                    if publisher.publish() < BATCH // PARTITIONS:  # no partition can have more
                        publisher.heartbeat()
                        sequenced.wait(PUBLISHER_HEARTBEAT)
            finally:
                publisher.close()


def start_consumer(
    loops: Loops,
    consumer: Consumer,
    broker_url: str | None,
    partitions: range = range(PARTITIONS),
    *,
    signalled: bool = False,
) -> Tell:
    """Start the loops of one consumer. Returns the signal that new positions exist, for sources in this process.

    `signalled` promises that the signal will be given; else, without a broker, the feeds are polled.
    """
    consumer.prepare()
    backoff = BackOff(consumer)
    reconciler = Reconciler(consumer, backoff, partitions)
    signal = Signal(consumer, partitions)
    if broker_url:
        inlet = Inlet(consumer, broker_url, backoff, partitions)
        loops.run(f"{consumer.name} inlet", lambda: inlet.run(loops.stop))
    told = signalled or broker_url is not None
    every = RECONCILE_EVERY if told else RECONCILE_WITHOUT_BROKER
    loops.run(f"{consumer.name} reconciler", lambda: _reconcile(loops, reconciler, every, patient=told))
    loops.run(f"{consumer.name} signal", lambda: signal.follow(loops, backoff))
    return signal.tell


def start_chore(loops: Loops, engine: Engine, name: str, every: timedelta, chore: Callable[[Session], object]) -> None:
    """Do a piece of housekeeping now and then, each time in a transaction of its own. Twice at once does no harm."""

    def turn() -> None:
        with transaction(engine) as session:
            chore(session)
        loops.stop.wait(every.total_seconds())

    loops.run(name, turn)


def _reconcile(loops: Loops, reconciler: Reconciler, every: float, *, patient: bool) -> None:
    reconciler.reconcile(patient=False)  # at start, what came while nobody listened
    while not loops.stop.wait(every):
        reconciler.reconcile(patient=patient)


class Signal:
    """An in-process word that sources have new positions: the embedded way of events, through the feed.

    Events that no handler waits for only move the cursor. That is not urgent, and many of them cost as much as one.
    """

    def __init__(self, consumer: Consumer, partitions: range) -> None:
        self._consumer = consumer
        self._partitions = partitions
        self._wanted: set[tuple[str, int]] = set()
        self._passed_by: dict[tuple[str, int], None] = {}
        self._next_passed_by = 0.0
        self._there = threading.Condition()
        self._pulled: dict[tuple[str, int], int] = {}

    def tell(self, source: str, news: News) -> None:
        """Called by the source's sequencer."""
        if source not in self._consumer.feeds:
            return
        with self._there:
            for partition, kind in news:
                if partition not in self._partitions:
                    continue
                if self._consumer.subscriptions.listens_to(kind):
                    self._wanted.add((source, partition))
                else:
                    self._passed_by[source, partition] = None
            if self._wanted:
                self._there.notify()

    def follow(self, loops: Loops, backoff: BackOff) -> None:
        """Pull what the signal names, until the end."""
        while not loops.stop.is_set():
            for source, partition in self._wait():
                backoff.attempt((source, partition), partial(self._pull, source, partition))

    def _pull(self, source: str, partition: int) -> None:
        """Apply what is behind the last pull: a guess at the cursor, which `receive` compares under its lock."""
        guess = self._pulled.pop((source, partition), None)
        events = [] if guess is None else self._consumer.feeds[source].page(partition, guess)
        if events and len(events) < PAGE:
            self._consumer.receive(source, partition, events)
            self._pulled[source, partition] = events[-1].position
        else:
            self._consumer.catch_up(source, partition)
            self._pulled[source, partition] = self._consumer.cursors(source)[partition].position

    def _wait(self) -> set[tuple[str, int]]:
        with self._there:
            if not self._wanted:
                self._there.wait(PASSED_BY_EVERY)
            due, self._wanted = self._wanted, set()
            if self._passed_by and time.monotonic() >= self._next_passed_by:
                self._next_passed_by = time.monotonic() + PASSED_BY_EVERY
                due.add(next(iter(self._passed_by)))
            for place in due:
                self._passed_by.pop(place, None)
            return due
