"""People who work for organisations, their sessions, and organisations' systems."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, ForeignKey, LargeBinary, Text
from sqlalchemy.orm import Mapped, mapped_column

from services.intake.domain.base import JSON_DOCUMENT, Base
from shared.access import Role


class User(Base):
    """A member of an organisation's staff."""

    __tablename__ = "app_user"

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
    failed_count: Mapped[int] = mapped_column(server_default="0")
    locked_until: Mapped[datetime | None]
    created_at: Mapped[datetime]
    disabled_at: Mapped[datetime | None]

    def role_set(self) -> frozenset[Role]:
        """The roles as roles."""
        return frozenset(Role(name) for name in self.roles)


class SignedIn(Base):
    """A session, kept on the server: the cookie holds a random secret, this table its digest."""

    __tablename__ = "signed_in"

    digest: Mapped[bytes] = mapped_column(LargeBinary, primary_key=True)
    user_id: Mapped[UUID] = mapped_column(ForeignKey("app_user.id"))
    began_at: Mapped[datetime]
    last_seen_at: Mapped[datetime]
    ends_at: Mapped[datetime]


class ApiClient(Base):
    """An organisation's system: OAuth 2 client credentials. The secret has 256 random bits, so SHA-256 is enough."""

    __tablename__ = "api_client"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    organisation_id: Mapped[UUID] = mapped_column(ForeignKey("organisation.id"))
    secret_digest: Mapped[bytes] = mapped_column(LargeBinary)
    label: Mapped[str] = mapped_column(Text)
    roles: Mapped[list[Any]] = mapped_column(JSON_DOCUMENT)
    created_at: Mapped[datetime]
    revoked_at: Mapped[datetime | None]
