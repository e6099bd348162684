"""Organisations: members of the hub, and authorities, which can only be named."""

from __future__ import annotations

import hashlib
import secrets
from datetime import datetime
from uuid import UUID

from sqlalchemy import ForeignKey, LargeBinary, Text
from sqlalchemy.orm import Mapped, mapped_column

from services.intake.domain.base import Base
from shared.errors import NotAllowed

KEY_PREFIX = "kb_"
AUTHORITY = "authority"
"""Police, immigration, consular services: named where a case has to do with them, and denied always."""
MEMBER_KINDS = ("national_society", "international_organisation", "ngo", "service_provider", "donor")
KINDS = (*MEMBER_KINDS, AUTHORITY)


class Organisation(Base):
    """A member of the hub, or an authority."""

    __tablename__ = "organisation"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    short_name: Mapped[str] = mapped_column(Text, unique=True)
    """Lower-case letters, digits and hyphens; used in commands and folder names."""
    name: Mapped[str] = mapped_column(Text)
    kind: Mapped[str] = mapped_column(Text)
    registered_at: Mapped[datetime]

    def must_be_member(self) -> Organisation:
        """This organisation; raises `NotAllowed` for an authority: no users, no systems, never a recipient."""
        if self.kind not in MEMBER_KINDS:
            raise NotAllowed("This is an authority: it has no users or systems here, and nothing is shared with it.")
        return self


class ApiKey(Base):
    """A key of an organisation's system. Only its digest is stored: it holds 256 random bits, so SHA-256 is enough."""

    __tablename__ = "api_key"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    organisation_id: Mapped[UUID] = mapped_column(ForeignKey("organisation.id"))
    digest: Mapped[bytes] = mapped_column(LargeBinary, unique=True)
    label: Mapped[str] = mapped_column(Text)
    created_at: Mapped[datetime]
    revoked_at: Mapped[datetime | None]


def new_key() -> str:
    """A fresh key, to be shown once."""
    return KEY_PREFIX + secrets.token_urlsafe(32)


def key_digest(key: str) -> bytes:
    return hashlib.sha256(key.encode()).digest()
