"""Imports: one run over one file of one organisation, and what became of each row that was refused."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import ForeignKey, LargeBinary, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from services.intake.domain.base import Base


class Import(Base):
    """A file, known by its content: the same bytes of the same organisation are the same import."""

    __tablename__ = "import"
    __table_args__ = (UniqueConstraint("organisation_id", "digest"),)

    id: Mapped[UUID] = mapped_column(primary_key=True)
    organisation_id: Mapped[UUID] = mapped_column(ForeignKey("organisation.id"))
    digest: Mapped[bytes] = mapped_column(LargeBinary)
    file_name: Mapped[str] = mapped_column(Text)
    started_at: Mapped[datetime]
    finished_at: Mapped[datetime | None]


class ImportedRow(Base):
    """The result of one row. Written with what the row caused, so a broken-off import goes on where it stopped."""

    __tablename__ = "imported_row"

    import_id: Mapped[UUID] = mapped_column(ForeignKey("import.id"), primary_key=True)
    row: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    result: Mapped[str] = mapped_column(Text)
    """accepted, unchanged, refused."""
    case_id: Mapped[UUID | None]


class ImportMessage(Base):
    """How far notify's message about an import has come. A projection of notify's facts."""

    __tablename__ = "import_message"

    import_id: Mapped[UUID] = mapped_column(primary_key=True)
    status: Mapped[str] = mapped_column(Text)
