"""What notify keeps of the facts of others, to write its messages."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import Text
from sqlalchemy.orm import Mapped, mapped_column

from services.notify.domain.base import Base


class OrganisationName(Base):
    """Whom a message is for."""

    __tablename__ = "organisation_name"

    organisation_id: Mapped[UUID] = mapped_column(primary_key=True)
    short_name: Mapped[str] = mapped_column(Text)
    name: Mapped[str] = mapped_column(Text)


class CaseHold(Base):
    """Another service holds this case: nothing is sent for it."""

    __tablename__ = "case_hold"

    subject: Mapped[str] = mapped_column(Text, primary_key=True)
    """As a notification's `fact_subject`."""
    service: Mapped[str] = mapped_column(Text, primary_key=True)


class RefusedRow(Base):
    """A row of an import that was refused: where and why, never the value."""

    __tablename__ = "refused_row"

    import_id: Mapped[UUID] = mapped_column(primary_key=True)
    row: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    field: Mapped[str] = mapped_column(Text)
    reason: Mapped[str] = mapped_column(Text)
