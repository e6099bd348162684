"""Facts about services delivered to people: codes and figures, and the ids of persons of the case where they are known.

The ids travel in the encrypted payload alone.
"""

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
    nationality: str | None = None
    """ISO 3166-1 alpha-3. None: unknown."""
    legal_status: str | None = None
    """A code. None: unknown."""
    persons: tuple[UUID, ...] = ()
    """Which persons of the case they are, where that is known: no more than `count`. To count each person once; whoever
    counts keeps no id."""


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


class _ServiceFact(Event):
    SOURCES: ClassVar[tuple[str, ...]] = ("intake",)

    case_id: UUID
    case_type: str
    counts: ServiceCounts
    category: str
    """A 3W action, a service of Restoring Family Links, or one of detention or of migrant response centres."""
    delivered_on: date
    place: str | None = None
    """Admin p-code or country."""
    people: tuple[ServedFigures, ...] = ()
    grants: tuple[GrantPart, ...] = ()
    """What they leave over was paid by nobody who is named."""


class ServiceDelivered(_ServiceFact):
    """A service was delivered: which, how much, to how many, where and when, and which grants paid for it."""

    TYPE: ClassVar[str] = "service.delivered"

    service_id: UUID | None = None
    """What a correction names it by. None: it was recorded before there were corrections."""
    modality: str | None = None
    """How it was delivered: in_person, remote, cash, voucher, in_kind … None: unknown."""


class ServiceCorrected(_ServiceFact):
    """What was recorded of a delivered service was wrong; the event carries it whole, as it is now. A service that was
    not delivered at all is corrected to a quantity and people of 0, and `cancelled`."""

    TYPE: ClassVar[str] = "service.corrected"

    service_id: UUID
    """The one of `service.delivered`."""
    modality: str | None = None
    cancelled: bool = False
    """It was never delivered: it counts no more."""
