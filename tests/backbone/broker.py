"""A broker in memory, standing in for kombu's Connection: queues, confirms, acknowledgements, redelivery."""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest

from shared.messaging import publisher
from shared.messaging.consumer import inlet

Observer = Callable[[str], None]


class Broker:
    """What the server keeps: for each bound queue its messages. `observe(what)` may crash the caller."""

    def __init__(self) -> None:
        self.queues: dict[str, deque[Any]] = {}
        self.bindings: dict[str, set[str]] = defaultdict(set)
        self.observe: Observer = lambda _what: None

    def install(self, patch: pytest.MonkeyPatch) -> None:
        """Let publisher and inlet connect here."""
        for module in (publisher, inlet):
            patch.setattr(module, "connect", lambda _url: _Connection(self))
        patch.setattr(publisher, "EXCHANGE", _Exchange())
        patch.setattr(inlet, "event_queue", lambda *place: lambda channel: _Queue(self, *place))

    def declare(self, consumer: str, source: str, partition: int) -> str:
        name = f"{consumer}.{source}.{partition}"
        self.queues.setdefault(name, deque())
        self.bindings[f"{source}.{partition}"].add(name)
        return name

    def purge(self) -> None:
        for queue in self.queues.values():
            queue.clear()

    def lose_disk(self) -> None:
        self.queues.clear()
        self.bindings.clear()


class _Exchange:
    name = "kinbridge.events"

    def __call__(self, _channel: Any) -> Any:
        return SimpleNamespace(declare=lambda: None)


class _Queue:
    def __init__(self, broker: Broker, *place: Any) -> None:
        self._broker, self._place = broker, place
        self.name = "{}.{}.{}".format(*place)

    def declare(self) -> None:
        self._broker.declare(*self._place)


class _Connection:
    """One client's connection and its one channel."""

    def __init__(self, broker: Broker) -> None:
        self._broker = broker
        self.events: dict[str, set[Callable[..., None]]] = {"basic_ack": set(), "basic_nack": set()}
        self._published = 0
        self._confirmed = 0
        self._callbacks: dict[str, Callable[[Any], None]] = {}
        self._unacknowledged: dict[int, tuple[str, Any]] = {}
        self._tag = 0
        broker.observe("connect")

    def channel(self) -> _Connection:
        return self

    def confirm_select(self) -> None:
        pass

    def basic_qos(self, *_arguments: Any) -> None:
        pass

    def heartbeat_check(self) -> None:
        pass

    def basic_publish(self, message: Any, exchange: str, routing_key: str) -> None:
        self._broker.observe("publish")
        for name in sorted(self._broker.bindings[routing_key]):
            if name in self._broker.queues:
                self._broker.queues[name].append(message)
        self._published += 1

    def basic_consume(self, queue: str, callback: Callable[[Any], None], **_how: Any) -> None:
        self._callbacks[queue] = callback

    def basic_ack(self, tag: int, multiple: bool) -> None:
        self._broker.observe("ack")
        for one in [one for one in self._unacknowledged if one <= tag]:
            del self._unacknowledged[one]

    def drain_events(self, timeout: float) -> None:
        if self._confirmed < self._published:
            self._broker.observe("confirm")
            self._confirmed = self._published
            for confirmed in self.events["basic_ack"]:
                confirmed(self._confirmed, True)
            return
        for name, callback in self._callbacks.items():
            queue = self._broker.queues.get(name)
            if queue:
                message = queue.popleft()
                self._tag += 1
                self._unacknowledged[self._tag] = (name, message)
                told = SimpleNamespace(
                    delivery_tag=self._tag, headers=message.properties["application_headers"], body=message.body
                )
                callback(told)
                return
        raise TimeoutError

    def collect(self) -> None:
        """The connection ends: what it has not acknowledged goes back to the front, in order."""
        for name, message in reversed(self._unacknowledged.values()):
            if name in self._broker.queues:
                self._broker.queues[name].appendleft(message)
        self._unacknowledged.clear()
