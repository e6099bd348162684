"""Facts to count. Pseudonymous: a case id, figures and dimensions."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from sqlalchemy import BigInteger, Index, SmallInteger, Text
from sqlalchemy.orm import Mapped, mapped_column

from services.reporting.domain.base import Base


class IncidentFact(Base):
    """One incident, as it is known now. A figure of None is unknown: it adds 0."""

    __tablename__ = "incident_fact"
    __table_args__ = (Index("ix_incident_fact_period", "occurred_from", "occurred_to"),)

    case_id: Mapped[UUID] = mapped_column(primary_key=True)
    organisation_id: Mapped[UUID]
    occurred_from: Mapped[date]
    occurred_to: Mapped[date]
    route: Mapped[str | None] = mapped_column(Text)
    region: Mapped[str | None] = mapped_column(Text)
    cause: Mapped[str | None] = mapped_column(Text)
    source_quality: Mapped[str | None] = mapped_column(Text)
    """A `SourceQuality`, as it was judged last; None: nobody did."""
    dead: Mapped[int | None]
    missing: Mapped[int | None]
    survivors: Mapped[int | None]
    females: Mapped[int | None]
    males: Mapped[int | None]
    children: Mapped[int | None]
    partition: Mapped[int | None] = mapped_column(SmallInteger)
    position: Mapped[int | None] = mapped_column(BigInteger)
    """Of the newest fact about it. None, like its place: counted before these were kept, until a rebuild."""
    event_id: Mapped[UUID | None]


class OrganisationName(Base):
    """Who an organisation is, for headings."""

    __tablename__ = "organisation_name"

    organisation_id: Mapped[UUID] = mapped_column(primary_key=True)
    short_name: Mapped[str] = mapped_column(Text)
    name: Mapped[str] = mapped_column(Text)
