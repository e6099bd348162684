"""Two organisations learn what happened to what passes between them: once, and never of whom."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import Engine, select

from services.notify import delivery
from services.notify.domain import Notification
from services.notify.domain.messages import ADDRESSES, OTHERWISE, PASSED, WORDS, family_and_step, sides_told
from services.notify.settings import LISTENS_TO
from services.notify.subscribers import PROJECTIONS, REACTIONS
from shared.crypto import KeyRing
from shared.database import reading, transaction
from shared.events import (
    CATALOGUE,
    CaseHeld,
    CaseHoldEnded,
    Event,
    ReferralAccepted,
    ReferralDeclined,
    ReferralExpired,
    ReferralInformationRequested,
    ReferralOffered,
    ReferralOverdue,
    TransferAccepted,
)
from shared.events.envelope import partition_of
from shared.messaging.consumer import Consumer, Subscriptions
from shared.messaging.consumer.cursor import Place
from shared.messaging.feed import LocalFeed
from shared.messaging.holds import end_hold, find_hold
from shared.messaging.log import record
from shared.messaging.sequencer import Sequencer
from shared.messaging.tables import held
from tests.contracts.samples import SAMPLES
from tests.factories import Factory
from tests.notify.test_import_message import Notify, retry_until_ended

SENDER, RECEIVER = "red-cross-a", "clinic-b"


class Passing:
    """Two organisations, and a case of the first."""

    def __init__(self, notify: Notify) -> None:
        self.notify, factory = notify, Factory()
        self.sender, self.receiver = (
            factory.organisation(short_name=short, name=name)
            for short, name in ((SENDER, "Red Cross of Marenia"), (RECEIVER, "Clinic of the Harbour"))
        )
        self.about: dict[str, Any] = {
            "organisation_id": self.sender.organisation_id,
            "case_id": factory.id(),
            "referral_id": factory.id(),
            "receiver_id": self.receiver.organisation_id,
            "reference": "KB-7F3K9-QX2MA-5",
        }

    def register(self) -> None:
        self.notify.tell(self.sender, self.receiver)

    def offered(self) -> ReferralOffered:
        return ReferralOffered(
            **self.about,
            service="shelter_for_survivors",
            purpose="protection",
            urgency="high",
            acknowledge_by=datetime(2026, 4, 2, 13, 30, tzinfo=UTC),
            answer_by=datetime(2026, 4, 3, 9, 30, tzinfo=UTC),
        )

    def tell(self, *events: Event) -> None:
        self.notify.tell(*events)
        delivery.deliver_due(self.notify.engine, self.notify.sender)

    def told(self, whom: str) -> list[str]:
        """The messages in the folder of one of them."""
        return [path.read_text() for path in (self.notify.folder / whom).glob("*.txt")]


@pytest.fixture
def passing(database: Callable[[str], Engine], keys: KeyRing, tmp_path: Path) -> Passing:
    made = Passing(Notify(database, keys, tmp_path / "outbox"))
    made.register()
    return made


def test_an_offer_is_told_to_the_receiver_with_its_deadlines_and_the_sender_gets_a_receipt(passing: Passing) -> None:
    passing.tell(passing.offered())
    (asked,), (receipt,) = passing.told(RECEIVER), passing.told(SENDER)
    assert asked.startswith("To: Clinic of the Harbour\nSubject: Referral KB-7F3K9-QX2MA-5: Red Cross of Marenia asks")
    assert "Look at it by 2026-04-02 13:30 UTC, and answer by 2026-04-03 09:30 UTC." in asked
    assert f"/intake/referrals/{passing.about['referral_id']}" in asked
    assert "Clinic of the Harbour was told." in receipt
    assert "the case is with you" in receipt


def test_silence_is_told_to_both_sides_and_so_is_what_comes_back(passing: Passing) -> None:
    passing.tell(passing.offered(), ReferralOverdue(**passing.about))
    assert len(passing.told(RECEIVER)) == len(passing.told(SENDER)) == 2
    passing.tell(ReferralExpired(**passing.about))
    assert any("Ask somebody else." in one for one in passing.told(SENDER))
    assert any("went back to Red Cross of Marenia" in one for one in passing.told(RECEIVER))


def test_an_answer_is_told_to_who_asked_and_receipted_to_who_answered(passing: Passing) -> None:
    passing.tell(passing.offered(), ReferralDeclined(**passing.about, reason="not_safe"))
    assert any("was declined" in one for one in passing.told(SENDER))
    assert any("you have declined" in one for one in passing.told(RECEIVER))


def test_a_question_that_is_asked_twice_is_told_twice(passing: Passing) -> None:
    questions = [ReferralInformationRequested(**passing.about) for _ in range(2)]
    passing.tell(*questions)
    assert len(passing.told(SENDER)) == 2


def test_every_fact_of_a_family_that_passes_is_told_to_somebody(passing: Passing) -> None:
    for kind in CATALOGUE:
        if kind.TYPE.partition(".")[0] in ADDRESSES:
            assert kind in PASSED, kind
            assert kind in REACTIONS, kind
            assert sides_told(kind), kind
    assert {family_and_step(kind)[1] for kind in PASSED} == set(WORDS), "words that nobody reads"
    samples = [one for one in SAMPLES if type(one) in PASSED]
    about = passing.about | {"transfer_id": passing.about["referral_id"]}
    for one in samples:
        passing.tell(one.model_copy(update={name: about[name] for name in type(one).model_fields if name in about}))
    told = passing.told(SENDER) + passing.told(RECEIVER)
    assert len(told) == sum(len(sides_told(kind)) for kind in PASSED)
    assert not [one for one in told if "{" in one], "a gap that was not filled"
    assert not [one for one in told if " by ." in one], "a time that the fact does not carry"


def test_a_transfer_that_was_accepted_says_who_is_responsible_now(passing: Passing) -> None:
    told = {**passing.about, "transfer_id": passing.about["referral_id"]}
    del told["referral_id"]
    passing.tell(TransferAccepted(**told))
    (sender,), (receiver,) = passing.told(SENDER), passing.told(RECEIVER)
    assert "Clinic of the Harbour has taken the case over, and is responsible for it from now on." in sender
    assert "You are responsible for it from now on" in receiver
    assert "Subject: Transfer KB-7F3K9-QX2MA-5" in sender


def test_no_message_says_for_whom_which_service_where_or_why(passing: Passing) -> None:
    passing.tell(passing.offered(), ReferralDeclined(**passing.about, reason="not_safe"))
    for text in passing.told(SENDER) + passing.told(RECEIVER):
        for hidden in ("shelter", "survivor", "protection", "safe", str(passing.about["case_id"])):
            assert hidden not in text
    with reading(passing.notify.engine) as session:
        names = [path.name for path in passing.notify.folder.rglob("*.txt")]
        assert sorted(names) == sorted(f"{one.id}.txt" for one in session.scalars(select(Notification)))


def test_words_have_no_gap_but_those_that_tell_nothing(passing: Passing) -> None:
    known = {"What": "", "what": "", "reference": "", "sender": "", "receiver": "", "look_by": "", "answer_by": ""}
    assert {kind.TYPE for kind in PASSED} >= set(OTHERWISE)
    for sides in (*WORDS.values(), *OTHERWISE.values()):
        for words in sides.values():
            words.subject.format(**known)
            words.text.format(**known)


def test_an_offer_waits_for_the_registration_of_both(
    database: Callable[[str], Engine], keys: KeyRing, tmp_path: Path
) -> None:
    passing = Passing(Notify(database, keys, tmp_path / "outbox"))
    passing.notify.tell(passing.sender)
    passing.tell(passing.offered())
    assert passing.told(SENDER) == []
    with reading(passing.notify.engine) as session:
        assert [one for one in session.scalars(select(held.c.subject))] == [f"case/{passing.about['case_id']}"]


def _hold(passing: Passing) -> None:
    """Something of this case stands still in notify."""
    subject = f"case/{passing.about['case_id']}"
    with transaction(passing.notify.engine) as session:
        row = {"consumer": "notify", "source": "intake", "subject": subject, "partition": 0, "streak": False}
        more = {"first_position": 1, "last_position": 1, "error_class": "ValueError", "attempts": 0}
        session.execute(held.insert().values(**row, **more, held_at=datetime.now(UTC)))


def test_while_a_case_is_held_nothing_of_it_is_sent_and_others_are(passing: Passing) -> None:
    passing.notify.tell(passing.offered())
    _hold(passing)
    other = {**passing.about, "case_id": UUID(int=7), "referral_id": UUID(int=8), "reference": "KB-22222-22222-2"}
    passing.notify.tell(ReferralAccepted(**other))
    delivery.deliver_due(passing.notify.engine, passing.notify.sender)
    told = passing.told(SENDER) + passing.told(RECEIVER)
    assert told
    assert all("KB-22222-22222-2" in one for one in told)
    with transaction(passing.notify.engine) as session:
        found = find_hold(session, "notify", "intake", f"case/{passing.about['case_id']}")
        assert found is not None
        assert found.place == Place("notify", "intake", 0)
        end_hold(session, found)
    delivery.deliver_due(passing.notify.engine, passing.notify.sender)
    assert len(passing.told(SENDER) + passing.told(RECEIVER)) == len(told) + 2, "once the hold has ended, each once"


@pytest.mark.parametrize("service", LISTENS_TO)
def test_while_another_service_holds_a_case_nothing_of_it_is_sent(
    passing: Passing, database: Callable[[str], Engine], keys: KeyRing, service: str
) -> None:
    notify, log = passing.notify, passing.notify.source if service == "intake" else database(service)
    feeds = {service: LocalFeed(log, service)}
    consumer = Consumer("notify", notify.engine, feeds, Subscriptions(PROJECTIONS, REACTIONS), keys)
    consumer.prepare()

    def tell(kind: type[CaseHeld] | type[CaseHoldEnded]) -> None:
        about = {one: passing.about[one] for one in ("organisation_id", "case_id")}
        with transaction(log) as session:
            record(session, kind(**about, held_source="notify", first_position=1))
        Sequencer(log).sequence()
        consumer.catch_up(service, partition_of(f"case/{about['case_id']}"))

    tell(CaseHeld)
    notify.tell(passing.offered())
    assert delivery.deliver_due(notify.engine, notify.sender) == 0
    woken = notify.woken
    tell(CaseHoldEnded)
    assert notify.woken == woken + 1, "what waited goes out now"
    assert delivery.deliver_due(notify.engine, notify.sender) == 2


def test_a_restored_notify_that_forgot_what_it_sent_does_not_send_it_twice(
    passing: Passing, database: Callable[[str], Engine], keys: KeyRing
) -> None:
    """The backup is from before everything: the message is made again, under the id that its folder holds already."""
    passing.tell(passing.offered())
    with reading(passing.notify.engine) as session:
        before = sorted(one.id for one in session.scalars(select(Notification)))
    written = {path: path.stat().st_mtime_ns for path in passing.notify.folder.rglob("*.txt")}
    restored = Notify(database, keys, passing.notify.folder, passing.notify.source)
    restored.tell()
    with reading(restored.engine) as session:
        waits = session.scalar(select(held.c.subject))
    if waits is not None:  # for the registrations, which lie in other partitions
        retry_until_ended(restored)
    assert delivery.deliver_due(restored.engine, restored.sender) == 2
    with reading(restored.engine) as session:
        again = session.scalars(select(Notification)).all()
        assert sorted(one.id for one in again) == before
        assert {one.status for one in again} == {"delivered"}
    assert {path: path.stat().st_mtime_ns for path in passing.notify.folder.rglob("*.txt")} == written
