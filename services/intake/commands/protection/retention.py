"""Retention proposes and never erases; a legal hold keeps what retention, or a request, would end."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import ColumnElement, Select, and_, exists, func, not_, or_, select
from sqlalchemy.orm import Session, aliased

from services.intake.casework import CASE_TYPES
from services.intake.casework.retention import ONLY_REVIEWED, OTHERWISE, RETENTION, REVIEW_EVERY
from services.intake.commands.protection.erasure import RETENTION as BY_RETENTION
from services.intake.commands.protection.erasure import new_proposal
from services.intake.domain import Case, CasePerson, Erasure, LegalHold, Person
from services.intake.queries import protection, seen_by
from services.intake.queries.locking import one_at_a_time
from shared.access import Act, Actor, require, visible_to
from shared.database import utc_now, uuid7
from shared.errors import Conflict, NotAllowed

AT_ONCE = 500
"""Persons that one run proposes, and cases or persons that one list names."""


@dataclass(frozen=True)
class Due:
    """What retention has found."""

    persons: Sequence[Person]
    """All of their cases are closed, each one's period is over, and no legal hold keeps them."""
    reviews: Sequence[Case]
    """Open cases that are only reviewed, and that nobody has changed for long."""


def retention_due(session: Session, actor: Actor) -> Due:
    """What is due in the actor's organisation. Nothing is changed."""
    require(actor, Act.PROPOSE_ERASURE)
    seen = and_(visible_to(actor, Person.organisation_id), protection.stands_in_seen_case(actor, Person.id))
    due = select(Person).where(seen, _is_due(utc_now())).order_by(Person.id).limit(AT_ONCE)
    return Due(session.scalars(due).all(), cases_to_review(session, actor))


def cases_to_review(session: Session, actor: Actor) -> Sequence[Case]:
    """Open cases that are only reviewed, and that nobody has changed for long."""
    require(actor, Act.PROPOSE_ERASURE)
    untouched = select(Case).where(seen_by(actor), _is_to_be_reviewed(utc_now())).order_by(Case.updated_at)
    return session.scalars(untouched.limit(AT_ONCE)).all()


def propose_what_is_due(session: Session) -> int:
    """Write down, for each person that is due, a proposal that somebody must take on. Returns how many are new."""
    standing = exists().where(Erasure.person_id == Person.id, Erasure.declined_at.is_(None))
    declined = exists().where(Erasure.person_id == Person.id, Erasure.declined_at > utc_now() - REVIEW_EVERY)
    due = select(Person).where(_is_due(utc_now()), not_(standing), not_(declined)).order_by(Person.id).limit(AT_ONCE)
    found = session.scalars(due).all()
    session.add_all(new_proposal(person, BY_RETENTION) for person in found)
    session.flush()
    return len(found)


def place_legal_hold(session: Session, actor: Actor, person_id: UUID, reason: str) -> LegalHold:
    """Keep a person's data whatever retention or a request says. Raises `Conflict` where a hold lasts already, on
    whichever record of the person."""
    _may_hold(actor)
    one_at_a_time(session, actor.organisation_id)
    person = protection.person(session, actor, person_id, lock=True)
    if person.erased_at is not None:
        raise Conflict("This person was erased: there is nothing left to hold.")
    if protection.legal_hold(session, protection.everybody_of(session, person)) is not None:
        raise Conflict("A legal hold lasts on this person already.")
    hold = LegalHold(
        id=uuid7(),
        organisation_id=person.organisation_id,
        person_id=person.id,
        reason=reason,
        placed_by=actor.user_id,
        placed_at=utc_now(),
    )
    session.add(hold)
    session.flush()
    return hold


def lift_legal_hold(session: Session, actor: Actor, person_id: UUID) -> LegalHold:
    """End the oldest hold that lasts on a person, on whichever record of it. Raises `Conflict` where there is none."""
    _may_hold(actor)
    one_at_a_time(session, actor.organisation_id)
    person = protection.person(session, actor, person_id, lock=True)
    hold = protection.legal_hold(session, protection.everybody_of(session, person))
    if hold is None:
        raise Conflict("No legal hold lasts on this person.")
    hold.lifted_by, hold.lifted_at = actor.user_id, utc_now()
    session.flush()
    return hold


def _may_hold(actor: Actor) -> None:
    require(actor, Act.APPROVE_ERASURE)
    if actor.user_id is None:
        raise NotAllowed("A legal hold is placed and lifted by people, not by a client system.")


def _is_due(now: datetime) -> ColumnElement[bool]:
    """A person whom an erasure could take: not erased or merged, no case of it or of its duplicates kept by a legal
    hold on anybody in it, and every case that is worked on for it over; it has at least one.

    A duplicate that was merged stands still: what counts is the case that is worked on instead of it.
    """
    own, other, worked_on = aliased(CasePerson), aliased(Case), aliased(Case)
    cases = (
        select(worked_on.id)
        .join(other, worked_on.id == _instead_of(other))
        .join(own, own.case_id == other.id)
        .where(own.person_id == Person.id)
    )
    over = _is_over(worked_on, now)
    kept = exists(cases.where(or_(not_(over), worked_on.id.in_(_held_cases()))))
    return and_(Person.erased_at.is_(None), Person.merged_into.is_(None), exists(cases), not_(kept))


def _instead_of(case: type[Case]) -> ColumnElement[UUID]:
    """The id of the case that is worked on; merges make no chains."""
    return func.coalesce(case.merged_into, case.id)


def _held_cases() -> Select[UUID]:
    """The ids of the cases, worked on, that tell of anybody on whom a legal hold lasts."""
    part, inside = aliased(CasePerson), aliased(Case)
    return (
        select(_instead_of(inside))
        .join(part, part.case_id == inside.id)
        .join(LegalHold, LegalHold.person_id == part.person_id)
        .where(LegalHold.lifted_at.is_(None))
    )


def _is_over(case: type[Case], now: datetime) -> ColumnElement[bool]:
    return or_(
        *(
            and_(
                case.type == name,
                case.status.in_(kind.life_cycle.closed),
                case.updated_at < now - RETENTION.get(name, OTHERWISE),
            )
            for name, kind in CASE_TYPES.items()
            if kind.people
        )
    )


def _is_to_be_reviewed(now: datetime) -> ColumnElement[bool]:
    """A case that is worked on itself: not a duplicate, which is reviewed with the case it was merged into."""
    untouched = or_(
        *(
            and_(
                Case.type == name,
                Case.status.not_in(CASE_TYPES[name].life_cycle.closed),
                Case.updated_at < now - REVIEW_EVERY,
            )
            for name in sorted(ONLY_REVIEWED & CASE_TYPES.keys())
        )
    )
    return and_(Case.merged_into.is_(None), untouched)
