"""The publisher: tells the broker of sequenced events, and waits for its confirms. A hint: the feed is the truth."""

from __future__ import annotations

import logging
import time
from contextlib import suppress
from typing import Any

from amqp import Message
from kombu import Connection
from sqlalchemy import Engine, bindparam, select, update

from shared.database import reading, transaction
from shared.events.envelope import CONTENT_TYPE, PARTITIONS, Logged
from shared.messaging.broker import connect, written_together
from shared.messaging.feed import read_logs
from shared.messaging.tables import head
from shared.messaging.topology import EXCHANGE, routing_key

log = logging.getLogger(__name__)

BATCH = 1000
CONFIRM_TIMEOUT = 30.0
READ_FOR = 0.001
"""Seconds; what is there is read in any case."""
SAVE_EVERY = 0.5
"""Seconds between two saves of the watermark while busy: what is published again after a crash does no harm."""


class Unconfirmed(ConnectionError):
    """The broker did not confirm in time, or refused; the batch is published again on a new connection."""


class _Outstanding:
    """Which delivery tags (1, 2, 3 … on each channel) the broker has not confirmed yet."""

    def __init__(self) -> None:
        self.sent = 0
        self.refused = False
        self._waiting: set[int] = set()
        self._lowest = 1

    def __bool__(self) -> bool:
        return bool(self._waiting)

    def send(self) -> None:
        self.sent += 1
        self._waiting.add(self.sent)

    def ack(self, tag: int, multiple: bool) -> None:
        if not multiple:
            self._waiting.discard(tag)
            return
        self._waiting.difference_update(range(self._lowest, tag + 1))
        self._lowest = max(self._lowest, tag + 1)

    def nack(self, _tag: int, _multiple: bool) -> None:
        self.refused = True


class Publisher:
    """Publishes the log of one database. Its watermark per partition moves only over confirmed events."""

    def __init__(self, engine: Engine, source: str, broker_url: str) -> None:
        self._engine = engine
        self._source = source
        self._broker_url = broker_url
        self._connection: Connection | None = None
        self._channel: Any = None
        self._outstanding = _Outstanding()
        self._read: dict[int, int] | None = None
        self._published: dict[int, int] = {}
        self._saved: dict[int, int] = {}
        self._ahead: list[Logged[Any]] = []
        self._saved_at = 0.0

    def connect(self) -> None:
        """Connect, declare the exchange, ask for confirms. Raises `OSError` or an AMQP error."""
        self.close()
        self._ahead, self._read = [], None if self._read is None else dict(self._published)
        self._connection = connect(self._broker_url)
        self._channel = self._connection.channel()
        EXCHANGE(self._channel).declare()
        self._outstanding = _Outstanding()
        self._channel.confirm_select()
        self._channel.events["basic_ack"].add(self._outstanding.ack)
        self._channel.events["basic_nack"].add(self._outstanding.nack)

    def close(self) -> None:
        """Let the connection go without a word: a broken one would block."""
        if self._connection is not None:
            self._connection.collect()
        self._connection = self._channel = None

    def heartbeat(self) -> None:
        """To be called at least every few seconds; raises when the broker has fallen silent, or is gone.

        While nothing is published, nobody else reads what the broker sends: heartbeats, and that it closes.
        """
        if self._connection is not None:
            with suppress(TimeoutError):
                self._connection.drain_events(timeout=READ_FOR)
            self._connection.heartbeat_check()

    def publish(self, limit: int = BATCH) -> int:
        """Publish up to `limit` events and await their confirms. Returns how many; 0 when nothing waits.

        What comes next is read while the confirms are under way.
        """
        if self._channel is None:
            self.connect()
        events = self._ahead or self._waiting(limit)
        self._ahead = []
        if not events:
            self.save()
            return 0
        assert self._read is not None
        with written_together(self._connection):
            for event in events:
                self._send(event)
                self._read[event.partition] = event.position
        if len(events) >= limit // 2:
            self._ahead = self._waiting(limit)
        self._await_confirms()
        self._published.update({event.partition: event.position for event in events})
        if time.monotonic() - self._saved_at > SAVE_EVERY:
            self.save()
        return len(events)

    def save(self) -> None:
        """Store the watermark."""
        moved = {p: at for p, at in self._published.items() if self._saved.get(p) != at}
        if moved:
            rows = [{"at": p, "to": position} for p, position in sorted(moved.items())]
            change = update(head).where(head.c.partition == bindparam("at")).values(published=bindparam("to"))
            with transaction(self._engine) as session:
                session.connection().execute(change, rows)
            self._saved.update(moved)
        self._saved_at = time.monotonic()

    def _waiting(self, limit: int) -> list[Logged[Any]]:
        with reading(self._engine) as session:
            if self._read is None:
                self._read = {p: at for p, at in session.execute(select(head.c.partition, head.c.published))}
                self._published, self._saved = dict(self._read), dict(self._read)
            return read_logs(session, self._source, self._read, max(1, limit // PARTITIONS))

    def _send(self, event: Logged[Any]) -> None:
        message = Message(
            event.parts.to_wire(),
            content_type=CONTENT_TYPE,
            delivery_mode=2,
            application_headers={
                "position": event.position,
                "previous": event.previous_hash.hex(),
                "hash": event.hash.hex(),
            },
        )
        self._outstanding.send()
        self._channel.basic_publish(
            message, exchange=EXCHANGE.name, routing_key=routing_key(self._source, event.partition)
        )

    def _await_confirms(self) -> None:
        assert self._connection is not None
        patience = time.monotonic() + CONFIRM_TIMEOUT
        while self._outstanding and not self._outstanding.refused:
            try:
                self._connection.drain_events(timeout=1.0)
            except TimeoutError:
                self._connection.heartbeat_check()
            if time.monotonic() > patience:
                raise Unconfirmed("no confirm in time")
        if self._outstanding.refused:
            raise Unconfirmed("refused")
