"""Requests that were answered once and for all: `Idempotency-Key`."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import LargeBinary, Text
from sqlalchemy.orm import Mapped, mapped_column

from services.intake.domain.base import Base


class AcceptedRequest(Base):
    """The answer to a request with an `Idempotency-Key`; asked again, it is given again."""

    __tablename__ = "accepted_request"

    organisation_id: Mapped[UUID] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(Text, primary_key=True)
    """A keyed digest of it."""
    request_digest: Mapped[bytes] = mapped_column(LargeBinary)
    answer: Mapped[str] = mapped_column(Text)
    accepted_at: Mapped[datetime]
