"""The issues that donors have of an organisation's grants, or will have: those that were published for them, and drafts
that are handed over. What was submitted is published as it is, whatever is told meanwhile: so it counts from then on.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import Subquery, or_, select
from sqlalchemy.orm import Session

from services.reporting.domain import Grant, Report, ReportIssue
from services.reporting.queries import reports
from services.reporting.rendering.issue import Issue

INDICATORS_TABLE, SEX_AGE, TREND = "indicators", "people_sex_age", "trend"
"""Tables that are read again when something else is drafted."""
HANDED_OVER = ("submitted", "approved")


def told_of(
    session: Session, grant: Grant, *, before: date | None = None, after: date | None = None
) -> Iterator[Issue]:
    """The grant's own issues over periods that end before a day, or begin after one, in their order."""
    told = _told(grant.organisation_id)
    where = told.c.last < before if before is not None else told.c.first > after
    return _opened(session, told, told.c.grant_id == grant.id, where)


def told_beside(session: Session, grant: Grant, first: date, last: date) -> Iterator[Issue]:
    """Issues of the organisation's other grants over this very period."""
    told = _told(grant.organisation_id)
    return _opened(session, told, told.c.grant_id != grant.id, told.c.first == first, told.c.last == last)


def other_rhythms(session: Session, grant: Grant, first: date, last: date) -> frozenset[UUID]:
    """The other grants of which an issue is over a different period that has days in common with this one."""
    told = _told(grant.organisation_id)
    which = told.c.grant_id != grant.id, told.c.first <= last, told.c.last >= first
    differs = or_(told.c.first != first, told.c.last != last)
    return frozenset(session.scalars(select(told.c.grant_id).where(*which, differs).distinct()))


def _told(organisation_id: UUID) -> Subquery:
    """Restated issues stay internal: they are never a donor's."""
    issue, report = ReportIssue, Report
    published = select(issue.grant_id, issue.first, issue.last, issue.snapshot, issue.digest).where(
        issue.organisation_id == organisation_id, issue.audience == "donor"
    )
    handed_over = select(report.grant_id, report.first, report.last, report.draft, report.draft_digest).where(
        report.organisation_id == organisation_id,
        report.state.in_(HANDED_OVER),
        report.number == 1,
        report.draft.is_not(None),
    )
    return published.union_all(handed_over).subquery()


def _opened(session: Session, told: Subquery, *which: Any) -> Iterator[Issue]:
    rows = select(told.c.snapshot, told.c.digest).where(*which).order_by(told.c.last, told.c.grant_id)
    for snapshot, digest in session.execute(rows):
        yield reports.opened(snapshot, digest)
