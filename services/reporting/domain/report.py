"""A report of a grant over a period: from due to published, and what is frozen of it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal
from uuid import UUID

from sqlalchemy import ForeignKey, Index, LargeBinary, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from services.reporting.domain.base import Base
from shared.errors import Conflict

State = Literal["due", "drafted", "submitted", "sent_back", "approved", "published"]
Step = Literal["draft", "submit", "send_back", "approve", "publish", "restate"]
Audience = Literal["donor", "internal"]
STEPS: dict[Step, tuple[tuple[State, ...], State]] = {
    "draft": (("due", "drafted", "sent_back"), "drafted"),
    "submit": (("drafted",), "submitted"),
    "send_back": (("submitted", "approved"), "sent_back"),
    "approve": (("submitted",), "approved"),
    "publish": (("approved",), "published"),
    "restate": (("published",), "due"),
}
"""Step → from which states, and to which. An issue is superseded by the next one of its report."""
WRITABLE: tuple[State, ...] = ("due", "drafted", "sent_back")
"""While somebody writes; afterwards what was submitted stays as it is."""


@dataclass(frozen=True)
class SectionKind:
    """A section of the template: its key, its title, and whether it is one of the eight core questions."""

    key: str
    title: str
    core: bool = True


SECTIONS: tuple[SectionKind, ...] = (
    SectionKind("overall_performance", "Overall performance"),
    SectionKind("changes", "Changes and amendments"),
    SectionKind("measuring_results", "Measuring results"),
    SectionKind("affected_persons", "Affected persons"),
    SectionKind("accountability", "Participation of and accountability to affected people"),
    SectionKind("risk_management", "Risk management"),
    SectionKind("exit_strategy", "Exit strategy and sustainability"),
    SectionKind("lessons_learned", "Lessons learned"),
    SectionKind("value_for_money", "Value for money and cost effectiveness", core=False),
    SectionKind("visibility", "Visibility", core=False),
    SectionKind("coordination", "Coordination", core=False),
    SectionKind("implementing_partners", "Implementing partners", core=False),
    SectionKind("steps_towards_implementation", "Activities or steps towards implementation", core=False),
    SectionKind("environment", "Environment", core=False),
)
"""The harmonised reporting template of the Grand Bargain (IASC, *8+3 template*, 2019): eight core questions, and up to
three of the others. A donor may ask fewer."""
SECTION_TITLES = {one.key: one.title for one in SECTIONS}
CORE_SECTIONS = tuple(one.key for one in SECTIONS if one.core)
MOST_EXTRAS = 3


class Report(Base):
    """What is reported of one grant over one period, both days included: one row, however many issues it has."""

    __tablename__ = "report"
    __table_args__ = (
        UniqueConstraint("grant_id", "first", "last"),
        Index("ix_report_organisation_id", "organisation_id", "due_on"),
        Index("ix_report_state", "state", "due_on"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    organisation_id: Mapped[UUID]
    grant_id: Mapped[UUID] = mapped_column(ForeignKey("donor_grant.id"))
    schedule_id: Mapped[UUID | None] = mapped_column(ForeignKey("schedule.id"))
    """None: asked for by somebody."""
    first: Mapped[date]
    last: Mapped[date]
    due_on: Mapped[date]
    state: Mapped[str] = mapped_column(Text)
    """A `State`."""
    version: Mapped[int]
    """1 when made, one more with each step and each section written or signed: the ETag."""
    number: Mapped[int]
    """Of the issue that is worked on, or was published last."""
    why: Mapped[str] = mapped_column(Text)
    """Why it is restated; empty of a first issue."""
    draft: Mapped[bytes | None] = mapped_column(LargeBinary, deferred=True)
    """The issue as drafted, its canonical bytes: what is submitted, approved and published."""
    draft_digest: Mapped[str | None] = mapped_column(Text)
    drafted_at: Mapped[datetime | None]
    submitted_at: Mapped[datetime | None]
    submitted_by: Mapped[UUID | None]
    approved_at: Mapped[datetime | None]
    approved_by: Mapped[UUID | None]
    sent_back_at: Mapped[datetime | None]
    sent_back_for: Mapped[str | None] = mapped_column(Text)
    """What is to be changed."""
    failed_at: Mapped[datetime | None]
    failure: Mapped[str | None] = mapped_column(Text)
    """Why the last attempt to draft it made none: what there is to do, or a class of error and its place in the code;
    no value."""

    def possible(self) -> list[Step]:
        """The steps that its state allows, in the order of its life."""
        return [step for step, (before, _) in STEPS.items() if self.state in before]

    def check(self, step: Step) -> None:
        """Raises `Conflict` where its state does not allow the step. Names the steps that it does."""
        if step not in self.possible():
            legal = " or ".join(one.replace("_", " ") for one in self.possible())
            raise Conflict(f"This report is {self.state.replace('_', ' ')}: you can {legal} it.")

    def check_writable(self) -> None:
        """Raises `Conflict` where its sections stay as they are."""
        if self.state not in WRITABLE:
            raise Conflict(
                f"This report is {self.state.replace('_', ' ')}: its sections stay as they are. "
                "Have it sent back, or restate it once it is published."
            )

    def keep_draft(self, snapshot: bytes, digest: str, now: datetime) -> None:
        """Figures and sections as they are now."""
        self._step("draft")
        self.draft, self.draft_digest, self.drafted_at = snapshot, digest, now
        self.failed_at = self.failure = None

    def fail(self, failure: str, now: datetime) -> None:
        """It could not be drafted; whoever opens it sees why."""
        self.failed_at, self.failure = now, failure

    def submit(self, user: UUID, now: datetime) -> None:
        """The draft is ready to be judged."""
        self._step("submit")
        self.submitted_by, self.submitted_at = user, now
        self.sent_back_at = self.sent_back_for = None

    def send_back(self, reason: str, now: datetime) -> None:
        """Something is to be changed first."""
        self._step("send_back")
        self.sent_back_at, self.sent_back_for = now, reason
        self.approved_by = self.approved_at = None

    def approve(self, user: UUID, now: datetime) -> None:
        """A second person agrees. Raises `Conflict` for who submitted it."""
        self.check("approve")
        if user == self.submitted_by:
            raise Conflict("Two people see to a report: another than the one who submitted it approves it.")
        self._step("approve")
        self.approved_by, self.approved_at = user, now

    def publish(self) -> None:
        """The draft that was approved is frozen as an issue."""
        self._step("publish")

    def restate(self, why: str, due_on: date) -> None:
        """Facts came late, or were wrong: a next issue is made in the same way. The published ones stay."""
        self._step("restate")
        self.number, self.why, self.due_on = self.number + 1, why, due_on
        self.draft = self.draft_digest = self.drafted_at = None
        self.submitted_by = self.submitted_at = self.approved_by = self.approved_at = None

    def _step(self, step: Step) -> None:
        self.check(step)
        self.state = STEPS[step][1]
        self.version += 1


class ReportSection(Base):
    """What people wrote for one section of the template, and who answers for it."""

    __tablename__ = "report_section"

    report_id: Mapped[UUID] = mapped_column(ForeignKey("report.id"), primary_key=True)
    key: Mapped[str] = mapped_column(Text, primary_key=True)
    organisation_id: Mapped[UUID]
    text: Mapped[str] = mapped_column(Text)
    """Paragraphs, an empty line between them."""
    written_at: Mapped[datetime]
    written_by: Mapped[UUID | None]
    signed_by: Mapped[UUID | None]
    signed_role: Mapped[str | None] = mapped_column(Text)
    signed_organisation: Mapped[str | None] = mapped_column(Text)
    signed_on: Mapped[date | None]

    @property
    def paragraphs(self) -> tuple[str, ...]:
        """The text, cut at its empty lines."""
        parts = (" ".join(part.split()) for part in self.text.split("\n\n"))
        return tuple(part for part in parts if part)

    def write(self, text: str, user: UUID | None, now: datetime) -> None:
        """Other words are to be signed anew."""
        if text != self.text:
            self.signed_by = self.signed_role = self.signed_organisation = self.signed_on = None
        self.text, self.written_by, self.written_at = text, user, now

    def sign(self, user: UUID, role: str, organisation: str, on: date) -> None:
        """Somebody answers for these words."""
        self.signed_by, self.signed_role, self.signed_organisation, self.signed_on = user, role, organisation, on


class ReportIssue(Base):
    """What was published: the snapshot's bytes, for ever. The database refuses to change or delete one."""

    __tablename__ = "report_issue"

    report_id: Mapped[UUID] = mapped_column(ForeignKey("report.id"), primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    organisation_id: Mapped[UUID]
    grant_id: Mapped[UUID] = mapped_column(ForeignKey("donor_grant.id"), index=True)
    first: Mapped[date]
    last: Mapped[date]
    snapshot: Mapped[bytes] = mapped_column(LargeBinary, deferred=True)
    """`Issue.canonical`."""
    digest: Mapped[str] = mapped_column(Text)
    """Its SHA-256, in hexadecimal digits."""
    published_at: Mapped[datetime]
    published_by: Mapped[UUID]
    published_role: Mapped[str] = mapped_column(Text)
    published_organisation: Mapped[str] = mapped_column(Text)
    audience: Mapped[str] = mapped_column(Text)
    """An `Audience`: `internal` is for the organisation's own staff."""
    donor_organisation_id: Mapped[UUID | None] = mapped_column(index=True)
    """Whose readers are shown it; None of an internal one, and of a donor without an organisation in the hub."""
    why: Mapped[str] = mapped_column(Text)


class Reminder(Base):
    """Somebody is to be reminded of a report, so many days before it is due."""

    __tablename__ = "report_reminder"

    report_id: Mapped[UUID] = mapped_column(ForeignKey("report.id"), primary_key=True)
    days: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    organisation_id: Mapped[UUID]
    made_at: Mapped[datetime]
