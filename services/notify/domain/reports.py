"""A donor's people who asked for the reports of a grant, and each mail to them: recorded before it is sent."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Literal, get_args
from uuid import UUID, uuid5

from sqlalchemy import ForeignKey, Index, LargeBinary, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from services.notify.domain.base import Base
from services.notify.settings import FIRST_RETRY, GIVE_UP_AFTER, LONGEST_RETRY
from shared.database import uuid7
from shared.errors import Conflict

Format = Literal["pdf", "xlsx", "csv", "json", "html"]
_Waiting = Literal["created", "temporary-failure"]
_Failed = Literal["permanent-failure", "technical-failure", "outcome-unknown", "cancelled", "expired"]
PostStatus = Literal[_Waiting, "sending", "sent", _Failed]
"""`sent`: the mail server has it. From `outcome-unknown` nothing leads on by itself: only a person sends it again."""
WAITING: tuple[PostStatus, ...] = get_args(_Waiting)
FAILED: tuple[PostStatus, ...] = get_args(_Failed)
_ACTIVE = text("ended_at IS NULL")
_DUE = text("next_attempt_at IS NOT NULL")
_OPEN = text("outcome IS NULL")


class ReportReader(Base):
    """One address to which the reports of one grant go, until it ends. The address is encrypted under a key of the
    reader's own, and is never logged."""

    __tablename__ = "report_reader"
    __table_args__ = (
        Index(
            "uq_report_reader_active",
            "organisation_id",
            "grant_id",
            "digest",
            unique=True,
            postgresql_where=_ACTIVE,
            sqlite_where=_ACTIVE,
        ),
        Index("ix_report_reader_digest", "digest"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    organisation_id: Mapped[UUID]
    """Whose reports they are: the one that answers to the donor."""
    grant_id: Mapped[UUID]
    sealed: Mapped[bytes | None] = mapped_column(LargeBinary)
    """The mail address, as `report_reader.sealed`; None some time after the end."""
    digest: Mapped[bytes] = mapped_column(LargeBinary)
    """The blind index of the address: by it, who does not want reports is known also when somebody adds them again."""
    language: Mapped[str] = mapped_column(Text)
    """Of the mail: one of the pages' languages."""
    formats: Mapped[str] = mapped_column(Text)
    """`Format`s, separated by spaces."""
    added_at: Mapped[datetime]
    added_by: Mapped[UUID]
    ended_at: Mapped[datetime | None]
    ended_by: Mapped[UUID | None]
    ended_for: Mapped[str | None] = mapped_column(Text)
    """`staff`, or `reader`: by the link in a mail."""
    returned_at: Mapped[datetime | None]
    """When the reader took the ending back, the last time."""

    def end(self, why: Literal["staff", "reader"], now: datetime, by: UUID | None = None) -> None:
        """Nothing goes there any more. A second time changes nothing."""
        if self.ended_at is None:
            self.ended_at, self.ended_for, self.ended_by = now, why, by

    def come_back(self, now: datetime) -> None:
        """The reader takes it back."""
        self.ended_at = self.ended_for = self.ended_by = None
        self.returned_at = now


class ReportDelivery(Base):
    """One issue for one reader: one mail with all its files, or none. `next_attempt_at` is the record of the work."""

    __tablename__ = "report_delivery"
    __table_args__ = (
        UniqueConstraint("report_id", "number", "reader_id"),
        Index("ix_report_delivery_due", "next_attempt_at", postgresql_where=_DUE, sqlite_where=_DUE),
        Index("ix_report_delivery_organisation_id", "organisation_id", "created_at", "id"),
        Index("ix_report_delivery_link_digest", "link_digest", unique=True),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    """Made of issue and reader (`report_delivery_id`). The mail's Message-ID is made of it: the same each time."""
    organisation_id: Mapped[UUID]
    grant_id: Mapped[UUID]
    grant_number: Mapped[str | None] = mapped_column(Text)
    """For people; None until reporting was asked."""
    subject: Mapped[str] = mapped_column(Text)
    """Of the event: while it is held, nothing is sent."""
    report_id: Mapped[UUID]
    number: Mapped[int]
    digest: Mapped[str] = mapped_column(Text)
    """Of the issue, as the event gave it: files of another one are not sent."""
    date_from: Mapped[date]
    date_to: Mapped[date]
    reader_id: Mapped[UUID] = mapped_column(ForeignKey("report_reader.id"), index=True)
    formats: Mapped[str] = mapped_column(Text)
    link_digest: Mapped[bytes | None] = mapped_column(LargeBinary)
    """SHA-256 of the token in the link that ends these mails; the token itself is kept nowhere."""
    status: Mapped[str] = mapped_column(Text)
    """A `PostStatus`."""
    reason: Mapped[str | None] = mapped_column(Text)
    """A code: what is missing, or why it ended."""
    created_at: Mapped[datetime]
    next_attempt_at: Mapped[datetime | None]
    first_tried_at: Mapped[datetime | None]
    """From here on the 72 hours run, after which it is given up."""
    tries: Mapped[int] = mapped_column(default=0)
    """How often files were asked for, or the mail was handed over."""
    sent_at: Mapped[datetime | None]
    again_by: Mapped[UUID | None]
    """Who had it sent again, the last time."""
    again_at: Mapped[datetime | None]

    def begin_attempt(self, now: datetime) -> ReportAttempt:
        """Record that the mail is about to be handed over."""
        self.status, self.reason, self.next_attempt_at = "sending", None, None
        self._tried(now)
        return ReportAttempt(id=uuid7(), delivery_id=self.id, started_at=now)

    def wait_for_files(self, reason: str, now: datetime, jitter: float) -> None:
        """A file could not be had, whole: no mail; later."""
        self._tried(now)
        self.failed(reason, now, jitter)

    def failed(self, reason: str, now: datetime, jitter: float, at_least: timedelta = timedelta()) -> None:
        """Try again later, ever more slowly (`jitter`: a part of the wait, 0.5 to 1); after 72 hours, give up."""
        wait = jitter * min(FIRST_RETRY * 2 ** min(max(self.tries - 1, 0), 20), LONGEST_RETRY)
        self.status, self.reason, self.next_attempt_at = "temporary-failure", reason, now + max(wait, at_least)
        if now - (self.first_tried_at or now) > GIVE_UP_AFTER:
            self.end("expired", reason)

    def sent(self, now: datetime) -> None:
        """The mail server has it."""
        self.sent_at = now
        self.end("sent")

    def end(self, status: PostStatus, reason: str | None = None) -> None:
        """Nothing more is done for it by itself."""
        self.status, self.reason, self.next_attempt_at = status, reason, None

    def again(self, by: UUID, now: datetime) -> None:
        """A person has it sent again, knowing that it may have arrived. Raises `Conflict` while it is under way, and
        where it was sent."""
        if self.status not in FAILED:
            raise Conflict(f"This mail is {self.status}: only one that failed can be sent again.")
        self.again_by, self.again_at, self.first_tried_at, self.tries = by, now, None, 0
        self.status, self.reason, self.next_attempt_at = "created", None, now

    def _tried(self, now: datetime) -> None:
        self.first_tried_at = self.first_tried_at or now
        self.tries += 1


class ReportAttempt(Base):
    """One mail, handed over or about to be. Without an outcome it is under way, or was broken off."""

    __tablename__ = "report_attempt"
    __table_args__ = (Index("ix_report_attempt_open", "started_at", postgresql_where=_OPEN, sqlite_where=_OPEN),)

    id: Mapped[UUID] = mapped_column(primary_key=True)
    delivery_id: Mapped[UUID] = mapped_column(ForeignKey("report_delivery.id"), index=True)
    started_at: Mapped[datetime]
    finished_at: Mapped[datetime | None]
    outcome: Mapped[str | None] = mapped_column(Text)
    """As of attempts at families (`domain.statuses.Result`)."""
    code: Mapped[str | None] = mapped_column(Text)
    """The mail server's."""


def report_delivery_id(report_id: UUID, number: int, reader_id: UUID) -> UUID:
    """The id of the mail that brings an issue to a reader: always the same."""
    return uuid5(report_id, f"{number} {reader_id}")
