"""Notifications, and each attempt to deliver them: recorded before it is made."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID, uuid5

from sqlalchemy import ForeignKey, Index, SmallInteger, Text, false, text
from sqlalchemy.orm import Mapped, mapped_column

from services.notify.domain.base import Base
from services.notify.domain.statuses import FINAL
from services.notify.settings import FIRST_RETRY, GIVE_UP_AFTER, LONGEST_RETRY
from shared.database import uuid7
from shared.errors import Conflict

_TO_FAMILIES = text("contact_id IS NOT NULL AND next_attempt_at IS NOT NULL")
_OF_A_CONTACT = text("contact_id IS NOT NULL")
_OPEN = text("outcome IS NULL")


class Notification(Base):
    """One message to one recipient: an organisation, or a family by one of its contacts. `next_attempt_at` is the
    record of the work; a job only makes it soon."""

    __tablename__ = "notification"
    __table_args__ = (
        Index("ix_notification_next_attempt_at", "next_attempt_at"),
        Index("ix_notification_organisation_id", "organisation_id", "created_at", "id"),
        Index("ix_notification_status", "organisation_id", "status", "created_at", "id"),
        Index(
            "ix_notification_due",
            "organisation_id",
            "urgency",
            "next_attempt_at",
            postgresql_where=_TO_FAMILIES,
            sqlite_where=_TO_FAMILIES,
        ),
        Index("ix_notification_contact_id", "contact_id", postgresql_where=_OF_A_CONTACT, sqlite_where=_OF_A_CONTACT),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    """Made of the fact that it tells of and its recipient (`notification_id`): the same fact, told again after a backup
    was restored, is the same message under the same id, which a channel takes once."""
    organisation_id: Mapped[UUID]
    kind: Mapped[str] = mapped_column(Text)
    about: Mapped[UUID]
    """The import, what passes between organisations, or the case."""
    fact_subject: Mapped[str | None] = mapped_column(Text)
    """The subject of that fact (a case, an import): while it is held, this is not sent. The recipient is not told it.
    None: written before it was kept."""
    channel: Mapped[str] = mapped_column(Text)
    """The channel of the newest attempt, or of the first to come."""
    subject: Mapped[str] = mapped_column(Text)
    text: Mapped[str] = mapped_column(Text)
    """Empty for a family: what it is told is written at the moment of sending, and kept nowhere."""
    status: Mapped[str] = mapped_column(Text)
    created_at: Mapped[datetime]
    next_attempt_at: Mapped[datetime | None]
    """When it is looked at again: to be sent, or to learn what became of it."""
    attempts: Mapped[int] = mapped_column(default=0)

    contact_id: Mapped[UUID | None]
    """Of the family; None for a message to an organisation."""
    person_id: Mapped[UUID | None]
    urgency: Mapped[int] = mapped_column(SmallInteger, default=1, server_default="1")
    """0 now, 1 soon, 2 ordinary."""
    moment: Mapped[datetime | None]
    """Of an appointment."""
    count: Mapped[int] = mapped_column(default=1, server_default="1")
    """How many things a digest tells of."""
    address_number: Mapped[int] = mapped_column(SmallInteger, default=0, server_default="0")
    """Which of the contact's addresses is tried."""
    tries_there: Mapped[int] = mapped_column(SmallInteger, default=0, server_default="0")
    """How often it was tried."""
    language: Mapped[str | None] = mapped_column(Text)
    """Of the newest attempt."""
    reason: Mapped[str | None] = mapped_column(Text)
    """A code: why it is held, cancelled, or was given up."""
    first_tried_at: Mapped[datetime | None]
    """From here on the 72 hours run, after which it is given up: not from a time in which nothing was sent at all."""
    overtaken_at: Mapped[datetime | None]
    """What it says holds no more since then: the appointment was moved or cancelled. It is not sent (again)."""
    maybe_twice: Mapped[bool] = mapped_column(default=False, server_default=false())
    """It was sent again although an earlier attempt may have arrived."""

    def begin_attempt(self, now: datetime, **of: object) -> Attempt:
        """Record that delivery is about to be tried; raises `Conflict` when it is over."""
        if self.status in FINAL:
            raise Conflict(f"This notification is {self.status}: it is not sent again.")
        self.status = "sending"
        self.first_tried_at = self.first_tried_at or now
        self.attempts += 1
        self.tries_there += 1
        self.next_attempt_at = None
        self.reason = None
        return Attempt(**{"id": uuid7()} | of, notification_id=self.id, started_at=now)

    def delivered(self) -> None:
        """The channel took it."""
        self.status, self.next_attempt_at = "delivered", None

    def failed(self, now: datetime, *, jitter: float = 1.0, at_least: timedelta = timedelta()) -> None:
        """Try again later, ever more slowly (`jitter`: a part of the wait, 0.5 to 1; never before `at_least` has
        passed); after 72 hours, give up."""
        wait = jitter * min(FIRST_RETRY * 2 ** min(max(self.tries_there - 1, 0), 20), LONGEST_RETRY)
        self.status, self.next_attempt_at = "temporary-failure", now + max(wait, at_least)
        if self.too_old(now):
            self.end("expired", "nobody_answered")

    def too_old(self, now: datetime) -> bool:
        """True 72 hours after the first attempt."""
        return now - (self.first_tried_at or self.created_at) > GIVE_UP_AFTER

    def hold(self, reason: str, until: datetime) -> None:
        """Wait: the reason is looked at again at that moment."""
        self.status, self.reason, self.next_attempt_at = "held", reason, until

    def end(self, status: str, reason: str | None = None) -> None:
        """It is over."""
        self.status, self.reason, self.next_attempt_at = status, reason, None

    def next_address(self, now: datetime) -> None:
        """Go on with the contact's next address, at once."""
        self.address_number += 1
        self.tries_there = 0
        self.status, self.next_attempt_at = "temporary-failure", now

    @property
    def over(self) -> bool:
        """True where nothing more is done for it; an outcome that stayed unknown is one, too."""
        return self.next_attempt_at is None and self.status != "sending"


def notification_id(fact_id: UUID, kind: str, recipient_id: UUID) -> UUID:
    """The id of the message that tells somebody of a fact: always the same."""
    return uuid5(fact_id, f"{kind} {recipient_id}")


class Attempt(Base):
    """One attempt. Without an outcome it is under way, or was broken off: then look-up settles it."""

    __tablename__ = "attempt"
    __table_args__ = (
        Index("ix_attempt_provider_id", "provider_id", "provider"),
        Index("ix_attempt_open", "started_at", postgresql_where=_OPEN, sqlite_where=_OPEN),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    """The reference under which a provider knows it."""
    notification_id: Mapped[UUID] = mapped_column(ForeignKey("notification.id"), index=True)
    started_at: Mapped[datetime]
    finished_at: Mapped[datetime | None]
    outcome: Mapped[str | None] = mapped_column(Text)
    """What is known: accepted, delivered, temporary-failure, permanent-failure, technical-failure, outcome-unknown."""
    channel: Mapped[str | None] = mapped_column(Text)
    provider: Mapped[str | None] = mapped_column(Text)
    provider_id: Mapped[str | None] = mapped_column(Text)
    """How the provider calls it."""
    code: Mapped[str | None] = mapped_column(Text)
    """The provider's code of a failure."""
    parts: Mapped[int] = mapped_column(SmallInteger, default=1, server_default="1")
    """Segments."""
    contradictory: Mapped[bool] = mapped_column(default=False, server_default=false())
    """The provider said both that it arrived and that it failed."""
