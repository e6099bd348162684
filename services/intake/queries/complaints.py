"""Complaints and thanks: read by people other than those whom they may be about."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import ColumnElement, and_, func, select
from sqlalchemy.orm import Session, aliased

from services.intake.casework import retention
from services.intake.domain import Case, Complaint, User
from services.intake.queries.locking import locked
from shared.access import Actor, Role, visible_to
from shared.errors import NotAllowed, NotFound
from shared.vault import vault_of

READERS = frozenset({Role.CASE_MANAGER, Role.DATA_PROTECTION_OFFICER})
TEXT = "complaint.sealed"
SHOWN = 100


@dataclass(frozen=True)
class ComplaintShown:
    """A complaint; `text` is None once erased."""

    row: Complaint
    text: str | None


def may_read(actor: Actor) -> bool:
    """True for a manager or data protection officer who has signed in; no system reads complaints."""
    return actor.user_id is not None and not actor.roles.isdisjoint(READERS)


def complaints(session: Session, actor: Actor) -> list[ComplaintShown]:
    """Those that the actor may read, decrypted: what waits first, then the newest. Raises `NotAllowed`."""
    _check_reader(actor)
    order = Complaint.done_at.is_not(None), Complaint.received_at.desc(), Complaint.id
    rows = session.scalars(select(Complaint).where(_readable_by(actor)).order_by(*order).limit(SHOWN)).all()
    return _opened(session, rows)


def waiting(session: Session, actor: Actor) -> int:
    """How many of them nobody has dealt with."""
    _check_reader(actor)
    waits = select(func.count()).select_from(Complaint).where(_readable_by(actor), Complaint.done_at.is_(None))
    return session.scalar(waits) or 0


def readable_by_nobody(session: Session, actor: Actor) -> int:
    """How many wait that nobody of the organisation may read, because all who could have worked on those cases. Raises
    `NotAllowed`."""
    _check_reader(actor)
    staff = session.scalars(select(User).where(visible_to(actor, User.organisation_id), User.disabled_at.is_(None)))
    readers = {str(user.id) for user in staff if not user.role_set().isdisjoint(READERS)}
    assigned = (
        select(_WORKED_ON.assigned_to)
        .join(_OWN, _WORKED_ON.id == func.coalesce(_OWN.merged_into, _OWN.id))
        .where(_OWN.id == Complaint.case_id)
        .scalar_subquery()
    )
    waits = visible_to(actor, Complaint.organisation_id), Complaint.done_at.is_(None), Complaint.sealed.is_not(None)
    rows = session.execute(select(Complaint.not_for, assigned).where(*waits)).all()
    return sum(readers <= {*not_for.split(), str(now)} for not_for, now in rows)


def over(session: Session, actor: Actor, now: datetime) -> list[UUID]:
    """Those of them that retention proposes to erase: with a text, and dealt with long ago. Raises `NotAllowed`."""
    _check_reader(actor)
    old = Complaint.sealed.is_not(None), Complaint.done_at < now - retention.COMPLAINTS
    return list(session.scalars(select(Complaint.id).where(_readable_by(actor), *old).order_by(Complaint.id)))


def complaint(session: Session, actor: Actor, complaint_id: UUID) -> Complaint:
    """One of them, locked. Raises `NotAllowed`, `NotFound`."""
    _check_reader(actor)
    statement = select(Complaint).where(Complaint.id == complaint_id, _readable_by(actor))
    found: Complaint | None = session.scalar(locked(statement))
    if found is None:
        raise NotFound("There is no such complaint.")
    return found


def _check_reader(actor: Actor) -> None:
    if not may_read(actor):
        raise NotAllowed("Complaints are read by case managers and the data protection officer.")


def _readable_by(actor: Actor) -> ColumnElement[bool]:
    """Nobody who had worked on the case when the complaint came, nor whom it is assigned to now, or the one that is
    worked on instead: it may be about that person."""
    now = select(_WORKED_ON.id).join(_OWN, _WORKED_ON.id == func.coalesce(_OWN.merged_into, _OWN.id))
    assigned = now.where(_OWN.id == Complaint.case_id, _WORKED_ON.assigned_to == actor.user_id).exists()
    others = Complaint.not_for.not_like(f"%{actor.user_id}%")
    return and_(visible_to(actor, Complaint.organisation_id), others, ~assigned)


def _opened(session: Session, rows: Sequence[Complaint]) -> list[ComplaintShown]:
    keys = vault_of(session).open(session, [row.id for row in rows if row.sealed is not None])
    return [
        ComplaintShown(row, keys[row.id].decrypt(row.sealed, TEXT).decode() if row.sealed and row.id in keys else None)
        for row in rows
    ]


_OWN, _WORKED_ON = aliased(Case), aliased(Case)
