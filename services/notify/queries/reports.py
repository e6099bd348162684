"""The readers of reports, and the mails to them: an organisation sees its own; and what is due."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import exists, select
from sqlalchemy.orm import Session

from services.notify.domain import CaseHold, ReportAttempt, ReportDelivery, ReportReader
from services.notify.domain.reports import WAITING
from services.notify.settings import SERVICE
from shared.access import Act, Actor, require, visible_to
from shared.errors import NotFound
from shared.messaging.tables import held

MOST = 500
"""Readers, or mails, in one list."""


def readers(session: Session, actor: Actor, grant_id: UUID | None = None) -> Sequence[ReportReader]:
    """The readers of the organisation's reports, also those that ended, newest first. Raises `NotAllowed`."""
    require(actor, Act.READ_GRANTS)
    statement = select(ReportReader).where(visible_to(actor, ReportReader.organisation_id))
    if grant_id is not None:
        statement = statement.where(ReportReader.grant_id == grant_id)
    return session.scalars(statement.order_by(ReportReader.added_at.desc(), ReportReader.id).limit(MOST)).all()


def reader(session: Session, actor: Actor, reader_id: UUID, *, lock: bool = False) -> ReportReader:
    """One of them; raises `NotFound`."""
    require(actor, Act.READ_GRANTS)
    own = ReportReader.id == reader_id, visible_to(actor, ReportReader.organisation_id)
    statement = select(ReportReader).where(*own)
    found: ReportReader | None = session.scalar(statement.with_for_update(key_share=True) if lock else statement)
    if found is None:
        raise NotFound("There is no such reader of reports.")
    return found


def deliveries(
    session: Session, actor: Actor, *, grant_id: UUID | None = None, report_id: UUID | None = None
) -> Sequence[ReportDelivery]:
    """The mails with the organisation's reports, newest first. Raises `NotAllowed`."""
    require(actor, Act.READ_GRANTS)
    statement = select(ReportDelivery).where(visible_to(actor, ReportDelivery.organisation_id))
    if grant_id is not None:
        statement = statement.where(ReportDelivery.grant_id == grant_id)
    if report_id is not None:
        statement = statement.where(ReportDelivery.report_id == report_id)
    newest = statement.order_by(ReportDelivery.created_at.desc(), ReportDelivery.id).limit(MOST)
    return session.scalars(newest).all()


def delivery(session: Session, actor: Actor, delivery_id: UUID, *, lock: bool = False) -> ReportDelivery:
    """One of them; raises `NotFound`."""
    require(actor, Act.READ_GRANTS)
    own = ReportDelivery.id == delivery_id, visible_to(actor, ReportDelivery.organisation_id)
    statement = select(ReportDelivery).where(*own)
    found: ReportDelivery | None = session.scalar(statement.with_for_update() if lock else statement)
    if found is None:
        raise NotFound("There is no such mail with a report.")
    return found


def due_reports(session: Session, now: datetime, limit: int) -> Sequence[ReportDelivery]:
    """Mails that are due, those of one issue together. What concerns a grant that is on hold waits."""
    flowing = (
        ~exists().where(CaseHold.subject == ReportDelivery.subject),
        ~exists().where(held.c.consumer == SERVICE, held.c.subject == ReportDelivery.subject),
    )
    due = ReportDelivery.next_attempt_at <= now, ReportDelivery.status.in_(WAITING)
    order = ReportDelivery.report_id, ReportDelivery.number, ReportDelivery.id
    return session.scalars(select(ReportDelivery).where(*due, *flowing).order_by(*order).limit(limit)).all()


def reports_broken_off(session: Session, before: datetime) -> Sequence[ReportAttempt]:
    """Attempts that began before a moment and have no outcome: a crash broke them off."""
    open_ones = ReportAttempt.outcome.is_(None), ReportAttempt.started_at < before
    return session.scalars(select(ReportAttempt).where(*open_ones)).all()


def reports_under_way(session: Session, now: datetime) -> bool:
    """True while a mail with a report is due, or on its way."""
    sending = select(ReportDelivery.id).where(ReportDelivery.status == "sending").limit(1)
    return bool(due_reports(session, now, 1)) or session.scalar(sending) is not None


def link_digest(token: str) -> bytes:
    """What is kept of the token in a link."""
    return hashlib.sha256(token.encode()).digest()


def delivery_of_link(session: Session, token: str) -> ReportDelivery | None:
    """The mail in which a link stood; None for a token that nobody was given."""
    return session.scalar(select(ReportDelivery).where(ReportDelivery.link_digest == link_digest(token)))
