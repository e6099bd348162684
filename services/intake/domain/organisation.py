"""Organisations: members of the hub, and authorities, which can only be named."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import Text
from sqlalchemy.orm import Mapped, mapped_column

from services.intake.domain.base import Base
from shared.errors import NotAllowed

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

    def is_member(self) -> bool:
        """True for an organisation that takes part, false for an authority."""
        return self.kind in MEMBER_KINDS

    def must_be_member(self) -> Organisation:
        """This organisation; raises `NotAllowed` for an authority: no users, no systems, never a recipient."""
        if not self.is_member():
            raise NotAllowed("This is an authority: it has no users or systems here, and nothing is shared with it.")
        return self
