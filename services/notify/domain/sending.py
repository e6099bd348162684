"""What decides whether a message goes out: approved languages, and what is paused."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import Index, SmallInteger, Text
from sqlalchemy.orm import Mapped, mapped_column

from services.notify.domain.base import Base


class LanguageApproval(Base):
    """An organisation read every text of a language, as it was, and said that it may be sent."""

    __tablename__ = "language_approval"

    organisation_id: Mapped[UUID] = mapped_column(primary_key=True)
    language: Mapped[str] = mapped_column(Text, primary_key=True)
    digest: Mapped[str] = mapped_column(Text)
    """Of the texts that were approved: when one of them changes, all are drafts again."""
    reviewer_id: Mapped[UUID]
    approved_at: Mapped[datetime]


class ChannelPause(Base):
    """Nothing is sent by a channel for an organisation until somebody says so."""

    __tablename__ = "channel_pause"

    organisation_id: Mapped[UUID] = mapped_column(primary_key=True)
    channel: Mapped[str] = mapped_column(Text, primary_key=True)
    paused_by: Mapped[UUID]
    paused_at: Mapped[datetime]


class StaffDeed(Base):
    """Somebody let messages go out, or stopped them. Only ever inserted into."""

    __tablename__ = "staff_deed"
    __table_args__ = (Index("ix_staff_deed_organisation_id", "organisation_id", "about", "id"),)

    id: Mapped[UUID] = mapped_column(primary_key=True)
    """In the order of time."""
    organisation_id: Mapped[UUID]
    deed: Mapped[str] = mapped_column(Text)
    """approved, withdrawn, paused, resumed."""
    about: Mapped[str] = mapped_column(Text)
    """A language, or a channel."""
    user_id: Mapped[UUID | None]
    """None: a system of the organisation's."""
    at: Mapped[datetime]


class ProviderRest(Base):
    """A provider asked to be left alone for a while (429, Retry-After)."""

    __tablename__ = "provider_rest"

    provider: Mapped[str] = mapped_column(Text, primary_key=True)
    until: Mapped[datetime]


class Receipt(Base):
    """A provider's word about one segment of an attempt. The set of them decides, not their order."""

    __tablename__ = "receipt"

    attempt_id: Mapped[UUID] = mapped_column(primary_key=True)
    part: Mapped[int] = mapped_column(SmallInteger, primary_key=True, autoincrement=False)
    """From 1; 0 is the whole message."""
    result: Mapped[str] = mapped_column(Text, primary_key=True)
    code: Mapped[str | None] = mapped_column(Text)
    times: Mapped[int]
    """How often it came."""
    first_at: Mapped[datetime]


class EarlyReceipt(Base):
    """A receipt that came before the answer to the sending: it names an attempt that is not known by that name yet."""

    __tablename__ = "early_receipt"
    __table_args__ = (Index("ix_early_receipt_came_at", "came_at"),)

    provider: Mapped[str] = mapped_column(Text, primary_key=True)
    provider_id: Mapped[str] = mapped_column(Text, primary_key=True)
    part: Mapped[int] = mapped_column(SmallInteger, primary_key=True, autoincrement=False)
    result: Mapped[str] = mapped_column(Text, primary_key=True)
    code: Mapped[str | None] = mapped_column(Text)
    parts: Mapped[int] = mapped_column(SmallInteger)
    came_at: Mapped[datetime]
