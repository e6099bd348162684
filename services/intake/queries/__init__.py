"""What may be read, always through `visible_to(actor)`."""

from __future__ import annotations

import json
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import BindParameter, ColumnElement, Select, Uuid, and_, bindparam, func, or_, select
from sqlalchemy.orm import Session

from services.intake.casework.own_answers import OwnAnswers
from services.intake.casework.people import PersonIn
from services.intake.domain import (
    Case,
    CaseHold,
    CasePerson,
    Import,
    ImportedRow,
    Incident,
    Organisation,
    Person,
    PersonRelation,
    TimelineEntry,
    User,
)
from services.intake.queries.access import (
    Invited,
    OpenSession,
    actor_of_session,
    client,
    clients,
    invited,
    member_of_staff,
    open_session,
    own_user,
    user_named,
    users,
)
from services.intake.queries.locking import locked
from services.intake.queries.own_fields import opened
from shared.access import Act, Actor, Role, require, visible_to
from shared.errors import NotFound
from shared.vault import DataKey, vault_of

SYSTEM_ROLES = frozenset({Role.CASE_WORKER, Role.CASE_MANAGER})
"""What a client may do unless it is given other roles."""
STATEMENTS_KEPT = 64
"""For how many actors each count that stands in the menu of every page is kept as built: to build one takes longer than
to ask it."""


def organisation_named(session: Session, short_name: str) -> Organisation:
    """An organisation by its short name; raises `NotFound`."""
    found: Organisation | None = session.scalar(select(Organisation).where(Organisation.short_name == short_name))
    if found is None:
        raise NotFound("There is no organisation of that short name: `kinbridge org list` shows them.")
    return found


def member(session: Session, organisation_id: UUID) -> Organisation:
    """An organisation that takes part: has users and systems, may receive. Raises `NotFound`, `NotAllowed`.

    The only way to a user, a client or a recipient leads through here.
    """
    found: Organisation | None = session.scalar(_MEMBER, {"member": organisation_id})
    if found is None:
        raise NotFound("There is no such organisation.")
    return found.must_be_member()


_MEMBER = select(Organisation).where(Organisation.id == bindparam("member", type_=Uuid()))


def organisations(session: Session) -> Sequence[Organisation]:
    """Every organisation, for the operator."""
    return session.scalars(select(Organisation).order_by(Organisation.short_name)).all()


def seen_by(actor: Actor, case: type[Case] = Case) -> ColumnElement[bool]:
    """The condition under which the actor sees a case: its organisation's, and a restricted one only as manager,
    officer, author, or whom it is assigned to."""
    own = visible_to(actor, case.organisation_id)
    if actor.may(Act.READ_CHILDREN):
        return own
    if actor.user_id is None:
        return and_(own, case.restricted.is_(False))
    mine = or_(case.assigned_to == actor.user_id, case.created_by == actor.user_id)
    return and_(own, or_(case.restricted.is_(False), mine))


def case(session: Session, actor: Actor, case_id: UUID, *, lock: bool = False) -> Case:
    """One case, locked if asked; raises `NotFound`, also for another organisation's and one the role may not see."""
    require(actor, Act.READ_CASES)
    statement = select(Case).where(Case.id == case_id, seen_by(actor))
    found: Case | None = session.scalar(locked(statement) if lock else statement)
    if found is None:
        raise NotFound("There is no such case.")
    return found


def worked_on_instead(session: Session, actor: Actor, case: Case) -> Case | None:
    """The case that a duplicate, read through `case`, was merged into; None where the actor may not see that one."""
    return session.scalar(select(Case).where(Case.id == case.merged_into, seen_by(actor)))


def references(session: Session, actor: Actor, case_ids: Collection[UUID]) -> dict[UUID, str]:
    """Id → reference of those of these cases that the actor may see."""
    if not case_ids:
        return {}
    rows = session.execute(select(Case.id, Case.reference).where(Case.id.in_(case_ids), seen_by(actor)))
    return {id_: reference for id_, reference in rows}


def user(session: Session, actor: Actor, user_id: UUID) -> User:
    """A user of the actor's organisation; raises `NotFound`."""
    found: User | None = session.scalar(
        select(User).where(User.id == user_id, visible_to(actor, User.organisation_id), User.disabled_at.is_(None))
    )
    if found is None:
        raise NotFound("There is no such user in your organisation.")
    return found


def together(case: Case) -> Select[UUID]:
    """The ids of a case and of the duplicates merged into it: their people and timelines are read as one."""
    return select(Case.id).where(or_(Case.id == case.id, Case.merged_into == case.id))


def timeline(session: Session, case: Case) -> Sequence[TimelineEntry]:
    """What happened to a case that was read through `case`, and to those merged into it, oldest first."""
    statement = (
        select(TimelineEntry)
        .where(TimelineEntry.case_id.in_(together(case)))
        .order_by(TimelineEntry.at, TimelineEntry.case_id, TimelineEntry.number)
    )
    return session.scalars(statement).all()


@dataclass(frozen=True)
class PersonOfCase:
    """A person of a case with what its holder knows; `known` is None once erased."""

    person: Person
    role: str
    known: PersonIn | None


def people(session: Session, case: Case) -> list[PersonOfCase]:
    """The people of a case that was read through `case`, decrypted: its own, then those of duplicates merged into it.

    The caller records the view (`note_view`).
    """
    return contents(session, case).people


class Contents(NamedTuple):
    """What stands encrypted in a case."""

    people: list[PersonOfCase]
    details: dict[str, Any]
    own: OwnAnswers | None


def contents(session: Session, case: Case) -> Contents:
    """People and details of a case at once: their keys are fetched together."""
    found = [(person, role) for person, role in session.execute(_PEOPLE, {"opened": case.id})]
    keys = vault_of(session).open(session, [case.id, *(person.id for person, _ in found)])
    people = [PersonOfCase(person, role, known_of(person, keys.get(person.id))) for person, role in found]
    key = keys.get(case.id)
    return Contents(people, _details(case, key), opened(case, key))


_OPENED = bindparam("opened", type_=Uuid())
_PEOPLE = (
    select(Person, CasePerson.role)
    .join(CasePerson, CasePerson.person_id == Person.id)
    .where(
        CasePerson.case_id.in_(select(Case.id).where(or_(Case.id == _OPENED, Case.merged_into == _OPENED))),
        CasePerson.left_at.is_(None),
    )
    .order_by(CasePerson.case_id != _OPENED, CasePerson.case_id, CasePerson.number)
)


def known_of(person: Person, key: DataKey | None) -> PersonIn | None:
    """What the holder knows of a person, with the person's open key; None once erased."""
    if key is None or person.sealed is None:
        return None
    return PersonIn.model_validate_json(key.decrypt(person.sealed, "person.sealed"))


def relations(session: Session, people: Sequence[UUID]) -> Sequence[PersonRelation]:
    """How these people are related to one another."""
    if len(people) < 2:
        return ()
    return session.scalars(_RELATIONS, {"people": people}).all()


_AMONG: BindParameter[Sequence[UUID]] = bindparam("people", expanding=True)
_RELATIONS = (
    select(PersonRelation)
    .where(PersonRelation.person_id.in_(_AMONG), PersonRelation.other_id.in_(_AMONG))
    .order_by(PersonRelation.person_id, PersonRelation.other_id)
)


def details(session: Session, case: Case) -> dict[str, Any]:
    """The filled form of a case: coded facts, and the personal text decrypted unless it was erased."""
    keys = vault_of(session).open(session, [case.id] if case.narrative else [])
    return _details(case, keys.get(case.id))


def _details(case: Case, key: DataKey | None) -> dict[str, Any]:
    told = json.loads(key.decrypt(case.narrative, "case.narrative")) if key and case.narrative else {}
    return {**(case.facts or {}), **told}


def incident(session: Session, actor: Actor, case_id: UUID) -> Incident:
    """The facts of a mass incident; raises `NotFound`."""
    require(actor, Act.READ_CASES)
    found: Incident | None = session.scalar(
        select(Incident).where(Incident.case_id == case_id, visible_to(actor, Incident.organisation_id))
    )
    if found is None:
        raise NotFound("There is no such case.")
    return found


def held_by(session: Session, case_id: UUID) -> Sequence[str]:
    """The services that hold a case."""
    return session.scalars(_HELD_BY, {"held": case_id}).all()


_HELD_BY = select(CaseHold.service).where(CaseHold.case_id == bindparam("held")).order_by(CaseHold.service)


def import_of_file(session: Session, actor: Actor, digest: bytes) -> Import | None:
    """The import of a file's content, if the actor's organisation has begun one."""
    return session.scalar(
        select(Import).where(Import.digest == digest, Import.organisation_id == actor.organisation_id)
    )


def rows_taken(session: Session, import_id: UUID) -> tuple[int, dict[str, int]]:
    """(the last row dealt with, the number of rows by result)."""
    last = session.scalar(select(func.max(ImportedRow.row)).where(ImportedRow.import_id == import_id)) or 0
    results = session.execute(
        select(ImportedRow.result, func.count()).where(ImportedRow.import_id == import_id).group_by(ImportedRow.result)
    )
    return last, {result: count for result, count in results}


__all__ = [
    "SYSTEM_ROLES",
    "Invited",
    "OpenSession",
    "PersonOfCase",
    "actor_of_session",
    "case",
    "client",
    "clients",
    "contents",
    "details",
    "held_by",
    "import_of_file",
    "incident",
    "invited",
    "member",
    "member_of_staff",
    "open_session",
    "organisation_named",
    "organisations",
    "own_user",
    "people",
    "references",
    "rows_taken",
    "seen_by",
    "timeline",
    "user",
    "user_named",
    "users",
    "worked_on_instead",
]
