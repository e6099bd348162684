"""What is known of a case and its people changes: each change one version, one timeline entry, one fact.

Timeline and fact say which fields were changed, by their names; never how they read.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from services.intake import queries
from services.intake.casework import CASE_TYPES
from services.intake.casework.forms import Form, parted
from services.intake.casework.people import PersonIn, person_dimensions
from services.intake.commands.changes import open_for_change, write_change
from services.intake.commands.match_index import mark_due
from services.intake.commands.matches.retracting import retract_person
from services.intake.commands.protection.bases import note_wish
from services.intake.domain import Case, CasePerson, NameKey, Person, PersonRelation
from services.intake.naming import name_digests
from services.intake.queries.holders import index_keys_of
from services.intake.queries.locking import one_at_a_time
from services.intake.schemas import CasePersonIn
from services.intake.schemas.changes import RelatedIn
from shared.access import Actor
from shared.database import table_of, utc_now, uuid7
from shared.errors import Conflict, FieldError, InvalidInput, NotFound
from shared.events import PersonFigures
from shared.rows import insert_rows
from shared.vault import DataKey, data_key, vault_of


def update_details(session: Session, actor: Actor, case_id: UUID, filled: Form, expected: int | None) -> Case:
    """Give a case's form its new content, whole; unchanged content changes nothing. Raises as `open_for_change`."""
    case = open_for_change(session, actor, case_id, expected)
    kind = CASE_TYPES[case.type]
    coded, personal = parted(filled)
    changed = changed_fields(queries.details(session, case), {**coded, **personal})
    if not changed:
        return case
    place = coded.get(kind.place) if kind.place else None
    narrative = None
    if personal:
        key = vault_of(session).open_or_renew(session, case.id, case.organisation_id)
        narrative = key.encrypt(json.dumps(personal).encode(), "case.narrative")
    mark_due(session, [case.id])
    return write_change(
        session,
        actor,
        case,
        "update",
        recorded={"fields": changed},
        dimensions={"place": place},
        facts=coded,
        narrative=narrative,
        place=place,
        happened_on=getattr(filled, kind.happened_on) if kind.happened_on else None,
    )


def add_person(session: Session, actor: Actor, case_id: UUID, part: CasePersonIn, expected: int | None) -> UUID:
    """Take a person into a case. Returns the person's id. Raises `InvalidInput` for one person too many of a role."""
    one_at_a_time(session, actor.organisation_id)
    case = open_for_change(session, actor, case_id, expected)
    roles = [role for _, role in _parts(session, case)]
    _check_roles(case, [*roles, part.role])
    now, person_id = utc_now(), uuid7()
    opened, key_rows = vault_of(session).fresh([person_id], case.organisation_id)
    insert_rows(session, data_key, key_rows)
    person = Person(
        id=person_id,
        organisation_id=case.organisation_id,
        sealed=_sealed(opened[person_id], part.person),
        **person_dimensions(part.person, now.date(), child=CASE_TYPES[case.type].is_about_child(part.role)),
        share_with_nobody=False,
        created_at=now,
    )
    session.add(person)
    session.flush()
    last = session.scalar(select(func.max(CasePerson.number)).where(CasePerson.case_id == case.id)) or 0
    session.add(
        CasePerson(
            case_id=case.id,
            person_id=person_id,
            organisation_id=case.organisation_id,
            role=part.role,
            number=last + 1,
        )
    )
    session.flush()
    note_wish(session, actor, person, wish=part.person.share_with_nobody)
    _index_names(session, case.organisation_id, person_id, part.person)
    _write_people(session, actor, case, "add_person", {"person": str(person_id), "role": part.role})
    return person_id


def change_person(
    session: Session, actor: Actor, case_id: UUID, person_id: UUID, part: CasePersonIn, expected: int | None
) -> Case:
    """Write anew what is known of a person of a case, and the role. Unchanged content changes nothing.

    A wish to be shared with nobody may come so, and stands through every correction: `share_with_nobody` alone ends it.
    Raises `NotFound` for somebody who is not of this case, `Conflict` for an erased person.
    """
    one_at_a_time(session, actor.organisation_id)
    case = open_for_change(session, actor, case_id, expected)
    row = _row_of(session, case, person_id)
    person = session.get_one(Person, person_id)
    key = vault_of(session).open(session, [person_id]).get(person_id)
    known = queries.known_of(person, key)
    if key is None or known is None:
        raise Conflict("This person was erased: nothing can be recorded any more.")
    told = part.person.model_copy(
        update={"share_with_nobody": known.share_with_nobody or part.person.share_with_nobody}
    )
    changed = changed_fields(known.model_dump(mode="json"), told.model_dump(mode="json"))
    roles = [part.role if other == person_id else role for other, role in _parts(session, case)]
    if row.role != part.role:
        _check_roles(case, roles)
        changed.append("role")
    if not changed:
        return case
    row.role = part.role
    person.sealed = _sealed(key, told)
    note_wish(session, actor, person, wish=told.share_with_nobody)
    child = CASE_TYPES[case.type].is_about_child(part.role)
    for name, value in person_dimensions(told, utc_now().date(), child=child).items():
        setattr(person, name, value)
    session.flush()
    if known.names != told.names:
        _index_names(session, case.organisation_id, person_id, told)
    return _write_people(session, actor, case, "change_person", {"person": str(person_id), "fields": changed})


def remove_person(session: Session, actor: Actor, case_id: UUID, person_id: UUID, expected: int | None) -> Case:
    """Take a person off a case, with its relations there. What is known of it stays until it is erased."""
    case = open_for_change(session, actor, case_id, expected)
    row = _row_of(session, case, person_id)
    parts = _parts(session, case)
    _check_roles(case, [role for other, role in parts if other != person_id])
    row.left_at = utc_now()
    retract_person(session, case.id, person_id)
    _forget_relations(session, [person_id], [other for other, _ in parts])
    return _write_people(session, actor, case, "remove_person", {"person": str(person_id), "role": row.role})


def relate_people(
    session: Session, actor: Actor, case_id: UUID, relations: Sequence[RelatedIn], expected: int | None
) -> Case:
    """Write anew how the people of a case are related, whole. Unchanged relations change nothing.

    Raises `InvalidInput` for a relation to somebody who is not of this case.
    """
    case = open_for_change(session, actor, case_id, expected)
    people = [person_id for person_id, _ in _parts(session, case)]
    if any(one.person not in people or one.other not in people or one.person == one.other for one in relations):
        raise InvalidInput(
            "Each relation relates two people of this case.",
            (FieldError("#", "unknown_person", "One of these is not of this case."),),
        )
    wanted = {(one.person, one.other): one.kind for one in relations}
    if wanted == {(one.person_id, one.other_id): one.kind for one in queries.relations(session, people)}:
        return case
    _forget_relations(session, people, people)
    rows = [
        {"person_id": person, "other_id": other, "organisation_id": case.organisation_id, "kind": kind}
        for (person, other), kind in wanted.items()
    ]
    insert_rows(session, table_of(PersonRelation), rows)
    mark_due(session, [case.id])
    return write_change(session, actor, case, "relate_people", recorded={"fields": ["relations"]})


def changed_fields(was: Mapping[str, Any], now: Mapping[str, Any]) -> list[str]:
    """The names of the fields that differ."""
    return sorted(name for name in was.keys() | now.keys() if was.get(name) != now.get(name))


def _write_people(session: Session, actor: Actor, case: Case, what: str, recorded: Mapping[str, Any]) -> Case:
    """A change of the people, with how they are counted now."""
    session.flush()
    mark_due(session, [case.id])
    statement = (
        select(CasePerson.role, Person.sex, Person.age_band, Person.nationality)
        .join(Person, Person.id == CasePerson.person_id)
        .where(CasePerson.case_id == case.id, CasePerson.left_at.is_(None))
        .order_by(CasePerson.number)
    )
    figures = tuple(PersonFigures(**row) for row in session.execute(statement).mappings())
    return write_change(session, actor, case, what, recorded=recorded, dimensions={"people": figures})


def _parts(session: Session, case: Case) -> list[tuple[UUID, str]]:
    """(person, role) of those who are of the case itself."""
    statement = select(CasePerson.person_id, CasePerson.role).where(
        CasePerson.case_id == case.id, CasePerson.left_at.is_(None)
    )
    return [(person_id, role) for person_id, role in session.execute(statement.order_by(CasePerson.number))]


def _row_of(session: Session, case: Case, person_id: UUID) -> CasePerson:
    row = session.get(CasePerson, (case.id, person_id))
    if row is None or row.left_at is not None:
        raise NotFound("There is no such person in this case.")
    return row


def _check_roles(case: Case, roles: Sequence[str]) -> None:
    counted, declared = Counter(roles), CASE_TYPES[case.type].people
    unknown = counted.keys() - declared.keys()
    wrong = [
        name
        for name, role in declared.items()
        if counted[name] < role.least or (role.most is not None and counted[name] > role.most)
    ]
    if unknown:
        names = ", ".join(declared) or "none"
        raise InvalidInput(
            f"Only these roles are known here: {names}.", (FieldError("#/role", "unknown_role", "No such role here."),)
        )
    for name in wrong:
        role = declared[name]
        most = "any number of" if role.most is None else str(role.most)
        raise Conflict(f"A case of this type has {role.least} to {most} people in the role {name}.")


def _forget_relations(session: Session, of: Sequence[UUID], among: Sequence[UUID]) -> None:
    one, other = PersonRelation.person_id, PersonRelation.other_id
    session.execute(delete(PersonRelation).where((one.in_(of) & other.in_(among)) | (other.in_(of) & one.in_(among))))


def _index_names(session: Session, organisation_id: UUID, person_id: UUID, person: PersonIn) -> None:
    """The name keys follow the names."""
    session.execute(delete(NameKey).where(NameKey.person_id == person_id))
    rows = [
        {"organisation_id": organisation_id, "digest": digest, "person_id": person_id}
        for digest in sorted(set(name_digests(index_keys_of(session)[0], person.names).values()))
    ]
    insert_rows(session, table_of(NameKey), rows)


def _sealed(key: DataKey, person: PersonIn) -> bytes:
    return key.encrypt(person.model_dump_json(exclude_defaults=True).encode(), "person.sealed")
