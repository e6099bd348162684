"""Cases and, for now, the one type that holds no personal data: mass incidents."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import ForeignKey, Index, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from services.intake.domain.base import Base


class Case(Base):
    """The unit of work of an organisation; the subject of its events."""

    __tablename__ = "case"
    __table_args__ = (Index("ix_case_organisation_id_id", "organisation_id", "id"),)

    id: Mapped[UUID] = mapped_column(primary_key=True)
    organisation_id: Mapped[UUID] = mapped_column(ForeignKey("organisation.id"))
    type: Mapped[str] = mapped_column(Text)
    status: Mapped[str] = mapped_column(Text)
    created_at: Mapped[datetime]


class Incident(Base):
    """What is known of a mass incident. Figures are minimum estimates; None is unknown, not zero."""

    __tablename__ = "incident"
    __table_args__ = (UniqueConstraint("organisation_id", "row_identity"),)

    case_id: Mapped[UUID] = mapped_column(ForeignKey("case.id"), primary_key=True)
    organisation_id: Mapped[UUID]
    row_identity: Mapped[str | None] = mapped_column(Text)
    """Of an imported row: digest of its content and its ordinal among identical rows of the file."""
    occurred_from: Mapped[date]
    occurred_to: Mapped[date]
    kind: Mapped[str] = mapped_column(Text)
    dead: Mapped[int | None]
    missing: Mapped[int | None]
    survivors: Mapped[int | None]
    females: Mapped[int | None]
    males: Mapped[int | None]
    children: Mapped[int | None]
    route: Mapped[str | None] = mapped_column(Text)
    region: Mapped[str | None] = mapped_column(Text)
    region_of_origin: Mapped[str | None] = mapped_column(Text)
    countries_of_origin: Mapped[str | None] = mapped_column(Text)
    cause: Mapped[str | None] = mapped_column(Text)
    place: Mapped[str | None] = mapped_column(Text)
    latitude: Mapped[float | None]
    longitude: Mapped[float | None]
    source: Mapped[str | None] = mapped_column(Text)


class CaseHold(Base):
    """Another service holds this case: it sends and shares nothing for it."""

    __tablename__ = "case_hold"

    case_id: Mapped[UUID] = mapped_column(primary_key=True)
    service: Mapped[str] = mapped_column(Text, primary_key=True)
