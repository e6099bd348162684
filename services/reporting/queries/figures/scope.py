"""What is asked for: whose figures, and what a day is to them; and what is answered."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from decimal import ROUND_HALF_UP, Decimal
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, func, true
from sqlalchemy.orm import InstrumentedAttribute

from services.reporting.domain.rollup import UNKNOWN
from services.reporting.indicators.indicator import Dimension

JOINT_UNKNOWN = "|".join((UNKNOWN,) * 3)


@dataclass(frozen=True)
class Scope:
    """Whose figures: an organisation's, or those of one of its grants."""

    organisation_id: UUID
    grant: str | None
    """The grant's number as services name it. None: the whole organisation."""
    countries: tuple[str, ...]
    """ISO alpha-3. A case counts if its place begins with one; empty: everywhere. Services are the grant's by its share
    in them; referrals, and incidents, of which many lie in no country, are counted for the whole organisation."""
    time_zone: str
    """IANA: in it moments become days."""
    age_scheme: str
    starts_on: date

    def begin_of(self, day: date) -> datetime:
        """The first moment of a day in the grant's zone, in UTC."""
        return datetime.combine(day, time(), ZoneInfo(self.time_zone)).astimezone(UTC)

    def end_of(self, day: date) -> datetime:
        """The first moment of the next day: a day has 23 or 25 hours where clocks change."""
        return self.begin_of(day + timedelta(days=1))

    def day_of(self, moment: datetime) -> date:
        """The day of a moment in the grant's zone."""
        return moment.astimezone(ZoneInfo(self.time_zone)).date()

    def covers(self, place: InstrumentedAttribute[str | None]) -> ColumnElement[bool]:
        """Whether a place lies in the grant's countries."""
        return func.substr(place, 1, 3).in_(self.countries) if self.countries else true()


@dataclass(frozen=True)
class Cells:
    """One indicator's figures for one period, before anything is withheld."""

    total: Decimal | None
    """None: nothing was measured (an average of nothing)."""
    attributed: Decimal | None = None
    """Of services: the sum of each one's share that the grant paid. None elsewhere, and of people counted once."""
    by: Mapping[Dimension, Mapping[str, Decimal]] = field(default_factory=dict)
    """Category → figure, those of 0 left out; what is not known stands under `unknown`. Keys of `sex_age_disability`
    are `female|18-49|with`, ages in atomic bins."""
    facts: int = 0
    """How many facts it stands on."""
    unlinked: int = 0
    """Of people counted once: those who carry no token, counted in `total` once per delivery."""


@dataclass(frozen=True, order=True)
class FactRef:
    """Where an auditor finds a fact in its source's log."""

    source: str
    partition: int
    position: int
    fact_id: UUID


def folded(rows: Any, dimensions: tuple[Dimension, ...], key_of: Any) -> dict[Dimension, dict[str, Decimal]]:
    """Figures of rows by category: `rows` are (row, figure), `key_of(row, dimension)` names the category."""
    by: dict[Dimension, dict[str, Decimal]] = {dimension: {} for dimension in dimensions}
    for row, figure in rows:
        for dimension in dimensions if figure else ():
            key = key_of(row, dimension)
            by[dimension][key] = by[dimension].get(key, Decimal(0)) + figure
    return by


def average(total: Decimal | int, count: int) -> Decimal | None:
    """With two decimals, half up; None of nothing."""
    return (Decimal(total) / count).quantize(Decimal("0.01"), ROUND_HALF_UP) if count else None


def per_cent(part: int, whole: int) -> Decimal | None:
    """With two decimals, half up; None of nothing."""
    return average(Decimal(part) * 100, whole)
