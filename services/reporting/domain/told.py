"""Released news, and when the family was told: never which news."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import BigInteger, Index, SmallInteger
from sqlalchemy.orm import Mapped, mapped_column

from services.reporting.domain.base import Base


class ReleaseFact(Base):
    """One release of news, at its place in intake's log. The next `family.told` of its case answers it."""

    __tablename__ = "release_fact"
    __table_args__ = (Index("ix_release_fact_organisation_id", "organisation_id", "released_at"),)

    partition: Mapped[int] = mapped_column(SmallInteger, primary_key=True, autoincrement=False)
    position: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    event_id: Mapped[UUID]
    case_id: Mapped[UUID] = mapped_column(index=True)
    organisation_id: Mapped[UUID]
    released_at: Mapped[datetime]
    told_on: Mapped[date | None]
    told_position: Mapped[int | None] = mapped_column(BigInteger)
    told_event_id: Mapped[UUID | None]
