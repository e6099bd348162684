"""Cases that somebody has begun to write down on the pages, and not yet submitted."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import ForeignKey, Index, LargeBinary, Text
from sqlalchemy.orm import Mapped, mapped_column

from services.intake.domain.base import Base


class CaseDraft(Base):
    """Seen by its author alone. Once submitted, only the way to the case is left of it."""

    __tablename__ = "case_draft"
    __table_args__ = (Index("ix_case_draft_user_id", "user_id", "id"), Index("ix_case_draft_changed_at", "changed_at"))

    id: Mapped[UUID] = mapped_column(primary_key=True)
    organisation_id: Mapped[UUID] = mapped_column(ForeignKey("organisation.id"))
    user_id: Mapped[UUID] = mapped_column(ForeignKey("app_user.id"))
    type: Mapped[str] = mapped_column(Text)
    sealed: Mapped[bytes | None] = mapped_column(LargeBinary)
    """The answers so far, as JSON, encrypted under a key of the draft's own as `case_draft.sealed`."""
    changed_at: Mapped[datetime]
    case_id: Mapped[UUID | None]
    """The case that it became."""
