"""The shapes of donors, grants, budgets, targets, schedules and expenditures."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from datetime import date, datetime, timedelta
from decimal import Decimal
from itertools import pairwise
from typing import Annotated, Literal, Self
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, model_validator
from pydantic_core import PydanticCustomError

from services.reporting.domain.donor import DonorKind
from services.reporting.domain.grant import AgeScheme, GrantKind
from services.reporting.domain.report import CORE_SECTIONS, MOST_EXTRAS, SECTION_TITLES
from services.reporting.domain.schedule import Every
from services.reporting.schemas.fields import (
    Code,
    Country,
    Currency,
    Line,
    LineIfAny,
    Number,
    Shape,
    Tag,
    TimeZone,
)

LONGEST_GRANT = timedelta(days=366 * 30)
Money = Annotated[Decimal, Field(max_digits=15, decimal_places=2, ge=0)]
Figure = Annotated[Decimal, Field(max_digits=15, decimal_places=4)]
Day = Annotated[date, Field(ge=date(1990, 1, 1), le=date(2100, 12, 31))]


class DonorIn(Shape):
    """An institution that gives."""

    name: Line
    group: LineIfAny = ""
    """What several institutions are counted together as, such as European Union."""
    kind: DonorKind = "other"
    country: Country | None = None


class DonorOut(BaseModel):
    """A donor as it is kept."""

    id: UUID
    name: str
    group: str
    kind: str
    country: str | None
    version: int


class BudgetLineIn(Shape):
    """What is budgeted for one purpose, in the grant's currency. `code`: as the ledger calls it."""

    code: Code
    title: Line
    amount: Money


class TargetIn(Shape):
    """What is to be reached by one indicator, named by its code. Without a target it is reported without one."""

    indicator: Code
    baseline: Figure | None = None
    target: Figure | None = None


def _once(what: str, keys: Iterable[str]) -> None:
    if any(times > 1 for times in Counter(keys).values()):
        raise PydanticCustomError("more_than_once", "Name each {what} once", {"what": what})


class GrantTerms(Shape):
    """What a grant or pledge says, without who gave it."""

    number: Number
    title: Line
    kind: GrantKind = "grant"
    donor_organisation_id: UUID | None = None
    """The donor's own organisation in the hub: its readers are shown what is published of this grant."""
    themes: Annotated[tuple[Line, ...], Field(max_length=20)] = ()
    countries: Annotated[tuple[Country, ...], Field(max_length=60)] = ()
    """Empty: everywhere."""
    frameworks: Annotated[tuple[Tag, ...], Field(max_length=60)] = ()
    sections: Annotated[tuple[Literal[tuple(SECTION_TITLES)], ...], Field(min_length=1)] = CORE_SECTIONS  # type: ignore[valid-type] # keys of the template
    """Of the 8+3 template: which its reports need; three beside the eight core ones at the most."""
    starts_on: Day
    ends_on: Day
    time_zone: TimeZone = "UTC"
    currency: Currency
    age_scheme: AgeScheme = "unhcr"
    budget: Annotated[tuple[BudgetLineIn, ...], Field(max_length=500)] = ()
    targets: Annotated[tuple[TargetIn, ...], Field(max_length=200)] = ()
    """Its indicators."""

    @model_validator(mode="after")
    def _hangs_together(self) -> Self:
        if self.starts_on > self.ends_on:
            raise PydanticCustomError("ends_before_it_starts", "ends_on must not lie before starts_on")
        if self.ends_on - self.starts_on > LONGEST_GRANT:
            raise PydanticCustomError("too_long", "A grant runs for thirty years at the most")
        _once("section", self.sections)
        _once("budget line", (one.code for one in self.budget))
        _once("indicator", (one.indicator for one in self.targets))
        if len(set(self.sections) - set(CORE_SECTIONS)) > MOST_EXTRAS:
            raise PydanticCustomError("too_many_sections", "sections: three beside the core ones at the most")
        return self


class GrantIn(GrantTerms):
    """A grant of a donor that is known."""

    donor_id: UUID


class ScheduleIn(Shape):
    """When reports are due. Periods are those of the calendar, cut where the grant begins and ends; `custom` ones are
    given."""

    every: Every
    periods: Annotated[tuple[tuple[Day, Day], ...], Field(max_length=200)] = ()
    """Of a custom schedule: first and last day of each."""
    due_days: Annotated[int, Field(strict=True, ge=0, le=365)] = 30
    """Days from a period's last day to the due one."""
    remind_days: Annotated[tuple[Annotated[int, Field(strict=True, ge=0, le=365)], ...], Field(max_length=10)] = (14, 3)
    """Days before the due one."""
    active: bool = True

    @model_validator(mode="after")
    def _periods_fit(self) -> Self:
        if (self.every == "custom") != bool(self.periods):
            raise PydanticCustomError("periods", "periods: of a custom schedule, and of no other")
        spans = sorted(self.periods)
        if any(first > last for first, last in spans):
            raise PydanticCustomError("period_reversed", "periods: each ends on or after the day it begins")
        if any(after[0] <= before[1] for before, after in pairwise(spans)):
            raise PydanticCustomError("periods_overlap", "periods: no two have a day in common")
        return self


class GrantFile(GrantTerms):
    """A grant as a file of the command line says it: its donor is found, or made, by its name."""

    donor: DonorIn
    schedule: ScheduleIn | None = None


class BudgetLineOut(BaseModel):
    """A line of a budget."""

    model_config = ConfigDict(from_attributes=True)

    code: str
    title: str
    amount: Decimal


class TargetOut(BaseModel):
    """What is to be reached by one indicator."""

    model_config = ConfigDict(from_attributes=True)

    indicator: str
    baseline: Decimal | None
    target: Decimal | None


class ScheduleOut(BaseModel):
    """When reports are due."""

    model_config = ConfigDict(from_attributes=True)

    id: UUID
    grant_id: UUID
    every: str
    periods: list[list[str]]
    due_days: int
    remind_days: list[int]
    active: bool
    version: int


class GrantOut(BaseModel):
    """A grant in a list."""

    model_config = ConfigDict(from_attributes=True)

    id: UUID
    number: str
    title: str
    kind: str
    donor_id: UUID
    donor_organisation_id: UUID | None
    themes: list[str]
    countries: list[str]
    frameworks: list[str]
    sections: list[str]
    starts_on: date
    ends_on: date
    time_zone: str
    currency: str
    age_scheme: str
    version: int


class GrantShown(GrantOut):
    """A grant with what hangs on it."""

    donor: DonorOut
    budget: list[BudgetLineOut]
    targets: list[TargetOut]
    schedules: list[ScheduleOut]


class RefusedRow(BaseModel):
    """One thing that is wrong with a row of a ledger. The header is row 1."""

    row: int
    field: str
    reason: str
    message: str


class ImportOut(BaseModel):
    """A file of the ledger, and what became of its rows."""

    model_config = ConfigDict(from_attributes=True)

    id: UUID
    grant_id: UUID
    digest: str
    imported_at: datetime
    rows: int
    taken: int
    known: int
    refused: int
    signed_at: datetime | None


class ImportResult(BaseModel):
    """What an import did. Without an `entry` it changed nothing: no row was new and good."""

    rows: int
    taken: int
    known: int
    """Rows that an earlier import brought in."""
    refused: int
    entry: ImportOut | None
    refusals: list[RefusedRow]


class LineSpentOut(BaseModel):
    """A line of the budget, what was spent in the period, and since the grant began; signed amounts alone."""

    model_config = ConfigDict(from_attributes=True)

    code: str
    title: str
    budget: Decimal
    in_period: Decimal
    to_date: Decimal


class FinanceOut(BaseModel):
    """What was spent, in the grant's currency. `unsigned`: rows of the ledger that are in no sum yet."""

    currency: str
    lines: list[LineSpentOut]
    unsigned: int
