"""Drafting in two steps: figures are read in one snapshot, which takes no lock, and kept in a short transaction."""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import datetime
from uuid import UUID

from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from services.reporting.commands.drafts import Draft, make_draft
from services.reporting.commands.due import waiting_for_a_draft
from services.reporting.commands.grants import check_version
from services.reporting.commands.reports import check_submittable, keep_draft, locked_report, submit
from services.reporting.domain import Grant, Report
from services.reporting.queries import grants
from services.reporting.queries import reports as found
from services.reporting.rendering import RENDERINGS
from services.reporting.rendering.issue import Issue
from shared.access import Act, Actor, require
from shared.database import reading, transaction
from shared.errors import KinbridgeError
from shared.logging import describe_error

log = logging.getLogger(__name__)
Check = Callable[[Session, Report], None]


def draft_report(
    engine: Engine, actor: Actor, report_id: UUID, expected: int | None, draft: Draft, now: datetime
) -> Report:
    """Make the draft anew, of the figures and words of now. Raises `NotFound`, `NotAllowed`, `Conflict`, `Stale`."""

    def check(_session: Session, report: Report) -> None:
        require(actor, Act.WRITE_REPORTS)
        report.check("draft")

    version, issue = _composed(engine, actor, report_id, expected, draft, now, check)
    with transaction(engine) as session:
        report = locked_report(session, actor, report_id, version)
        return keep_draft(session, report, issue, now)


def submit_report(
    engine: Engine, actor: Actor, report_id: UUID, expected: int | None, draft: Draft, now: datetime
) -> Report:
    """Hand over figures and words as they are now. Raises as `draft_report`, and `InvalidInput` that names each section
    which is not written and signed, or each place of a text that cannot be printed (`UnprintableText`)."""

    def check(session: Session, report: Report) -> None:
        require(actor, Act.WRITE_REPORTS)
        check_submittable(session, actor, report)

    version, issue = _composed(engine, actor, report_id, expected, draft, now, check)
    RENDERINGS["pdf"].render(issue)  # what is published is mailed in every format or in none
    with transaction(engine) as session:
        report = locked_report(session, actor, report_id, version)
        return submit(session, actor, report, issue, now)


def draft_all_due(engine: Engine, draft: Draft, now: datetime) -> dict[UUID, bool]:
    """Draft every report that waits for it; whether each came about. One that cannot be drafted says why, and the next
    is drafted, also where the database refused it alone: it found no room for so large a question. Raises where the
    database is gone, for that cannot be written down either; the next tick tries again."""
    with reading(engine) as session:
        waiting = list(waiting_for_a_draft(session, now))
    return {report_id: _draft_due(engine, report_id, draft, now) for report_id in waiting}


def _draft_due(engine: Engine, report_id: UUID, draft: Draft, now: datetime) -> bool:
    with reading(engine, snapshot=True) as session:
        report = session.scalars(select(Report).where(Report.id == report_id)).one()
        grant = session.scalars(select(Grant).where(Grant.id == report.grant_id)).one()
        made = _made(session, grant, report, draft, now)
    with transaction(engine) as session:
        statement = select(Report).where(Report.id == report_id, Report.state == "due")
        row: Report | None = session.scalar(statement.with_for_update(skip_locked=True))
        if row is None or row.version != report.version:
            return False  # another scheduler, or somebody, was first
        if isinstance(made, Issue):
            row.keep_draft(made.canonical, made.digest, now)
        else:
            row.fail(made, now)
        session.flush()
        return isinstance(made, Issue)


def _made(session: Session, grant: Grant, report: Report, draft: Draft, now: datetime) -> Issue | str:
    """The draft, or why there is none."""
    try:
        return make_draft(session, grant, report, draft, now)
    except Exception as error:  # noqa: BLE001 # one bad report never stops the batch, whatever is wrong with it
        told = {"report": str(report.id), "error": describe_error(error)}
        log.error("a report cannot be drafted", extra=told)  # noqa: TRY400 # a traceback could hold a value
        return _reason(error)


def _reason(error: Exception) -> str:
    """What may be shown of it: the sentence of an error raised on purpose, else its class and place in the code."""
    if isinstance(error, KinbridgeError):
        return str(error)
    told = describe_error(error)
    return f"{told['class']} at {told['location']}"


def _composed(
    engine: Engine,
    actor: Actor,
    report_id: UUID,
    expected: int | None,
    draft: Draft,
    now: datetime,
    check: Check,
) -> tuple[int, Issue]:
    """(the version that was read, the issue as it would be now)."""
    with reading(engine, snapshot=True) as session:
        report = found.report(session, actor, report_id)
        check_version(report.version, expected)
        check(session, report)
        grant = grants.grant(session, actor, report.grant_id)
        return report.version, make_draft(session, grant, report, draft, now)
