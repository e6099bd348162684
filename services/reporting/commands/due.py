"""Reports become due as their periods end, and somebody is reminded of them."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from datetime import date, datetime, timedelta
from functools import partial
from uuid import UUID

from sqlalchemy import or_, select, true
from sqlalchemy.orm import Session

from services.reporting.commands.reports import new_report
from services.reporting.domain import Grant, Reminder, Report, Schedule
from services.reporting.queries.reports import unreported
from shared.database import table_of, upsert
from shared.events import ReportReminded
from shared.logging import describe_error
from shared.messaging.holds import EVENTS_OWN_ERRORS
from shared.messaging.log import record

log = logging.getLogger(__name__)

TRY_AGAIN = timedelta(hours=1)
"""After a report could not be drafted."""


def open_what_is_due(session: Session, now: datetime) -> int:
    """Each period of an active schedule that is over, in its grant's time zone, has a report. Returns how many were
    opened. Twice at once does no harm, and one that cannot be opened keeps no other from it."""
    return sum(
        _apart(session, grant, partial(_open, session, schedule, grant, first, last, now))
        for schedule, grant, first, last in unreported(session, true())
    )


def remind(session: Session, now: datetime) -> int:
    """The organisation is reminded of each report that is not published, on each of the days that its schedule names.
    Returns of how many reports; of a day once, and of several days that have passed unseen, once."""
    rows = session.execute(
        select(Report, Schedule, Grant)
        .join(Schedule, Schedule.id == Report.schedule_id)
        .join(Grant, Grant.id == Report.grant_id)
        .where(Report.state != "published")
        .order_by(Report.id)
    ).all()
    return sum(
        _apart(session, grant, partial(_remind, session, report, schedule, grant, now))
        for report, schedule, grant in rows
    )


def _apart(session: Session, grant: Grant, work: Callable[[], bool]) -> bool:
    """What `work` returns. Whatever is wrong with this grant is logged, taken back, and stops no other's."""
    try:
        with session.begin_nested():
            return work()
    except EVENTS_OWN_ERRORS as error:
        told = {"grant": str(grant.id), "error": describe_error(error)}
        log.error("a grant's reports are not looked after", extra=told)  # noqa: TRY400 # a traceback could hold a value
        return False


def _remind(session: Session, report: Report, schedule: Schedule, grant: Grant, now: datetime) -> bool:
    table = table_of(Reminder)
    passed = [days for days in schedule.remind_days if grant.day_of(now) >= report.due_on - timedelta(days=days)]
    made = False
    for days in passed:
        row = {"report_id": report.id, "days": days, "organisation_id": report.organisation_id, "made_at": now}
        inserted = upsert(session, table).values(**row).on_conflict_do_nothing().returning(table.c.days)
        made |= session.execute(inserted).one_or_none() is not None
    if made:
        record(session, _reminded(report, grant))
    return made


def _reminded(report: Report, grant: Grant) -> ReportReminded:
    return ReportReminded(
        organisation_id=report.organisation_id,
        grant_id=grant.id,
        report_id=report.id,
        grant=grant.number,
        date_from=report.first,
        date_to=report.last,
        due_on=report.due_on,
        state=report.state,
    )


def waiting_for_a_draft(session: Session, now: datetime) -> Sequence[UUID]:
    """The reports that are due and not drafted, what is due first; those that failed wait for an hour."""
    long_ago = now - TRY_AGAIN
    return session.scalars(
        select(Report.id)
        .where(Report.state == "due", or_(Report.failed_at.is_(None), Report.failed_at <= long_ago))
        .order_by(Report.due_on, Report.id)
    ).all()


def _open(session: Session, schedule: Schedule, grant: Grant, first: date, last: date, now: datetime) -> bool:
    if last >= grant.day_of(now):
        return False
    table = table_of(Report)
    row = new_report(grant, first, last, schedule.due_on(last), schedule.id)
    inserted = upsert(session, table).values(**row).on_conflict_do_nothing().returning(table.c.id)
    return session.execute(inserted).one_or_none() is not None
