"""Messages of cases that are held: nothing is sent, and the case shows why."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select, union_all
from sqlalchemy.orm import Session

from services.notify.commands.ending import Told
from services.notify.domain import CaseHold, Notification
from services.notify.domain.statuses import UNSENT
from services.notify.settings import SERVICE
from shared.messaging.tables import held


def hold_back(session: Session, now: datetime, limit: int = 500) -> int:
    """Mark as held what is due to families of cases that this service or another one holds. It stays due: once no
    service holds the case, it goes out. Returns how many."""
    subjects = union_all(select(CaseHold.subject), select(held.c.subject).where(held.c.consumer == SERVICE))
    due = session.scalars(
        select(Notification)
        .where(
            Notification.contact_id.is_not(None),
            Notification.next_attempt_at <= now,
            Notification.status.in_(UNSENT),
            Notification.reason.is_distinct_from(CASE_HELD),
            Notification.fact_subject.in_(subjects),
        )
        .order_by(Notification.id)
        .limit(limit)
        .with_for_update(skip_locked=True)
    ).all()
    told = Told(now)
    for message in due:
        message.hold(CASE_HELD, message.next_attempt_at or now)
        told.waits(message)
    told.record(session)
    return len(due)


CASE_HELD = "case_held"
