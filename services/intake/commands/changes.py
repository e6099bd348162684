"""How a case changes, as its life cycle allows: moves, deeds, and whom it is assigned to."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from services.intake import histories, queries
from services.intake.casework import CASE_TYPES, Asked
from services.intake.casework.forms import Form, parted
from services.intake.casework.found_person import CONFIRMED_DEATH, OF_THE_FOUND
from services.intake.commands.announcements import deed_announced, move_announced, name_service
from services.intake.commands.match_index import mark_due
from services.intake.commands.matches.retracting import follow_answer, retract_closed
from services.intake.commands.telling import follow_news
from services.intake.commands.writing import RECORDED as RECORDED
from services.intake.commands.writing import write_change as write_change
from services.intake.domain import Case, CasePerson, Person
from shared.access import Act, Actor, require
from shared.errors import Conflict, NotFound, Stale


def open_for_change(
    session: Session, actor: Actor, case_id: UUID, expected: int | None, *, merged: bool = False
) -> Case:
    """The case, locked until the transaction ends. Raises `NotFound`, `NotAllowed`, `Stale`, and `Conflict` for a
    duplicate that was merged into another, unless it is to be that (`merged`)."""
    require(actor, Act.CHANGE_CASES)
    case = queries.case(session, actor, case_id, lock=True)
    check_changeable(actor, case, expected, merged=merged)
    return case


def check_changeable(actor: Actor, case: Case, expected: int | None, *, merged: bool = False) -> None:
    """Whether a case that the transaction has locked may be changed now; raises as `open_for_change`."""
    require(actor, Act.CHANGE_CASES)
    if expected is not None and case.version != expected:
        raise Stale("The case was changed since you read it: read it again, and decide anew.")
    if case.merged_into is not None and not merged:
        raise Conflict("This case was merged into another, which is worked on instead.")


def move_case(
    session: Session, actor: Actor, case_id: UUID, name: str, *, reason: str | None = None, expected: int | None = None
) -> Case:
    """Move a case in its life cycle. Who moves a case that was just received, and is nobody's yet, takes it on.

    Raises `NotFound`, `NotAllowed`, `Stale`, or a `Conflict` that names the need.
    """
    case = open_for_change(session, actor, case_id, expected)
    life = CASE_TYPES[case.type].life_cycle
    known = histories.history(session, case, lock=True)
    move = life.move(name, case.status, Asked(actor), known, reason)
    told = move_announced(session, case, move, known)
    taken_on = actor.user_id if case.status == life.initial and move.target not in life.closed else None
    whose: dict[str, Any] = {"assigned_to": taken_on} if taken_on and case.assigned_to is None else {}
    if move.target in life.closed:
        retract_closed(session, case)
    if (move.target in life.closed) != (case.status in life.closed):
        mark_due(session, [case.id])
    return write_change(session, actor, case, move.name, *told, status=move.target, reason=reason, **whose)


def record_deed(
    session: Session, actor: Actor, case_id: UUID, name: str, filled: Form | None, *, expected: int | None = None
) -> Case:
    """Record a deed on a case. Raises as `move_case` does.

    Other services learn that something was recorded, never which deed: that alone would say whether somebody was found.
    """
    case = open_for_change(session, actor, case_id, expected)
    life = CASE_TYPES[case.type].life_cycle
    deed = life.deed_named(name)
    coded, personal = parted(filled) if filled is not None else ({}, {})
    if deed.about is not None:
        coded["about"] = _person_meant(session, case, deed.about, coded.get("about"))
    known = histories.history(session, case, lock=True)
    asked = Asked(actor, coded, histories.is_child(session, case, coded.get("about")))
    life.deed(name, case.status, asked, known)
    if "found_in" in coded:
        _check_found_in(session, actor, UUID(coded["found_in"]))
    name_service(session, case, deed, coded)
    told = deed_announced(case, deed, coded)
    follow_news(session, actor, case, deed.name, coded)
    due: dict[str, Any] = {"due_on": datetime.fromisoformat(coded[deed.due]).date()} if deed.due else {}
    write_change(
        session, actor, case, deed.name, *told, announced=RECORDED, recorded=coded or None, personal=personal, **due
    )
    if deed.name in OF_THE_FOUND or deed.name == CONFIRMED_DEATH:
        follow_answer(session, case)
    return case


def _person_meant(session: Session, case: Case, role: str, named: str | None) -> str | None:
    """The id of the person whom a deed is about; None where the case has nobody in that role.

    Who turned out to be the same person, of a duplicate that was merged, is one person.
    """
    statement = (
        select(CasePerson.person_id, func.coalesce(Person.merged_into, Person.id))
        .join(Person, Person.id == CasePerson.person_id)
        .where(CasePerson.case_id.in_(queries.together(case)), CasePerson.role == role, CasePerson.left_at.is_(None))
    )
    possible = {str(one): str(same) for one, same in session.execute(statement)}
    if named is not None and named not in possible:
        raise NotFound("There is no such person in this case.")
    if named is None and len(set(possible.values())) > 1:
        raise Conflict("Say whom it is about: the case has several such persons.")
    return possible[named] if named is not None else next(iter(possible.values()), None)


def _check_found_in(session: Session, actor: Actor, case_id: UUID) -> None:
    if queries.case(session, actor, case_id).type not in histories.FOUND_IN:
        raise Conflict(
            "A sought person is found in a case of one of these types: {types}.", types=", ".join(histories.FOUND_IN)
        )


def assign_case(
    session: Session,
    actor: Actor,
    case_id: UUID,
    user_id: UUID | None,
    *,
    due_on: date | None = None,
    expected: int | None = None,
) -> Case:
    """Give a case to a user of the own organisation, or to nobody, and say by when something must be done next.

    Raises `NotFound` for another's user.
    """
    require(actor, Act.ASSIGN_CASES)
    case = open_for_change(session, actor, case_id, expected)
    if user_id is not None:
        queries.user(session, actor, user_id)
    return write_change(session, actor, case, "assign", assigned_to=user_id, due_on=due_on)
