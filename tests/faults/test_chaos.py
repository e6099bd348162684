"""Whatever dies, every accepted event is applied exactly once and in order at every consumer.

KINBRIDGE_CHAOS_EVENTS scales the storm (20,000 is full), KINBRIDGE_CHAOS_SEED repeats one. With
KINBRIDGE_FAULTS_RESULTS the counts go to that file as JSON. `make soak` sets KINBRIDGE_SOAK_SECONDS.
"""

from __future__ import annotations

import json
import os
import secrets
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.faults.installation import Installation
from tests.faults.storm import FULL, storm_over
from tests.servers import OwnPostgres, OwnRabbitMQ, require_or_skip

# Read when the module is: the tests themselves see no settings.
EVENTS = int(os.environ.get("KINBRIDGE_CHAOS_EVENTS", FULL))
SEED = os.environ.get("KINBRIDGE_CHAOS_SEED") or secrets.token_hex(4)
RESULTS = os.environ.get("KINBRIDGE_FAULTS_RESULTS")
SOAK = float(os.environ.get("KINBRIDGE_SOAK_SECONDS", "0"))


@pytest.fixture
def rabbit() -> Iterator[OwnRabbitMQ]:
    require_or_skip("rabbitmq", OwnRabbitMQ.why_not())
    with OwnRabbitMQ() as broker:
        yield broker


def weather(postgres: OwnPostgres, rabbit: OwnRabbitMQ, seed: str) -> dict[str, int]:
    """One storm and its account. Returns what was done."""
    hub = Installation(postgres, rabbit.url())
    try:
        with storm_over(hub, rabbit, seed, EVENTS) as storm:
            storm.rage()
            storm.settle()
            storm.account().close()
        return dict(storm.done)
    finally:
        hub.close()
        for name in hub.engines:
            postgres.drop_database(name)


def tell(what: dict[str, int], seed: str, capsys: pytest.CaptureFixture[str]) -> None:
    """Say what was done, and keep it where KINBRIDGE_FAULTS_RESULTS names a file."""
    line = ", ".join(f"{number:,} {name}" for name, number in what.items())
    with capsys.disabled():
        print(f"\nstorm {seed}: {line}: none lost, none doubled, none out of order")  # noqa: T201
    if RESULTS:
        Path(RESULTS).write_text(json.dumps({"seed": seed, **what}, indent=2) + "\n")


@pytest.mark.faults
@pytest.mark.timeout(900)
def test_every_accepted_event_is_applied_once_and_in_order_whatever_dies(
    postgres: OwnPostgres, rabbit: OwnRabbitMQ, capsys: pytest.CaptureFixture[str]
) -> None:
    with capsys.disabled():
        print(f"\nstorm {SEED} begins")  # noqa: T201
    tell(weather(postgres, rabbit, SEED), SEED, capsys)


@pytest.mark.soak
@pytest.mark.skipif(not SOAK, reason="KINBRIDGE_SOAK_SECONDS is not set: `make soak` sets it")
@pytest.mark.timeout(SOAK + 1800)
def test_it_stays_true_for_as_long_as_asked(
    postgres: OwnPostgres, rabbit: OwnRabbitMQ, capsys: pytest.CaptureFixture[str]
) -> None:
    until = time.monotonic() + SOAK
    while time.monotonic() < until:
        seed = secrets.token_hex(4)
        with capsys.disabled():
            print(f"\nstorm {seed} begins")  # noqa: T201
        tell(weather(postgres, rabbit, seed), seed, capsys)
