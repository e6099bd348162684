"""The broker is a hint: without it events go on through the feed, and publishing goes on when it is back."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator

import pytest
from sqlalchemy import func, select

from shared.database import open_engine, reading
from shared.messaging import broker
from shared.messaging.loops import Loops, leading
from shared.messaging.publisher import Publisher
from shared.messaging.sequencer import Sequencer, heads
from shared.messaging.tables import head
from tests.faults.account import Account
from tests.faults.fleet import Fleet
from tests.faults.installation import LEDGERS, Installation, case_in
from tests.servers import OwnPostgres, OwnRabbitMQ, require_or_skip

pytestmark = [pytest.mark.faults, pytest.mark.timeout(400)]


@pytest.fixture
def rabbit() -> Iterator[OwnRabbitMQ]:
    require_or_skip("rabbitmq", OwnRabbitMQ.why_not())
    with OwnRabbitMQ() as server:
        yield server


@pytest.fixture
def connected(postgres: OwnPostgres, rabbit: OwnRabbitMQ) -> Iterator[Installation]:
    installation = Installation(postgres, rabbit.url())
    yield installation
    installation.close()
    for name in installation.engines:
        postgres.drop_database(name)


def until(happened: Callable[[], bool], patience: float = 90.0) -> None:
    end = time.monotonic() + patience
    while not happened():
        assert time.monotonic() < end, "it did not happen"
        time.sleep(0.1)


def published_everything(hub: Installation) -> bool:
    with reading(hub.intake) as session:
        ends = heads(session)
        published: int = session.scalar(select(func.sum(head.c.published))) or 0
    return published == sum(at.position for at in ends.values())


def arrived(hub: Installation) -> bool:
    account = Account.of(hub.intake).ledger(hub.ledger, *LEDGERS).arrived(hub.ledger, *LEDGERS)
    account.facts(hub.reporting, hub.keys).arrived(hub.reporting, "reporting")
    return not account.differences


def test_events_go_on_through_a_disk_alarm_and_the_loss_of_the_broker(
    connected: Installation, rabbit: OwnRabbitMQ
) -> None:
    hub, cases = connected, [case_in(partition) for partition in range(8)]
    with Fleet(hub) as fleet:
        for role in ("intake", "reporting", "ledger"):
            fleet.start(role)
        hub.submit(cases)
        until(lambda: arrived(hub) and published_everything(hub))
        rabbit.block_publishers()
        for case_id in cases:
            hub.correct(case_id, 7)
        until(lambda: arrived(hub))
        assert not published_everything(hub), "the broker was not blocked"
        rabbit.unblock_publishers()
        until(lambda: published_everything(hub))
        rabbit.kill()
        for case_id in cases:
            hub.correct(case_id, 8)
        until(lambda: arrived(hub))
        rabbit.start()
        until(lambda: published_everything(hub))
        rabbit.wipe()
        for case_id in cases:
            hub.correct(case_id, 9)
        until(lambda: arrived(hub) and published_everything(hub))
    Account.of(hub.intake).ledger(hub.ledger, *LEDGERS).close()


def test_an_idle_publisher_keeps_its_connection_and_hears_when_the_broker_is_gone(
    connected: Installation, rabbit: OwnRabbitMQ, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(broker, "HEARTBEAT", 1)  # the broker counts as silent after two
    publisher = Publisher(connected.intake, "intake", rabbit.url())
    assert publisher.publish() == 0
    for _ in range(20):
        time.sleep(0.25)
        publisher.heartbeat()
    connected.submit([case_in(0)])
    news = Sequencer(connected.intake, "intake").sequence()
    assert publisher.publish() == len(news.events) > 0, "the same connection serves on"
    rabbit.kill()
    with pytest.raises(OSError, match=r"closed|reset"):
        publisher.heartbeat()
    publisher.close()


def test_a_loop_that_failed_while_leading_leads_again_at_once(hub: Installation) -> None:
    """Its lock must not stay behind on a pooled connection, where it would keep out everybody, itself too."""
    engine, turns, loops = open_engine(hub.intake.url.render_as_string()), [], Loops()
    idle = [engine.connect() for _ in range(3)]
    for connection in idle:
        connection.close()

    def lead() -> None:
        with leading(engine, "a test", threading.Event()) as is_leading:
            turns.append(is_leading)
            raise ConnectionError("the broker is gone")

    loops.run("a test", lead)
    try:
        until(lambda: len(turns) >= 3, patience=10)
    finally:
        loops.stop.set()
        loops.end()
        engine.dispose()
