"""Cases; and the facts of those that hold no personal data: mass incidents."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKey, Index, LargeBinary, Text, UniqueConstraint, false
from sqlalchemy.orm import Mapped, mapped_column

from services.intake.domain.base import JSON_DOCUMENT, MERGED, Base


class Case(Base):
    """The unit of work of an organisation; the subject of its events."""

    __tablename__ = "case"
    __table_args__ = (
        Index("ix_case_organisation_id_id", "organisation_id", "id"),
        Index("ix_case_organisation_id_type", "organisation_id", "type", "id"),
        Index("ix_case_organisation_id_type_status", "organisation_id", "type", "status", "id"),
        Index("ix_case_organisation_id_status", "organisation_id", "status", "id"),
        Index("ix_case_organisation_id_place", "organisation_id", "place", "id"),
        Index("ix_case_organisation_id_happened_on", "organisation_id", "happened_on", "id"),
        Index("ix_case_assigned_to", "assigned_to", "due_on"),
        Index("ix_case_merged_into", "merged_into", postgresql_where=MERGED, sqlite_where=MERGED),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    organisation_id: Mapped[UUID] = mapped_column(ForeignKey("organisation.id"))
    reference: Mapped[str] = mapped_column(Text, unique=True)
    """See `domain.reference`."""
    type: Mapped[str] = mapped_column(Text)
    status: Mapped[str] = mapped_column(Text)
    version: Mapped[int] = mapped_column(server_default="1")
    """1 when submitted, and one more with each change: the ETag, and the number of the newest timeline entry."""
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]
    created_by: Mapped[UUID | None]
    assigned_to: Mapped[UUID | None]
    """A user of the organisation."""
    due_on: Mapped[date | None]
    """When something must be done next."""
    restricted: Mapped[bool] = mapped_column(server_default=false())
    """Seen by managers, officers, its author and whom it is assigned to alone (`queries.seen_by`)."""
    merged_into: Mapped[UUID | None]
    """The case that is worked on instead of this one, a duplicate of it: people and timeline are read together."""
    place: Mapped[str | None] = mapped_column(Text)
    """Admin p-code or country, from the facts: what search goes by."""
    happened_on: Mapped[date | None]
    """From the facts: what search goes by."""
    facts: Mapped[dict[str, Any] | None] = mapped_column(JSON_DOCUMENT)
    """The coded fields of the type's form, in the clear."""
    narrative: Mapped[bytes | None] = mapped_column(LargeBinary)
    """The personal text of the form, encrypted under the case's key as `case.narrative`. Gone when anybody of the case
    is erased: a story may name anyone in it."""
    own: Mapped[bytes | None] = mapped_column(LargeBinary)
    """Answers to the organisation's own fields (`casework.own_answers`), encrypted as `case.own`. Gone when the
    narrative is."""


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
