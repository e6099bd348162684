"""Drafts are made from figures as they are at one moment, and of what people have written."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import Protocol
from uuid import UUID

from sqlalchemy.orm import Session

from services.reporting.domain import Grant, Report
from services.reporting.queries import reports as found
from services.reporting.rendering.issue import Issue, Revision, Section


class Draft(Protocol):
    """Makes an issue of a grant over a period, both days included (`services.reporting.drafting.draft_issue`)."""

    def __call__(
        self,
        session: Session,
        grant: Grant,
        first: date,
        last: date,
        *,
        narrative: Sequence[Section],
        now: datetime,
        number: int = 1,
    ) -> Issue:
        """To be called in one snapshot: the issue names the positions of the log that it covers."""


def make_draft(session: Session, grant: Grant, report: Report, draft: Draft, now: datetime) -> Issue:
    """The issue of a report as it would be now. A restated one says what it changes of each issue before it, and why.

    To be read in one snapshot. `grant` and `report` were read through `queries`.
    """
    before = found.issue_before(session, report)
    narrative = found.narrative_of(session, grant, report.id)
    issue = draft(session, grant, report.first, report.last, narrative=narrative, now=now, number=report.number)
    return issue if before is None else revised(issue, before, report.why)


def revised(issue: Issue, before: Issue, why: str) -> Issue:
    """The issue with the story of those before it: what it changes of the last one, figure by figure, and why."""
    revision = Revision(number=before.number, digest=before.digest, why=why, changes=tuple(issue.differences(before)))
    said = {name: getattr(issue, name) for name in Issue.model_fields if name != "revisions"}
    return Issue(**said, revisions=(*before.revisions, revision))


def draft_of_now(
    session: Session, grant: Grant, first: date, last: date, draft: Draft, now: datetime, report_id: UUID | None = None
) -> Issue:
    """The issue of any period as it would be now; it is kept nowhere. Raises `InvalidInput` for one outside the grant's
    time. To be read in one snapshot."""
    grant.holds(first, last)
    return draft(session, grant, first, last, narrative=found.narrative_of(session, grant, report_id), now=now)
