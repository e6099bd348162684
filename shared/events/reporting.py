"""Facts that reporting publishes, beside its holds."""

from __future__ import annotations

from datetime import date
from typing import ClassVar, Literal
from uuid import UUID

from shared.events.envelope import Event


class ReportPublished(Event):
    """An issue of a report is frozen and may be read by its audience. Its subject is the grant.

    It carries no figure: whoever is to deliver the report asks for the issue, and compares the digest.
    """

    TYPE: ClassVar[str] = "report.published"
    SOURCES: ClassVar[tuple[str, ...]] = ("reporting",)
    SUBJECT: ClassVar[str] = "grant_id"

    grant_id: UUID
    report_id: UUID
    number: int
    """1 of the first issue; a restated one has the next."""
    digest: str
    """SHA-256 of the issue's canonical bytes, in hexadecimal digits."""
    date_from: date
    date_to: date
    """Included."""
    audience: Literal["donor", "internal"]
    """Whom it is for: the donor, or the organisation's own staff."""
    donor_organisation_id: UUID | None = None
    """The donor's organisation in the hub; None: it has none, or the issue is not for it."""


class ReportReminded(Event):
    """A report is due soon, or overdue, and is not published yet. Its subject is the grant."""

    TYPE: ClassVar[str] = "report.reminded"
    SOURCES: ClassVar[tuple[str, ...]] = ("reporting",)
    SUBJECT: ClassVar[str] = "grant_id"

    grant_id: UUID
    report_id: UUID
    grant: str
    """Its number."""
    date_from: date
    date_to: date
    """Included."""
    due_on: date
    state: Literal["due", "drafted", "submitted", "sent_back", "approved"]
    """How far the report is."""
