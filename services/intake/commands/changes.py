"""How a case changes: one version, one timeline entry, one fact for each change."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from services.intake import histories, queries
from services.intake.casework import CASE_TYPES, Asked
from services.intake.casework.forms import Form, parted
from services.intake.commands.announcements import deed_announced, move_announced
from services.intake.commands.telling import follow_news
from services.intake.domain import Case, CasePerson, Person, TimelineEntry
from shared.access import Act, Actor, require
from shared.database import utc_now
from shared.errors import Conflict, NotFound, Stale
from shared.events import CaseClosed, CaseStatusChanged, CaseUpdated, Event
from shared.messaging.log import record
from shared.vault import vault_of

RECORDED = "record"
"""What other services learn of every deed."""


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


def write_change(
    session: Session,
    actor: Actor,
    case: Case,
    what: str,
    *facts: Event,
    announced: str | None = None,
    status: str | None = None,
    reason: str | None = None,
    recorded: Mapping[str, Any] | None = None,
    personal: Mapping[str, Any] | None = None,
    dimensions: Mapping[str, Any] | None = None,
    **columns: Any,
) -> Case:
    """Give the case its next version with a timeline entry, and record `facts` and the fact of the change.

    `announced` is what other services learn instead of `what`, where that would say too much. `recorded` are coded
    facts in the clear, `personal` is text, encrypted under the case's key; `dimensions` are what `CaseUpdated` says
    the case is counted by now; `columns` are columns of the case that change.
    """
    now, version, was = utc_now(), case.version + 1, case.status
    after = status or was
    note = None
    if personal:
        key = vault_of(session).open_or_renew(session, case.id, case.organisation_id)
        note = key.encrypt(json.dumps(personal).encode(), "timeline_entry.note")
    for name, value in {**columns, "version": version, "updated_at": now, "status": after}.items():
        setattr(case, name, value)
    session.add(
        TimelineEntry(
            case_id=case.id,
            number=version,
            organisation_id=case.organisation_id,
            at=now,
            user_id=actor.user_id,
            what=what,
            reason=reason,
            status=after,
            facts=dict(recorded) if recorded else None,
            note=note,
        )
    )
    session.flush()
    about: dict[str, Any] = {"organisation_id": case.organisation_id, "case_id": case.id, "case_type": case.type}
    change: Event = (
        CaseUpdated(**about, what=announced or what, version=version, **(dimensions or {}))
        if status is None
        else CaseStatusChanged(**about, move=what, was=was, status=after, version=version)
    )
    closed = status in CASE_TYPES[case.type].life_cycle.closed and was not in CASE_TYPES[case.type].life_cycle.closed
    ending = (CaseClosed(**about, reason=reason, closed_on=now.date()),) if closed else ()
    record(session, change, *ending, *facts)
    return case


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
    told = deed_announced(case, deed, coded)
    follow_news(session, actor, case, deed.name, coded)
    due: dict[str, Any] = {"due_on": datetime.fromisoformat(coded[deed.due]).date()} if deed.due else {}
    return write_change(
        session, actor, case, deed.name, *told, announced=RECORDED, recorded=coded or None, personal=personal, **due
    )


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
