"""A full disk: a clear refusal, nothing half written, nothing lost, and on it goes when there is room."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any

import psycopg
import pytest
from fastapi.testclient import TestClient
from sqlalchemy import Engine, event, func, insert, select

from services.intake import app as intake_app
from services.intake import commands, queries
from services.intake.domain import Case, Incident
from services.notify.senders import FileSender
from services.reporting.subscribers import PROJECTIONS
from shared.access import Actor, issue_token
from shared.crypto import KeyRing
from shared.database import open_engine, reading, transaction, uuid7
from shared.messaging import alarms
from shared.messaging.consumer import Consumer, Subscriptions
from shared.messaging.consumer.backoff import BackOff
from shared.messaging.feed import LocalFeed
from shared.messaging.log import open_ledger
from shared.messaging.sequencer import Sequencer
from shared.messaging.tables import BACKBONE, alarm, event_log, head
from shared.migrations import migrate
from tests.faults.account import EFFECTS, Account
from tests.faults.ledger_worker import subscriptions
from tests.servers import OwnPostgres, fresh_folder, require_or_skip
from tests.servers.tmpfs import mount_tmpfs, unmount_below, why_no_tmpfs

pytestmark = [pytest.mark.faults, pytest.mark.timeout(400)]
INCIDENT = {"occurred_from": "2024-05-01", "occurred_to": "2024-05-31", "dead": 3, "place": "at sea " * 200}
NAMES = ("intake", "reporting", "ledger")
SUBMITTED = {"type": "mass_incident", "incident": INCIDENT}


@dataclass
class System:
    """Intake behind its interface, and two consumers of it, each on a database of its own."""

    intake: Engine
    reporting: Engine
    ledger: Engine
    keys: KeyRing = field(default_factory=lambda: KeyRing((bytes(32),)))

    def __post_init__(self) -> None:
        for service, engine in (("intake", self.intake), ("reporting", self.reporting)):
            migrate(engine, service)
            open_ledger(engine, service, self.keys)
        BACKBONE.create_all(self.ledger)
        EFFECTS.create_all(self.ledger)
        with transaction(self.ledger) as session:
            session.execute(insert(head), [{"partition": p} for p in range(8)])
        with transaction(self.intake) as session:
            made = commands.register_organisation(session, short_name="full", name="Full", kind="ngo")
            token = issue_token(self.keys, Actor(made.id, roles=queries.SYSTEM_ROLES), life=timedelta(hours=1))
        app = intake_app.build(self.intake, self.keys)
        self.client = TestClient(app, headers={"Authorization": f"Bearer {token}"}, raise_server_exceptions=False)
        self.accepted: list[str] = []
        feed = LocalFeed(self.intake, "intake")
        taking = {"reporting": Subscriptions(PROJECTIONS), "ledger": subscriptions("ledger")}
        engines = {"reporting": self.reporting, "ledger": self.ledger}
        self.consumers = [Consumer(n, engines[n], {"intake": feed}, taking[n], self.keys) for n in engines]
        for consumer in self.consumers:
            consumer.prepare()

    def close(self) -> None:
        for engine in (self.intake, self.reporting, self.ledger):
            engine.dispose()

    def submit(self) -> Any:
        answer = self.client.post("/intake/v1/cases", json=SUBMITTED)
        if answer.status_code == 201:
            self.accepted.append(answer.json()["id"])
        return answer

    def submit_until_refused(self) -> Any:
        for _ in range(5_000):
            answer = self.submit()
            if answer.status_code != 201:
                return answer
        raise AssertionError("the disk does not get full")

    def sequence(self) -> None:
        sequencer = Sequencer(self.intake)
        while sequencer.sequence():
            pass

    def balance(self) -> None:
        """What was answered 201 is there, whole, and nothing else; and each consumer did its part once."""
        account = Account.of(self.intake)
        with reading(self.intake) as session:
            cases = {str(case_id) for case_id in session.scalars(select(Case.id))}
            incidents = session.scalar(select(func.count()).select_from(Incident))
            recorded = session.scalar(
                select(func.count()).select_from(event_log).where(event_log.c.type == "incident.recorded")
            )
        assert set(self.accepted) <= cases, "accepted, but lost"
        assert len(cases) == incidents == recorded, "half written"
        account.ledger(self.ledger, "ledger").arrived(self.ledger, "ledger")
        account.facts(self.reporting, self.keys).arrived(self.reporting, "reporting").close()


def assert_clear_refusal(answer: Any) -> None:
    assert answer.status_code == 503
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.headers["retry-after"]
    assert answer.json()["title"] == "Service Unavailable"
    assert "Nothing was changed" in answer.json()["detail"]


def until(happened: Callable[[], bool], patience: float = 90.0) -> None:
    end = time.monotonic() + patience
    while not happened():
        assert time.monotonic() < end, "it did not happen"
        time.sleep(0.05)


def attempt_all(backoff: BackOff, consumer: Consumer) -> list[bool]:
    work = [(("intake", p), partial(consumer.catch_up, "intake", p)) for p in range(8)]
    return [backoff.attempt(key, pull) for key, pull in work]


# SQLite


class Room:
    """How many pages the files of some engines may have."""

    def __init__(self, *engines: Engine) -> None:
        self._pages = 2**30
        self._engines = engines
        for engine in engines:
            event.listen(engine, "connect", self._limit)

    def _limit(self, connection: sqlite3.Connection, _record: object) -> None:
        connection.execute(f"PRAGMA max_page_count={self._pages}")

    def leave(self, pages: int) -> None:
        """From now on, so many pages more than now."""
        for engine in self._engines:
            with reading(engine) as session:
                used = session.connection().exec_driver_sql("PRAGMA page_count").scalar_one()
            self._pages = int(used) + pages
            engine.dispose()


@pytest.fixture
def on_sqlite() -> Iterator[System]:
    folder = fresh_folder("sqlite")
    intake, reporting, ledger = (open_engine(f"sqlite:///{folder / name}.sqlite") for name in NAMES)
    system = System(intake, reporting, ledger)
    yield system
    system.close()


def test_sqlite_refuses_what_does_not_fit_whole_and_takes_it_when_there_is_room(on_sqlite: System) -> None:
    room = Room(on_sqlite.intake)
    room.leave(60)
    assert_clear_refusal(on_sqlite.submit_until_refused())
    assert on_sqlite.accepted
    assert_clear_refusal(on_sqlite.submit())
    room.leave(2000)
    assert on_sqlite.submit().status_code == 201
    on_sqlite.sequence()
    for consumer in on_sqlite.consumers:
        for partition in range(8):
            consumer.catch_up("intake", partition)
    on_sqlite.balance()


@pytest.mark.parametrize("which", [0, 1], ids=["reporting", "ledger"])
def test_a_consumer_on_a_full_sqlite_waits_and_loses_nothing(on_sqlite: System, which: int) -> None:
    consumer, other = on_sqlite.consumers[which], on_sqlite.consumers[1 - which]
    for _ in range(400):
        assert on_sqlite.submit().status_code == 201
    on_sqlite.sequence()
    room, backoff = Room(consumer.engine), BackOff(consumer)
    room.leave(2)
    assert not all(attempt_all(backoff, consumer))
    room.leave(3)
    until(lambda: bool(attempt_all(backoff, consumer)) and retrying(consumer))
    room.leave(2**20)
    until(lambda: all(attempt_all(backoff, consumer)))
    for partition in range(8):
        other.catch_up("intake", partition)
    on_sqlite.balance()


def retrying(consumer: Consumer) -> bool:
    with reading(consumer.engine) as session:
        return bool(session.scalar(select(func.count()).select_from(alarm).where(alarm.c.kind == alarms.RETRYING)))


# PostgreSQL on a small disk


@pytest.fixture
def small() -> Iterator[OwnPostgres]:
    require_or_skip("postgres", OwnPostgres.why_not(tmpfs=True))
    with OwnPostgres(tmpfs_size="160m") as server:
        yield server


def test_postgres_on_a_full_disk_refuses_clearly_and_nothing_is_lost(small: OwnPostgres) -> None:
    intake, reporting, ledger = (open_engine(small.create_database(name, owner=name)) for name in NAMES)
    system = System(intake, reporting, ledger)
    backoffs = [BackOff(consumer) for consumer in system.consumers]
    for _ in range(50):
        assert system.submit().status_code == 201
    system.sequence()
    small.fill_disk()
    assert_clear_refusal(system.submit_until_refused())
    for consumer, backoff in zip(system.consumers, backoffs, strict=True):
        attempt_all(backoff, consumer)
    small.free_disk()
    assert _recovers(small)
    until(lambda: bool(system.submit().status_code == 201))
    system.sequence()
    for consumer, backoff in zip(system.consumers, backoffs, strict=True):
        until(lambda c=consumer, b=backoff: all(attempt_all(b, c)))  # type: ignore[misc]
    system.balance()
    system.close()


def _recovers(server: OwnPostgres) -> bool:
    """A server whose log found no room has ended itself, or is just recovering; start it where it has."""
    for _ in range(200):
        server.start()
        try:
            server.prove_own()
        except psycopg.OperationalError:
            time.sleep(0.1)
        else:
            return True
    return False


# files


@pytest.fixture
def small_disk() -> Iterator[Path]:
    folder = fresh_folder("outbox")
    require_or_skip("tmpfs", why_no_tmpfs(fresh_folder("trial")))
    mount_tmpfs(folder, "256k", None)
    yield folder
    unmount_below(folder)


def test_a_message_that_finds_no_room_is_not_half_written_and_goes_out_later(small_disk: Path) -> None:
    sender, message, text = FileSender(small_disk), uuid7(), "Of 3 rows, 3 are new.\n" * 2000
    (small_disk / "full").mkdir()
    with (small_disk / "ballast").open("wb", buffering=0) as ballast, suppress(OSError):
        while ballast.write(bytes(4096)):
            pass
    with pytest.raises(OSError, match="No space"):
        sender.send("full", message, text)
    assert not sender.was_delivered("full", message)
    (small_disk / "ballast").unlink()
    sender.send("full", message, text)
    assert sender.path("full", message).read_text() == text
    assert [path.name for path in (small_disk / "full").iterdir()] == [f"{message}.txt"]
