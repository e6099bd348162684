"""A service's worker: sequencer, publisher, consumer, reconciler and feed, wired together.

Each service's `worker.py` calls this with its own subscriptions; the embedded system calls it three times.
"""

from __future__ import annotations

import logging
import threading
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
from shared.messaging.loops import Loops, leading
from shared.messaging.publisher import Publisher
from shared.messaging.sequencer import Sequencer

log = logging.getLogger(__name__)

POLL = 0.02
"""Seconds between two looks for committed events. (NOTIFY would serialise commits.)"""
RECONCILE_EVERY = 2.0
RECONCILE_WITHOUT_BROKER = 0.25
PUBLISHER_HEARTBEAT = 1.0


@dataclass
class Relay:
    """Sequencer and publisher of one service's log, and who is told in this process of new positions."""

    engine: Engine
    source: str
    broker_url: str | None = None
    on_positions: list[Callable[[str, set[int]], None]] = field(default_factory=list)

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
                partitions = sequencer.sequence()
                if partitions:
                    sequenced.set()
                    for tell in self.on_positions:
                        tell(self.source, partitions)
                else:
                    recorded.wait(poll)

    def _publish(self, loops: Loops, sequenced: threading.Event) -> None:
        assert self.broker_url is not None
        with leading(self.engine, f"publisher {self.source}", loops.stop):
            publisher = Publisher(self.engine, self.source, self.broker_url)
            try:
                while not loops.stop.is_set():
                    sequenced.clear()
                    if not publisher.publish():
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
) -> Callable[[str, set[int]], None]:
    """Start the loops of one consumer. Returns the signal that new positions exist, for sources in this process.

    `signalled` promises that the signal will be given; else, without a broker, the feeds are polled.
    """
    consumer.prepare()
    backoff = BackOff(consumer)
    reconciler = Reconciler(consumer, backoff, partitions)
    signal = Signal(partitions)
    if broker_url:
        inlet = Inlet(consumer, broker_url, backoff, partitions)
        loops.run(f"{consumer.name} inlet", lambda: inlet.run(loops.stop))
    told = signalled or broker_url is not None
    every = RECONCILE_EVERY if told else RECONCILE_WITHOUT_BROKER
    loops.run(f"{consumer.name} reconciler", lambda: _reconcile(loops, reconciler, every, patient=told))
    loops.run(f"{consumer.name} signal", lambda: signal.follow(loops, consumer, backoff))
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
    """An in-process word that sources have new positions: the embedded way of events, through the feed."""

    def __init__(self, partitions: range) -> None:
        self._partitions = partitions
        self._news: set[tuple[str, int]] = set()
        self._there = threading.Condition()

    def tell(self, source: str, partitions: set[int]) -> None:
        """Called by the source's sequencer."""
        with self._there:
            self._news.update((source, p) for p in partitions if p in self._partitions)
            self._there.notify()

    def follow(self, loops: Loops, consumer: Consumer, backoff: BackOff) -> None:
        """Pull what the signal names, until the end."""
        while not loops.stop.is_set():
            for source, partition in self._wait():
                if source in consumer.feeds:
                    backoff.attempt((source, partition), partial(consumer.catch_up, source, partition))

    def _wait(self) -> set[tuple[str, int]]:
        with self._there:
            if not self._news:
                self._there.wait(0.5)
            news, self._news = self._news, set()
            return news
