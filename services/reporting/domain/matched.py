"""What became of matches, to count: never of whom."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import Index, Text
from sqlalchemy.orm import Mapped, mapped_column

from services.reporting.domain.base import Base


class MatchFact(Base):
    """One match as one of its two sides knows it: the enquirer's begins with the release."""

    __tablename__ = "match_fact"
    __table_args__ = (Index("ix_match_fact_organisation_id", "organisation_id", "side", "begun_at"),)

    match_id: Mapped[UUID] = mapped_column(primary_key=True)
    side: Mapped[str] = mapped_column(Text, primary_key=True)
    """holder or enquirer."""
    organisation_id: Mapped[UUID]
    band: Mapped[str] = mapped_column(Text)
    """strong, likely, possible: as the matcher said last."""
    begun_at: Mapped[datetime]
    """When the side learnt of it: proposed to the holder, released to the enquirer's organisation."""
    released_at: Mapped[datetime | None]
    """When it was first released."""
    state: Mapped[str] = mapped_column(Text)
    """proposed, released, confirmed, rejected, withdrawn: as it stands now."""
    rejected_for: Mapped[str | None] = mapped_column(Text)
