"""Cases, to count: when they were opened, closed, opened again, merged, and whose they were."""

from __future__ import annotations

from datetime import date, datetime
from typing import Literal
from uuid import UUID

from sqlalchemy import BigInteger, Index, SmallInteger, Text
from sqlalchemy.orm import Mapped, mapped_column

from services.reporting.domain.base import Base

State = Literal["open", "closed", "merged"]


class CaseFact(Base):
    """One case, as it was submitted; where it is and whom it is about, as they are now."""

    __tablename__ = "case_fact"
    __table_args__ = (Index("ix_case_fact_organisation_id", "organisation_id", "submitted_on"),)

    case_id: Mapped[UUID] = mapped_column(primary_key=True)
    organisation_id: Mapped[UUID]
    """Who took it in."""
    case_type: Mapped[str] = mapped_column(Text)
    submitted_on: Mapped[date]
    place: Mapped[str | None] = mapped_column(Text)
    sex: Mapped[str] = mapped_column(Text)
    age_band: Mapped[str] = mapped_column(Text)
    nationality: Mapped[str | None] = mapped_column(Text)
    partition: Mapped[int] = mapped_column(SmallInteger)
    position: Mapped[int] = mapped_column(BigInteger)
    event_id: Mapped[UUID]


class CaseTurn(Base):
    """What a case became at one of its facts, and with whom; it counts until a later one's day begins to count.

    A day is given as a local day (`…_on`) or as a moment (`…_at`), which belongs to a day only in a grant's zone.
    """

    __tablename__ = "case_turn"
    __table_args__ = (
        Index("ix_case_turn_ended", "organisation_id", "state", "ended_on"),
        Index("ix_case_turn_closed", "organisation_id", "closed_on"),
    )

    case_id: Mapped[UUID] = mapped_column(primary_key=True)
    seq: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    organisation_id: Mapped[UUID]
    state: Mapped[str] = mapped_column(Text)
    """open, closed, merged."""
    begun_on: Mapped[date | None]
    begun_at: Mapped[datetime | None]
    ended_on: Mapped[date | None]
    """The earliest of the later turns that are given by day."""
    ended_at: Mapped[datetime | None]
    """The earliest of the later turns that are given by moment."""
    closed_on: Mapped[date | None]
    reason: Mapped[str | None] = mapped_column(Text)
    partition: Mapped[int] = mapped_column(SmallInteger)
    position: Mapped[int] = mapped_column(BigInteger)
    event_id: Mapped[UUID]
