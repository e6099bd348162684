"""Matches as each side may see them. The enquirer's side sees none before its release, and nothing that tells of one:
every read here goes through `seen_as`."""

from __future__ import annotations

import json
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, and_, exists, false, func, not_, or_, select
from sqlalchemy.orm import Session

from services.intake import queries
from services.intake.casework.life_cycle import CHILD_PROTECTION
from services.intake.casework.matching import DECIDES, OPEN, STANDING, Side, Step
from services.intake.domain import Case, Match, MatchStep
from services.intake.queries import STATEMENTS_KEPT, seen_by
from services.intake.queries.locking import locked
from shared.access import Act, Actor, require, visible_to
from shared.errors import NotFound
from shared.vault import DataKey, vault_of

PAGE = 50
SAID, TERMS, COMPARED = "match_step.said", "match.terms", "match.compared"
"""What binds a cipher text to its place, beside its owner."""


def seen_as(actor: Actor, side: Side) -> ColumnElement[bool]:
    """The condition under which the actor sees a match from that side: who sees the side's case; of one whose other
    case is restricted, managers, officers and whose case it is. The enquirer's side only from the release on."""
    holder = side == "holder"
    own = visible_to(actor, Match.found_organisation_id if holder else Match.sought_organisation_id)
    case_id = Match.found_case_id if holder else Match.sought_case_id
    seen = exists().where(Case.id == case_id, seen_by(actor))
    if not actor.may(Act.READ_CHILDREN):
        own_case = or_(Case.assigned_to == actor.user_id, Case.created_by == actor.user_id)
        mine = own_case if actor.user_id is not None else false()
        seen = exists().where(Case.id == case_id, seen_by(actor), or_(Match.restricted.is_(False), mine))
    return and_(own, seen) if holder else and_(own, Match.released_at.is_not(None), seen)


def seen(actor: Actor) -> ColumnElement[bool]:
    """The condition under which the actor sees a match from either side."""
    return or_(seen_as(actor, "holder"), seen_as(actor, "enquirer"))


def match(session: Session, actor: Actor, match_id: UUID, *, lock: bool = False) -> Match:
    """One match, locked if asked; raises `NotFound`, also for what the actor's side is not to know of."""
    require(actor, Act.READ_CASES)
    statement = select(Match).where(Match.id == match_id, seen(actor))
    found: Match | None = session.scalar(locked(statement) if lock else statement)
    if found is None:
        raise NotFound("There is no such match.")
    return found


def sides_of(session: Session, row: Match, actor: Actor) -> tuple[Side, ...]:
    """From which sides the actor sees a match that was read through `match`."""
    both: tuple[Side, ...] = ("holder", "enquirer")
    statement = select(Match.id).where(Match.id == row.id)
    return tuple(side for side in both if session.scalar(statement.where(seen_as(actor, side))) is not None)


def matches(
    session: Session,
    actor: Actor,
    *,
    side: Side | None = None,
    states: Collection[str] = (),
    after: UUID | None = None,
    limit: int = PAGE,
) -> tuple[Sequence[Match], UUID | None]:
    """Those that the actor sees, from one side or either, in these states or any, the newest first; and the id behind
    which the next page begins. Behind one that the actor does not see there is nothing."""
    require(actor, Act.READ_CASES)
    statement = select(Match).where(seen(actor) if side is None else seen_as(actor, side))
    if states:
        statement = statement.where(Match.state.in_(sorted(states)))
    if after is not None:
        known = select(Match.id).where(Match.id == after, seen(actor)).scalar_subquery()
        statement = statement.where(Match.id < known)
    found = session.scalars(statement.order_by(Match.id.desc()).limit(limit + 1)).all()
    return found[:limit], found[limit - 1].id if len(found) > limit else None


def of_case(session: Session, case: Case, actor: Actor, *, standing: bool = False) -> Sequence[Match]:
    """The matches of a case that was read through `queries.case`, and of its duplicates, the likest first; with
    `standing`, of those alone that are open or confirmed."""
    inside = queries.together(case)
    found = and_(Match.found_case_id.in_(inside), seen_as(actor, "holder"))
    sought = and_(Match.sought_case_id.in_(inside), seen_as(actor, "enquirer"))
    statement = select(Match).where(or_(found, sought))
    if standing:
        statement = statement.where(Match.state.in_(sorted(STANDING)))
    return session.scalars(statement.order_by(Match.score.desc(), Match.id)).all()


def to_decide(
    session: Session, actor: Actor, *, by_colleagues: bool = False, after: UUID | None = None, limit: int = PAGE
) -> tuple[Sequence[Match], UUID | None]:
    """What waits for the actor's own decision; or, of the rest that waits for its organisation, for colleagues': what
    is late first, then the likest; and the id behind which the next page begins. Behind one that the actor does not see
    there is nothing."""
    require(actor, Act.READ_CASES)
    which = _waits_for(actor, by_colleagues=by_colleagues)
    order = Match.reminded.desc(), Match.score.desc(), Match.id
    statement = select(Match).where(which)
    if after is not None:
        last = session.scalar(select(Match).where(Match.id == after, seen(actor)))
        statement = statement.where(_behind(last) if last is not None else false())
    listed = session.scalars(statement.order_by(*order).limit(limit + 1)).all()
    return listed[:limit], listed[limit - 1].id if len(listed) > limit else None


def _behind(last: Match) -> ColumnElement[bool]:
    """The condition of what comes after that one in the order of `to_decide`."""
    less_like = or_(Match.score < last.score, and_(Match.score == last.score, Match.id > last.id))
    same = and_(Match.reminded.is_(last.reminded), less_like)
    return or_(same, Match.reminded.is_(False)) if last.reminded else same


def waiting(session: Session, actor: Actor, *, by_colleagues: bool = False) -> int:
    """How many `to_decide` has, without a limit."""
    require(actor, Act.READ_CASES)
    return session.scalar(_count_of_waiting(actor, by_colleagues)) or 0


@lru_cache(STATEMENTS_KEPT)
def _count_of_waiting(actor: Actor, by_colleagues: bool) -> Select[int]:
    which = _waits_for(actor, by_colleagues=by_colleagues)
    return select(func.count()).select_from(Match).where(which)


def overdue(session: Session, actor: Actor) -> tuple[Sequence[Match], int]:
    """What nobody of the actor's organisation has decided in time, for its managers: (the first of it, the oldest
    first; how many there are)."""
    require(actor, Act.READ_CASES)
    late = and_(Match.reminded, _waits_for_side(actor))
    statement = select(Match).where(late).order_by(Match.proposed_at, Match.id).limit(PAGE)
    return session.scalars(statement).all(), session.scalar(select(func.count()).where(late)) or 0


def _waits_for(actor: Actor, *, by_colleagues: bool = False) -> ColumnElement[bool]:
    """The condition of what the actor itself may decide now; or of the rest that its organisation decides."""
    own = or_(false(), *(_decided_by(actor, state, step) for state, step in DECIDES.items()))
    return and_(_waits_for_side(actor), not_(own) if by_colleagues else own)


def _waits_for_side(actor: Actor) -> ColumnElement[bool]:
    """What waits for the actor's organisation, as far as the actor sees it."""
    each = (and_(Match.state == state, seen_as(actor, step.side)) for state, step in DECIDES.items())
    return and_(Match.state.in_(sorted(OPEN)), or_(*each))


def _decided_by(actor: Actor, state: str, step: Step) -> ColumnElement[bool]:
    """What of that state the actor's role lets it decide, and nobody else has to."""
    if actor.user_id is None or not actor.may(Act.CHANGE_CASES) or actor.roles.isdisjoint(step.roles):
        return false()
    conditions = [Match.state == state]
    if step.of_child and actor.roles.isdisjoint(step.roles & CHILD_PROTECTION):
        conditions.append(Match.child.is_(False))
    if step.name == "confirm":
        conditions.append(or_(Match.released_by.is_(None), Match.released_by != actor.user_id))
    return and_(*conditions)


@dataclass(frozen=True)
class Said:
    """One step of a match's history, with what was written."""

    step: MatchStep
    said: dict[str, Any]


def history(session: Session, row: Match, sides: Collection[Side]) -> list[Said]:
    """What happened to a match that was read through `match`, oldest first; for the enquirer's side from the release
    on, and of the other side's reasons only what was asked and answered."""
    statement = select(MatchStep).where(MatchStep.match_id == row.id)
    if "holder" not in sides:
        statement = statement.where(MatchStep.told)
    key = key_of(session, row)
    found = []
    for one in session.scalars(statement.order_by(MatchStep.number)):
        reads = one.side in sides or one.what in {"ask", "answer"}
        said = json.loads(key.decrypt(one.said, SAID)) if key and one.said is not None and reads else {}
        found.append(Said(one, said))
    return found


def key_of(session: Session, row: Match) -> DataKey | None:
    """The key of what a match holds; None once erased."""
    if row.wrapped is None:
        return None
    return vault_of(session).unwrapped(row.id, row.key_id, row.wrapped)
