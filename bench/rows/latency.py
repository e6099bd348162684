"""Row 6: from the commit of a fact to the commit of its effect in another service, at 100 events a second.

On RabbitMQ and PostgreSQL: one process records, a second relays, a third consumes, and both moments are read from the
database's commit timestamps. Embedded: one process on SQLite; from the end of the recording transaction to the end of
the consumer's. Each run takes its p50 and p99. Just before each embedded run the disk alone is measured, at the rate
at which that run waits for it (two commits an event): its p99 says how much of the other is not ours.
"""

from __future__ import annotations

import json
import os
import tempfile
import time

import psycopg
from kombu import Connection
from sqlalchemy import text

from bench.child import child, until
from bench.facts import event
from bench.report import RUNS, Check, Row, medians
from bench.servers import Servers, plain
from bench.sides.embedded import at_rate
from shared.database import reading, transaction
from shared.messaging.log import record
from shared.messaging.topology import event_queues

RATE = 100
EVENTS = (500, 6_000)
"""(at least, at SCALE=1)."""
WRITTEN = 20 * 1024
"""Bytes of a commit in the write-ahead log."""


def through_broker(servers: Servers, count: int) -> list[float]:
    """The milliseconds of each event, sorted."""
    log_url, log = servers.database("intake")
    facts_url, facts = servers.database("reporting")
    broker = servers.vhost()
    with Connection(broker) as connection:
        for queue in event_queues("reporting", "intake"):
            queue(connection.channel()).declare()
    with (
        child("relay", database=log_url, broker=broker) as relay,
        child("kinbridge_consumer", broker=broker, log=log_url, facts=facts_url) as consumer,
    ):
        relay.release()
        consumer.release()
        relay.answer()
        time.sleep(1.0)

        def submit(number: int) -> None:
            with transaction(log) as session:
                record(session, event(number))

        at_rate(count, RATE, submit)

        def arrived() -> bool:
            with reading(facts) as session:
                return bool(session.scalar(text("SELECT count(*) FROM incident_fact")) == count)

        until(arrived, timeout=60)
    recorded = moments(servers, str(log.url.database), "substr(subject, 6)", "event_log")
    counted = moments(servers, str(facts.url.database), "case_id::text", "incident_fact")
    return sorted((counted[case] - recorded[case]) * 1000 for case in counted)


def moments(servers: Servers, database: str, case: str, table: str) -> dict[str, float]:
    """When each case's row was committed, in Unix time."""
    asked = f"SELECT {case}, extract(epoch FROM pg_xact_commit_timestamp(xmin))::float8 FROM {table}"
    with psycopg.connect(plain(servers.postgres.url(database))) as server:
        return {str(name): float(str(at)) for name, at in server.execute(asked.encode())}


def embedded(count: int) -> list[float]:
    """The same inside one process, which a child is."""
    with child("embedded", count=count, rate=RATE) as system:
        system.release()
        return sorted(json.loads(system.answer())["milliseconds"])


def disk(count: int) -> list[float]:
    """The milliseconds of each write that waits for the disk, over space that is there already; sorted."""
    took: list[float] = []
    with tempfile.TemporaryFile() as file:
        number, page = file.fileno(), os.urandom(WRITTEN)
        os.write(number, page * 100)
        os.fsync(number)

        def write(turn: int) -> None:
            began = time.perf_counter()
            os.pwrite(number, page, turn % 100 * WRITTEN)
            os.fdatasync(number)
            took.append((time.perf_counter() - began) * 1000)

        at_rate(count, 2 * RATE, write)
    return sorted(took)


def rows(servers: Servers, scale: float) -> list[Row]:
    count = max(EVENTS[0], int(EVENTS[1] * scale))
    figures: dict[str, list[float]] = {
        f"{side} {which}": [] for side in ("broker", "disk alone", "embedded") for which in ("p50", "p99")
    }
    for _ in range(RUNS):
        sides = ("broker", through_broker(servers, count)), ("disk alone", disk(count)), ("embedded", embedded(count))
        for name, found in sides:
            figures[f"{name} p50"].append(found[len(found) // 2])
            figures[f"{name} p99"].append(found[len(found) * 99 // 100])
    at = medians(figures)
    return [
        Row(
            "commit to effect",
            f"{count:,} events at {RATE} a second, one a transaction",
            "ms",
            figures,
            [
                Check("p99 on RabbitMQ and PostgreSQL", at["broker p99"], 100, "ms", at_most=True),
                Check("p99 embedded", at["embedded p99"], 10, "ms", at_most=True),
            ],
        )
    ]
