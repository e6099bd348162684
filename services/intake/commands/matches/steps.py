"""One side of a match acts on it, as its side, its role and the state allow. Two people decide, never a machine."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from services.intake import queries
from services.intake.casework.forms import Form
from services.intake.casework.matching import (
    CONFIRMED,
    DECIDED_WITHIN,
    LOOK_FURTHER,
    LOOKED_INTO,
    NEXT_WITHIN,
    NOT_THE_SAME,
    RELEASED,
    STEPS,
    UNLINK,
    WITHDRAWN,
    LookFurther,
    Release,
    Side,
    Step,
    steps_from,
)
from services.intake.commands.matches.found_standing import standing_of
from services.intake.commands.matches.releasing import allow_sharing, check_release
from services.intake.commands.matches.rows import (
    facts_of,
    link_inside,
    lock_cases,
    next_step,
    remind_holder,
    write_on_cases,
)
from services.intake.domain import Match
from services.intake.queries import matches as found
from services.intake.queries.locking import one_at_a_time
from services.intake.queries.match_view import has_role
from services.intake.queries.pairs import refused
from shared.access import Act, Actor, require, unconfined
from shared.database import utc_now
from shared.errors import Conflict, NotAllowed, NotFound, Stale
from shared.events import MatchConfirmed, MatchProposed, MatchRejected, MatchReleased, MatchWithdrawn
from shared.messaging.log import record

GOES_ON = frozenset({"release", "confirm", "ask", "answer", "reconsider"})
"""Steps after which something of one record is shown to the other side, or counts for it."""


def take_step(
    session: Session,
    actor: Actor,
    match_id: UUID,
    name: str,
    said: Form,
    *,
    side: Side | None = None,
    reason: str | None = None,
    expected: int | None = None,
) -> Match:
    """One act of one side: `said` is the step's form, filled. `side` matters inside one organisation alone, where a
    name may be a step of both.

    Raises `NotFound`, also for what the actor's side is not to know of; `NotAllowed` for a role, or for the other
    side's; `Stale`; or a `Conflict` that says what it waits for or what would be possible.
    """
    require(actor, Act.CHANGE_CASES)
    if name == "release":
        one_at_a_time(session, actor.organisation_id)
    row = found.match(session, actor, match_id)
    if name == "release" or row.released_at is not None:
        lock_cases(session, row)
    else:
        queries.case(session, actor, row.found_case_id, lock=True)
    row = found.match(session, actor, match_id, lock=True)
    if expected is not None and row.version != expected:
        raise Stale("The match was changed since you read it: read it again, and decide anew.")
    step = _possible(session, actor, row, name, side, reason)
    _check_actor(actor, row, step)
    if not isinstance(said, step.form):
        raise Conflict("Fill in the form of this step.")
    if name in GOES_ON:
        _check_may_go_on(session, row)
    _ACTS[name](_Taken(session, actor, row, step, reason, said, utc_now()))
    return row


@dataclass(frozen=True)
class _Taken:
    """A step that may be taken, about to be."""

    session: Session
    actor: Actor
    row: Match
    step: Step
    reason: str | None
    said: Form
    now: datetime

    def write(self, state: str, **columns: Any) -> None:
        """The match's next version and its history; due as long as decisions may take, where `due_at` says nothing."""
        within = DECIDED_WITHIN.get(state)
        due_at = self.now + within if within is not None else None
        of_step = {"state": state, "reminded": False, "reason": self.reason, "reason_side": self.step.side}
        self._set(**{"due_at": due_at, **of_step, **columns})
        said = self.said.model_dump(mode="json", exclude_none=True)
        next_step(
            *(self.session, self.row, self.step.name, self.now),
            side=self.step.side,
            actor=self.actor,
            reason=self.reason,
            said=said,
        )

    def _set(self, **columns: Any) -> None:
        for name, value in columns.items():
            setattr(self.row, name, value)


def _release(taken: _Taken) -> None:
    assert isinstance(taken.said, Release)
    session, actor, row = taken.session, taken.actor, taken.row
    standing = check_release(session, actor, row, taken.said)
    if standing.child and not row.child:
        row.child = True
        _check_actor(actor, row, taken.step)
    allow_sharing(session, actor, row, standing)
    agrees_to = standing.agrees_to if standing.standing == "agrees" else None
    taken.write("released", released_at=taken.now, released_by=actor.user_id, agrees_to=agrees_to)
    write_on_cases(session, actor, row, RELEASED, facts_of(row, MatchReleased))


def _reject(taken: _Taken) -> None:
    taken.write("rejected")
    facts = facts_of(taken.row, MatchRejected, reason=taken.reason)
    write_on_cases(taken.session, taken.actor, taken.row, NOT_THE_SAME, facts)


def _look_further(taken: _Taken) -> None:
    """The holder's own note and reminder: its case is due on that day, and nobody else learns of it."""
    assert isinstance(taken.said, LookFurther)
    by = taken.said.by
    taken.write("proposed", due_at=datetime.combine(by + timedelta(days=1), time(), UTC))
    remind_holder(taken.session, taken.actor, taken.row, LOOKED_INTO, by)


def _speak(taken: _Taken) -> None:
    """Asked or answered: it stands in the match's own history."""
    taken.write(taken.step.target)


def _confirm(taken: _Taken) -> None:
    row, actor = taken.row, taken.actor
    if row.released_by == actor.user_id:
        raise Conflict("Two people decide that two records are of one person: another than who released it confirms.")
    taken.write("confirmed", confirmed_at=taken.now, confirmed_by=actor.user_id)
    next_on = (taken.now + NEXT_WITHIN).date()
    write_on_cases(taken.session, actor, row, CONFIRMED, facts_of(row, MatchConfirmed), due_on=next_on)
    link_inside(taken.session, actor, row)


def _undo(taken: _Taken) -> None:
    _reject(taken)
    link_inside(taken.session, taken.actor, taken.row, UNLINK)


def _take_back(taken: _Taken) -> None:
    taken.write("withdrawn")
    write_on_cases(taken.session, taken.actor, taken.row, WITHDRAWN, facts_of(taken.row, MatchWithdrawn))


def _reconsider(taken: _Taken) -> None:
    row = taken.row
    if row.reason_side != taken.step.side:
        raise Conflict("Who rejected it takes it up again: ask the other organisation.")
    if row.released_at is None:
        taken.write("proposed")
        record(taken.session, *facts_of(row, MatchProposed, again=True).values())
        return
    with unconfined(taken.session):
        standing = standing_of(taken.session, row)
    if not standing.may_go_on:
        raise _stands_against()
    taken.write("released")
    write_on_cases(taken.session, taken.actor, row, RELEASED, facts_of(row, MatchReleased))


_ACTS: dict[str, Callable[[_Taken], None]] = {
    "release": _release,
    LOOK_FURTHER: _look_further,
    "reject": _reject,
    "ask": _speak,
    "answer": _speak,
    "confirm": _confirm,
    "take_back": _take_back,
    "undo": _undo,
    "reconsider": _reconsider,
}


def _stands_against() -> Conflict:
    return Conflict(
        "This cannot go on as it is now: a legal basis, an agreement or somebody's word stands against it. Nothing "
        "more is said, for it may be the other organisation's."
    )


def _possible(session: Session, actor: Actor, row: Match, name: str, side: Side | None, reason: str | None) -> Step:
    sides = found.sides_of(session, row, actor)
    named = [step for step in STEPS if step.name == name]
    if not named or (side is not None and side not in {step.side for step in named}):
        raise NotFound("There is no such step.")
    own = [step for step in named if step.side in sides and side in {None, step.side}]
    if not own:
        raise NotAllowed("This is done by the other organisation.")
    step = next((one for one in own if row.state in one.sources), None)
    if name == "reconsider":
        step = next((one for one in own if row.state in one.sources and one.side == row.reason_side), step)
    if step is None:
        steps = [one for each in sides for one in steps_from(row.state, each)]
        possible = ", ".join(dict.fromkeys(one.name for one in steps)) or "nothing"
        raise Conflict(
            "A match that is {state} cannot be changed so: possible now: {possible}.",
            state=row.state,
            possible=possible,
        )
    if step.reasons and reason not in step.reasons:
        raise Conflict("Give one of these reasons: {reasons}.", reasons=", ".join(step.reasons))
    if not step.reasons and reason is not None:
        raise Conflict("This needs no reason.")
    return step


def _check_actor(actor: Actor, row: Match, step: Step) -> None:
    if actor.user_id is None:
        raise NotAllowed("This is done by a person who has signed in, never by an organisation's system.")
    if not has_role(actor, row, step):
        raise NotAllowed("Your role may not do this.")


def _check_may_go_on(session: Session, row: Match) -> None:
    with unconfined(session):
        against = refused(session, [(row.sought_person_id, row.found_person_id)], utc_now().date())
    if against:
        raise _stands_against()
