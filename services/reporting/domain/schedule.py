"""When reports of a grant are due."""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Iterator
from datetime import date, timedelta
from typing import Literal
from uuid import UUID

from sqlalchemy import ForeignKey, Text
from sqlalchemy.orm import Mapped, mapped_column

from services.reporting.domain.base import Base
from services.reporting.domain.columns import JSON_DOCUMENT

Every = Literal["month", "quarter", "half_year", "year", "custom"]
MONTHS: dict[str, int] = {"month": 1, "quarter": 3, "half_year": 6, "year": 12}


class Schedule(Base):
    """For which periods a grant's reports are made, and how many days after each they are due."""

    __tablename__ = "schedule"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    grant_id: Mapped[UUID] = mapped_column(ForeignKey("donor_grant.id"), index=True)
    organisation_id: Mapped[UUID]
    every: Mapped[str] = mapped_column(Text)
    """An `Every`: of the calendar, cut where the grant begins and ends; `custom`: those of `periods`."""
    periods: Mapped[list[list[str]]] = mapped_column(JSON_DOCUMENT)
    """Of a custom one: [first day, last day] of each."""
    due_days: Mapped[int]
    """Days from a period's last day to the due one."""
    remind_days: Mapped[list[int]] = mapped_column(JSON_DOCUMENT)
    """So many days before the due one somebody is reminded."""
    active: Mapped[bool]
    version: Mapped[int]

    def spans(self, starts_on: date, ends_on: date) -> Iterator[tuple[date, date]]:
        """The periods of a grant of these days, in order, both days included."""
        if self.every == "custom":
            yield from sorted((date.fromisoformat(first), date.fromisoformat(last)) for first, last in self.periods)
            return
        first = starts_on
        while first <= ends_on:
            last = min(_end_of(first, MONTHS[self.every]), ends_on)
            yield first, last
            first = last + timedelta(days=1)

    def due_on(self, last: date) -> date:
        """When the report of a period that ends on this day is due."""
        return last + timedelta(days=self.due_days)


def _end_of(day: date, months: int) -> date:
    """The last day of the part of the calendar year, of so many months, in which the day lies."""
    month = -(-day.month // months) * months
    return date(day.year, month, monthrange(day.year, month)[1])
