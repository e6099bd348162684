"""From a figure of a report back to its facts, for an auditor: ids and places in the log, nothing else."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy.orm import Session

from services.reporting.domain import Report
from services.reporting.drafting.figures import scope_of
from services.reporting.indicators import INDICATORS
from services.reporting.queries import figures, grants
from services.reporting.queries import reports as found
from services.reporting.queries.figures import FactRef
from shared.access import Act, Actor, require
from shared.errors import NotFound


def facts_of_report(
    session: Session, actor: Actor, report_id: UUID, code: str, number: int | None = None
) -> tuple[Report, Sequence[FactRef]]:
    """The report and the facts behind an indicator over its period: as counted now, or of an issue's number, those up
    to the positions that the issue covers. A fact that a later one moved out of the period is in neither.

    To be read in one snapshot. Raises `NotAllowed`, and `NotFound` for a report, indicator or issue that is not there.
    """
    require(actor, Act.TRACE_FIGURES)
    report = found.report(session, actor, report_id)
    if code not in INDICATORS:
        raise NotFound("There is no indicator of this code.")
    grant = grants.grant(session, actor, report.grant_id)
    facts = figures.facts_behind(session, scope_of(grant), report.first, report.last, INDICATORS[code])
    if number is None:
        return report, facts
    issue = found.issue(session, actor, report_id, number)
    covered = {(one.source, one.partition): one.position for one in issue.covers}
    return report, [one for one in facts if one.position <= covered.get((one.source, one.partition), 0)]
