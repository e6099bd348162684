"""An organisation's own fields on a type of case, version by version: none is ever changed."""

from __future__ import annotations

import json
from datetime import datetime
from functools import cached_property
from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKey, Text
from sqlalchemy.orm import Mapped, mapped_column

from services.intake.casework.own_answers import Asked
from services.intake.domain.base import Base


class OwnFields(Base):
    """One version. The newest counts; one without a schema says that nothing more is asked."""

    __tablename__ = "own_fields"

    organisation_id: Mapped[UUID] = mapped_column(ForeignKey("organisation.id"), primary_key=True)
    case_type: Mapped[str] = mapped_column(Text, primary_key=True)
    version: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    document: Mapped[str | None] = mapped_column(Text)
    """The JSON Schema as text: the order of its fields is that in which they are asked. None: retired."""
    made_at: Mapped[datetime]
    made_by: Mapped[UUID | None]
    """A user of the organisation; None: its system."""

    def asked(self) -> Asked | None:
        """What is asked under it; None where it retires the fields."""
        return None if self.schema is None else Asked(str(self.organisation_id), self.version, self.schema)

    @cached_property
    def schema(self) -> dict[str, Any] | None:
        """The JSON Schema; None where nothing more is asked."""
        found: dict[str, Any] | None = None if self.document is None else json.loads(self.document)
        return found
