"""What is sent again: flagged where it may have arrived twice, ended where its time is over. Found by kills."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from sqlalchemy import Engine, update

from services.notify import queries
from services.notify.commands.receipts import take_receipts
from services.notify.domain import Attempt, Notification
from services.notify.senders import Handed
from services.notify.senders import Receipt as Said
from services.notify.settings import GIVE_UP_AFTER, LOOK_AGAIN
from shared.crypto import KeyRing
from shared.database import reading, transaction, utc_now
from shared.events import NewsReleased
from tests.notify.families import Crash, Families

ACCEPTED, DELIVERED, UNKNOWN = Handed("accepted"), Handed("delivered"), Handed("outcome-unknown")


@pytest.fixture
def families(database: Callable[[str], Engine], keys: KeyRing) -> Families:
    return Families(database, keys)


def hear(families: Families, attempt: Attempt, result: str) -> None:
    with transaction(families.engine) as session:
        take_receipts(session, [Said("twilio", attempt.provider_id, attempt.id, result, None)], utc_now())


def sent_twice(families: Families) -> Attempt:
    """News whose first attempt failed by its provider's word, and was made again. Returns the first."""
    family = families.family()
    families.sms.says = [ACCEPTED]
    families.tell(NewsReleased(**family))
    families.deliver()
    (first,) = families.attempts(families.message("news"))
    hear(families, first, "temporary-failure")
    families.later(timedelta(hours=1))
    families.deliver()
    assert len(families.sms.taken) == 2
    assert not families.message("news").maybe_twice
    return first


def test_a_provider_that_said_it_failed_and_then_that_it_arrived_made_us_send_twice(families: Families) -> None:
    hear(families, sent_twice(families), "delivered")
    assert (families.message("news").status, families.message("news").maybe_twice) == ("delivered", True)


def test_it_did_so_too_where_the_second_one_had_arrived_before(families: Families) -> None:
    first = sent_twice(families)
    hear(families, families.attempts(families.message("news"))[1], "delivered")
    assert not families.message("news").maybe_twice
    hear(families, first, "delivered")
    assert families.message("news").maybe_twice


def test_what_would_be_sent_again_after_its_time_is_for_a_case_worker(families: Families) -> None:
    families.sms.says = [UNKNOWN]
    families.family()
    with transaction(families.engine) as session:  # its first attempt was long ago
        session.execute(update(Notification).values(first_tried_at=utc_now() - GIVE_UP_AFTER))
    families.later(LOOK_AGAIN)
    families.deliver()
    assert families.message("receipt").status == "expired"
    assert families.told()["attention.requested"] == 1
    assert families.told()["family_message.status_changed"] == 1


def test_an_attempt_that_a_crash_left_open_is_closed_when_it_is_made_again(families: Families) -> None:
    families.sms.says = [Crash(), DELIVERED]
    with pytest.raises(Crash):
        families.family()
    families.later(LOOK_AGAIN)
    families.deliver()
    families.later(timedelta(hours=1))
    families.deliver()
    assert families.message("receipt").status == "delivered"
    with reading(families.engine) as session:
        assert not queries.under_way(session)


def given_up(families: Families) -> Attempt:
    """News of which nobody learnt for 72 hours. Returns its attempt."""
    families.sms.says = [DELIVERED]
    family = families.family()
    families.sms.says = [ACCEPTED]
    families.tell(NewsReleased(**family))
    families.deliver()
    families.later(GIVE_UP_AFTER)
    families.deliver()
    message = families.message("news")
    assert (message.status, message.next_attempt_at) == ("outcome-unknown", None)
    (attempt,) = families.attempts(message)
    return attempt


@pytest.mark.parametrize(
    ("word", "status"),
    [
        ("accepted", "outcome-unknown"),
        ("temporary-failure", "outcome-unknown"),
        ("permanent-failure", "permanent-failure"),
        ("delivered", "delivered"),
    ],
)
def test_a_word_after_a_case_worker_was_asked_asks_nobody_again(families: Families, word: str, status: str) -> None:
    hear(families, given_up(families), word)
    families.later(LOOK_AGAIN)
    families.deliver()
    message = families.message("news")
    assert (message.status, message.next_attempt_at, len(families.sms.taken)) == (status, None, 1)
    assert families.told()["attention.requested"] == 1


def test_an_attempt_that_was_broken_off_is_nobodys_concern_once_another_one_arrived(families: Families) -> None:
    family = families.family()
    families.sms.says = [ACCEPTED, Crash()]
    families.tell(NewsReleased(**family))
    families.deliver()
    (first,) = families.attempts(families.message("news"))
    hear(families, first, "temporary-failure")
    families.later(timedelta(hours=1))
    with pytest.raises(Crash):
        families.deliver()
    hear(families, first, "delivered")
    with reading(families.engine) as session:
        assert not queries.under_way(session)
    assert (families.message("news").status, families.message("news").maybe_twice) == ("delivered", True)
