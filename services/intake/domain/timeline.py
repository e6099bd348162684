"""What happened to a case: who, what, when, why. And who read personal data, in a chain of its own."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, ForeignKey, Identity, Index, Integer, LargeBinary, Text
from sqlalchemy.orm import Mapped, mapped_column

from services.intake.domain.base import JSON_DOCUMENT, Base


class TimelineEntry(Base):
    """One change of a case: its submission, a move, a deed, an update, an assignment."""

    __tablename__ = "timeline_entry"

    case_id: Mapped[UUID] = mapped_column(ForeignKey("case.id"), primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    """The version of the case that this change made."""
    organisation_id: Mapped[UUID]
    at: Mapped[datetime]
    user_id: Mapped[UUID | None]
    """None: an organisation's system, or this installation itself."""
    what: Mapped[str] = mapped_column(Text)
    """submit, update, assign, or the name of a move or deed of the type's life cycle."""
    reason: Mapped[str | None] = mapped_column(Text)
    status: Mapped[str] = mapped_column(Text)
    """The case's status after it."""
    facts: Mapped[dict[str, Any] | None] = mapped_column(JSON_DOCUMENT)
    """The coded fields recorded with it."""
    note: Mapped[bytes | None] = mapped_column(LargeBinary)
    """The personal text recorded with it, as JSON, encrypted under the case's key as `timeline_entry.note`."""
    former_holder_id: Mapped[UUID | None]
    """The organisation whose change it was, where the case was transferred since: its staff are known by it alone."""


class PersonViewed(Base):
    """A read of personal data. `ViewChained` makes the rows a tamper-evident trail a moment after their commit."""

    __tablename__ = "person_viewed"
    __table_args__ = (
        Index("ix_person_viewed_organisation_id", "organisation_id", "ordinal"),
        Index("ix_person_viewed_case_id", "case_id"),
        Index("ix_person_viewed_person_id", "person_id"),
    )

    ordinal: Mapped[int] = mapped_column(BigInteger().with_variant(Integer, "sqlite"), Identity(), primary_key=True)
    organisation_id: Mapped[UUID]
    at: Mapped[datetime]
    user_id: Mapped[UUID | None]
    case_id: Mapped[UUID | None]
    person_id: Mapped[UUID | None]
    purpose: Mapped[str] = mapped_column(Text)
    """open, search, compare, copy, protection, attachment, match; complaint, complaint_erasure: there the complaint
    stands in the place of the person."""


class ViewChained(Base):
    """The place of a view in the chain: 1, 2, 3 … in the order in which the chain came upon them.

    `hash = sha256(previous hash ‖ the row)`. Only ever inserted into.
    """

    __tablename__ = "view_chained"

    position: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    ordinal: Mapped[int] = mapped_column(BigInteger, unique=True)
    hash: Mapped[bytes] = mapped_column(LargeBinary)
    floor: Mapped[int] = mapped_column(BigInteger)
    """Up to this ordinal nothing was missing when this row was chained: where the next look begins."""
