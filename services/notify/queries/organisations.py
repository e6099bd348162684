"""Messages to organisations, and what is due of them."""

from __future__ import annotations

from collections.abc import Sequence, Set
from datetime import datetime
from uuid import UUID

from sqlalchemy import BindParameter, ColumnElement, and_, bindparam, exists, func, select
from sqlalchemy.orm import Session

from services.notify.domain import Attempt, CaseHold, Notification, OrganisationName, RefusedRow
from services.notify.domain.statuses import UNSENT
from services.notify.settings import REFUSED_ROWS_NAMED, SERVICE
from shared.errors import NotYet
from shared.messaging.tables import held


def organisation(session: Session, organisation_id: UUID) -> OrganisationName:
    """Whom to write to; raises `NotYet` while its registration is still under way."""
    return organisations(session, {organisation_id})[organisation_id]


def organisations(session: Session, ids: Set[UUID]) -> dict[UUID, OrganisationName]:
    """Each of these, by id; raises as `organisation`."""
    found = {one.organisation_id: one for one in session.scalars(_NAMED, {"ids": sorted(ids)})} if ids else {}
    if found.keys() != ids:
        raise NotYet("The organisation's registration has not arrived.")
    return found


_IDS: BindParameter[Sequence[UUID]] = bindparam("ids", expanding=True)
_NAMED = select(OrganisationName).where(OrganisationName.organisation_id.in_(_IDS))


def refused_rows(session: Session, import_id: UUID) -> tuple[Sequence[RefusedRow], int]:
    """(the first refused rows of an import, how many there are)."""
    rows = session.scalars(
        select(RefusedRow).where(RefusedRow.import_id == import_id).order_by(RefusedRow.row).limit(REFUSED_ROWS_NAMED)
    ).all()
    total = session.scalar(select(func.count()).where(RefusedRow.import_id == import_id)) or 0
    return rows, total


def flows() -> ColumnElement[bool]:
    """The condition under which a notification may be sent: its subject is held neither here nor elsewhere."""
    here = exists().where(held.c.consumer == SERVICE, held.c.subject == Notification.fact_subject)
    return and_(~here, ~exists().where(CaseHold.subject == Notification.fact_subject))


def due(session: Session, now: datetime, limit: int) -> Sequence[UUID]:
    """Notifications whose next attempt is due."""
    return session.scalars(
        select(Notification.id)
        .where(Notification.next_attempt_at <= now, Notification.contact_id.is_(None), flows())
        .order_by(Notification.next_attempt_at)
        .limit(limit)
    ).all()


def waiting(session: Session) -> tuple[int, datetime | None]:
    """(how many notifications wait for an attempt, when the oldest of them was made). Whose outcome alone is waited for
    is not among them."""
    unsent = Notification.next_attempt_at.is_not(None), Notification.status.in_(UNSENT)
    asked = select(func.count(), func.min(Notification.created_at)).where(*unsent)
    count, oldest = session.execute(asked).one()
    return count, oldest


def broken_off(session: Session, before: datetime) -> Sequence[Attempt]:
    """Attempts at organisations that began before a moment and have no outcome: a crash broke them off."""
    open_ones = Attempt.outcome.is_(None), Attempt.started_at < before, Attempt.provider.is_(None)
    return session.scalars(select(Attempt).where(*open_ones)).all()
