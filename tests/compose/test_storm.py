"""Containers die, are doubled and are replaced while cases come in: each accepted one arrives exactly once."""

from __future__ import annotations

import re
import time
from typing import Any

import pytest

from shared.settings import SERVICES
from tests.compose.books import Books
from tests.compose.conftest import Hub
from tests.compose.stack import Stack, run, wait_until

pytestmark = [pytest.mark.compose, pytest.mark.timeout(1800)]
KILLED = (
    "intake-web",
    "intake-worker",
    "notify-web",
    "notify-worker",
    "notify-jobs",
    "reporting-web",
    "reporting-worker",
    "postgres",
    "rabbitmq",
)
DEAD = 1.0
"""Seconds for which a container stays dead, while cases are submitted."""


def test_whatever_is_killed_every_accepted_case_arrives_once(hub: Hub, books: Books, tmp_path: Any) -> None:
    with hub.sender() as sender:
        for service in KILLED:
            before = len(sender.accepted)
            hub.stack.kill(service)
            time.sleep(DEAD)
            hub.stack.start(service)
            wait_until(lambda service=service: hub.stack.answers(service), f"{service} does not come back")
            wait_until(lambda n=before: len(sender.accepted) > n + 3, f"nothing is accepted after {service}")
            books.wait_until_arrived()
            books.import_file(tmp_path)
    assert sender.refused == []
    assert sender.repeated > 0
    books.close(sender.accepted)


def test_a_broker_that_lost_its_volume_costs_nothing(hub: Hub, books: Books, tmp_path: Any) -> None:
    with hub.sender() as sender:
        hub.stack.kill("rabbitmq")
        run("docker", "rm", "--volumes", hub.stack.container("rabbitmq"))
        run("docker", "volume", "rm", f"{hub.stack.project}_rabbitmq")
        gone = len(sender.accepted)
        wait_until(lambda: len(sender.accepted) > gone + 10, "without a broker nothing is accepted")
        books.import_file(tmp_path)
        books.wait_until_arrived()  # by the feed alone, and the message by a sweep
        hub.stack.up("--no-deps", "rabbitmq")
        wait_until(lambda: hub.stack.answers("rabbitmq"), "the broker does not come back")
        books.import_file(tmp_path)
        wait_until(lambda: unpublished(hub.stack) == 0, "the new broker is not told of what it lacks")
    assert sender.refused == []
    books.close(sender.accepted)


@pytest.mark.parametrize("service", SERVICES)
def test_one_service_is_upgraded_while_the_others_run(service: str, hub: Hub, books: Books) -> None:
    names = [name for name in KILLED if name.startswith(service)]
    before = {name: known["Id"] for name, known in hub.stack.containers().items()}
    with hub.sender() as sender:
        hub.stack.compose("build", "--build-arg", "VERSION=next", names[0])  # the image of them all
        hub.stack.up("--no-deps", *names)
        for name in names:
            wait_until(lambda name=name: hub.stack.answers(name), f"{name} does not come back")
        upgraded = len(sender.accepted)
        wait_until(lambda: len(sender.accepted) > upgraded + 10, "nothing is accepted after the upgrade")
    after = {name: known["Id"] for name, known in hub.stack.containers().items()}
    assert {name for name in before if before[name] != after[name]} == set(names)
    assert sender.refused == []
    books.close(sender.accepted)


def test_two_consumers_share_the_partitions(hub: Hub, books: Books) -> None:
    both = {"COMPOSE_PROFILES": "two-workers", "KINBRIDGE_FIRST_PARTITIONS": "0-3"}
    with hub.sender() as sender:
        hub.stack.up(environment=both)
        hub.stack.wait_ready()
        doubled = len(sender.accepted)
        wait_until(lambda: len(sender.accepted) > doubled + 50, "nothing is accepted")
        assert partitions_of(hub.stack, "reporting-worker") == {0, 1, 2, 3}
        assert partitions_of(hub.stack, "reporting-worker-2") == {4, 5, 6, 7}
    books.close(sender.accepted)


def unpublished(stack: Stack) -> float:
    """Events of intake that the broker has not confirmed."""
    return sum(float(n) for n in re.findall(r"^kinbridge_unpublished_events\{.*\} (.*)$", metrics(stack), re.M))


def metrics(stack: Stack) -> str:
    return stack.metrics("intake-worker")


def partitions_of(stack: Stack, worker: str) -> set[int]:
    """Those of intake that a worker of reporting takes."""
    found = re.findall(r'^kinbridge_lag_events\{partition="(\d)",.*source="intake"\}', stack.metrics(worker), re.M)
    return {int(partition) for partition in found}
