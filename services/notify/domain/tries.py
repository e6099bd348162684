"""What is counted at the pages that families meet, so that nobody tries codes at will."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Index, LargeBinary
from sqlalchemy.orm import Mapped, mapped_column

from services.notify.domain.base import Base


class FamilyTry(Base):
    """How often somebody tried something in a quarter of an hour. Of whoever it was a keyed digest is kept alone."""

    __tablename__ = "family_try"
    __table_args__ = (Index("ix_family_try_began_at", "began_at"),)

    who: Mapped[bytes] = mapped_column(LargeBinary, primary_key=True)
    """Of what is tried, and the client's address or the contact; or of what is tried alone, by everybody."""
    began_at: Mapped[datetime]
    """When that quarter of an hour began."""
    times: Mapped[int]
