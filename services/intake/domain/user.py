"""People who work for organisations: users, what invites them, and their codes of last resort."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, ForeignKey, Index, LargeBinary, Text
from sqlalchemy.orm import Mapped, mapped_column

from services.intake.domain.base import JSON_DOCUMENT, Base
from shared.access import Actor, Role


class User(Base):
    """A member of an organisation's staff."""

    __tablename__ = "app_user"
    __table_args__ = (Index("ix_app_user_organisation_id", "organisation_id", "sign_in_name"),)

    id: Mapped[UUID] = mapped_column(primary_key=True)
    organisation_id: Mapped[UUID] = mapped_column(ForeignKey("organisation.id"))
    sign_in_name: Mapped[str] = mapped_column(Text, unique=True)
    """Lower case; usually the e-mail address."""
    display_name: Mapped[str] = mapped_column(Text)
    """Seen inside the organisation alone: outside, staff appear as role and organisation."""
    roles: Mapped[list[Any]] = mapped_column(JSON_DOCUMENT)
    language: Mapped[str] = mapped_column(Text, server_default="en")
    password_hash: Mapped[str | None] = mapped_column(Text)
    """Argon2id; None until the invitation was used."""
    totp_sealed: Mapped[bytes | None] = mapped_column(LargeBinary)
    """The second factor's secret (RFC 6238), encrypted under the user's key as `app_user.totp_sealed`."""
    totp_last_step: Mapped[int | None] = mapped_column(BigInteger)
    """The last time step whose code was used: a code counts once."""
    created_at: Mapped[datetime]
    disabled_at: Mapped[datetime | None]

    def role_set(self) -> frozenset[Role]:
        """The roles as roles."""
        return frozenset(Role(name) for name in self.roles)

    def actor(self) -> Actor:
        """This user, acting."""
        roles = self.role_set()
        return Actor(self.organisation_id, Role.OPERATOR in roles, roles, self.id)


class Invitation(Base):
    """Lets one person, once, choose a password: the first, or a new one after a reset. The secret is shown once."""

    __tablename__ = "invitation"
    __table_args__ = (Index("ix_invitation_user_id", "user_id"),)

    digest: Mapped[bytes] = mapped_column(LargeBinary, primary_key=True)
    user_id: Mapped[UUID] = mapped_column(ForeignKey("app_user.id"))
    organisation_id: Mapped[UUID]
    made_by: Mapped[UUID | None]
    made_at: Mapped[datetime]
    ends_at: Mapped[datetime]


class RecoveryCode(Base):
    """A code that stands in for the second factor, once. Keyed digests: the codes are short enough to be tried out."""

    __tablename__ = "recovery_code"

    user_id: Mapped[UUID] = mapped_column(ForeignKey("app_user.id"), primary_key=True)
    digest: Mapped[bytes] = mapped_column(LargeBinary, primary_key=True)
    organisation_id: Mapped[UUID]
