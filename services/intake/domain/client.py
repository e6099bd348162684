"""Organisations' systems."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import ForeignKey, Index, LargeBinary, Text
from sqlalchemy.orm import Mapped, mapped_column

from services.intake.domain.base import JSON_DOCUMENT, Base
from shared.access import Actor, Role


class ApiClient(Base):
    """An organisation's system: OAuth 2 client credentials. The secret has 256 random bits, so SHA-256 is enough."""

    __tablename__ = "api_client"
    __table_args__ = (Index("ix_api_client_organisation_id", "organisation_id", "label"),)

    id: Mapped[UUID] = mapped_column(primary_key=True)
    organisation_id: Mapped[UUID] = mapped_column(ForeignKey("organisation.id"))
    secret_digest: Mapped[bytes] = mapped_column(LargeBinary)
    label: Mapped[str] = mapped_column(Text)
    roles: Mapped[list[str]] = mapped_column(JSON_DOCUMENT)
    created_at: Mapped[datetime]
    revoked_at: Mapped[datetime | None]

    def actor(self) -> Actor:
        """This system, acting."""
        return Actor(self.organisation_id, roles=frozenset(Role(name) for name in self.roles))
