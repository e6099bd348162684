"""Yesterday's backup of one service is restored: alarm, who was erased stays erased, nothing is sent twice."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import Engine, select

from services.intake import app
from services.intake.admin.service import OPERATED as INTAKE
from services.intake.domain import Person, Referral, ReferralStep, SharedRecord
from services.notify import delivery
from services.notify.admin.service import OPERATED as NOTIFY
from services.notify.domain import Notification
from services.notify.senders import FileSender
from services.reporting.admin.service import OPERATED as REPORTING
from services.reporting.queries import Period
from services.reporting.queries.passed import referral_report
from services.reporting.schemas import PassedFigures
from shared.access import Actor, Role
from shared.crypto import KeyRing
from shared.database import reading, transaction, utc_now
from shared.erasures import Journal, settle
from shared.events import PersonErased
from shared.events.envelope import partition_of
from shared.messaging import alarms, replay
from shared.messaging.consumer import Consumer
from shared.messaging.feed import LocalFeed
from shared.messaging.log import record
from shared.messaging.rebuild import rebuild
from shared.messaging.sequencer import Sequencer
from shared.messaging.tables import alarm
from shared.vault import erased
from tests.client import TestClient
from tests.databases import Databases
from tests.intake.referrals.conftest import Hub, Submitted, made_on
from tests.notify.test_import_message import replay_due_now

LISTENERS = {"notify": NOTIFY, "reporting": REPORTING}


@dataclass
class House:
    """Two organisations on one hub, the two services that listen to it, and the folder of the file channel."""

    hub: Hub
    database: Databases
    folder: Path
    engines: dict[str, Engine]
    journal: Journal
    consumers: dict[str, Consumer] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.sender = FileSender(self.folder)
        self.listen()

    def listen(self) -> None:
        """The services read the log of intake as it is now."""
        for name, service in LISTENERS.items():
            feeds = {"intake": LocalFeed(self.engines["intake"], "intake")}
            self.consumers[name] = Consumer(name, self.engines[name], feeds, service.subscriptions, self.hub.keys)
            self.consumers[name].prepare()

    def arrive(self) -> None:
        """Everything recorded has its effect, and what is due is sent."""
        Sequencer(self.engines["intake"]).sequence()
        for name, consumer in self.consumers.items():
            for partition in range(8):
                consumer.catch_up("intake", partition)
            replay_due_now(self.engines[name])
            replay.retry_due(consumer)
        delivery.deliver_due(self.engines["notify"], self.sender)

    def restore(self, service: str, backup: str) -> None:
        """The service's database is the backup; a service erases again whom the journal names before it serves."""
        self.engines[service] = self.database.again(backup, service)
        erase = INTAKE.erase if service == "intake" else LISTENERS[service].erase
        settle(self.engines[service], self.journal, erase)
        self.listen()

    def sent(self) -> dict[str, tuple[int, str]]:
        """What lies in the folders: name → when it was written, and what it says."""
        return {path.name: (path.stat().st_mtime_ns, path.read_text()) for path in self.folder.rglob("*.txt")}

    def figures(self) -> PassedFigures:
        with reading(self.engines["reporting"], snapshot=True) as session:
            today = utc_now().date()
            actor = Actor(self.hub.sender.organisation_id)
            return referral_report(session, actor, Period(today, today), now=utc_now()).sent.total

    def erased(self, service: str) -> set[UUID]:
        """Who was erased from it."""
        with reading(self.engines[service]) as session:
            return set(session.scalars(select(erased.c.person_id)))

    def alarms(self, service: str) -> set[int]:
        """Where it stopped because its source's history is another."""
        with reading(self.engines[service]) as session:
            found = select(alarm.c.partition).where(alarm.c.kind == alarms.HISTORY_CHANGED, alarm.c.stops)
            return set(session.scalars(found))

    def notifications(self) -> list[str]:
        with reading(self.engines["notify"]) as session:
            return sorted(f"{one.id} {one.kind} {one.status}" for one in session.scalars(select(Notification)))


@pytest.fixture
def house(database: Databases, keys: KeyRing, tmp_path: Path) -> Iterator[House]:
    """Runs on both databases."""
    intake = database("intake")
    engines = {"intake": intake, **{name: database(name) for name in LISTENERS}}
    journal = Journal(tmp_path / "erasures.jsonl")
    for name, engine in engines.items():
        settle(engine, journal, INTAKE.erase if name == "intake" else LISTENERS[name].erase)
    for hub in made_on(intake, keys):
        hub.agree()
        for role in (Role.CASE_WORKER, Role.CASE_MANAGER):
            for staff in (hub.sender, hub.receiver):
                staff.member(role)  # a backup knows them
        yield House(hub, database, tmp_path / "outbox", engines, journal)


def answered(house: House, case: Submitted, step: str = "accept", **more: Any) -> str:
    """The id of a referral of that case that the receiver answered; everybody was told."""
    offered = house.hub.offer(case.id)
    house.hub.theirs.post(f"referrals/{offered['id']}/steps/{step}", more)
    house.arrive()
    return str(offered["id"])


def test_an_intake_from_before_the_offer_raises_the_alarm_and_tells_nobody_anything_twice(
    house: House, keys: KeyRing
) -> None:
    case = house.hub.submit()
    house.arrive()
    backup = house.database.backup(house.engines["intake"])
    answered(house, case)
    sent, told = house.sent(), house.notifications()
    assert len(sent) == 4, "an offer and an answer, each to both"
    assert (house.figures().offered, house.figures().accepted) == (1, 1)

    house.restore("intake", backup)
    house.arrive()
    stopped = {partition_of(f"case/{case.id}")}
    assert house.alarms("notify") == house.alarms("reporting") == stopped
    assert (house.sent(), house.notifications()) == (sent, told)
    assert house.figures().accepted == 1, "what is known is kept until a person decides"

    for restored in made_again(house, keys):
        assert restored.worker.get(f"cases/{case.id}/referrals") == [], "the offer is gone at its source"
        for _ in range(3):
            restored.offer(case.id)
        house.arrive()
        assert house.alarms("notify") == stopped, "what comes after is not mixed with what is known"
        assert (house.sent(), house.figures().accepted) == (sent, 1)
        with transaction(house.engines["intake"]) as session:
            whom = {"organisation_id": house.hub.sender.organisation_id, "case_id": case.id}
            record(session, PersonErased(**whom, person_id=case.people[0]))
        house.arrive()
        assert [house.erased(name) for name in LISTENERS] == [set(), set()], "the partition has stopped"

        for name, service in LISTENERS.items():
            rebuild(house.consumers[name], service.projected, accept_new_history=True)
        assert house.alarms("notify") == house.alarms("reporting") == set()
        assert [house.erased(name) for name in LISTENERS] == [{case.people[0]}] * 2, "nobody is overlooked"
        house.arrive()
        assert (house.figures().offered, house.figures().accepted) == (3, 0), "as the source says now"
        assert house.sent() == sent, "a rebuild sends nothing"
        restored.offer(case.id)
        house.arrive()
        assert len(house.sent()) == len(sent) + 2, "and what is new is told again, once"
        assert house.figures().offered == 4
        assert len(restored.theirs.get("referrals")["items"]) == 4, "what nobody was told of is in the inbox"
        restored.time_passes(utc_now() + timedelta(days=2))
        house.arrive()
        assert len(house.sent()) == len(sent) + 2 + 4 * 2, "and both sides are reminded of all of it"


def made_again(house: House, keys: KeyRing) -> Iterator[Hub]:
    """The hub on the restored intake, with the same staff."""
    hub = house.hub
    with TestClient(app.build(house.engines["intake"], keys)) as client:
        yield Hub(house.engines["intake"], keys, client, hub.sender, hub.receiver, hub.stranger)


@pytest.mark.parametrize("when", ["before it was written", "before it was sent", "while it was sent"])
def test_a_notify_that_forgot_a_message_does_not_send_it_twice(house: House, when: str) -> None:
    case = house.hub.submit()
    house.arrive()
    backup = house.database.backup(house.engines["notify"]) if when == "before it was written" else ""
    house.hub.offer(case.id)
    if not backup:
        Sequencer(house.engines["intake"]).sequence()
        house.consumers["notify"].catch_up("intake", partition_of(f"case/{case.id}"))
    if when == "before it was sent":
        backup = house.database.backup(house.engines["notify"])
    if when == "while it was sent":
        backup = _taken_during_an_attempt(house)
    house.arrive()
    sent, told = house.sent(), house.notifications()
    assert len(sent) == 2

    house.restore("notify", backup)
    delivery.settle_broken_off(house.engines["notify"], house.sender, at_start=True)
    house.arrive()
    assert house.sent() == sent, "each lies there once, as it was written first"
    assert house.notifications() == told, "and each is known as delivered"
    assert house.alarms("notify") == set()


def _taken_during_an_attempt(house: House) -> str:
    """A backup from between the record of an attempt and its outcome."""
    taken: list[str] = []
    send = house.sender.send

    def look(recipient: str, message_id: UUID, text: str) -> None:
        if not taken:
            taken.append(house.database.backup(house.engines["notify"]))
        send(recipient, message_id, text)

    house.sender.send = look  # type: ignore[method-assign] # the channel as it is, watched
    delivery.deliver_due(house.engines["notify"], house.sender)
    return taken[0]


def test_a_restored_reporting_counts_the_same_again(house: House) -> None:
    case = house.hub.submit()
    answered(house, case, "decline", reason="no_capacity")
    backup = house.database.backup(house.engines["reporting"])
    answered(house, case)
    house.hub.offer(case.id)
    house.arrive()
    figures = house.figures()
    assert (figures.offered, figures.accepted, figures.declined, figures.waiting) == (3, 1, 1, 1)
    house.restore("reporting", backup)
    assert house.figures().offered == 1
    house.arrive()
    assert house.figures() == figures
    assert house.alarms("reporting") == set()


def test_who_was_erased_stays_erased_and_what_was_shared_of_them_stays_destroyed(house: House) -> None:
    hub, case = house.hub, house.hub.submit()
    referral = answered(house, case)
    hub.theirs.get(f"referrals/{referral}")
    assert hub.theirs.get(f"referrals/{referral}")["shared"] is not None
    backups = {name: house.database.backup(engine) for name, engine in house.engines.items()}
    hub.worker.post(f"cases/{case.id}/moves/close", {"reason": "nothing_needed"})
    (person,) = case.people
    proposed = hub.worker.post("erasures", {"person_id": str(person), "reason": "subject_request"}, 201)
    hub.person(hub.sender, Role.CASE_MANAGER).post(f"erasures/{proposed['id']}/approval")
    house.arrive()
    assert house.journal.read().keys() == {person}
    sent = house.sent()

    for name in ("notify", "reporting", "intake"):
        house.restore(name, backups[name])
    _nothing_is_left(house, person, referral)
    house.arrive()
    _nothing_is_left(house, person, referral)
    assert house.sent() == sent
    assert "Tekle" not in json.dumps([text for _, text in sent.values()])


def _nothing_is_left(house: House, person: UUID, referral: str) -> None:
    with reading(house.engines["intake"]) as session:
        assert session.get_one(Person, person).erased_at is not None
        row = session.get_one(Referral, UUID(referral))
        assert row.wrapped is None
        of = SharedRecord.referral_id == row.id
        assert set(session.scalars(select(SharedRecord.sealed).where(of))) == {None}
        steps = select(ReferralStep.said).where(ReferralStep.referral_id == row.id)
        assert set(session.scalars(steps)) == {None}
