"""Who gives the money."""

from __future__ import annotations

from datetime import datetime
from typing import Literal
from uuid import UUID

from sqlalchemy import Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from services.reporting.domain.base import Base

DonorKind = Literal["government", "intergovernmental", "national_society", "foundation", "company", "public", "other"]


class Donor(Base):
    """An institution that gives, as one organisation of the hub keeps it."""

    __tablename__ = "donor"
    __table_args__ = (UniqueConstraint("organisation_id", "name"),)

    id: Mapped[UUID] = mapped_column(primary_key=True)
    organisation_id: Mapped[UUID]
    name: Mapped[str] = mapped_column(Text)
    donor_group: Mapped[str] = mapped_column(Text)
    """What several institutions are counted together as (European Union, United Nations); empty: none."""
    kind: Mapped[str] = mapped_column(Text)
    """A `DonorKind`."""
    country: Mapped[str | None] = mapped_column(Text)
    """ISO 3166-1 alpha-3; None of what belongs to no country."""
    version: Mapped[int]
    made_at: Mapped[datetime]
