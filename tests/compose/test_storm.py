"""Containers die, are doubled and are replaced while cases come in: each accepted one arrives exactly once."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import Engine, func, select
from sqlalchemy.exc import SQLAlchemyError

from kinbridge.imports import import_incidents
from services.intake.domain import Case
from services.notify.domain import Notification
from shared.database import reading
from shared.events.envelope import PARTITIONS
from shared.messaging.consumer.cursor import read_cursors
from shared.messaging.log import open_ledger
from shared.messaging.sequencer import Head, heads, unsequenced
from shared.settings import SERVICES
from tests.compose.conftest import Hub
from tests.compose.stack import Stack, run, wait_until
from tests.faults.account import Account

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
LISTENERS = {"intake": ("notify", "reporting"), "notify": ("intake",), "reporting": ("intake",)}
"""Source → who listens to it."""
HEADER = "occurred_from,occurred_to,dead,missing,survivors,females,males,children,route,region,cause\n"


class Books:
    """The databases of the stack, and the comparison of what was accepted with what arrived."""

    def __init__(self, hub: Hub) -> None:
        self.hub = hub
        self.engines: dict[str, Engine] = {service: hub.stack.engine(service) for service in SERVICES}
        open_ledger(self.engines["intake"], "intake", hub.stack.keys)
        self.imported = 0

    def import_file(self, folder: Any) -> None:
        """A file of two rows, one of them refused: its organisation is written to once."""
        self.imported += 1
        file = folder / f"{self.imported}.csv"
        day = f"2025-03-{self.imported:02}"
        file.write_text(HEADER + f"{day},{day},1,,,,,,A,R,C\n{day},{day},-1,,,,,,A,R,C\n")
        system: Any = SimpleNamespace(engine=self.engines.__getitem__)
        *_, counted = import_incidents(system, str(file), self.hub.organisation)
        assert (counted["accepted"], counted["refused"]) == (1, 1)

    def wait_until_arrived(self, timeout: float = 60) -> None:
        """Return when every listener has what every log holds now, and no message waits to be sent."""
        ends: dict[str, dict[int, Head]] = {}

        def arrived() -> bool:
            try:
                ends.update(ends or {source: self._ends(source) for source in LISTENERS})
                return all(self._reached(source, at) for source, at in ends.items()) and not self._unsent()
            except SQLAlchemyError:
                return False  # the database was just killed: connections of before are found out one by one

        wait_until(arrived, "events do not arrive", timeout, every=0.3)

    def _ends(self, source: str) -> dict[int, Head]:
        wait_until(lambda: not self._unsequenced(source), f"{source} gives no positions", timeout=30)
        with reading(self.engines[source]) as session:
            return heads(session)

    def _unsequenced(self, source: str) -> bool:
        """True while the log holds an event of more than a second without a position."""
        with reading(self.engines[source]) as session:
            return unsequenced(session)[1] > 1.0

    def _reached(self, source: str, ends: dict[int, Head]) -> bool:
        for listener in LISTENERS[source]:
            with reading(self.engines[listener]) as session:
                at = read_cursors(session, listener, source, range(PARTITIONS))
            if any(at[partition].position < end.position for partition, end in ends.items()):
                return False
        return True

    def _unsent(self) -> int:
        with reading(self.engines["notify"]) as session:
            return session.scalar(select(func.count()).where(Notification.status != "delivered")) or 0

    def close(self, accepted: list[UUID]) -> None:
        """Every accepted case is there; every event of every log was applied once by every listener."""
        time.sleep(1.0)  # the last of them have their positions
        self.wait_until_arrived()
        with reading(self.engines["intake"]) as session:
            assert set(accepted) <= set(session.scalars(select(Case.id)))
        assert len(set(accepted)) == len(accepted)
        account = Account.of(self.engines["intake"]).facts(self.engines["reporting"], self.hub.stack.keys)
        for listener in LISTENERS["intake"]:
            account.arrived(self.engines[listener], listener)
        account.close()
        for source in ("notify", "reporting"):
            Account.of(self.engines[source], source).arrived(self.engines["intake"], "intake").close()
        self._messages()

    def _messages(self) -> None:
        """One message for each import, delivered once, and one file of it."""
        with reading(self.engines["notify"]) as session:
            assert session.scalar(select(func.count()).select_from(Notification)) == self.imported
        listed = (
            self.hub.stack.execute("notify-jobs", "find", "/data/outbox", "-name", "*.txt") if self.imported else ""
        )
        assert len(listed.split()) == self.imported


@pytest.fixture(scope="module")
def books(hub: Hub) -> Iterator[Books]:
    books = Books(hub)
    yield books
    for engine in books.engines.values():
        engine.dispose()


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
        books.wait_until_arrived()  # by the feed alone
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
        hub.stack.up(**both)
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
