"""From a figure of a report back to its facts, for an auditor: ids and places in the log, nothing else; and from a
figure of money to the rows of the ledger."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Literal
from uuid import UUID

from sqlalchemy.orm import Session

from services.reporting.domain import Expenditure, Grant, LedgerImport, Report
from services.reporting.drafting.figures import scope_of
from services.reporting.indicators import INDICATORS
from services.reporting.queries import figures, grants
from services.reporting.queries import reports as found
from services.reporting.queries.figures import FactRef, Narrowed
from services.reporting.rendering.issue import Issue
from shared.access import Act, Actor, require
from shared.errors import InvalidInput, NotFound

Over = Literal["period", "grant"] | date
"""Which days of a report a figure is over: its period, those since the grant began, or the month of a day."""


@dataclass(frozen=True)
class Figure:
    """One figure of a report: over which days, both included, as counted now, or as its issue has it."""

    grant: Grant
    first: date
    last: date
    issue: Issue | None


def facts_of_report(
    session: Session,
    actor: Actor,
    report_id: UUID,
    code: str,
    number: int | None = None,
    over: Over = "period",
    narrowed: Narrowed | None = None,
) -> tuple[Figure, Sequence[FactRef], int]:
    """The facts behind an indicator, or behind one category of it: as counted now, or of an issue's number, those up
    to the positions that the issue covers; and how many of now it does not cover, since they came, or corrected what it
    counted, afterwards. A fact that a later one moved out of the period is in neither.

    To be read in one snapshot. Raises `NotAllowed`, `NotFound` for a report, indicator or issue that is not there, and
    `InvalidInput` for a month that is not the report's, and where facts are not told apart so.
    """
    if code not in INDICATORS:
        raise NotFound("There is no indicator of this code.")
    figure = _figure(session, actor, report_id, number, over)
    scope = scope_of(figure.grant)
    facts = figures.facts_behind(session, scope, figure.first, figure.last, INDICATORS[code], narrowed or {})
    if figure.issue is None:
        return figure, facts, 0
    covers = {(one.source, one.partition): one.position for one in figure.issue.covers}
    covered = [one for one in facts if one.position <= covers.get((one.source, one.partition), 0)]
    return figure, covered, len(facts) - len(covered)


def entries_of_report(
    session: Session, actor: Actor, report_id: UUID, line: str, number: int | None = None, over: Over = "period"
) -> tuple[Figure, Sequence[tuple[Expenditure, LedgerImport]]]:
    """The rows of the ledger behind what was spent of a line of the budget: those that are signed now, or of an
    issue's number, those that were when it was made. Raises as `facts_of_report`."""
    figure = _figure(session, actor, report_id, number, over)
    if line not in {one.code for one in grants.budget_of(session, figure.grant.id)}:
        raise NotFound("The grant's budget has no such line.")
    until = None if figure.issue is None else figure.issue.made_at
    return figure, grants.entries_of(session, figure.grant.id, line, figure.first, figure.last, until)


def _figure(session: Session, actor: Actor, report_id: UUID, number: int | None, over: Over) -> Figure:
    require(actor, Act.TRACE_FIGURES)
    report = found.report(session, actor, report_id)
    grant = grants.grant(session, actor, report.grant_id)
    issue = None if number is None else found.issue(session, actor, report_id, number)
    first, last = _days(report, grant, over)
    return Figure(grant, first, last, issue)


def _days(report: Report, grant: Grant, over: Over) -> tuple[date, date]:
    if over == "period":
        return report.first, report.last
    if over == "grant":
        return grant.starts_on, report.last
    for first, last in figures.slices(report.first, report.last):
        if (first.year, first.month) == (over.year, over.month):
            return first, last
    raise InvalidInput("This month is none of the report's: choose one that its period has a day of.")
