"""One message tells an organisation what became of its file, once, whatever dies in between."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import Engine, select, update
from sqlalchemy.exc import OperationalError

from services.notify import delivery, recording, tasks
from services.notify.domain import Attempt, Notification
from services.notify.family_delivery import FamilyDelivery
from services.notify.senders import FileSender
from services.notify.settings import GIVE_UP_AFTER
from services.notify.subscribers import PROJECTIONS, REACTIONS
from shared.crypto import KeyRing
from shared.database import reading, transaction, utc_now
from shared.events import ImportCounts, ImportFinished, ImportRowRefused
from shared.jobs import claim_tick
from shared.messaging import replay
from shared.messaging.alarms import PROTECTIVE_FAILED, raise_alarm
from shared.messaging.consumer import Consumer, Subscriptions
from shared.messaging.consumer.cursor import Place
from shared.messaging.feed import LocalFeed
from shared.messaging.log import record
from shared.messaging.sequencer import Sequencer
from shared.messaging.tables import event_log, held
from shared.wakes import bind_wake
from tests.factories import Factory


class Crash(BaseException):
    """The process dies here."""


class Notify:
    """Real notify behind intake's log."""

    def __init__(
        self, database: Callable[[str], Engine], keys: KeyRing, folder: Path, source: Engine | None = None
    ) -> None:
        self.source, self.engine = source or database("intake"), database("notify")
        self.folder = folder
        self.sender = FileSender(folder)
        self.woken = 0
        feeds = {"intake": LocalFeed(self.source, "intake")}
        self.consumer = Consumer("notify", self.engine, feeds, Subscriptions(PROJECTIONS, REACTIONS), keys)
        self.consumer.prepare()
        bind_wake(self.engine, "notify.jobs", self._woken)

    def _woken(self) -> None:
        self.woken += 1

    def tell(self, *events: Any) -> None:
        with transaction(self.source) as session:
            record(session, *events)
        Sequencer(self.source).sequence()
        for partition in range(8):
            self.consumer.catch_up("intake", partition)

    def files(self) -> list[str]:
        return [path.read_text() for path in sorted(self.folder.rglob("*.txt"))]

    def notification(self) -> Notification:
        with reading(self.engine) as session:
            return session.scalars(select(Notification)).one()

    def statuses(self) -> list[str]:
        with reading(self.engine) as session:
            return list(session.scalars(select(Attempt.outcome).order_by(Attempt.id)))


@pytest.fixture
def notify(database: Callable[[str], Engine], keys: KeyRing, tmp_path: Path) -> Notify:
    return Notify(database, keys, tmp_path / "outbox")


def refused_import(factory: Factory, organisation: UUID) -> list[Any]:
    import_id = factory.id()
    refusal = ImportRowRefused(
        organisation_id=organisation, import_id=import_id, row=7, field="dead", reason="negative_count"
    )
    counts = ImportCounts(rows=10, accepted=8, unchanged=1, refused=1)
    finished = ImportFinished(organisation_id=organisation, import_id=import_id, counts=counts, file_name="may.csv")
    return [refusal, finished]


def test_an_import_becomes_one_message_that_names_the_refused_rows(notify: Notify) -> None:
    factory = Factory()
    organisation = factory.organisation(short_name="rc-x", name="Red Cross X")
    notify.tell(organisation)
    notify.tell(*refused_import(factory, organisation.organisation_id))
    assert notify.woken == 1
    assert delivery.deliver_due(notify.engine, notify.sender) == 1
    assert delivery.deliver_due(notify.engine, notify.sender) == 0
    (text,) = notify.files()
    assert "Of 10 rows, 8 are new, 1 were known already, 1 were refused." in text
    assert "row 7, dead: negative count" in text
    assert notify.notification().status == "delivered"
    assert (notify.folder / "rc-x").is_dir()


def test_a_message_waits_for_the_organisations_registration_by_itself(notify: Notify) -> None:
    factory = Factory()
    organisation = factory.organisation()
    notify.tell(*refused_import(factory, organisation.organisation_id))
    with reading(notify.engine) as session:
        assert session.scalars(select(Notification)).all() == []
    notify.tell(organisation)
    retry_until_ended(notify)
    assert notify.notification().status == "created"


def retry_until_ended(notify: Notify) -> None:
    """What waited for a fact of another partition is done."""
    for _ in range(100):
        if replay.retry_due(notify.consumer):
            return
        replay_due_now(notify.engine)
    raise AssertionError("the hold did not end")


def replay_due_now(engine: Engine) -> None:
    with transaction(engine) as session:
        session.execute(update(held).values(retry_at=utc_now()))


def registered(notify: Notify) -> None:
    factory = Factory()
    organisation = factory.organisation(short_name="rc-x")
    notify.tell(organisation)
    notify.tell(*refused_import(factory, organisation.organisation_id))


def test_the_attempt_is_recorded_before_it_is_made(notify: Notify, monkeypatch: pytest.MonkeyPatch) -> None:
    registered(notify)
    seen = []

    def look(*_words: Any) -> None:
        seen.append(notify.statuses())

    monkeypatch.setattr(notify.sender, "send", look)
    delivery.deliver_due(notify.engine, notify.sender)
    assert seen == [[None]]


@pytest.mark.parametrize("written", [False, True])
def test_a_crash_during_the_attempt_is_settled_by_looking(
    notify: Notify, monkeypatch: pytest.MonkeyPatch, written: bool
) -> None:
    registered(notify)
    send = notify.sender.send

    def die(*words: Any) -> None:
        if written:
            send(*words)
        raise Crash

    monkeypatch.setattr(notify.sender, "send", die)
    with pytest.raises(Crash):
        delivery.deliver_due(notify.engine, notify.sender)
    monkeypatch.undo()
    assert delivery.deliver_due(notify.engine, notify.sender) == 0
    assert delivery.settle_broken_off(notify.engine, notify.sender, at_start=True) == 1
    make_due(notify)
    assert delivery.deliver_due(notify.engine, notify.sender) == (0 if written else 1)
    assert len(notify.files()) == 1
    assert notify.notification().status == "delivered"
    assert notify.statuses() == (["delivered"] if written else ["outcome-unknown", "delivered"])


def test_of_several_messages_a_crash_breaks_off_only_what_was_not_sent_yet(
    notify: Notify, monkeypatch: pytest.MonkeyPatch
) -> None:
    factory = Factory()
    for name in ("rc-a", "rc-b", "rc-c"):
        notify.tell(organisation := factory.organisation(short_name=name, name=name))
        notify.tell(*refused_import(factory, organisation.organisation_id))
    send, sent = notify.sender.send, []

    def die_at_the_second(*words: Any) -> None:
        sent.append(words[0])
        if len(sent) == 2:
            raise Crash
        send(*words)

    monkeypatch.setattr(notify.sender, "send", die_at_the_second)
    with pytest.raises(Crash):
        delivery.deliver_due(notify.engine, notify.sender)
    with reading(notify.engine) as session:
        assert Counter(session.scalars(select(Attempt.outcome))) == {"delivered": 1, None: 2}
    monkeypatch.undo()
    assert delivery.settle_broken_off(notify.engine, notify.sender, at_start=True) == 2
    make_due(notify)
    assert delivery.deliver_due(notify.engine, notify.sender) == 2
    assert len(notify.files()) == 3


def test_while_the_broker_is_away_what_is_due_is_delivered_too(notify: Notify, monkeypatch: pytest.MonkeyPatch) -> None:
    registered(notify)
    stop = threading.Event()
    monkeypatch.setattr(tasks, "SWEEP_EVERY", timedelta(seconds=0.05))
    monkeypatch.setattr(tasks, "settle_broken_off", lambda *_: stop.set())  # one sweep
    families = FamilyDelivery(notify.engine, {}, "help.example/notify/f")
    tasks.sweep_without_broker(notify.engine, notify.sender, families, stop)
    assert notify.notification().status == "delivered"
    assert len(notify.files()) == 1


@pytest.mark.parametrize("patient", [True, False])
def test_a_database_that_is_away_for_a_moment_learns_the_outcome(
    notify: Notify, monkeypatch: pytest.MonkeyPatch, patient: bool
) -> None:
    registered(notify)
    end, away = delivery.commands.end_attempts, iter([True, True, False, False])

    def end_or_fail(*words: Any) -> None:
        if next(away):
            raise OperationalError("COMMIT", {}, ConnectionError())
        end(*words)

    monkeypatch.setattr(delivery.commands, "end_attempts", end_or_fail)
    monkeypatch.setattr(recording, "OUTCOME_PAUSE", 0.0)
    if patient:
        assert delivery.deliver_due(notify.engine, notify.sender) == 1
    else:
        monkeypatch.setattr(recording, "OUTCOME_PATIENCE", 0.0)
        with pytest.raises(OperationalError):
            delivery.deliver_due(notify.engine, notify.sender)
        next(away)
        assert delivery.settle_broken_off(notify.engine, notify.sender, at_start=True) == 1
    assert len(notify.files()) == 1
    assert notify.notification().status == "delivered"


def make_due(notify: Notify) -> None:
    with transaction(notify.engine) as session:
        for one in session.scalars(select(Notification).where(Notification.next_attempt_at.is_not(None))):
            one.next_attempt_at = utc_now()
        session.flush()


def test_a_channel_that_fails_is_tried_again_later(notify: Notify, monkeypatch: pytest.MonkeyPatch) -> None:
    registered(notify)

    def full(*_words: Any) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(notify.sender, "send", full)
    delivery.deliver_due(notify.engine, notify.sender)
    assert notify.notification().status == "temporary-failure"
    monkeypatch.undo()
    make_due(notify)
    assert delivery.deliver_due(notify.engine, notify.sender) == 1
    assert notify.notification().status == "delivered"


def test_nothing_is_sent_while_a_protective_event_has_failed(notify: Notify) -> None:
    registered(notify)
    with transaction(notify.engine) as session:
        raise_alarm(session, PROTECTIVE_FAILED, Place("notify", "intake", 0), 1)
    assert delivery.deliver_due(notify.engine, notify.sender) == 0
    assert notify.files() == []


def test_each_change_of_status_is_a_fact(notify: Notify) -> None:
    registered(notify)
    delivery.deliver_due(notify.engine, notify.sender)
    with reading(notify.engine) as session:
        types = session.scalars(select(event_log.c.type)).all()
    assert types == ["notification.status_changed"] * 3


def test_two_schedulers_claim_a_tick_once(notify: Notify) -> None:
    claims = []
    for _ in range(2):
        with transaction(notify.engine) as session:
            claims.append(claim_tick(session, "sweep", GIVE_UP_AFTER))
    assert claims == [True, False]
