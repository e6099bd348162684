"""Row 8: the cost of one event does not grow with the log, nor while somebody holds a snapshot of the databases.

Measured is the whole way of an event through this process: sequenced, published (read, sent, confirmed), read as a
page of the feed, consumed (hash, order, decryption, handler, cursor). Recording is not measured. A log is filled with
rows that are copied into it, with true hashes and positions; the measured events are real ones behind them. With
`snapshot`, a REPEATABLE READ transaction that has run a query stays open in both databases from before the fill on,
and events go through in small batches as they do in daily work, so that what is updated or deleted piles up.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from typing import Any

import psycopg
from kombu import Connection
from sqlalchemy import Engine, insert, text

from bench.facts import KEYS, ORGANISATION, event, record_events
from bench.report import Check, Row, interleaved, medians
from bench.servers import Servers, plain
from services.reporting import subscribers
from shared.database import reading, transaction, uuid7
from shared.events.envelope import PARTITIONS, Parts, chain_hash, counts_digest, encode, partition_of
from shared.messaging.consumer import Consumer, Subscriptions
from shared.messaging.feed import LocalFeed
from shared.messaging.publisher import Publisher
from shared.messaging.sequencer import Head, Sequencer, heads
from shared.messaging.tables import cursor_position, head
from shared.messaging.topology import event_queues

SMALL = 10_000
LARGE = (100_000, 1_000_000)
MEASURED = (1_000, 5_000)
CHURN = (2_000, 50_000)
"""(at least, at SCALE=1) events."""
AT_ONCE = 20
"""Events in each pass, as when 100 a second arrive and five passes run."""
_LOG = ("event_id", "subject", "seq", "partition", "type", "recorded_at", "header", "counts", "nonce", "payload")
_DIGESTS = ("payload_digest", "sealed_digest")


class Line:
    """One installation's log, filled to a size, with its publisher and its consumer."""

    def __init__(self, servers: Servers, size: int) -> None:
        self.log_url, self.log = servers.database("intake")
        self.facts_url, self.facts = servers.database("reporting")
        broker = servers.vhost()
        with Connection(broker) as connection:
            for queue in event_queues("reporting", "intake"):
                queue(connection.channel()).declare()
        subscriptions = Subscriptions(subscribers.PROJECTIONS, subscribers.REACTIONS)
        feeds = {"intake": LocalFeed(self.log, "intake")}
        self.consumer = Consumer("reporting", self.facts, feeds, subscriptions, KEYS)
        self.consumer.prepare()
        self.size = size
        self.sequencer = Sequencer(self.log)
        self.publisher = Publisher(self.log, "intake", broker)

    def fill(self) -> None:
        """Copy `size` events into the log, sequenced and published, and set the cursor behind them."""
        fill_log(self.log, self.log_url, self.size)
        with reading(self.log) as session:
            found = heads(session)
        with transaction(self.log) as session:
            for partition, at in found.items():
                session.execute(head.update().where(head.c.partition == partition).values(published=at.position))
        key = {"consumer": "reporting", "source": "intake"}
        with transaction(self.facts) as session:
            session.execute(
                insert(cursor_position),
                [{**key, "partition": p, "position": at.position, "hash": at.hash} for p, at in found.items()],
            )
        for engine in (self.log, self.facts):
            with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
                connection.execute(text("VACUUM ANALYZE"))

    def carry(self, count: int) -> float:
        """Carry so many events, `AT_ONCE` in each pass. Returns milliseconds an event."""
        self.publisher.connect()  # its heartbeats rest between two turns
        spent = 0.0
        for _ in range(0, count, AT_ONCE):
            record_events(self.log, AT_ONCE, at_once=AT_ONCE)
            began = time.perf_counter()
            partitions = self.sequencer.sequence().partitions
            while self.publisher.publish():
                pass
            for partition in partitions:
                self.consumer.catch_up("intake", partition)
            spent += time.perf_counter() - began
        return spent * 1000 / count

    def check(self, carried: int) -> None:
        """Every event carried has become a fact."""
        with reading(self.facts) as session:
            assert session.scalar(text("SELECT count(*) FROM incident_fact")) == carried


@contextmanager
def snapshot(*urls: str) -> Iterator[None]:
    """Hold a snapshot of each database."""
    with ExitStack() as open_:
        for url in urls:
            database = open_.enter_context(psycopg.connect(plain(url)))
            database.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
            database.execute("SELECT count(*) FROM cursor_position")
        yield


def fill_log(engine: Engine, url: str, count: int) -> None:
    """Rows with their own subjects and headers, one payload for all, and true hashes in every partition."""
    parts = encode(event(1), source="intake", event_id=uuid7(), seq=1, time="2026-01-01T00:00:00Z", keys=KEYS)
    at = [Head(0, bytes(32)) for _ in range(PARTITIONS)]
    columns, places = ", ".join((*_LOG, *_DIGESTS)), "partition, position, ordinal, hash"
    with psycopg.connect(plain(url)) as database, database.cursor() as rows:
        with rows.copy(f"COPY event_log ({columns}) FROM STDIN".encode()) as copy:
            located = list(_filler(parts, count, at, copy.write_row))
        first = rows.execute("SELECT min(ordinal) FROM event_log").fetchone()
        assert first is not None
        with rows.copy(f"COPY event_position ({places}) FROM STDIN".encode()) as copy:
            for number, (partition, position, digest) in enumerate(located):
                copy.write_row((partition, position, first[0] + number, digest))


def _filler(parts: Parts, count: int, at: list[Head], write: Callable[[Any], None]) -> Iterator[tuple[int, int, bytes]]:
    moment = "2026-01-01T00:00:00Z"
    fixed = counts_digest(parts.counts)
    for _ in range(count):
        number = uuid7()
        subject = f"case/{number}"
        partition = partition_of(subject)
        header = (
            f'{{"specversion":"1.0","id":"{number}","source":"intake","type":"incident.recorded","version":1,'
            f'"subject":"{subject}","seq":1,"time":"{moment}","organisation":"{ORGANISATION}",'
            f'"keyid":"{KEYS.current}","datacontenttype":"application/json"}}'
        )
        digest = chain_hash(at[partition].hash, header, fixed, parts.payload_digest, parts.sealed_digest)
        at[partition] = Head(at[partition].position + 1, digest)
        bodies = (parts.counts, parts.nonce, parts.payload, parts.payload_digest, parts.sealed_digest)
        write((number, subject, 1, partition, "incident.recorded", moment, header, *bodies))
        yield partition, at[partition].position, digest


def rows(servers: Servers, scale: float) -> list[Row]:
    large, measured, churn = (max(least, int(most * scale)) for least, most in (LARGE, MEASURED, CHURN))
    small_line, large_line, held_line = Line(servers, SMALL), Line(servers, large), Line(servers, large)
    carried = {"small": 0, "large": 0, "held": 0}

    def carry(name: str, line: Line) -> float:
        carried[name] += measured
        return line.carry(measured)

    with snapshot(held_line.log_url, held_line.facts_url):
        for line in (small_line, large_line, held_line):
            line.fill()
        servers.settle()
        for line in (small_line, large_line):
            line.carry(AT_ONCE)
        held_line.carry(churn)
        figures = interleaved(
            {
                f"log of {SMALL:,}": lambda: carry("small", small_line),
                f"log of {large:,}": lambda: carry("large", large_line),
                f"log of {large:,}, snapshot held": lambda: carry("held", held_line),
            }
        )
    small_line.check(carried["small"] + AT_ONCE)
    large_line.check(carried["large"] + AT_ONCE)
    held_line.check(carried["held"] + churn)
    small, grown, held = medians(figures).values()
    return [
        Row(
            "flat cost",
            f"{measured:,} events a run in passes of {AT_ONCE}; with the snapshot after {churn:,} more",
            "ms/event",
            figures,
            [
                Check("large log to small", grown / small, 1.3, "×", at_most=True),
                Check("with a snapshot held", held / small, 1.3, "×", at_most=True),
            ],
        )
    ]
