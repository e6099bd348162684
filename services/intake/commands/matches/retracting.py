"""Somebody's word, or the rules, stand against a match: it is withdrawn at once, in the transaction that says so.

Both sides' matches are judged here, also those that the one who acts is not to know of: nothing of them is returned.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import datetime
from uuid import UUID

from sqlalchemy import ColumnElement, and_, or_, select, update
from sqlalchemy.orm import InstrumentedAttribute, Session

from services.intake import queries
from services.intake.casework.matching import OPEN, SHOWN_TO_OTHER, STANDING, WITHDRAWN, Side
from services.intake.commands.matches.found_standing import standing_of
from services.intake.commands.matches.rows import facts_of, lock_cases, next_step, write_on_cases
from services.intake.domain import Case, Match, MatchStep
from services.intake.queries.locking import locked
from services.intake.queries.pairs import AGREEMENT_OVER, MERGED, Refused, refused
from shared.access import unconfined
from shared.database import utc_now
from shared.events import MatchWithdrawn
from shared.legal import Ground
from shared.messaging.log import record

LAPSED = frozenset({Ground.NO_LEGAL_BASIS, Ground.EXPIRED, AGREEMENT_OVER, MERGED})
"""What ends a match that is still open. One that was confirmed stays so, though neither side is shown the other's
record any more."""
JUDGED = 200
"""Matches judged by one statement."""


def review_matches(session: Session, case_ids: Collection[UUID]) -> None:
    """Judge anew what stands of these cases: after a yes or no of a person, a merge. A hold withdraws nothing: it
    ends."""
    of_cases = or_(Match.sought_case_id.in_(case_ids), Match.found_case_id.in_(case_ids))
    _review(session, of_cases, utc_now())


def review_between(session: Session, one: UUID, other: UUID) -> None:
    """The same of two organisations, whose agreement has ended."""
    both = (
        and_(Match.sought_organisation_id == sought, Match.found_organisation_id == found)
        for sought, found in ((one, other), (other, one))
    )
    _review(session, or_(*both), utc_now())


def review_lapsed(session: Session) -> int:
    """Judge everything that is open: days pass, on which agreements and legal bases end. A chore; returns how many were
    withdrawn."""
    return _review(session, Match.state.in_(sorted(OPEN)), utc_now())


def retract_closed(session: Session, case: Case) -> None:
    """The tracing request is closed: nothing is left to be decided about it."""
    inside = queries.together(case)
    open_ones = and_(Match.sought_case_id.in_(inside), Match.state.in_(sorted(OPEN)))
    with unconfined(session):
        _withdraw_all(session, open_ones, "request_closed", "enquirer")


def retract_person(session: Session, case_id: UUID, person_id: UUID, reason: str = "taken_off") -> None:
    """The person is of that case no more."""
    with unconfined(session):
        for side, who, where in _SIDES:
            of = and_(who == person_id, where == case_id, Match.state.in_(sorted(STANDING)))
            _withdraw_all(session, of, reason, side)


def retract_handed_over(session: Session, case_ids: Collection[UUID]) -> None:
    """The cases go to another organisation, with which the pairs are looked for anew."""
    with unconfined(session):
        for side, _, where in _SIDES:
            of = and_(where.in_(case_ids), Match.state.in_(sorted(STANDING)))
            _withdraw_all(session, of, "transferred", side)


def follow_answer(session: Session, case: Case) -> None:
    """The found person has answered anew, or more is known of it: what was released goes on no further than that."""
    statement = select(Match).where(
        Match.found_case_id.in_(queries.together(case)), Match.state.in_(sorted(SHOWN_TO_OTHER))
    )
    for row in session.scalars(statement.order_by(Match.id)).all():
        found = standing_of(session, row)
        if not found.may_go_on:
            _withdraw(session, row.id, "person_declined", "holder", utc_now())
        else:
            row.agrees_to = found.agrees_to if found.standing == "agrees" else None
    session.flush()


def erase_matches(session: Session, people: Collection[UUID], case_ids: Collection[UUID]) -> None:
    """Somebody is erased: its matches are withdrawn, and what they say destroyed with its keys; what was written of the
    other matches of its cases too, for it may name anyone."""
    of_people = or_(Match.sought_person_id.in_(people), Match.found_person_id.in_(people))
    of_cases = or_(Match.sought_case_id.in_(case_ids), Match.found_case_id.in_(case_ids))
    with unconfined(session):
        for side, who, _ in _SIDES:
            of = and_(who.in_(people), Match.state.in_(sorted(STANDING)))
            _withdraw_all(session, of, Ground.ERASED.value, side)
        written = MatchStep.match_id.in_(select(Match.id).where(or_(of_people, of_cases)))
        session.execute(update(MatchStep).where(written).values(said=None))
        session.execute(update(Match).where(of_people).values(wrapped=None, terms=None, compared=None))


_SIDES: tuple[tuple[Side, InstrumentedAttribute[UUID], InstrumentedAttribute[UUID]], ...] = (
    ("holder", Match.found_person_id, Match.found_case_id),
    ("enquirer", Match.sought_person_id, Match.sought_case_id),
)


def _review(session: Session, which: ColumnElement[bool], now: datetime) -> int:
    with unconfined(session):
        statement = select(Match.id, Match.sought_person_id, Match.found_person_id, Match.state)
        rows = session.execute(statement.where(which, Match.state.in_(sorted(STANDING))).order_by(Match.id)).all()
        ended: list[tuple[UUID, str, Side | None]] = []
        for begin in range(0, len(rows), JUDGED):
            some = rows[begin : begin + JUDGED]
            against = refused(session, [(one.sought_person_id, one.found_person_id) for one in some], now.date())
            for one in some:
                why = against.get((one.sought_person_id, one.found_person_id))
                if why is not None and _ends(why.ground, one.state):
                    ended.append((one.id, why.ground, _whose(why, one.sought_person_id)))
        for match_id, ground, side in ended:
            _withdraw(session, match_id, ground, side, now)
    return len(ended)


def _ends(ground: str, state: str) -> bool:
    return ground != Ground.HELD and (ground not in LAPSED or state in OPEN)


def _whose(why: Refused, sought: UUID) -> Side | None:
    """Whose reason it is; None where it is both's."""
    if len(why.by) > 1:
        return None
    return "enquirer" if sought in why.by else "holder"


def _withdraw_all(session: Session, which: ColumnElement[bool], reason: str, side: Side) -> None:
    ids: Iterable[UUID] = session.scalars(select(Match.id).where(which).order_by(Match.id)).all()
    for match_id in ids:
        _withdraw(session, match_id, reason, side, utc_now())


def _withdraw(session: Session, match_id: UUID, reason: str, side: Side | None, now: datetime) -> None:
    """Withdraw a match that stands. Of one that was not released, the enquirer's side learns nothing even now."""
    row = session.get_one(Match, match_id)
    if row.released_at is not None:
        lock_cases(session, row)
    row = session.scalars(locked(select(Match).where(Match.id == match_id))).one()
    if row.state not in STANDING:
        return
    row.state, row.reason, row.reason_side = "withdrawn", str(reason), side
    row.due_at, row.reminded = None, False
    next_step(session, row, "withdraw", now, side=side, reason=str(reason))
    facts = facts_of(row, MatchWithdrawn)
    if row.released_at is None:
        record(session, *facts.values())
    else:
        write_on_cases(session, None, row, WITHDRAWN, facts)
