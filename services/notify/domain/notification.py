"""Notifications, and each attempt to deliver them: recorded before it is made."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID, uuid5

from sqlalchemy import ForeignKey, Index, Text
from sqlalchemy.orm import Mapped, mapped_column

from services.notify.domain.base import Base
from services.notify.settings import FIRST_RETRY, GIVE_UP_AFTER, LONGEST_RETRY
from shared.database import uuid7
from shared.errors import Conflict

FINAL = frozenset({"delivered", "permanent-failure", "technical-failure", "cancelled", "expired"})
"""GOV.UK Notify's names; from these no way leads on."""


class Notification(Base):
    """One message to one recipient. `next_attempt_at` is the record of the work; a job only makes it soon."""

    __tablename__ = "notification"
    __table_args__ = (Index("ix_notification_next_attempt_at", "next_attempt_at"),)

    id: Mapped[UUID] = mapped_column(primary_key=True)
    """Made of the fact that it tells of and its recipient (`notification_id`): the same fact, told again after a backup
    was restored, is the same message under the same id, which a channel takes once."""
    organisation_id: Mapped[UUID]
    kind: Mapped[str] = mapped_column(Text)
    about: Mapped[UUID]
    """The import, or what passes between organisations."""
    fact_subject: Mapped[str | None] = mapped_column(Text)
    """The subject of that fact (a case, an import): while it is held, this is not sent. The recipient is not told it.
    None: written before it was kept."""
    channel: Mapped[str] = mapped_column(Text)
    subject: Mapped[str] = mapped_column(Text)
    text: Mapped[str] = mapped_column(Text)
    status: Mapped[str] = mapped_column(Text)
    created_at: Mapped[datetime]
    next_attempt_at: Mapped[datetime | None]
    attempts: Mapped[int] = mapped_column(default=0)

    def begin_attempt(self, now: datetime) -> Attempt:
        """Record that delivery is about to be tried; raises `Conflict` when it is over."""
        if self.status in FINAL:
            raise Conflict(f"This notification is {self.status}: it is not sent again.")
        self.status = "sending"
        self.attempts += 1
        self.next_attempt_at = None
        return Attempt(id=uuid7(), notification_id=self.id, started_at=now)

    def delivered(self) -> None:
        """The channel took it."""
        self.status, self.next_attempt_at = "delivered", None

    def failed(self, now: datetime) -> None:
        """Try again later, ever more slowly; after 72 hours, give up."""
        if now - self.created_at > GIVE_UP_AFTER:
            self.status, self.next_attempt_at = "expired", None
            return
        self.status = "temporary-failure"
        self.next_attempt_at = now + min(FIRST_RETRY * 2 ** min(self.attempts - 1, 20), LONGEST_RETRY)


def notification_id(fact_id: UUID, kind: str, recipient_id: UUID) -> UUID:
    """The id of the message that tells somebody of a fact: always the same."""
    return uuid5(fact_id, f"{kind} {recipient_id}")


class Attempt(Base):
    """One attempt. Without an outcome it is under way, or was broken off: then look-up settles it."""

    __tablename__ = "attempt"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    notification_id: Mapped[UUID] = mapped_column(ForeignKey("notification.id"), index=True)
    started_at: Mapped[datetime]
    finished_at: Mapped[datetime | None]
    outcome: Mapped[str | None] = mapped_column(Text)
    """delivered, temporary-failure, outcome-unknown."""
