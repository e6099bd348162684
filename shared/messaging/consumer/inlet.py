"""The inlet: takes messages from the broker and hands them to the consumer in batches. Kombu lives here.

A message is acknowledged once its batch was tried, whatever came of it: the feed is the truth, so nothing is lost
by an acknowledgement, and a partition that fails is pulled from the feed when it works again.
"""

from __future__ import annotations

import logging
import math
import threading
import time
from collections import defaultdict
from collections.abc import Mapping
from functools import partial
from typing import Any

from amqp import Message
from amqp.exceptions import ConsumerCancelled
from kombu import Connection

from shared.events.envelope import Logged, Parts, Undecodable
from shared.messaging.broker import connect, drain
from shared.messaging.consumer.apply import Consumer
from shared.messaging.consumer.backoff import BackOff
from shared.messaging.topology import event_queue

log = logging.getLogger(__name__)

PREFETCH = 2500
"""Per queue."""
GATHER = 2000
"""Messages in one batch, over all partitions."""
LINGER = 0.001
"""Seconds to wait for one message more before a batch is applied."""
PATIENCE = 0.004
"""Seconds after which a batch takes only what is there: a steady trickle would hold it back for long."""
NOTHING_THERE = 0.0002


class Inlet:
    """One connection to the broker, consuming every source's queues of one service."""

    def __init__(self, consumer: Consumer, broker_url: str, backoff: BackOff, partitions: range) -> None:
        self._consumer = consumer
        self._broker_url = broker_url
        self._backoff = backoff
        self._partitions = partitions
        self._gathered: dict[tuple[str, int], list[Logged[Any]]] = defaultdict(list)
        self._gaps: set[tuple[str, int]] = set()
        self._last_tag = 0
        self._count = 0

    def run(self, stop: threading.Event) -> None:
        """Consume until `stop` is set. Raises the broker's errors; the caller connects anew."""
        connection = connect(self._broker_url)
        try:
            channel = connection.channel()
            self._declare_and_consume(channel)
            while not stop.is_set():
                self._gather(connection)
                self._apply_gathered()
                self._acknowledge(channel)
                connection.heartbeat_check()
        finally:
            connection.collect()

    def _declare_and_consume(self, channel: Any) -> None:
        """Declare everything anew: a broker that lost its disk knows nothing."""
        self._gathered.clear()
        self._gaps.clear()
        self._last_tag = self._count = 0
        channel.basic_qos(0, PREFETCH, False)
        places = [(source, partition) for source in self._consumer.feeds for partition in self._partitions]
        queues = {place: event_queue(self._consumer.name, *place)(channel) for place in places}
        for queue in queues.values():
            queue.declare()
        for place, queue in queues.items():
            # Without an answer to wait for: a quorum queue may send messages before it, which py-amqp would reject.
            channel.basic_consume(
                queue.name,
                consumer_tag=queue.name,
                nowait=True,
                callback=partial(self._take, *place),
                on_cancel=_cancelled,
            )

    def _take(self, source: str, partition: int, message: Message) -> None:
        self._last_tag = message.delivery_tag
        self._count += 1
        try:
            self._gathered[source, partition].append(decode(source, partition, message))
        except Undecodable:
            log.warning("undecodable message", extra={"source": source, "partition": partition})
            self._gaps.add((source, partition))

    def _gather(self, connection: Connection) -> None:
        """Wait for a message, then take what is there."""
        self._count, wait, patient_until = 0, 1.0, math.inf
        while self._count < GATHER:
            try:
                drain(connection, wait)
            except TimeoutError:
                return
            if self._count:
                patient_until = min(patient_until, time.monotonic() + PATIENCE)
                wait = LINGER if time.monotonic() < patient_until else NOTHING_THERE

    def _apply_gathered(self) -> None:
        gathered, self._gathered = self._gathered, defaultdict(list)
        for key in self._apply_together(gathered):
            del gathered[key]
        for (source, partition), events in gathered.items():
            self._backoff.attempt((source, partition), partial(self._consumer.receive, source, partition, events))
        gaps, self._gaps = self._gaps, set()
        for source, partition in gaps:
            self._backoff.attempt((source, partition), partial(self._consumer.catch_up, source, partition))

    def _apply_together(self, gathered: Mapping[tuple[str, int], list[Logged[Any]]]) -> list[tuple[str, int]]:
        """Apply the partitions in which all is well, those of a source in one transaction. Returns what is done."""
        well: dict[str, dict[int, list[Logged[Any]]]] = defaultdict(dict)
        for (source, partition), events in gathered.items():
            if self._backoff.is_well((source, partition)):
                well[source][partition] = events
        several = {source: batches for source, batches in well.items() if len(batches) > 1}
        done = [(s, p) for s, batches in several.items() for p in self._consumer.receive_together(s, batches)]
        self._backoff.succeeded(done)
        return done

    def _acknowledge(self, channel: Any) -> None:
        if self._last_tag:
            channel.basic_ack(self._last_tag, multiple=True)
            self._last_tag = 0


def decode(source: str, partition: int, message: Message) -> Logged[Any]:
    """The event of a message; raises `Undecodable`."""
    headers = message.headers or {}
    try:
        position = int(headers["position"])
        previous, digest = bytes.fromhex(headers["previous"]), bytes.fromhex(headers["hash"])
    except (KeyError, ValueError, TypeError, OverflowError) as error:
        raise Undecodable("no place in the log") from error
    body = message.body
    return Logged(
        source,
        partition,
        position,
        previous,
        digest,
        Parts.from_wire(body if isinstance(body, bytes) else str(body).encode()),
    )


def _cancelled(consumer_tag: str) -> None:
    """The queue was deleted under us: connect and declare anew."""
    raise ConsumerCancelled(consumer_tag)
