"""Matches as each side may see them. The enquirer's side sees none before its release, and nothing that tells of one:
every read here goes through `seen_as`."""

from __future__ import annotations

import json
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, and_, exists, false, func, or_, select
from sqlalchemy.orm import Session

from services.intake import queries
from services.intake.casework.matching import OPEN, STANDING, Side
from services.intake.domain import Case, Match, MatchStep
from services.intake.queries import seen_by
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


def to_decide(session: Session, actor: Actor, *, limit: int = PAGE) -> Sequence[Match]:
    """What waits for a decision of the actor's side: what is late first, then the likest."""
    require(actor, Act.READ_CASES)
    late = Match.reminded.desc()
    statement = select(Match).where(_waits_for(actor)).order_by(late, Match.score.desc(), Match.id).limit(limit)
    return session.scalars(statement).all()


def waiting(session: Session, actor: Actor) -> int:
    """How many `to_decide` has, without a limit."""
    require(actor, Act.READ_CASES)
    return session.scalar(select(func.count()).select_from(Match).where(_waits_for(actor))) or 0


def overdue(session: Session, actor: Actor) -> Sequence[Match]:
    """What nobody of the actor's organisation has decided in time, for its managers; the oldest first."""
    require(actor, Act.READ_CASES)
    statement = select(Match).where(Match.reminded, _waits_for(actor))
    return session.scalars(statement.order_by(Match.proposed_at, Match.id).limit(PAGE)).all()


def _waits_for(actor: Actor) -> ColumnElement[bool]:
    ours = and_(Match.state.in_(("proposed", "information_asked")), seen_as(actor, "holder"))
    theirs = and_(Match.state == "released", seen_as(actor, "enquirer"))
    return and_(Match.state.in_(sorted(OPEN)), or_(ours, theirs))


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
