"""The floor under the consumer: bare Kombu and psycopg.

Same as Kinbridge: the queues, the prefetch, the batches, one transaction a partition and batch that locks and moves a
cursor and inserts all facts with one `executemany` (three times cheaper here than one statement with many VALUES),
one acknowledgement a batch after the commits. Not the same: plain JSON of the same size; no encryption, hash chain,
order check, holds, subscriptions or validation.
"""

from __future__ import annotations

import json
from functools import partial
from typing import Any

import psycopg
from amqp import Message
from kombu import Connection

from bench.child import settings_of_child, wait_for_release
from bench.facts import FACT_COLUMNS
from shared.events.envelope import PARTITIONS
from shared.messaging.consumer.inlet import GATHER, LINGER, PREFETCH
from shared.messaging.topology import event_queue

_PLACES = ", ".join(["%s"] * len(FACT_COLUMNS))
_INSERT = f"INSERT INTO incident_fact ({', '.join(FACT_COLUMNS)}) VALUES ({_PLACES})".encode()


class Floor:
    """As little as does the work."""

    def __init__(self, database: psycopg.Connection[tuple[Any, ...]]) -> None:
        self._database = database
        self._facts = database.cursor()
        self._gathered: dict[int, list[Any]] = {}
        self._tag = self._count = 0

    def run(self, broker: str) -> None:
        connection = Connection(broker, heartbeat=10)
        channel = connection.channel()
        channel.basic_qos(0, PREFETCH, False)
        for partition in range(PARTITIONS):
            queue = event_queue("floor", "bench", partition)(channel)
            queue.declare()
            channel.basic_consume(queue.name, callback=partial(self._take, partition))
        while True:
            self._gather(connection)
            for partition, bodies in self._gathered.items():
                self._insert(partition, bodies)
            self._gathered = {}
            if self._tag:  # also of what came while the consumers were declared
                channel.basic_ack(self._tag, multiple=True)
                self._tag = 0

    def _take(self, partition: int, message: Message) -> None:
        self._tag = message.delivery_tag
        self._count += 1
        self._gathered.setdefault(partition, []).append(message.body)

    def _gather(self, connection: Connection) -> None:
        self._count, wait = 0, 1.0
        while self._count < GATHER:
            try:
                connection.drain_events(timeout=wait)
            except TimeoutError:
                return
            wait = LINGER

    def _insert(self, partition: int, bodies: list[Any]) -> None:
        with self._database.transaction():
            at = self._database.execute(
                "SELECT position FROM plain_cursor WHERE partition = %s FOR UPDATE", [partition]
            ).fetchone()
            assert at is not None
            facts = [json.loads(body) for body in bodies]
            self._facts.executemany(_INSERT, [[fact[name] for name in FACT_COLUMNS] for fact in facts])
            self._database.execute(
                "UPDATE plain_cursor SET position = %s WHERE partition = %s", [at[0] + len(facts), partition]
            )


def main() -> None:
    settings = settings_of_child()
    with psycopg.connect(settings["facts"], autocommit=True) as database:
        wait_for_release()
        Floor(database).run(settings["broker"])


if __name__ == "__main__":
    main()
