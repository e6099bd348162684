"""The shapes of reports, their sections and their issues."""

from __future__ import annotations

from datetime import date, datetime
from typing import Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict

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


class FactOut(BaseModel):
    """A fact behind a figure: its id, and where it stands in its source's log."""

    fact_id: str
    source: str
    partition: int
    position: int


class FactsOut(BaseModel):
    """The facts behind one indicator's figure over a report's period: as counted now, or in an issue of it."""

    indicator: str
    date_from: date
    date_to: date
    facts: list[FactOut]
