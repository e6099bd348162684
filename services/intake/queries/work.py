"""What waits for somebody: due, overdue, theirs, nobody's. And who may take a case on."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, and_, bindparam, func, or_, select
from sqlalchemy.orm import Session

from services.intake.casework import CASE_TYPES
from services.intake.casework.life_cycle import CASE_WORK
from services.intake.domain import Case, User
from services.intake.queries import STATEMENTS_KEPT, seen_by
from shared.access import Act, Actor, require, visible_to

SOON = timedelta(days=7)
SHOWN = 50
"""Of each list; the count tells of the rest."""


@dataclass(frozen=True)
class WorkList:
    """The first cases of a list, the most urgent first, and how many there are."""

    cases: Sequence[Case]
    count: int


@dataclass(frozen=True)
class Work:
    """The lists of one person's work."""

    overdue: WorkList
    """Escalated: their own, and for managers everybody's."""
    due: WorkList
    """Theirs, within a week."""
    waiting: WorkList
    """Theirs, without a day that is near."""
    unassigned: WorkList | None
    """Nobody's yet, for those who assign."""


def work(session: Session, actor: Actor, today: date) -> Work:
    """What waits for the actor on that day."""
    require(actor, Act.READ_CASES)
    assigns = actor.may(Act.ASSIGN_CASES)
    mine = Case.assigned_to == actor.user_id
    soon = today + SOON
    late = Case.due_on < today
    in_time = or_(Case.due_on.is_(None), Case.due_on >= today)
    return Work(
        overdue=_listed(session, actor, late if assigns else and_(mine, late), Case.due_on, Case.id),
        due=_listed(session, actor, and_(mine, Case.due_on.between(today, soon)), Case.due_on, Case.id),
        waiting=_listed(session, actor, and_(mine, or_(Case.due_on.is_(None), Case.due_on > soon)), Case.id),
        unassigned=_listed(session, actor, and_(Case.assigned_to.is_(None), in_time), Case.id) if assigns else None,
    )


def urgent(session: Session, actor: Actor, today: date) -> int:
    """How many of the actor's own cases are due today, or were before."""
    return session.scalar(_count_of_urgent(actor), {"today": today}) or 0


@lru_cache(STATEMENTS_KEPT)
def _count_of_urgent(actor: Actor) -> Select[int]:
    mine = Case.assigned_to == actor.user_id, Case.due_on <= bindparam("today")
    return select(func.count()).where(*mine, seen_by(actor), _open())


def colleagues(session: Session, actor: Actor) -> Sequence[User]:
    """Who may be given a case: the case workers of the actor's organisation, by name."""
    require(actor, Act.ASSIGN_CASES)
    statement = select(User).where(visible_to(actor, User.organisation_id), User.disabled_at.is_(None))
    found = [user for user in session.scalars(statement) if not user.role_set().isdisjoint(CASE_WORK)]
    return sorted(found, key=lambda user: user.display_name.casefold())


def staff_names(session: Session, actor: Actor, ids: Iterable[UUID | None]) -> dict[UUID, str]:
    """What colleagues are called; another organisation's staff are not in it."""
    wanted = {one for one in ids if one is not None}
    if not wanted:
        return {}
    own = visible_to(actor, User.organisation_id)
    rows = session.execute(select(User.id, User.display_name).where(User.id.in_(wanted), own))
    return {id_: name for id_, name in rows}


def _listed(session: Session, actor: Actor, condition: ColumnElement[bool], *order: Any) -> WorkList:
    found = and_(condition, seen_by(actor), _open(), Case.type != "mass_incident")
    cases = session.scalars(select(Case).where(found).order_by(*order).limit(SHOWN)).all()
    if len(cases) < SHOWN:
        return WorkList(cases, len(cases))
    return WorkList(cases, session.scalar(select(func.count()).select_from(Case).where(found)) or 0)


def _open() -> ColumnElement[bool]:
    """The work on the case is not done, and not done in another that it was merged into."""
    closed = {state for kind in CASE_TYPES.values() for state in kind.life_cycle.closed}
    return and_(Case.merged_into.is_(None), Case.status.not_in(sorted(closed)))
