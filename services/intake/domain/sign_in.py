"""Signing in, step by step, and what came of it: a session kept on the server."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import ForeignKey, Index, LargeBinary
from sqlalchemy.orm import Mapped, mapped_column

from services.intake.domain.base import Base


class SignInTicket(Base):
    """Somebody gave the right password; the second factor is still to come."""

    __tablename__ = "sign_in_ticket"
    __table_args__ = (Index("ix_sign_in_ticket_user_id", "user_id"),)

    digest: Mapped[bytes] = mapped_column(LargeBinary, primary_key=True)
    user_id: Mapped[UUID] = mapped_column(ForeignKey("app_user.id"))
    organisation_id: Mapped[UUID]
    ends_at: Mapped[datetime]
    totp_sealed: Mapped[bytes | None] = mapped_column(LargeBinary)
    """A second factor about to be enrolled, encrypted under the user's key as `sign_in_ticket.totp_sealed`."""


class SignInFailure(Base):
    """Failed attempts under one name, whether anybody has it or not: so a lock tells nothing of who is there."""

    __tablename__ = "sign_in_failure"

    name_digest: Mapped[bytes] = mapped_column(LargeBinary, primary_key=True)
    """Keyed: the names that people typed are not stored."""
    count: Mapped[int]
    last_at: Mapped[datetime]
    locked_until: Mapped[datetime | None]


class SignedIn(Base):
    """A session: the cookie holds a random secret, this table its digest."""

    __tablename__ = "signed_in"
    __table_args__ = (Index("ix_signed_in_user_id", "user_id"),)

    digest: Mapped[bytes] = mapped_column(LargeBinary, primary_key=True)
    user_id: Mapped[UUID] = mapped_column(ForeignKey("app_user.id"))
    organisation_id: Mapped[UUID]
    began_at: Mapped[datetime]
    last_seen_at: Mapped[datetime]
    ends_at: Mapped[datetime]
    """Whatever happens: hours after it began."""
