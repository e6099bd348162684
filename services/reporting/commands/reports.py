"""The life of a report: opened, written, signed, drafted, submitted, sent back, approved, restated."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from services.reporting.commands.grants import check_version
from services.reporting.commands.people import answering
from services.reporting.domain import Grant, Report, ReportSection
from services.reporting.domain.report import SECTION_TITLES
from services.reporting.queries import grants, name_of
from services.reporting.queries import reports as found
from services.reporting.rendering.issue import Issue
from services.reporting.schemas.reports import ReportIn
from shared.access import Act, Actor, require
from shared.database import uuid7
from shared.errors import Conflict, FieldError, InvalidInput, NotFound, pointer

DUE_AFTER = timedelta(days=30)


def open_report(session: Session, actor: Actor, asked: ReportIn) -> Report:
    """A report that no schedule asks for is due. Raises `NotFound` for the grant, `InvalidInput` for a period outside
    it, and `Conflict` where there is one over this period."""
    require(actor, Act.WRITE_REPORTS)
    grant = grants.grant(session, actor, asked.grant_id)
    grant.holds(asked.date_from, asked.date_to)
    if found.report_over(session, grant.id, asked.date_from, asked.date_to) is not None:
        raise Conflict("There is a report of this grant over this period: work on that one.")
    due_on = asked.due_on or asked.date_to + DUE_AFTER
    row = Report(**new_report(grant, asked.date_from, asked.date_to, due_on, None))
    session.add(row)
    session.flush()
    return row


def new_report(grant: Grant, first: date, last: date, due_on: date, schedule_id: UUID | None) -> dict[str, Any]:
    """The row of a report that is due."""
    return {
        "id": uuid7(),
        "organisation_id": grant.organisation_id,
        "grant_id": grant.id,
        "schedule_id": schedule_id,
        "first": first,
        "last": last,
        "due_on": due_on,
        "state": "due",
        "version": 1,
        "number": 1,
        "why": "",
    }


def write_section(
    session: Session, actor: Actor, report_id: UUID, key: str, text: str, expected: int | None, now: datetime
) -> Report:
    """What is written for a section from now on; who signed other words signed these not. Raises `NotFound`, also for a
    section that the grant does not need, `Conflict` and `Stale`."""
    require(actor, Act.WRITE_REPORTS)
    report = _writable(session, actor, report_id, key, expected)
    section = found.sections_of(session, report.id).get(key)
    if section is None:
        section = ReportSection(report_id=report.id, key=key, organisation_id=report.organisation_id, text="")
        session.add(section)
    section.write(text, actor.user_id, now)
    report.version += 1
    session.flush()
    return report


def sign_section(
    session: Session, actor: Actor, report_id: UUID, key: str, expected: int | None, now: datetime
) -> Report:
    """Somebody answers for what is written there, by role, organisation and day of the grant's time zone. Raises as
    `write_section`, and `Conflict` where nothing is written."""
    user, role = answering(actor, Act.WRITE_REPORTS)
    report = _writable(session, actor, report_id, key, expected)
    section = found.sections_of(session, report.id).get(key)
    if section is None or not section.paragraphs:
        raise Conflict("Nothing is written in this section: write it, then sign it.")
    grant = grants.grant(session, actor, report.grant_id)
    section.sign(user, role, name_of(session, actor), grant.day_of(now))
    report.version += 1
    session.flush()
    return report


def keep_draft(session: Session, report: Report, issue: Issue, now: datetime) -> Report:
    """The draft that was made of a report that was read, and locked, through `queries.reports.report`."""
    report.keep_draft(issue.canonical, issue.digest, now)
    session.flush()
    return report


def check_submittable(session: Session, actor: Actor, report: Report) -> None:
    """Raises `Conflict` where the report is not drafted, `InvalidInput` naming each section that is not written and
    signed."""
    report.check("submit")
    grant = grants.grant(session, actor, report.grant_id)
    unsigned = [one for one in found.narrative_of(session, grant, report.id) if not one.paragraphs or not one.signed]
    if unsigned:
        missing = tuple(
            FieldError(
                pointer(("sections", one.key)),
                "not_signed" if one.paragraphs else "not_written",
                f"{one.title}: somebody has to {'sign it' if one.paragraphs else 'write it, and sign it'}.",
            )
            for one in unsigned
        )
        titles = ", ".join(one.title for one in unsigned)
        raise InvalidInput(
            f"Before a report is submitted, each of its sections is written and signed: {titles}.", missing
        )


def submit(session: Session, actor: Actor, report: Report, issue: Issue, now: datetime) -> Report:
    """Hand over the draft that was made just now of a report that was locked. Raises `NotAllowed`, as
    `check_submittable`, and `Conflict` for a restatement that changes nothing."""
    user, _ = answering(actor, Act.WRITE_REPORTS)
    check_submittable(session, actor, report)
    before = found.issue_before(session, report)
    if before is not None and not any(issue.differences(before)) and issue.sections == before.sections:
        raise Conflict("Nothing differs from the issue that is published: there is nothing to restate.")
    report.keep_draft(issue.canonical, issue.digest, now)
    report.submit(user, now)
    session.flush()
    return report


def send_back(
    session: Session, actor: Actor, report_id: UUID, reason: str, expected: int | None, now: datetime
) -> Report:
    """Something is to be changed before it is published. Raises `NotFound`, `NotAllowed`, `Conflict`, `Stale`."""
    answering(actor, Act.APPROVE_REPORTS)
    report = locked_report(session, actor, report_id, expected)
    report.send_back(reason, now)
    session.flush()
    return report


def approve(session: Session, actor: Actor, report_id: UUID, expected: int | None, now: datetime) -> Report:
    """The figures and words that were submitted may be published. Raises as `send_back`, and `Conflict` for who
    submitted them."""
    user, _ = answering(actor, Act.APPROVE_REPORTS)
    report = locked_report(session, actor, report_id, expected)
    report.approve(user, now)
    session.flush()
    return report


def restate(session: Session, actor: Actor, report_id: UUID, why: str, expected: int | None, now: datetime) -> Report:
    """A next issue is due at once; what is published stays. Raises as `send_back`."""
    answering(actor, Act.APPROVE_REPORTS)
    report = locked_report(session, actor, report_id, expected)
    report.restate(why, now.date())
    session.flush()
    return report


def locked_report(
    session: Session, actor: Actor, report_id: UUID, expected: int | None, *, draft: bool = False
) -> Report:
    """A report that nobody else changes until the transaction ends. Raises `NotFound`, `Stale`."""
    report = found.report(session, actor, report_id, lock=True, draft=draft)
    check_version(report.version, expected)
    return report


def _writable(session: Session, actor: Actor, report_id: UUID, key: str, expected: int | None) -> Report:
    report = locked_report(session, actor, report_id, expected)
    grant = grants.grant(session, actor, report.grant_id)
    if key not in SECTION_TITLES or key not in grant.sections:
        raise NotFound("This report has no such section.")
    report.check_writable()
    return report
