"""What passed between organisations, to count: never for whom."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import BigInteger, Index, SmallInteger, Text
from sqlalchemy.orm import Mapped, mapped_column

from services.reporting.domain.base import Base


class PassedFact(Base):
    """One referral or transfer, as far as it has come."""

    __tablename__ = "passed_fact"
    __table_args__ = (
        Index("ix_passed_fact_organisation_id", "organisation_id", "offered_at"),
        Index("ix_passed_fact_receiver_id", "receiver_id", "offered_at"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    family: Mapped[str] = mapped_column(Text)
    """referral or transfer: what the types of its facts begin with."""
    organisation_id: Mapped[UUID]
    """The sender."""
    receiver_id: Mapped[UUID]
    service: Mapped[str | None] = mapped_column(Text)
    """A category of 3W or of Restoring Family Links; None of a transfer."""
    urgency: Mapped[str | None] = mapped_column(Text)
    offered_at: Mapped[datetime]
    acknowledged_at: Mapped[datetime | None]
    """When it was first seen."""
    answered_at: Mapped[datetime | None]
    answer: Mapped[str | None] = mapped_column(Text)
    """accepted or declined."""
    declined_for: Mapped[str | None] = mapped_column(Text)
    ended_at: Mapped[datetime | None]
    outcome: Mapped[str | None] = mapped_column(Text)
    """How it ended: declined, completed, revoked, expired. None: it lives."""
    partition: Mapped[int | None] = mapped_column(SmallInteger)
    position: Mapped[int | None] = mapped_column(BigInteger)
    """Of the offer. None: counted before these were kept, until a rebuild."""
    event_id: Mapped[UUID | None]
    answered_position: Mapped[int | None] = mapped_column(BigInteger)
    answered_event_id: Mapped[UUID | None]
