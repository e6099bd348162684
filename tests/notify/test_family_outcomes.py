"""What comes of sending to a family: each attempt is recorded before it is made, and every message ends."""

from __future__ import annotations

import random
from collections.abc import Callable
from datetime import timedelta

import pytest
from sqlalchemy import Engine, select

from services.notify.commands.outcomes import end_family_attempts
from services.notify.commands.receipts import take_receipts, take_stragglers
from services.notify.domain import EarlyReceipt, ProviderRest, Receipt
from services.notify.domain.statuses import FINAL
from services.notify.senders import Handed
from services.notify.senders import Receipt as Said
from services.notify.settings import GIVE_UP_AFTER, LOOK_AGAIN, TRIES_BEFORE_NEXT
from shared.crypto import KeyRing
from shared.database import reading, transaction, utc_now, uuid7
from shared.events import NewsReleased
from tests.notify.families import MAIL, Crash, Families

ACCEPTED, DELIVERED = Handed("accepted"), Handed("delivered")
UNKNOWN, LATER, NEVER = (
    Handed("outcome-unknown"),
    Handed("temporary-failure"),
    Handed("permanent-failure", code="30005"),
)


@pytest.fixture
def families(database: Callable[[str], Engine], keys: KeyRing) -> Families:
    return Families(database, keys)


def news(families: Families, *answers: Handed | BaseException, **given: str) -> None:
    """A family is told that there is news, by a provider that answers so."""
    families.sms.says = [DELIVERED]
    family = families.family(**given)
    families.sms.says = list(answers)
    families.tell(NewsReleased(**family))


def hear(families: Families, *receipts: Said) -> int:
    with transaction(families.engine) as session:
        return take_receipts(session, receipts, utc_now())


def said(families: Families, result: str, part: int = 1, parts: int = 1, name: str | None = None) -> Said:
    (attempt, *_) = families.attempts(families.message("news"))
    return Said("twilio", name or attempt.provider_id, None, result, None, part, parts)  # type: ignore[arg-type]


def test_a_receipt_ends_it(families: Families) -> None:
    news(families, ACCEPTED)
    families.deliver()
    assert hear(families, said(families, "delivered")) == 1
    assert families.message("news").status == "delivered"
    assert families.told()["family_message.status_changed"] == 2


def test_a_receipt_that_is_quicker_than_the_answer_is_not_lost(families: Families) -> None:
    news(families, Handed("accepted", "SM9"))
    assert hear(families, Said("twilio", "SM9", None, "delivered", None)) == 0
    families.deliver()
    assert families.message("news").status == "delivered"


def test_a_crash_between_recording_and_outcome_is_settled_by_look_up(families: Families) -> None:
    news(families, Crash())
    with pytest.raises(Crash):
        families.deliver()
    message = families.message("news")
    assert (message.status, families.attempts(message)[0].outcome) == ("sending", None)
    assert families.deliver() == 0
    families.later(LOOK_AGAIN)
    families.sms.knows[families.attempts(message)[0].id] = DELIVERED
    families.deliver()
    assert families.message("news").status == "delivered"
    assert len(families.sms.taken) == 1


def test_news_whose_outcome_nobody_knows_is_never_sent_again_and_becomes_a_task(families: Families) -> None:
    news(families, UNKNOWN)
    families.deliver()
    for hours in (1, 5, 30):
        families.later(timedelta(hours=hours))
        families.deliver()
        assert families.message("news").status == "outcome-unknown"
    assert families.told()["attention.requested"] == 0
    families.later(GIVE_UP_AFTER)
    families.deliver()
    message = families.message("news")
    assert (message.status, message.next_attempt_at, len(families.sms.taken)) == ("outcome-unknown", None, 1)
    assert families.told()["attention.requested"] == 1


def test_a_late_receipt_proves_that_it_arrived_after_all(families: Families) -> None:
    news(families, UNKNOWN)
    families.deliver()
    families.later(GIVE_UP_AFTER)
    families.deliver()
    hear(families, said(families, "delivered"))
    assert families.message("news").status == "delivered"


def test_what_does_no_harm_twice_is_sent_again_and_says_so(families: Families) -> None:
    families.sms.says = [UNKNOWN, DELIVERED]
    families.family()
    families.later(LOOK_AGAIN)
    families.deliver()
    families.deliver()
    message = families.message("receipt")
    assert (message.status, message.maybe_twice, message.attempts) == ("delivered", True, 2)


def test_a_temporary_failure_is_tried_again_ever_more_slowly(families: Families) -> None:
    news(families, LATER)
    waits = []
    for _ in range(5):
        families.deliver()
        message = families.message("news")
        assert message.status == "temporary-failure"
        assert message.next_attempt_at is not None
        waits.append((message.next_attempt_at - utc_now()).total_seconds())
        families.later(timedelta(seconds=waits[-1] + 1))
    assert waits == sorted(waits)
    assert waits[-1] > 30
    families.later(GIVE_UP_AFTER)
    families.deliver()
    assert (families.message("news").status, families.told()["attention.requested"]) == ("expired", 1)


def test_the_next_channel_is_tried_when_the_first_one_fails_for_good(families: Families) -> None:
    news(families, NEVER, mail=MAIL)
    families.deliver()
    families.deliver()
    message = families.message("news")
    assert [one.to for one in families.mail.taken] == [MAIL]
    assert (message.channel, message.address_number, message.attempts) == ("email", 1, 2)
    assert families.one_contact().bounced_at is None


def test_a_channel_that_keeps_failing_gives_way_to_the_next(families: Families) -> None:
    news(families, LATER, mail=MAIL)
    for _ in range(TRIES_BEFORE_NEXT + 1):
        families.deliver()
        families.later(timedelta(hours=1))
    assert len(families.sms.taken) == TRIES_BEFORE_NEXT
    assert len(families.mail.taken) == 1


def test_a_permanent_failure_without_another_channel_is_a_task_and_the_number_is_doubted(families: Families) -> None:
    news(families, NEVER)
    families.deliver()
    assert (families.message("news").status, families.message("news").reason) == ("permanent-failure", "30005")
    assert families.told()["attention.requested"] == 1
    assert families.one_contact().bounced_at is not None


def test_a_provider_that_asks_for_rest_gets_it_for_everybody(families: Families) -> None:
    news(families, Handed("temporary-failure", retry_after=timedelta(minutes=10)), DELIVERED)
    families.deliver()
    with reading(families.engine) as session:
        assert session.scalars(select(ProviderRest.provider)).all() == ["twilio"]
    families.tell(NewsReleased(**{n: getattr(families.one_contact(), n) for n in ("organisation_id", "case_id")}))
    assert families.deliver() == 0
    assert {one.reason for one in families.messages("news")} == {None, "provider_rests"}
    assert len(families.sms.taken) == 1


def test_each_segment_must_arrive(families: Families) -> None:
    news(families, Handed("accepted", parts=2))
    families.deliver()
    hear(families, said(families, "delivered", 1, 2))
    assert families.message("news").status == "sending"
    hear(families, said(families, "delivered", 2, 2))
    assert families.message("news").status == "delivered"


def test_contradictory_receipts_are_flagged_and_the_arrival_is_believed(families: Families) -> None:
    news(families, ACCEPTED)
    families.deliver()
    hear(families, said(families, "permanent-failure"), said(families, "delivered"), said(families, "delivered"))
    (attempt,) = families.attempts(families.message("news"))
    assert (families.message("news").status, attempt.contradictory) == ("delivered", True)
    with reading(families.engine) as session:
        counted = {
            row.result: row.times for row in session.scalars(select(Receipt).where(Receipt.attempt_id == attempt.id))
        }
    assert counted == {"accepted": 1, "permanent-failure": 1, "delivered": 2}


def test_receipts_in_a_thousand_orders_end_alike(sqlite: Callable[[str], Engine], keys: KeyRing) -> None:
    """Through the database, one by one: one message for each order."""
    families, drawn = Families(sqlite, keys), random.Random(7)
    words = [("delivered", 1), ("temporary-failure", 1), ("delivered", 2), ("accepted", 2), ("delivered", 2)]
    families.sms.says = [DELIVERED]
    family = families.family()
    families.sms.says = [Handed("accepted", parts=2)]
    families.tell(*[NewsReleased(**family) for _ in range(40)])
    families.deliver()
    for message in families.messages("news"):
        (attempt,) = families.attempts(message)
        for result, part in drawn.sample(words, len(words)):
            hear(families, Said("twilio", attempt.provider_id, None, result, None, part, 2))  # type: ignore[arg-type]
    assert {one.status for one in families.messages("news")} == {"delivered"}


def test_no_act_of_ours_leads_back_from_a_final_status(families: Families) -> None:
    news(families, NEVER)
    families.deliver()
    hear(families, said(families, "temporary-failure"), said(families, "accepted"))
    assert families.message("news").status == "permanent-failure"
    assert families.message("news").status in FINAL
    assert families.deliver() == 0


def test_a_restored_backup_sends_nothing_under_another_reference(families: Families) -> None:
    """The attempt has the same id again, so that what its provider says finds it."""
    news(families, ACCEPTED)
    families.deliver()
    (attempt,) = families.attempts(families.message("news"))
    with transaction(families.engine) as session:
        session.delete(attempt)
        message = families.message("news")
        session.add(message)
        message.status, message.attempts, message.tries_there, message.next_attempt_at = "created", 0, 0, utc_now()
    families.deliver()
    assert families.attempts(families.message("news"))[0].id == attempt.id


def test_what_was_handed_over_is_recorded_although_the_next_look_fails(
    families: Families, monkeypatch: pytest.MonkeyPatch
) -> None:
    news(families, ACCEPTED)
    delivery = families.delivery()
    looks = iter([delivery._due])

    def look() -> object:
        first = next(looks, None)
        if first is None:
            raise RuntimeError("the database is away")
        return first()

    monkeypatch.setattr(delivery, "_due", look)
    with pytest.raises(RuntimeError):
        delivery.deliver_due()
    assert families.attempts(families.message("news"))[0].outcome == "accepted"


def test_a_sender_that_raises_loses_the_outcome_of_no_other(families: Families) -> None:
    families.sms.says = [DELIVERED]
    family = families.family()
    families.sms.says = [ACCEPTED, RuntimeError("a sender's own fault"), ACCEPTED]
    families.tell(*[NewsReleased(**family) for _ in range(3)])
    families.deliver()
    statuses = sorted(one.status for one in families.messages("news"))
    assert statuses == ["outcome-unknown", "sending", "sending"]


def test_a_contact_that_does_not_open_keeps_back_no_other(families: Families) -> None:
    families.sms.says = [DELIVERED]
    broken = families.family()
    families.change(sealed=b"changed by somebody" * 3)
    whole = families.family()
    families.tell(NewsReleased(**broken), NewsReleased(**whole))
    families.deliver()
    found = {one.about: (one.status, one.reason) for one in families.messages("news")}
    assert found[broken["case_id"]] == ("technical-failure", "cannot_be_written")
    assert found[whole["case_id"]] == ("delivered", None)


def test_a_dead_number_is_checked_once(families: Families) -> None:
    news(families, NEVER)
    families.deliver()
    family = {name: getattr(families.one_contact(), name) for name in ("organisation_id", "case_id")}
    families.tell(NewsReleased(**family))
    for _ in range(4):
        families.deliver()
        families.later(timedelta(minutes=16))
    assert len(families.messages("contact_check")) == 1


def test_what_lay_still_for_days_is_not_given_up_at_its_first_failure(families: Families) -> None:
    news(families, LATER)
    families.later(GIVE_UP_AFTER + timedelta(hours=1))
    families.change(heard_at=utc_now())
    families.deliver()
    assert families.message("news").status == "temporary-failure"


def test_a_receipt_that_came_in_the_same_moment_as_the_name_is_found_by_the_sweep(families: Families) -> None:
    news(families, ACCEPTED)
    families.deliver()
    (attempt,) = families.attempts(families.message("news"))
    with transaction(families.engine) as session:
        session.add(
            EarlyReceipt(
                provider="twilio",
                provider_id=attempt.provider_id,
                part=0,
                result="delivered",
                parts=1,
                came_at=utc_now(),
            )
        )
    with transaction(families.engine) as session:
        assert take_stragglers(session, utc_now()) == 1
    assert families.message("news").status == "delivered"


def test_an_answer_for_an_attempt_that_is_gone_says_nothing(families: Families) -> None:
    with transaction(families.engine) as session:
        end_family_attempts(session, {uuid7(): Handed("delivered")}, utc_now())
    with reading(families.engine) as session:
        assert session.scalars(select(Receipt)).all() == []
