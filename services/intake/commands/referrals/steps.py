"""One side of a referral or transfer acts on it, as its side, its role and the state allow."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy.orm import Session

from services.intake.casework.common import Question
from services.intake.casework.referrals import TIMES, Reply, Step, due_after
from services.intake.casework.transfers import step_named, steps_from
from services.intake.commands.referrals.facts import fact_of_step
from services.intake.commands.referrals.rows import next_step
from services.intake.commands.transfers import open_for_step, take_over
from services.intake.domain import Referral
from services.intake.queries import referrals as found
from shared.access import Actor
from shared.database import utc_now
from shared.errors import Conflict, NotAllowed, NotFound, Stale
from shared.messaging.log import record


def take_step(
    session: Session,
    actor: Actor,
    referral_id: UUID,
    name: str,
    *,
    reason: str | None = None,
    said: Question | Reply | None = None,
    expected: int | None = None,
) -> Referral:
    """One act of one side. Raises `NotFound`, `NotAllowed` for the other side's, `Stale`, or a `Conflict` that names
    what would be possible."""
    row = open_for_step(session, actor, referral_id, name)
    step, side = step_named(row.kind, name), found.side_of(row, actor)
    if step is None:
        raise NotFound("There is no such step.")
    if actor.roles.isdisjoint(step.roles):
        raise NotAllowed("Your role may not do this.")
    if step.side != side:
        raise NotAllowed("This is done by the other organisation.")
    if expected is not None and row.version != expected:
        raise Stale("The referral was changed since you read it: read it again, and decide anew.")
    _check_possible(row, step, reason)
    if step.form is not None and said is None:
        raise Conflict("Write what you ask or answer.")
    now = utc_now()
    if row.kind == "transfer" and step.name == "accept":
        take_over(session, actor, row, now)
    row.state, row.reason = step.target, reason
    if step.target == "accepted":
        row.taken_by = actor.user_id
    if step.name == "answer":
        row.due_at = now + TIMES[row.urgency].answer
    elif due_after(step.target, row.urgency, reminded=row.reminded) is None:
        row.due_at = None
    else:
        row.due_at = max(now, row.offered_at + TIMES[row.urgency].answer)
    sealed = _sealed(session, row, said.text) if said is not None else None
    session.add(next_step(row, step.name, now, side=side, actor=actor, reason=reason, said=sealed))
    record(session, fact_of_step(row, step.name))
    return row


def _sealed(session: Session, row: Referral, text: str) -> bytes:
    key = found.key_of(session, row)
    if key is None:
        raise Conflict("A person of this case was erased: nothing more is said under this referral.")
    return key.encrypt(text.encode(), "referral_step.said")


def _check_possible(row: Referral, step: Step, reason: str | None) -> None:
    if row.state not in step.sources:
        possible = ", ".join(one.name for one in steps_from(row.kind, row.state, step.side)) or "nothing"
        raise Conflict(
            "A referral that is {state} cannot be changed so: possible now: {possible}.",
            state=row.state,
            possible=possible,
        )
    if step.reasons and reason not in step.reasons:
        raise Conflict("Give one of these reasons: {reasons}.", reasons=", ".join(step.reasons))
    if not step.reasons and reason is not None:
        raise Conflict("This needs no reason.")
