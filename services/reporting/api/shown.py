"""How reports and issues are shown to programs."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session

from services.reporting.domain import Report
from services.reporting.domain.report import SECTION_TITLES
from services.reporting.queries import grants
from services.reporting.queries import reports as found
from services.reporting.schemas.reports import DueOut, IssueOut, ReportOut, ReportShown, SectionOut
from shared.access import Actor


def report_shown(session: Session, actor: Actor, row: Report) -> ReportShown:
    """A report that was read through `queries.reports`, with its sections and issues."""
    grant = grants.grant(session, actor, row.grant_id)
    written = found.sections_of(session, row.id)
    return ReportShown(
        **ReportOut.model_validate(row).model_dump(),
        possible=row.possible(),
        sections=[
            SectionOut(
                key=key,
                title=title,
                text=one.text if one else "",
                written_at=one.written_at if one else None,
                signed_role=one.signed_role if one else None,
                signed_organisation=one.signed_organisation if one else None,
                signed_on=one.signed_on if one else None,
            )
            for key, title in SECTION_TITLES.items()
            if key in grant.sections
            for one in (written.get(key),)
        ],
        issues=[issue_out(one) for one in found.issues(session, actor, report_id=row.id)],
    )


def issue_out(entry: found.IssueEntry) -> IssueOut:
    """A published issue in a list."""
    issue = entry.issue
    return IssueOut(
        report_id=issue.report_id,
        number=issue.number,
        grant_id=issue.grant_id,
        grant_number=entry.grant.number,
        grant_title=entry.grant.title,
        date_from=issue.first,
        date_to=issue.last,
        digest=issue.digest,
        published_at=issue.published_at,
        published_role=issue.published_role,
        published_organisation=issue.published_organisation,
        audience=issue.audience,
        standing=entry.standing,
        why=issue.why,
    )


def due_out(entry: found.DueEntry, now: datetime) -> DueOut:
    """One line of the due calendar."""
    return DueOut(
        grant_id=entry.grant.id,
        grant_number=entry.grant.number,
        date_from=entry.first,
        date_to=entry.last,
        due_on=entry.due_on,
        overdue=entry.overdue(now),
        report_id=None if entry.report is None else entry.report.id,
        state=None if entry.report is None else entry.report.state,
        remind_on=list(entry.remind_on),
        reminded=list(entry.reminded),
    )
