"""Facts about services delivered to people: codes and figures, without any token of a person."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import ClassVar
from uuid import UUID

from pydantic import BaseModel, ConfigDict

from shared.events.envelope import Event


class ServedFigures(BaseModel):
    """How many people of one sex, age band and disability were served."""

    model_config = ConfigDict(frozen=True, hide_input_in_errors=True)

    sex: str = "unknown"
    age_band: str = "unknown"
    disability: str = "unknown"
    """with, without, unknown (Washington Group short set)."""
    count: int


class GrantPart(BaseModel):
    """What part of a service a grant paid for."""

    model_config = ConfigDict(frozen=True, hide_input_in_errors=True)

    grant: str
    per_cent: Decimal


class ServiceCounts(BaseModel):
    """Totals alone: finer figures could point to one person, and travel encrypted."""

    model_config = ConfigDict(frozen=True, hide_input_in_errors=True)

    quantity: int
    people: int


class ServiceDelivered(Event):
    """A service was delivered: which, how much, to how many, where and when, and which grants paid for it."""

    TYPE: ClassVar[str] = "service.delivered"
    SOURCES: ClassVar[tuple[str, ...]] = ("intake",)

    case_id: UUID
    case_type: str
    counts: ServiceCounts
    category: str
    """A 3W action or a service of Restoring Family Links."""
    delivered_on: date
    place: str | None = None
    """Admin p-code or country."""
    people: tuple[ServedFigures, ...] = ()
    grants: tuple[GrantPart, ...] = ()
    """What they leave over was paid by nobody who is named."""
