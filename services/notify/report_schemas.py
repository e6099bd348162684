"""The shapes of reports by mail."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from services.notify.domain.reports import Format, PostStatus


class ReaderIn(BaseModel):
    """Whom to send the reports of a grant."""

    model_config = ConfigDict(extra="forbid", hide_input_in_errors=True)

    grant_id: UUID
    address: str = Field(max_length=254, description="One e-mail address.")
    language: str = Field(default="en", max_length=20, description="Of the mail's text: en, fr, es or ar.")
    formats: list[Format] = Field(default=["pdf", "xlsx"], min_length=1, max_length=5)
    asked_again: bool = Field(
        default=False, description="They ended these mails themselves, and asked for them anew since."
    )


class ReaderOut(BaseModel):
    """Somebody who gets the reports of a grant, or did. `address` is null for who does not keep grants, and once it was
    forgotten; `ended_for` is `staff` or `reader`."""

    id: UUID
    grant_id: UUID
    address: str | None
    language: str
    formats: list[str]
    added_at: datetime
    added_by: UUID
    ended_at: datetime | None
    ended_by: UUID | None
    ended_for: str | None
    returned_at: datetime | None


class ReaderList(BaseModel):
    """The newest first; 500 at the most."""

    items: list[ReaderOut]


class ReportMailOut(BaseModel):
    """One issue for one reader. `sent`: the mail server has it. `outcome-unknown`: it may have it, and nothing is sent
    again unless a person says so."""

    model_config = ConfigDict(from_attributes=True)

    id: UUID
    grant_id: UUID
    grant_number: str | None
    """Null until reporting was asked for the files."""
    report_id: UUID
    number: int
    digest: str
    date_from: date
    date_to: date
    reader_id: UUID
    status: PostStatus
    reason: str | None
    """A code: what is missing, or why it ended."""
    created_at: datetime
    next_attempt_at: datetime | None
    tries: int
    sent_at: datetime | None
    again_by: UUID | None
    again_at: datetime | None


class ReportMailList(BaseModel):
    """The newest first; 500 at the most."""

    items: list[ReportMailOut]
