"""Each guard is switched off once: then the account must not balance. With the guard on, the same storm passes.

A storm that no missing guard can spoil would prove nothing.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import Any

import pytest
from sqlalchemy import Engine, create_engine, text
from sqlalchemy.orm import Session

from shared.database import open_engine, transaction, upsert
from shared.events import CaseUpdated, IncidentCorrected, IncidentRecorded
from shared.events.envelope import Logged
from shared.messaging import log as message_log
from shared.messaging.consumer import Consumer, Subscriptions, apply, cursor, many
from shared.messaging.feed import LocalFeed
from shared.messaging.replay import resume
from shared.messaging.sequencer import Sequencer
from shared.messaging.tables import event_subject
from tests.faults.account import Account
from tests.faults.installation import Installation, case_in
from tests.faults.ledger_worker import effects_of, subscriptions
from tests.servers import OwnPostgres

pytestmark = pytest.mark.faults
PATIENCE = 1.0
"""Seconds that one side waits for the other to overtake it; with the guard on, it waits in vain."""


def sequence(hub: Installation) -> None:
    sequencer = Sequencer(hub.intake)
    while sequencer.sequence():
        pass


def consumer_of(hub: Installation, source: Engine | None = None, taking: Subscriptions | None = None) -> Consumer:
    feed = LocalFeed(source or hub.intake, "intake")
    consumer = Consumer("ledger", hub.ledger, {"intake": feed}, taking or subscriptions("ledger"), hub.keys)
    consumer.prepare()
    return consumer


def balance(hub: Installation) -> None:
    Account.of(hub.intake).ledger(hub.ledger, "ledger").arrived(hub.ledger, "ledger").close()


def together(*works: Callable[[], object]) -> None:
    """Run each in a thread; raise the first error."""
    errors: list[BaseException] = []

    def guarded(work: Callable[[], object]) -> None:
        try:
            work()
        except BaseException as error:  # noqa: BLE001 - raised below
            errors.append(error)

    threads = [threading.Thread(target=guarded, args=(work,)) for work in works]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    if errors:
        raise errors[0]


# (i) the lock on the subject


def race_on_one_case(hub: Installation) -> None:
    """The first to record is the last to commit, if nothing keeps the second from overtaking it."""
    case_id, first_recorded, second_done = case_in(0), threading.Event(), threading.Event()
    hub.submit([case_id])
    consumer = consumer_of(hub)

    def first() -> None:
        with transaction(hub.intake) as session:
            record_correction(session)
            first_recorded.set()
            second_done.wait(PATIENCE)

    def second() -> None:
        first_recorded.wait(60)
        with transaction(hub.intake) as session:
            record_correction(session)
        sequence(hub)
        consumer.catch_up("intake", 0)
        second_done.set()

    def record_correction(session: Session) -> None:
        facts = IncidentCorrected.model_validate(
            {
                "case_id": case_id,
                "organisation_id": hub.actor.organisation_id,
                "counts": {"dead": 1},
                "occurred_from": "2024-05-01",
                "occurred_to": "2024-05-31",
            }
        )
        message_log.record(session, facts)

    together(first, second)
    sequence(hub)
    for partition in range(8):
        consumer.catch_up("intake", partition)


def unlocked(hub: Installation) -> Callable[..., dict[str, int]]:
    """The same numbers, drawn in a transaction of their own: no lock is held until the event's commit."""

    def draw(session: Session, subjects: Any) -> dict[str, int]:
        with transaction(hub.intake) as own:
            statement = upsert(own, event_subject)
            statement = statement.on_conflict_do_update(
                index_elements=[event_subject.c.subject], set_={"seq": event_subject.c.seq + statement.excluded.seq}
            ).returning(event_subject.c.subject, event_subject.c.seq)
            rows = [{"subject": subject, "seq": count} for subject, count in sorted(subjects.items())]
            return {subject: seq for subject, seq in own.execute(statement, rows)}

    return draw


def test_events_of_one_case_stay_in_order_because_its_row_is_locked(hub: Installation) -> None:
    race_on_one_case(hub)
    balance(hub)


def test_without_the_lock_on_the_subject_the_account_names_the_disorder(
    hub: Installation, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(message_log, "_lock_subjects", unlocked(hub))
    race_on_one_case(hub)
    with pytest.raises(AssertionError, match="ledger: out of order"):
        balance(hub)


# (ii) the lock on the cursor


def two_at_once(hub: Installation) -> None:
    """Two active consumers, the second with some events less; each waits in its handler for the other."""
    case_id, meeting = case_in(0), threading.Barrier(2)
    hub.submit([case_id])
    for dead in range(5):
        hub.correct(case_id, dead)
    sequence(hub)

    def meet(session: Session, events: Sequence[Logged[Any]]) -> None:
        with suppress(threading.BrokenBarrierError):
            meeting.wait(PATIENCE)
        write_many.function(session, events)

    write_many, _ = effects_of("ledger")
    taking = Subscriptions({IncidentRecorded: write_many, IncidentCorrected: many(meet), CaseUpdated: write_many})
    consumers = consumer_of(hub, taking=taking), consumer_of(hub, taking=taking)
    events = consumers[0].feeds["intake"].page(0, 0)
    together(lambda: consumers[0].receive("intake", 0, events), lambda: consumers[1].receive("intake", 0, events[:-2]))
    for partition in range(8):
        consumers[0].catch_up("intake", partition)


def test_two_active_consumers_do_no_harm_because_the_cursor_is_locked(hub: Installation) -> None:
    two_at_once(hub)
    balance(hub)


def test_without_the_lock_on_the_cursor_the_account_names_the_doubles(
    hub: Installation, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(apply, "lock_cursors", cursor.read_cursors)
    monkeypatch.setattr(apply, "lock_cursor", cursor.read_cursor)
    two_at_once(hub)
    with pytest.raises(AssertionError, match="ledger: doubled"):
        balance(hub)


# (iii) the check of the hashes


def fork_of_the_source(hub: Installation) -> None:
    """The consumer reads ahead; a copy of the source from before then goes on without what it read."""
    case_id, postgres = case_in(0), hub.postgres
    hub.submit([case_id])
    sequence(hub)
    fork = restored_copy(postgres, hub)
    try:
        record_and_consume(hub, fork, case_id)
    finally:
        fork.dispose()
        postgres.drop_database("intake_fork")


def record_and_consume(hub: Installation, fork: Engine, case_id: Any) -> None:
    consumer = consumer_of(hub)
    for dead in range(3):
        hub.correct(case_id, dead)
    sequence(hub)
    for partition in range(8):
        consumer.catch_up("intake", partition)
    engine = hub.engines["intake"]
    hub.engines["intake"] = fork
    try:
        for dead in range(6):
            hub.correct(case_id, 100 + dead)
        sequence(hub)
        consumer_of(hub).catch_up("intake", 0)
    finally:
        hub.engines["intake"] = engine
    for dead in range(9):
        hub.correct(case_id, dead)
    sequence(hub)
    resume(consumer, "intake", 0)


def restored_copy(postgres: OwnPostgres, hub: Installation) -> Engine:
    """The source's database as it is now, under another name."""
    hub.intake.dispose()
    server = create_engine(postgres.url("postgres"), isolation_level="AUTOCOMMIT")
    with server.connect() as connection:
        connection.execute(text("CREATE DATABASE intake_fork TEMPLATE intake OWNER intake"))
    server.dispose()
    postgres.databases.add("intake_fork")
    fork = open_engine(postgres.url("intake_fork", "intake"))
    message_log.open_ledger(fork, "intake", hub.keys)
    return fork


def test_a_source_that_forgot_what_was_read_spoils_nothing_because_hashes_are_compared(hub: Installation) -> None:
    fork_of_the_source(hub)
    balance(hub)


def test_without_the_check_of_the_hashes_the_account_names_what_is_wrong(
    hub: Installation, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patched:
        patched.setattr(Logged, "fits", lambda _event, _previous: True)
        fork_of_the_source(hub)
    with pytest.raises(AssertionError, match=r"ledger: lost.*applied, but never accepted"):
        balance(hub)
