"""Rows 2 to 4: what each station of an event can do by itself: sequencer, publisher, consumer from the feed.

The consumer has no floor here: `consume` compares it. The publisher's floor is bare Kombu with confirms, one publish
call a message and one wait for all confirms of a batch of the same size: it publishes ready bytes from memory, where
ours reads them from the log and moves a watermark. Publishing one by one with `confirm_publish` is for information.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import islice
from typing import Any

from amqp import Message
from kombu import Connection
from sqlalchemy import func, select, text

from bench.facts import KEYS, plain_messages, record_events, sequence_all
from bench.report import Check, Row, interleaved, medians
from bench.servers import Servers
from services.reporting import subscribers
from shared.database import reading, transaction
from shared.events.envelope import PARTITIONS
from shared.messaging.consumer import Consumer, Subscriptions
from shared.messaging.feed import PAGE, LocalFeed
from shared.messaging.publisher import BATCH as PUBLISHED_AT_ONCE
from shared.messaging.publisher import Publisher
from shared.messaging.sequencer import BATCH as SEQUENCED_AT_ONCE
from shared.messaging.sequencer import Sequencer
from shared.messaging.tables import event_position, head
from shared.messaging.topology import EXCHANGE, event_queues, routing_key

EVENTS = (10_000, 100_000)
CONFIRMED_ONE_BY_ONE = (500, 5_000)
"""(at least, at SCALE=1)."""


@dataclass
class Stations:
    """A log of `count` events, and who works on it."""

    servers: Servers
    count: int
    alone: int

    def __post_init__(self) -> None:
        self.broker = self.servers.vhost()
        _, self.log = self.servers.database("intake")
        _, self.facts = self.servers.database("reporting")
        record_events(self.log, self.count)
        sequence_all(self.log)
        self.size = len(LocalFeed(self.log, "intake").page(0, 0, 1)[0].parts.to_wire())
        with Connection(self.broker) as connection:
            for queue in event_queues("reporting", "intake"):
                queue(connection.channel()).declare()

    def sequence(self) -> float:
        with transaction(self.log) as session:
            session.execute(text("TRUNCATE event_position, sequencer_floor"))
        self.servers.settle()
        sequencer = Sequencer(self.log)

        def work() -> None:
            while sequencer.sequence():
                pass

        rate = self.count / seconds(work)
        with reading(self.log) as session:
            assert session.scalar(select(func.count()).select_from(event_position)) == self.count
        return rate

    def catch_up(self) -> float:
        with transaction(self.facts) as session:
            session.execute(text("TRUNCATE incident_fact, cursor_position"))
        self.servers.settle()
        subscriptions = Subscriptions(subscribers.PROJECTIONS, subscribers.REACTIONS)
        consumer = Consumer("reporting", self.facts, {"intake": LocalFeed(self.log, "intake")}, subscriptions, KEYS)
        consumer.prepare()

        def work() -> None:
            assert sum(consumer.catch_up("intake", partition) for partition in range(PARTITIONS)) == self.count

        return self.count / seconds(work)

    def publish(self) -> float:
        self._purge()
        with transaction(self.log) as session:
            session.execute(head.update().values(published=0))
        publisher = Publisher(self.log, "intake", self.broker)
        publisher.connect()

        def work() -> None:
            while publisher.publish():
                pass

        rate = self.count / seconds(work)
        publisher.close()
        return rate

    def publish_bare(self) -> float:
        """Pipelined: a batch of publishes, then all its confirms."""
        self._purge()
        bodies = list(plain_messages(self.count, self.size))
        with Connection(self.broker) as connection:
            channel = connection.channel()
            channel.confirm_select()
            waiting: set[int] = set()
            lowest = 1

            def ack(tag: int, multiple: bool) -> None:
                nonlocal lowest
                waiting.difference_update(range(lowest, tag + 1) if multiple else (tag,))
                lowest = max(lowest, tag + 1) if multiple else lowest

            channel.events["basic_ack"].add(ack)

            def work() -> None:
                for first, batch in batches(bodies, PUBLISHED_AT_ONCE):
                    for tag, body in enumerate(batch, first + 1):
                        waiting.add(tag)
                        channel.basic_publish(
                            Message(body, delivery_mode=2), EXCHANGE.name, routing_key("intake", tag % PARTITIONS)
                        )
                    while waiting:
                        connection.drain_events(timeout=30)

            return self.count / seconds(work)

    def publish_one_by_one(self) -> float:
        """Kombu's `confirm_publish`: a round trip each."""
        self._purge()
        bodies = list(plain_messages(self.alone, self.size))
        with Connection(self.broker, transport_options={"confirm_publish": True}) as connection:
            channel = connection.channel()

            def work() -> None:
                for number, body in enumerate(bodies):
                    channel.basic_publish(
                        Message(body, delivery_mode=2), EXCHANGE.name, routing_key("intake", number % PARTITIONS)
                    )

            return self.alone / seconds(work)

    def _purge(self) -> None:
        with Connection(self.broker) as connection:
            for queue in event_queues("reporting", "intake"):
                connection.default_channel.queue_purge(queue.name)
        self.servers.settle()


def batches(bodies: list[bytes], size: int) -> Iterator[tuple[int, list[bytes]]]:
    """(how many went before, the next `size` of them)."""
    for first in range(0, len(bodies), size):
        yield first, list(islice(bodies, first, first + size))


def seconds(work: Callable[[], Any]) -> float:
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


def rows(servers: Servers, scale: float) -> list[Row]:
    count, alone = (max(least, int(most * scale)) for least, most in (EVENTS, CONFIRMED_ONE_BY_ONE))
    work = Stations(servers, count, alone)
    fed = interleaved({"catch_up": work.catch_up, "sequence": work.sequence})
    told = interleaved(
        {"kinbridge": work.publish, "bare pipelined": work.publish_bare, "bare one by one": work.publish_one_by_one}
    )
    at = medians(told)
    return [
        Row(
            "catch up from the feed",
            f"{count:,} events, pages and transactions of {PAGE}",
            "events/s",
            {"kinbridge": fed["catch_up"]},
        ),
        Row(
            "sequence",
            f"{count:,} events, up to {SEQUENCED_AT_ONCE:,} a transaction",
            "events/s",
            {"kinbridge": fed["sequence"]},
            [Check("events a second", medians(fed)["sequence"], 10_000, "events/s")],
        ),
        Row(
            "publish",
            f"{count:,} events ({alone:,} one by one), {work.size} bytes each, batches of {PUBLISHED_AT_ONCE:,}",
            "events/s",
            told,
            [Check("of bare pipelined Kombu", at["kinbridge"] / at["bare pipelined"], 0.75, "×")],
        ),
    ]
