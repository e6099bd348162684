"""An issue is frozen, once and for ever."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from services.reporting.commands.people import answering
from services.reporting.commands.reports import locked_report
from services.reporting.domain import Grant, Report, ReportIssue
from services.reporting.domain.report import Audience
from services.reporting.queries import grants, name_of
from services.reporting.queries import reports as found
from services.reporting.rendering.issue import Issue
from shared.access import Act, Actor
from shared.errors import Conflict
from shared.events import ReportPublished
from shared.messaging.log import record


def publish(
    session: Session, actor: Actor, report_id: UUID, audience: Audience | None, expected: int | None, now: datetime
) -> ReportIssue:
    """Freeze the draft that was approved, and tell of it. Without an audience: for the donor, unless the rule keeps it.

    Raises `NotFound`, `NotAllowed`, `Stale`, and `Conflict` where it is not approved, or where the rule keeps an issue
    for the donor back: tables about people go to a donor once for a grant and a day of service, because the differences
    between two issues, or between a month and its quarter, can identify people. A restated issue says what it changes
    of the one before, and stays internal whoever read that.
    """
    user, role = answering(actor, Act.APPROVE_REPORTS)
    report = locked_report(session, actor, report_id, expected, draft=True)
    report.check("publish")
    grant = grants.grant(session, actor, report.grant_id, lock=True)  # one publication of a grant at a time
    kept_back = report.number > 1 or found.given_to_donor(session, grant.id, report.first, report.last) is not None
    if audience == "donor" and kept_back:
        raise Conflict(
            "Another issue has figures about people of some of these days already, and differences between issues can "
            "identify people: publish this issue as internal."
        )
    issue = _final(report)
    row = ReportIssue(
        report_id=report.id,
        number=report.number,
        organisation_id=report.organisation_id,
        grant_id=grant.id,
        first=report.first,
        last=report.last,
        snapshot=issue.canonical,
        digest=issue.digest,
        published_at=now,
        published_by=user,
        published_role=role,
        published_organisation=name_of(session, actor),
        audience=audience or ("internal" if kept_back else "donor"),
        donor_organisation_id=None,
        why=report.why,
    )
    row.donor_organisation_id = grant.donor_organisation_id if row.audience == "donor" else None
    session.add(row)
    report.publish()
    session.flush()
    record(session, _told(grant, row))
    return row


def _final(report: Report) -> Issue:
    """What was approved, figure by figure; it is no draft any more."""
    if report.draft is None or report.draft_digest is None:
        raise Conflict("This report has no draft: have it sent back, and draft it again.")
    draft = found.opened(report.draft, report.draft_digest)
    return Issue(**{name: getattr(draft, name) for name in Issue.model_fields if name != "draft"}, draft=False)


def _told(grant: Grant, row: ReportIssue) -> ReportPublished:
    return ReportPublished(
        organisation_id=row.organisation_id,
        grant_id=grant.id,
        report_id=row.report_id,
        number=row.number,
        digest=row.digest,
        date_from=row.first,
        date_to=row.last,
        audience="donor" if row.audience == "donor" else "internal",
        donor_organisation_id=row.donor_organisation_id,
    )
