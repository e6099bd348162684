"""Starting a service's worker process: sequencer, publisher, consumer, reconciler, feed; `worker.py` says whose."""

from __future__ import annotations

import argparse
import logging
import signal
import threading
from collections.abc import Callable, Iterable, Mapping
from datetime import timedelta
from types import FrameType

from fastapi import APIRouter
from sqlalchemy import Engine, MetaData
from sqlalchemy.orm import Session

from shared.crypto import KeyRing
from shared.erasures import Erase, Scrub, keep_scrubbed
from shared.errors import MisconfiguredError
from shared.events.envelope import PARTITIONS
from shared.garbage import calm_garbage_collector
from shared.messaging.consumer import Consumer, Subscriptions
from shared.messaging.feed import Feed, LocalFeed
from shared.messaging.feed_server import feed_app
from shared.messaging.http_feed import HttpFeed
from shared.messaging.loops import Loops
from shared.messaging.worker import Relay, start_chore, start_consumer
from shared.metrics import LogFigures, ReadingFigures, new_registry, tell_metrics
from shared.service import open_service_engine, serve_until, web_server
from shared.settings import SERVICES, Settings
from shared.wakes import bind_wake

log = logging.getLogger(__name__)


def run_worker(
    service: str,
    listens_to: Iterable[str],
    subscriptions: Subscriptions,
    erase: Erase,
    metadata: MetaData,
    settings: Settings | None = None,
    wakes: Mapping[str, Callable[[], object]] | None = None,
    chores: Mapping[str, tuple[timedelta, Callable[[Session], object]]] | None = None,
    beside: Iterable[Callable[[Engine, Loops], None]] = (),
    beside_feed: Callable[[Engine, KeyRing], APIRouter] | None = None,
) -> None:
    """A service's worker process: sequencer, publisher, consumer, reconciler, feed, and what `beside` starts;
    `beside_feed` gives further routes of the feed's listener. Ends on SIGTERM or SIGINT."""
    arguments = _arguments(service)
    settings = settings or Settings()
    engine, keys = open_service_engine(settings, service, erase, metadata)
    if engine.dialect.name == "sqlite":
        raise MisconfiguredError(
            f"Separate processes need PostgreSQL: set KINBRIDGE_{service.upper()}_DATABASE_URL, "
            "or run everything in one process with `kinbridge up`."
        )
    for name, waker in (wakes or {}).items():
        bind_wake(engine, name, waker)
    loops = Loops()
    Relay(engine, service, settings.broker_url).start(loops)
    feeds: dict[str, Feed] = {
        source: HttpFeed.open(source, settings.feed_url(source), keys.feed_key(source, service))
        for source in listens_to
    }
    consumer = Consumer(service, engine, feeds, subscriptions, keys)
    start_consumer(loops, consumer, settings.broker_url, arguments.partitions)
    for name, (every, chore) in (chores or {}).items():
        start_chore(loops, engine, name, every, chore)
    for start in beside:
        start(engine, loops)
    loops.run("scrub", lambda: keep_scrubbed(Scrub(engine), loops.stop))
    readers = tuple(other for other in SERVICES if other != service)
    routes = beside_feed(engine, keys) if beside_feed is not None else None
    feed = feed_app(LocalFeed(engine, service), keys, readers, routes)
    if not arguments.without_feed:
        address = settings.feed_host, settings.feed_port(service)
        loops.run(f"{service} feed", lambda: serve_until(web_server(feed, *address), loops.stop))
    registry = new_registry()
    registry.register(LogFigures(service, engine, published=settings.broker_url is not None))
    registry.register(ReadingFigures(consumer, arguments.partitions))
    tell_metrics(registry, settings, loops)
    calm_garbage_collector()
    log.info("worker ready", extra={"service": service})
    wait_for_end(loops.stop)
    loops.end()


def _arguments(service: str) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog=f"python -m services.{service}.worker")
    parser.add_argument("--partitions", type=_partitions, default=range(PARTITIONS), help="for example 0-3")
    parser.add_argument("--without-feed", action="store_true", help="another worker of this service serves the feed")
    return parser.parse_args()


def _partitions(words: str) -> range:
    first, _, last = words.partition("-")
    chosen = range(int(first), int(last or first) + 1)
    if not set(chosen) <= set(range(PARTITIONS)) or not chosen:
        raise argparse.ArgumentTypeError(f"partitions are 0 to {PARTITIONS - 1}, for example 0-3")
    return chosen


def wait_for_end(stop: threading.Event) -> None:
    """Wait for SIGTERM or SIGINT, or for `stop`."""

    def end(_signal: int, _frame: FrameType | None) -> None:
        stop.set()

    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, end)
    while not stop.wait(0.5):
        pass
