"""Photos and documents of cases. Their bytes lie encrypted in the depot, each under a key of its own."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import ForeignKey, Index, LargeBinary, Text, text
from sqlalchemy.orm import Mapped, mapped_column

from services.intake.domain.base import Base

_TO_COLLECT = text("depot_name IS NOT NULL AND wrapped IS NULL")


class Attachment(Base):
    """A photo or document. It is the person's whom it shows, or tells of; without one, the case's as a whole."""

    __tablename__ = "attachment"
    __table_args__ = (
        Index("ix_attachment_case_id", "case_id"),
        Index("ix_attachment_person_id", "person_id"),
        Index("ix_attachment_to_collect", "id", postgresql_where=_TO_COLLECT, sqlite_where=_TO_COLLECT),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    organisation_id: Mapped[UUID] = mapped_column(ForeignKey("organisation.id"))
    case_id: Mapped[UUID] = mapped_column(ForeignKey("case.id"))
    person_id: Mapped[UUID | None] = mapped_column(ForeignKey("person.id"))
    kind: Mapped[str] = mapped_column(Text)
    """photo, document."""
    media_type: Mapped[str] = mapped_column(Text)
    """As it was found to be."""
    size: Mapped[int]
    """Bytes, once cleaned."""
    digest: Mapped[bytes | None] = mapped_column(LargeBinary)
    """Keyed, of the case and the bytes as they came: the same is not kept twice. Gone with the key."""
    title: Mapped[bytes | None] = mapped_column(LargeBinary)
    """Encrypted under the owner's key as `attachment.title`."""
    depot_name: Mapped[str | None] = mapped_column(Text)
    """Where the bytes lie; None once they were taken away."""
    wrapped: Mapped[bytes | None] = mapped_column(LargeBinary)
    """The key of the bytes, encrypted under the owner's key as `attachment.wrapped`. None once removed or erased: the
    bytes open no more, and are taken away by a chore."""
    added_at: Mapped[datetime]
    added_by: Mapped[UUID | None]
    removed_at: Mapped[datetime | None]
    removed_by: Mapped[UUID | None]


class ArrivingBytes(Base):
    """Bytes on their way to the depot: noted before they are put there, settled with the row that needs them."""

    __tablename__ = "arriving_bytes"

    depot_name: Mapped[str] = mapped_column(Text, primary_key=True)
    organisation_id: Mapped[UUID]
    noted_at: Mapped[datetime]


class SharedAttachment(Base):
    """An attachment that was chosen for a referral: the same bytes, whose key the receiver has too."""

    __tablename__ = "shared_attachment"

    referral_id: Mapped[UUID] = mapped_column(ForeignKey("referral.id"), primary_key=True)
    attachment_id: Mapped[UUID] = mapped_column(ForeignKey("attachment.id"), primary_key=True, index=True)
    organisation_id: Mapped[UUID]
    receiver_id: Mapped[UUID]
    case_id: Mapped[UUID]
    person_id: Mapped[UUID]
    media_type: Mapped[str] = mapped_column(Text)
    depot_name: Mapped[str] = mapped_column(Text)
    wrapped: Mapped[bytes | None] = mapped_column(LargeBinary)
    """The key of the bytes, encrypted under the referral's key as `shared_attachment.wrapped`. None once erased, or no
    longer shared."""
