"""What is published, by grant and period; one issue with its key figures, what changed, and its files."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Path, Response

from services.reporting.pages.desk import Desk
from services.reporting.pages.visits import Visited
from services.reporting.pages.words import FORMATS, STATES, TAGS
from services.reporting.queries import reports as found
from services.reporting.queries.reports import DueEntry, IssueEntry
from services.reporting.rendering import Issue
from services.reporting.rendering.beside import beside
from services.reporting.rendering.document import document_of
from shared.access import Act
from shared.database import utc_now
from shared.errors import NotFound
from shared.pages.signed_in import Seat

AHEAD = timedelta(days=120)
"""So far the calendar of what is due looks."""
Number = Annotated[int, Path(ge=1, le=10_000)]
Format = Annotated[str, Path(max_length=10)]


@dataclass(frozen=True)
class GrantIssues:
    """A grant, and its issues that the visitor may read, the newest period first."""

    number: str
    title: str
    issues: tuple[IssueEntry, ...]


def add_to(routes: APIRouter, desk: Desk) -> None:
    """The pages of this subject."""

    @routes.get("/reports")
    def list_reports(visit: Visited) -> Response:
        """For staff, what is due; for all, what is published."""
        with desk.seat(visit) as seat:
            return desk.page(
                visit,
                "reports.html",
                seat,
                due=_due(seat),
                now=utc_now(),
                grants=_by_grant(found.issues(seat.session, seat.actor)),
                is_staff=seat.actor.may(Act.READ_GRANTS),
                states=STATES,
                tags=TAGS,
            )

    @routes.get("/issues/{report_id}/{number}")
    def show_issue(visit: Visited, report_id: UUID, number: Number) -> Response:
        """What an issue is about, what it changes, how it stands beside the period before, and its files."""
        with desk.seat(visit) as seat:
            issue = found.issue(seat.session, seat.actor, report_id, number)
            others = found.issues(seat.session, seat.actor, report_id=report_id)
            entry = next(one for one in others if one.issue.number == number)
            document, earlier = document_of(issue), found.issue_of_earlier_period(seat.session, seat.actor, entry.issue)
            return desk.page(
                visit,
                "issue.html",
                seat,
                document=document,
                entry=entry,
                earlier=earlier,
                beside=beside(issue, earlier, document.said) if earlier else (),
                others=[one for one in others if one.issue.number != number],
                formats=FORMATS,
                states=STATES,
                tags=TAGS,
            )

    @routes.get("/issues/{report_id}/{number}/{form}")
    def download(visit: Visited, report_id: UUID, number: Number, form: Format) -> Response:
        """The issue in one of the formats."""
        if form not in FORMATS:
            raise NotFound("There is no such format.")
        with desk.seat(visit) as seat:
            issue = found.issue(seat.session, seat.actor, report_id, number)
        return desk.file(issue, form, name_of(issue))


def name_of(issue: Issue) -> str:
    """What its files are called."""
    grant = issue.grant.number if issue.grant else issue.report
    plain = "".join(letter if letter.isascii() and letter.isalnum() else "-" for letter in grant)
    return f"{plain}-{issue.date_from}-{issue.date_to}-{issue.number}"


def _due(seat: Seat) -> tuple[DueEntry, ...]:
    if not seat.actor.may(Act.READ_GRANTS):
        return ()
    return tuple(found.due_calendar(seat.session, seat.actor, until=utc_now().date() + AHEAD))


def _by_grant(entries: Sequence[IssueEntry]) -> list[GrantIssues]:
    ordered = sorted(entries, key=lambda one: one.grant.number)
    return [
        GrantIssues(number, (every := tuple(group))[0].grant.title, every)
        for number, group in itertools.groupby(ordered, key=lambda one: one.grant.number)
    ]
