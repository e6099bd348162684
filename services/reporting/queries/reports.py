"""Reports and their issues: staff see their organisation's, donors' readers what was published for them."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Literal
from uuid import UUID

from sqlalchemy import ColumnElement, Select, and_, false, func, or_, select
from sqlalchemy.orm import Session, undefer

from services.reporting.domain import Grant, Reminder, Report, ReportIssue, ReportSection, Schedule
from services.reporting.domain.report import SECTION_TITLES
from services.reporting.queries.grants import locked
from services.reporting.rendering.issue import Issue, Section, Signature
from shared.access import Act, Actor, require, visible_to
from shared.errors import MisconfiguredError, NotFound


def reports(
    session: Session, actor: Actor, *, grant_id: UUID | None = None, state: str | None = None
) -> Sequence[Report]:
    """The organisation's reports, what is due first; of one grant, or in one state. Raises `NotAllowed`."""
    require(actor, Act.READ_GRANTS)
    statement = select(Report).where(visible_to(actor, Report.organisation_id))
    if grant_id is not None:
        statement = statement.where(Report.grant_id == grant_id)
    if state is not None:
        statement = statement.where(Report.state == state)
    return session.scalars(statement.order_by(Report.due_on, Report.id)).all()


def report(session: Session, actor: Actor, report_id: UUID, *, lock: bool = False, draft: bool = False) -> Report:
    """One of them, with the bytes of its draft where they are asked for; raises `NotFound`."""
    require(actor, Act.READ_GRANTS)
    statement = select(Report).where(Report.id == report_id, visible_to(actor, Report.organisation_id))
    if draft:
        statement = statement.options(undefer(Report.draft))
    found: Report | None = session.scalar(locked(statement) if lock else statement)
    if found is None:
        raise NotFound("There is no such report.")
    return found


def report_over(session: Session, grant_id: UUID, first: date, last: date) -> Report | None:
    """The report of this very period, of a grant that was read through `grants.grant`."""
    return session.scalar(select(Report).where(Report.grant_id == grant_id, Report.first == first, Report.last == last))


def drafted(session: Session, actor: Actor, report_id: UUID) -> Issue:
    """The draft as it was kept. Raises `NotFound` where none is there."""
    found = report(session, actor, report_id, draft=True)
    if found.draft is None or found.draft_digest is None:
        raise NotFound("This report has no draft yet: draft it.")
    return opened(found.draft, found.draft_digest)


def sections_of(session: Session, report_id: UUID) -> dict[str, ReportSection]:
    """What was written for a report that was read through `report`, by section."""
    found = session.scalars(select(ReportSection).where(ReportSection.report_id == report_id))
    return {one.key: one for one in found}


def narrative_of(session: Session, grant: Grant, report_id: UUID | None) -> tuple[Section, ...]:
    """The sections that the grant's reports need, in the template's order, with what was written and signed."""
    written = {} if report_id is None else sections_of(session, report_id)
    return tuple(_section(key, written.get(key)) for key in SECTION_TITLES if key in grant.sections)


def _section(key: str, written: ReportSection | None) -> Section:
    if written is None:
        return Section(key=key, title=SECTION_TITLES[key])
    signed = None
    if written.signed_on is not None and written.signed_role and written.signed_organisation:
        signed = Signature(role=written.signed_role, organisation=written.signed_organisation, on=written.signed_on)
    return Section(key=key, title=SECTION_TITLES[key], paragraphs=written.paragraphs, signed=signed)


Standing = Literal["published", "superseded"]


@dataclass(frozen=True)
class IssueEntry:
    """One published issue in a list. superseded: the same report has a later one that the reader may see."""

    issue: ReportIssue
    grant: Grant
    standing: Standing


def readable(actor: Actor) -> ColumnElement[bool]:
    """The condition under which an actor reads an issue: staff those of their organisation, a donor's readers those
    that were published for it."""
    own = visible_to(actor, ReportIssue.organisation_id) if actor.may(Act.READ_GRANTS) else false()
    given = and_(ReportIssue.audience == "donor", ReportIssue.donor_organisation_id == actor.organisation_id)
    return or_(own, given if actor.may(Act.READ_PUBLISHED) else false())


def issues(
    session: Session, actor: Actor, *, report_id: UUID | None = None, grant_id: UUID | None = None
) -> Sequence[IssueEntry]:
    """The published issues that the actor may read, the newest period first, later issues before earlier ones."""
    statement = select(ReportIssue, Grant).join(Grant, Grant.id == ReportIssue.grant_id).where(readable(actor))
    if report_id is not None:
        statement = statement.where(ReportIssue.report_id == report_id)
    if grant_id is not None:
        statement = statement.where(ReportIssue.grant_id == grant_id)
    newest: set[UUID] = set()
    found = []
    order = ReportIssue.last.desc(), ReportIssue.first.desc(), ReportIssue.report_id, ReportIssue.number.desc()
    for issue, grant in session.execute(statement.order_by(*order)):
        found.append(IssueEntry(issue, grant, "superseded" if issue.report_id in newest else "published"))
        newest.add(issue.report_id)
    return found


def issue(session: Session, actor: Actor, report_id: UUID, number: int) -> Issue:
    """One published issue as it was frozen. Raises `NotFound` for one that the actor may not read."""
    found = session.scalar(
        select(ReportIssue)
        .where(ReportIssue.report_id == report_id, ReportIssue.number == number, readable(actor))
        .options(undefer(ReportIssue.snapshot))
    )
    if found is None:
        raise NotFound("There is no such issue.")
    return opened(found.snapshot, found.digest)


def issue_before(session: Session, report: Report) -> Issue | None:
    """The issue that the one worked on would supersede, of a report that was read through `report`."""
    found = session.scalar(
        select(ReportIssue)
        .where(ReportIssue.report_id == report.id, ReportIssue.number < report.number)
        .order_by(ReportIssue.number.desc())
        .limit(1)
        .options(undefer(ReportIssue.snapshot))
    )
    return None if found is None else opened(found.snapshot, found.digest)


def issue_of_earlier_period(session: Session, actor: Actor, later: ReportIssue) -> Issue | None:
    """The newest issue, of those that the actor may read, of the same grant's last period before this one's."""
    found = session.scalar(
        select(ReportIssue)
        .where(ReportIssue.grant_id == later.grant_id, ReportIssue.last < later.first, readable(actor))
        .order_by(ReportIssue.last.desc(), ReportIssue.first, ReportIssue.number.desc())
        .limit(1)
        .options(undefer(ReportIssue.snapshot))
    )
    return None if found is None else opened(found.snapshot, found.digest)


def newest_over(session: Session, grant_id: UUID, first: date, last: date) -> tuple[ReportIssue, Issue] | None:
    """The newest issue over this very period, of a grant that was read through `grants.grant`: its row and itself."""
    found = session.scalar(
        select(ReportIssue)
        .where(ReportIssue.grant_id == grant_id, ReportIssue.first == first, ReportIssue.last == last)
        .order_by(ReportIssue.number.desc())
        .limit(1)
        .options(undefer(ReportIssue.snapshot))
    )
    return None if found is None else (found, opened(found.snapshot, found.digest))


def given_to_donor(session: Session, grant_id: UUID, first: date, last: date) -> ReportIssue | None:
    """An issue for the donor whose period has a day in common with this one, if there is any."""
    return session.scalar(
        select(ReportIssue)
        .where(
            ReportIssue.grant_id == grant_id,
            ReportIssue.audience == "donor",
            ReportIssue.first <= last,
            ReportIssue.last >= first,
        )
        .limit(1)
    )


def opened(snapshot: bytes, digest: str) -> Issue:
    """The issue of these bytes. Raises `MisconfiguredError` where they are not those that were kept."""
    if hashlib.sha256(snapshot).hexdigest() != digest:
        raise MisconfiguredError("A report's snapshot is not what was frozen: restore reporting from a backup.")
    return Issue.frozen(snapshot)


@dataclass(frozen=True)
class DueEntry:
    """One line of the due calendar. `report` is None while its period runs."""

    grant: Grant
    first: date
    last: date
    due_on: date
    report: Report | None
    remind_on: tuple[date, ...]
    reminded: tuple[int, ...]
    """So many days before it was due a reminder was made."""

    def overdue(self, now: datetime) -> bool:
        """Whether it should have been published by now, on the grant's own day."""
        return self.due_on < self.grant.day_of(now) and (self.report is None or self.report.state != "published")


def due_calendar(session: Session, actor: Actor, *, until: date) -> Sequence[DueEntry]:
    """What is to be reported up to this day, what is due first: reports that are not published, and the coming periods
    of active schedules."""
    require(actor, Act.READ_GRANTS)
    found = _being_made(session, actor, until) + _coming(session, actor, until)
    return sorted(found, key=lambda one: (one.due_on, one.grant.number, one.first))


def _being_made(session: Session, actor: Actor, until: date) -> list[DueEntry]:
    rows = session.execute(
        select(Report, Grant, Schedule)
        .join(Grant, Grant.id == Report.grant_id)
        .outerjoin(Schedule, Schedule.id == Report.schedule_id)
        .where(visible_to(actor, Report.organisation_id), Report.state != "published", Report.due_on <= until)
    ).all()
    made: dict[UUID, list[int]] = {report.id: [] for report, _, _ in rows}
    for one in session.scalars(select(Reminder).where(Reminder.report_id.in_(made))):
        made[one.report_id].append(one.days)
    return [
        DueEntry(
            grant, report.first, report.last, report.due_on, report, _days(report.due_on, schedule), (*made[report.id],)
        )
        for report, grant, schedule in rows
    ]


def _coming(session: Session, actor: Actor, until: date) -> list[DueEntry]:
    return [
        DueEntry(grant, first, last, schedule.due_on(last), None, _days(schedule.due_on(last), schedule), ())
        for schedule, grant, first, last in unreported(session, visible_to(actor, Schedule.organisation_id))
        if schedule.due_on(last) <= until
    ]


def unreported(session: Session, which: ColumnElement[bool]) -> Sequence[tuple[Schedule, Grant, date, date]]:
    """The periods of these schedules, as far as they are active, that have no report yet. One of which its donor has a
    part begins behind that part: the grant was prolonged, or its schedule changed."""
    active = and_(Schedule.active, which)
    rows = session.execute(
        select(Schedule, Grant).join(Grant, Grant.id == Schedule.grant_id).where(active).order_by(Schedule.id)
    ).all()
    known, given = _reported(session, select(Schedule.grant_id).where(active))
    found = []
    for schedule, grant in rows:
        for first, last in schedule.spans(grant.starts_on, grant.ends_on):
            begin = _behind(given.get(grant.id), first, last)
            if not known & {(grant.id, first, last), (grant.id, begin, last)}:
                found.append((schedule, grant, begin, last))
    return found


def _reported(session: Session, of: Select[UUID]) -> tuple[set[tuple[UUID, date, date]], dict[UUID, date]]:
    """Of these grants: the periods that have a report, and the last day that its donor has an issue of."""
    periods = select(Report.grant_id, Report.first, Report.last).where(Report.grant_id.in_(of))
    issues = ReportIssue.grant_id.in_(of), ReportIssue.audience == "donor"
    last_days = select(ReportIssue.grant_id, func.max(ReportIssue.last)).where(*issues).group_by(ReportIssue.grant_id)
    known = {(grant_id, first, last) for grant_id, first, last in session.execute(periods)}
    return known, {grant_id: last for grant_id, last in session.execute(last_days)}


def _behind(given: date | None, first: date, last: date) -> date:
    return given + timedelta(days=1) if given is not None and first <= given < last else first


def _days(due_on: date, schedule: Schedule | None) -> tuple[date, ...]:
    return tuple(due_on - timedelta(days=days) for days in (schedule.remind_days if schedule is not None else ()))
