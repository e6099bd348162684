"""Notify comes back from a backup of before: news that it sent since then is not sent again."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from errno import ENOSPC
from pathlib import Path

import pytest
from sqlalchemy import Engine, delete, update

from services.notify.commands.receipts import take_receipts
from services.notify.domain import Attempt, Notification
from services.notify.domain import Receipt as Kept
from services.notify.family_delivery import FamilyDelivery
from services.notify.senders import Handed, SentOnce
from services.notify.senders import Receipt as Said
from services.notify.settings import LOOK_AGAIN
from shared.crypto import KeyRing
from shared.database import transaction, utc_now, uuid7
from shared.events import NewsReleased
from tests.notify.families import PAGE, Families


class Restored(Families):
    """Families whose sent news is noted in a file that no backup brings back."""

    file: Path

    def delivery(self) -> FamilyDelivery:
        return FamilyDelivery(self.engine, self.senders, PAGE, once=SentOnce(self.file))

    def restore(self) -> None:
        """A backup of before the news; the fact is read again, and leads to the same message."""
        news = self.message("news")
        made = [one.id for one in self.attempts(news)]
        with transaction(self.engine) as session:
            session.execute(delete(Kept).where(Kept.attempt_id.in_(made)))
            session.execute(delete(Attempt).where(Attempt.id.in_(made)))
            fresh = {"status": "created", "attempts": 0, "tries_there": 0, "next_attempt_at": utc_now()}
            session.execute(
                update(Notification).where(Notification.id == news.id).values(**fresh, first_tried_at=None, reason=None)
            )


@pytest.fixture
def families(database: Callable[[str], Engine], keys: KeyRing, tmp_path: Path) -> Restored:
    made = Restored(database, keys)
    made.file = tmp_path / "once" / "sent-once.txt"
    return made


def told_news(families: Restored) -> Attempt:
    family = families.family()
    families.tell(NewsReleased(**family))
    families.deliver()
    (attempt,) = families.attempts(families.message("news"))
    return attempt


def test_news_is_not_sent_again_after_a_restore_and_a_receipt_still_finds_it(families: Restored) -> None:
    before = told_news(families)
    families.restore()
    families.sms.taken.clear()
    families.deliver()
    (after,) = families.attempts(families.message("news"))
    assert (after.id, after.outcome) == (before.id, "outcome-unknown")
    assert families.message("news").status == "outcome-unknown"
    assert families.sms.taken == []
    with transaction(families.engine) as session:
        take_receipts(session, [Said("twilio", None, before.id, "delivered", None)], utc_now())
    assert families.message("news").status == "delivered"


def test_where_the_provider_can_be_asked_by_our_reference_it_is(families: Restored) -> None:
    before = told_news(families)
    families.restore()
    families.sms.knows = {before.id: Handed("delivered")}
    families.deliver()
    families.later(LOOK_AGAIN)
    families.deliver()
    assert families.message("news").status == "delivered"


def test_where_nobody_knows_a_case_worker_is_asked(families: Restored) -> None:
    told_news(families)
    families.restore()
    families.deliver()
    families.sms.says = [Handed("delivered")]
    families.sms.taken.clear()
    families.later(timedelta(hours=73))
    families.deliver()
    assert families.message("news").reason == "outcome_unknown"
    assert families.sms.taken == []


def test_another_attempt_that_the_backup_forgot_is_not_made_again_either(families: Restored) -> None:
    family = families.family()
    families.sms.says = [Handed("temporary-failure"), Handed("accepted")]
    families.tell(NewsReleased(**family))
    families.deliver()
    families.later(timedelta(minutes=1))
    families.deliver()
    _, second = families.attempts(families.message("news"))
    with transaction(families.engine) as session:  # the backup is of between the two
        session.execute(delete(Kept).where(Kept.attempt_id == second.id))
        session.execute(delete(Attempt).where(Attempt.id == second.id))
        again = {"status": "temporary-failure", "attempts": 1, "tries_there": 1, "next_attempt_at": utc_now()}
        session.execute(update(Notification).where(Notification.kind == "news").values(**again))
    families.sms.taken.clear()
    families.deliver()
    assert families.sms.taken == []
    assert families.message("news").status == "outcome-unknown"


def test_news_that_cannot_be_noted_is_not_sent_and_tried_later(
    families: Restored, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise OSError(ENOSPC, "no space left")

    family = families.family()
    families.tell(NewsReleased(**family))
    with monkeypatch.context() as disk:
        disk.setattr(SentOnce, "add", full)
        families.deliver()
    assert families.sms.taken == []
    assert families.message("news").status == "temporary-failure"
    families.later(timedelta(minutes=1))
    families.deliver()
    assert len(families.sms.taken) == 1


def test_what_a_crash_cut_off_is_written_over_and_several_processes_see_one_another(tmp_path: Path) -> None:
    file, (one, other, third) = tmp_path / "once", (uuid7(), uuid7(), uuid7())
    mine, yours = SentOnce(file), SentOnce(file)
    assert one not in mine
    mine.add([one])
    with file.open("ab") as stream:
        stream.write(str(third).encode()[:20])
    assert third not in yours
    yours.add([other])
    assert all(known in seen for known in (one, other) for seen in (mine, yours))
    assert third not in mine
