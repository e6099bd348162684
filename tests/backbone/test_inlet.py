"""A batch from the broker has an end, however many messages come and however they come."""

from __future__ import annotations

import time
from typing import Any

import pytest
from amqp import Message

from shared.messaging.consumer import inlet as inlets
from shared.messaging.consumer.backoff import BackOff
from shared.messaging.consumer.inlet import Inlet
from tests.backbone.world import SOURCE, World


class Endless:
    """A connection on which the next message is always there, `every` seconds after the last."""

    def __init__(self, inlet: Inlet, every: float) -> None:
        self._inlet, self._every = inlet, every
        self.given = 0

    def drain_events(self, timeout: float) -> None:
        if self._every > timeout:
            time.sleep(timeout)
            raise TimeoutError
        time.sleep(self._every)
        self.given += 1
        message = Message(b"")
        message.delivery_info = {"delivery_tag": self.given}
        self._inlet._take(SOURCE, 0, message)


@pytest.fixture
def inlet(world: World) -> Inlet:
    return Inlet(world.consumer, "memory://", BackOff(world.consumer), range(8))


def gathered(inlet: Inlet, every: float) -> int:
    connection: Any = Endless(inlet, every)
    inlet._gather(connection)
    return int(connection.given)


def test_a_flood_is_cut_into_batches(inlet: Inlet) -> None:
    assert gathered(inlet, 0.0) <= inlets.GATHER


def test_a_steady_trickle_holds_no_batch_back(inlet: Inlet) -> None:
    began = time.monotonic()
    assert gathered(inlet, 0.003) < 20
    assert time.monotonic() - began < 1.0
