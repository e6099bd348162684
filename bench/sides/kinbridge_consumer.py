"""Kinbridge: the real inlet and consumer, with reporting's real handler, on encrypted and hash-chained events."""

from __future__ import annotations

import threading

from bench.child import settings_of_child, wait_for_release
from bench.facts import KEYS
from services.reporting import subscribers
from shared.database import open_engine
from shared.events.envelope import PARTITIONS
from shared.garbage import calm_garbage_collector
from shared.messaging.consumer import Consumer, Subscriptions
from shared.messaging.consumer.backoff import BackOff
from shared.messaging.consumer.inlet import Inlet
from shared.messaging.feed import LocalFeed


def main() -> None:
    settings = settings_of_child()
    feed = LocalFeed(open_engine(settings["log"]), "intake")
    subscriptions = Subscriptions(subscribers.PROJECTIONS, subscribers.REACTIONS)
    consumer = Consumer("reporting", open_engine(settings["facts"]), {"intake": feed}, subscriptions, KEYS)
    consumer.prepare()
    calm_garbage_collector()  # as the real worker does
    wait_for_release()
    Inlet(consumer, settings["broker"], BackOff(consumer), range(PARTITIONS)).run(threading.Event())


if __name__ == "__main__":
    main()
