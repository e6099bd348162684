"""What a family's page shows of its messages: when the last one went out, whichever it was."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from services.notify.domain import Attempt, LanguageApproval, Notification
from services.notify.wording import STANDING_APPOINTMENTS


def last_message_at(session: Session, contact_id: UUID) -> datetime | None:
    """When a message was last sent to a contact. Of every kind alike: an invitation for news is no different."""
    return session.scalar(
        select(func.max(Attempt.started_at))
        .join(Notification, Notification.id == Attempt.notification_id)
        .where(Notification.contact_id == contact_id)
    )


def appointments_ahead(session: Session, contact_id: UUID, now: datetime) -> Sequence[datetime]:
    """The appointments that a contact was, or is to be, told of, as they stand; the next one first."""
    own = Notification.contact_id == contact_id, Notification.kind.in_(STANDING_APPOINTMENTS)
    stands = Notification.moment > now, Notification.overtaken_at.is_(None)
    found = select(Notification.moment).where(*own, *stands).distinct().order_by(Notification.moment)
    return [at for at in session.scalars(found) if at is not None]


def organisations_of_families(session: Session) -> Sequence[UUID]:
    """The organisations that have approved a language: those whose families come to these pages."""
    found = select(LanguageApproval.organisation_id).distinct().order_by(LanguageApproval.organisation_id)
    return session.scalars(found).all()
