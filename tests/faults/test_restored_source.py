"""A source that was restored from an old backup: the reader is ahead of it, and nothing is lost in silence."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from uuid import UUID

import psycopg
import pytest
from psycopg import sql
from sqlalchemy import select

from services.reporting.subscribers import PROJECTIONS
from shared.database import reading
from shared.events.envelope import PARTITIONS
from shared.messaging import alarms
from shared.messaging.consumer import Consumer, Subscriptions
from shared.messaging.http_feed import HttpFeed
from shared.messaging.replay import resume
from shared.messaging.sequencer import Head, heads, unsequenced
from shared.messaging.tables import alarm
from tests.faults.account import Account
from tests.faults.fleet import Fleet
from tests.faults.installation import Installation, case_in

pytestmark = [pytest.mark.faults, pytest.mark.timeout(400)]


@pytest.fixture
def fleet(hub: Installation) -> Iterator[Fleet]:
    with Fleet(hub) as started:
        for role in ("intake", "reporting"):
            started.start(role)
        yield started


def until(fleet: Fleet, happened: Callable[[], bool], patience: float = 60.0) -> None:
    end = time.monotonic() + patience
    while not happened():
        assert time.monotonic() < end, f"it did not happen; the logs end with{fleet.logs()}"
        time.sleep(0.1)


def reader(hub: Installation) -> Consumer:
    feed = HttpFeed.open("intake", hub.feed_url("intake"), hub.keys.feed_key("intake", "reporting"))
    return Consumer("reporting", hub.reporting, {"intake": feed}, Subscriptions(PROJECTIONS), hub.keys)


def everything_arrived(hub: Installation) -> bool:
    """All that was recorded, also what has no position yet: a source that has just been started gives them later."""
    with reading(hub.intake) as session:
        (waiting, _), ends = unsequenced(session), heads(session)  # in this order
    return not waiting and reader(hub).cursors("intake") == ends


def stopped(hub: Installation) -> set[int]:
    with reading(hub.reporting) as session:
        found = select(alarm.c.partition).where(alarm.c.kind == alarms.HISTORY_CHANGED, alarm.c.stops)
        return set(session.scalars(found))


def administer(hub: Installation, *statements: str) -> None:
    """Change whole databases of our own server; nobody may be connected to them."""
    hub.intake.dispose()
    hub.postgres.prove_own()
    with psycopg.connect(hub.postgres.url("postgres").replace("+psycopg", ""), autocommit=True) as server:
        for statement in statements:
            server.execute(sql.SQL(statement))


def swap(hub: Installation, fleet: Fleet, out: str, into: str) -> None:
    """Stop the source, set its database aside as `out`, put `into` in its place, and start it."""
    fleet.kill("intake")
    hub.postgres.terminate_backends("intake")
    administer(hub, f"ALTER DATABASE intake RENAME TO {out}", f"ALTER DATABASE {into} RENAME TO intake")
    fleet.start("intake")


def correct_all(hub: Installation, cases: list[UUID], dead: int) -> None:
    for case_id in cases:
        hub.correct(case_id, dead)


def positions(cursors: dict[int, Head]) -> dict[int, int]:
    return {partition: at.position for partition, at in cursors.items()}


def test_a_reader_ahead_of_a_restored_source_stops_with_an_alarm_and_goes_on_when_it_is_put_back(
    hub: Installation, fleet: Fleet
) -> None:
    cases = [case_in(partition) for partition in range(PARTITIONS)]
    hub.submit(cases)
    until(fleet, lambda: everything_arrived(hub))
    backup = reader(hub).cursors("intake")

    fleet.kill("intake")  # the backup is taken
    hub.postgres.terminate_backends("intake")
    administer(hub, "CREATE DATABASE intake_backup TEMPLATE intake OWNER intake")
    hub.postgres.databases.add("intake_backup")
    fleet.start("intake")
    for dead in (2, 3, 4):
        correct_all(hub, cases, dead)
    until(fleet, lambda: everything_arrived(hub))
    ahead = reader(hub).cursors("intake")
    assert all(at.position > backup[p].position for p, at in ahead.items()), "ahead of the backup everywhere"

    swap(hub, fleet, out="intake_original", into="intake_backup")
    until(fleet, lambda: stopped(hub) == set(range(PARTITIONS)))

    for dead in range(100, 106):  # beyond what the reader has read
        correct_all(hub, cases, dead)
    with reading(hub.intake) as session:
        until(fleet, lambda: all(at.position > ahead[p].position for p, at in heads(session).items()))
    fleet.kill("reporting")
    fleet.start("reporting")
    fleet.wait_ready("reporting")
    time.sleep(1.5)
    assert reader(hub).cursors("intake") == ahead, f"read on to {positions(reader(hub).cursors('intake'))}"
    resume(reader(hub), "intake", 3)
    assert 3 in stopped(hub), "it stops again while its cause is there"
    assert reader(hub).cursors("intake") == ahead

    hub.postgres.databases |= {"intake_original"}
    swap(hub, fleet, out="intake_backup", into="intake_original")
    fleet.wait_ready("intake")
    for dead in (5, 6):
        correct_all(hub, cases, dead)
    until(fleet, lambda: _answers(hub))
    assert reader(hub).cursors("intake") == ahead, "a stopped partition waits for an operator"
    for partition in range(PARTITIONS):
        resume(reader(hub), "intake", partition)
    until(fleet, lambda: everything_arrived(hub))
    Account.of(hub.intake).facts(hub.reporting, hub.keys).arrived(hub.reporting, "reporting").close()
    hub.postgres.drop_database("intake_backup")


def _answers(hub: Installation) -> bool:
    try:
        return bool(reader(hub).feeds["intake"].heads())
    except Exception:  # noqa: BLE001 - not yet
        return False
