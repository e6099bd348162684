"""The shapes of reports, their sections and their issues."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Annotated, Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from services.reporting.schemas.fields import Narrative, Shape, Words
from services.reporting.schemas.grants import Day


class ReportIn(Shape):
    """A report that no schedule asks for. `due_on` is thirty days after its last day unless it is given."""

    grant_id: UUID
    date_from: Day
    date_to: Day
    due_on: Day | None = None


class SectionIn(Shape):
    """What is written for a section: paragraphs, an empty line between them."""

    text: Narrative


class SendBackIn(Shape):
    """What is to be changed."""

    reason: Words


class PublishIn(Shape):
    """For whom: the donor, unless the issue has to stay with the organisation's own staff."""

    audience: Literal["donor", "internal"] | None = None
    """Left out: the donor; the own staff where the issue restates another, or the donor has one of some of its days."""


class RestateIn(Shape):
    """Why published figures are to be restated."""

    why: Words


class SectionOut(BaseModel):
    """A section that the report needs: what was written, and who answers for it."""

    key: str
    title: str
    text: str
    written_at: datetime | None
    signed_role: str | None
    signed_organisation: str | None
    signed_on: date | None


class ReportOut(BaseModel):
    """A report in a list."""

    model_config = ConfigDict(from_attributes=True)

    id: UUID
    grant_id: UUID
    first: date
    last: date
    due_on: date
    state: str
    number: int
    why: str
    version: int
    draft_digest: str | None
    drafted_at: datetime | None
    submitted_at: datetime | None
    submitted_by: UUID | None
    approved_at: datetime | None
    approved_by: UUID | None
    sent_back_at: datetime | None
    sent_back_for: str | None
    failed_at: datetime | None
    failure: str | None


class IssueOut(BaseModel):
    """A published issue. superseded: the same report has a later one that the reader may see."""

    report_id: UUID
    number: int
    grant_id: UUID
    grant_number: str
    grant_title: str
    date_from: date
    date_to: date
    digest: str
    published_at: datetime
    published_role: str
    published_organisation: str
    audience: str
    standing: Literal["published", "superseded"]
    why: str


class ReportShown(ReportOut):
    """A report with its sections and its published issues."""

    possible: list[str]
    """The steps that its state allows."""
    sections: list[SectionOut]
    issues: list[IssueOut]


class DueOut(BaseModel):
    """One line of the due calendar. `report_id` is None while its period runs."""

    grant_id: UUID
    grant_number: str
    date_from: date
    date_to: date
    due_on: date
    overdue: bool
    report_id: UUID | None
    state: str | None
    remind_on: list[date]
    reminded: list[int]


IssueIfAny = Annotated[int | None, Field(ge=1, le=10_000, description="Of an issue; left out: as of now.")]
OverDays = Annotated[
    str,
    Field(
        pattern=r"^(period|grant|[0-9]{4}-(0[1-9]|1[0-2]))$",
        description="`period`; `grant`: since the grant began; or a month of the period, such as 2026-07.",
    ),
]
Category = Annotated[str | None, Field(min_length=1, max_length=120)]


class FactsAsked(BaseModel):
    """Of which figure the facts are asked for: an indicator's, or that of the people, places, routes … of one cell."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    indicator: Annotated[str, Field(max_length=120, description="Its code.")]
    number: IssueIfAny = None
    over: OverDays = "period"
    sex: Category = None
    age: Category = None
    """A band of the grant's scheme, a broad one, or an atomic bin."""
    disability: Category = None
    nationality: Category = None
    legal_status: Category = None
    place: Category = None
    modality: Category = None
    route: Category = None
    source_quality: Category = None


class FactOut(BaseModel):
    """A fact behind a figure: its id, and where it stands in its source's log."""

    fact_id: str
    source: str
    partition: int
    position: int


class FactsOut(BaseModel):
    """The facts behind one indicator's figure over these days of a report: as counted now, or in an issue of it."""

    indicator: str
    date_from: date
    date_to: date
    facts: list[FactOut]
    later: int
    """Of an issue: so many facts of now came, or corrected what it counted, after it was made."""


class EntryOut(BaseModel):
    """A row of the ledger behind a figure of money, and who answers for it. `row`: of its file; the header is 1."""

    import_id: UUID
    file_sha256: str
    row: int
    spent_on: date
    amount: Decimal
    currency: str
    rate: Decimal
    converted: Decimal
    signed_role: str
    signed_at: datetime


class EntriesOut(BaseModel):
    """The rows of the ledger behind what was spent of a line of the budget, over these days of a report."""

    line: str
    date_from: date
    date_to: date
    currency: str
    entries: list[EntryOut]
