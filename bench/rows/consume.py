"""Row 1: the same work for each event — one fact inserted into PostgreSQL exactly once, from a filled quorum queue.

The clock runs from the release of a side that is imported and connected to the database (FastStream and Celery: from
their first commit, so that their start costs them nothing) to the last commit, both read from the database.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import count

import psycopg
from amqp import Message
from kombu import Connection, Queue
from sqlalchemy import Engine, text

from bench.child import child, until
from bench.facts import plain_messages, record_events, sequence_all
from bench.report import Check, Row, interleaved, medians
from bench.servers import Servers, plain
from bench.sides.celery_consumer import PREFETCH as CELERY_PREFETCH
from bench.sides.celery_consumer import PROCESSES, TASK, application
from bench.sides.faststream_consumer import PREFETCH as FASTSTREAM_PREFETCH
from shared.database import reading, transaction
from shared.events.envelope import PARTITIONS
from shared.messaging.consumer.inlet import GATHER
from shared.messaging.feed import LocalFeed
from shared.messaging.publisher import Publisher
from shared.messaging.tables import head
from shared.messaging.topology import event_queue, event_queues

QUEUE = "bench"
IN_BATCHES, ONE_BY_ONE = (10_000, 120_000), (1_500, 30_000)
"""(at least, at SCALE=1) events, for sides that work in batches and for those that do not."""


@dataclass
class Consume:
    """The databases and queues of this row."""

    servers: Servers
    batched: int
    single: int

    def __post_init__(self) -> None:
        self.broker = self.servers.vhost()
        self.log_url, self.log = self.servers.database("intake")
        self.facts_url, self.facts = self.servers.database("reporting")
        record_events(self.log, self.batched)
        sequence_all(self.log)
        self.size = round(self._wire_size())
        with psycopg.connect(plain(self.facts_url), autocommit=True) as database:
            database.execute("CREATE TABLE inbox (id uuid PRIMARY KEY)")
            database.execute("CREATE TABLE plain_cursor (partition smallint PRIMARY KEY, position bigint NOT NULL)")
            database.execute(
                f"INSERT INTO plain_cursor SELECT p, 0 FROM generate_series(0, {PARTITIONS - 1}) p".encode()
            )

    def kinbridge(self) -> float:
        self._empty()
        with Connection(self.broker) as connection:
            for queue in event_queues("reporting", "intake"):
                queue(connection.channel()).declare()
        publish_log(self.log, self.broker)
        with child("kinbridge_consumer", broker=self.broker, log=self.log_url, facts=self.facts_url) as side:
            return self._rate(self.batched, side.release())

    def floor(self) -> float:
        self._empty()
        with Connection(self.broker) as connection:
            for partition in range(PARTITIONS):
                event_queue("floor", "bench", partition)(connection.channel()).declare()
            with confirmed(connection) as publish:
                for number, body in enumerate(plain_messages(self.batched, self.size)):
                    publish(Message(body, delivery_mode=2), "kinbridge.events", f"bench.{number % PARTITIONS}")
        with child("floor_consumer", broker=self.broker, facts=plain(self.facts_url)) as side:
            return self._rate(self.batched, side.release())

    def faststream(self) -> float:
        self._empty()
        with Connection(self.broker) as connection:
            queue = Queue(QUEUE, durable=True, queue_arguments={"x-queue-type": "quorum"})(connection.channel())
            queue.declare()
            with confirmed(connection) as publish:
                for body in plain_messages(self.single, self.size):
                    publish(Message(body, delivery_mode=2, content_type="application/json"), "", QUEUE)
        with child("faststream_consumer", broker=self.broker, facts=plain(self.facts_url), queue=QUEUE) as side:
            side.release()
            return self._rate(self.single, None)

    def celery(self) -> float:
        self._empty()
        app = application(self.broker, "celery-bench")
        with app.connection_for_write() as connection, app.amqp.Producer(connection) as producer:
            for body in plain_messages(self.single, self.size):
                app.send_task(TASK, [json.loads(body)], producer=producer)
        with child("celery_consumer", broker=self.broker, facts=plain(self.facts_url), queue="celery-bench") as side:
            side.release()
            return self._rate(self.single, None)

    def _empty(self) -> None:
        with transaction(self.facts) as session:
            session.execute(text("TRUNCATE incident_fact, inbox, cursor_position, held, alarm"))
        with transaction(self.log) as session:
            session.execute(head.update().values(published=0))
        self.servers.settle()

    def _rate(self, events: int, released: float | None) -> float:
        """Events a second, once all are there."""
        until(lambda: self._count() >= events, timeout=120 + events / 100)
        return committed_rate(self.servers, self.facts, events, released)

    def _count(self) -> int:
        with reading(self.facts) as session:
            return session.scalar(text("SELECT count(*) FROM incident_fact")) or 0

    def _wire_size(self) -> float:
        page = LocalFeed(self.log, "intake").page(0, 0, 100)
        return sum(len(event.parts.to_wire()) for event in page) / len(page)


def committed_rate(servers: Servers, facts: Engine, events: int, released: float | None) -> float:
    """Events a second by commit timestamps: from `released`, or from the first commit, to the last."""
    first, last, found = servers.ask(
        facts,
        "SELECT extract(epoch FROM min(t)), extract(epoch FROM max(t)), count(*) "
        "FROM (SELECT pg_xact_commit_timestamp(xmin) AS t FROM incident_fact) AS c",
    )
    assert found == events, f"{found} facts of {events} events"
    return events / (float(str(last)) - (released if released is not None else float(str(first))))


@contextmanager
def confirmed(connection: Connection) -> Iterator[Callable[[Message, str, str], None]]:
    """A function that publishes, untimed; every message is confirmed when the block has ended.

    The end of a channel does not wait for that: quorum queues lose some of what is under way then.
    """
    channel = connection.channel()
    channel.confirm_select()
    sent, up_to, singly = count(1), 0, set[int]()

    def ack(tag: int, multiple: bool) -> None:
        nonlocal up_to
        singly.add(tag)
        up_to = max(up_to, tag) if multiple else up_to
        while up_to + 1 in singly:
            up_to += 1

    channel.events["basic_ack"].add(ack)

    def publish(message: Message, exchange: str, key: str) -> None:
        next(sent)
        channel.basic_publish(message, exchange, key)

    yield publish
    last = next(sent) - 1
    while up_to < last:
        connection.drain_events(timeout=30)
    channel.close()


def publish_log(log: Engine, broker: str) -> None:
    """Publish the whole log, untimed."""
    publisher = Publisher(log, "intake", broker)
    while publisher.publish():
        pass
    publisher.close()


def rows(servers: Servers, scale: float) -> list[Row]:
    batched, single = (max(least, int(most * scale)) for least, most in (IN_BATCHES, ONE_BY_ONE))
    work = Consume(servers, batched, single)
    figures = interleaved(
        {"kinbridge": work.kinbridge, "floor": work.floor, "faststream": work.faststream, "celery": work.celery}
    )
    at = medians(figures)
    sizes = (
        f"{batched:,} events (kinbridge, floor), {single:,} (rivals), {work.size} bytes each; batches of ≤ {GATHER:,} "
        f"over {PARTITIONS} partitions; prefetch: FastStream {FASTSTREAM_PREFETCH}, "
        f"Celery {CELERY_PREFETCH} × {PROCESSES} processes"
    )
    return [
        Row(
            "consume",
            sizes,
            "events/s",
            figures,
            [
                Check("of FastStream", at["kinbridge"] / at["faststream"], 8, "×"),
                Check("of Celery", at["kinbridge"] / at["celery"], 8, "×"),
                Check("of the floor", at["kinbridge"] / at["floor"], 0.75, "×"),
            ],
        )
    ]
