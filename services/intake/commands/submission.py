"""Cases with people in them are submitted: each person and each case under a key of its own."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy.orm import Session

from services.intake.casework import CASE_TYPES, CaseType
from services.intake.casework.forms import parted
from services.intake.casework.own_answers import OwnAnswers
from services.intake.casework.people import person_dimensions
from services.intake.commands.duplicates import warn_of_duplicates
from services.intake.commands.match_index import MATCHING, due_row, is_compared
from services.intake.commands.own_fields import answers_with
from services.intake.commands.protection.bases import check_recipient, fact_of, new_basis
from services.intake.domain import Case, CasePerson, MatchRecord, NameKey, Person, PersonRelation, TimelineEntry
from services.intake.domain.reference import new_reference
from services.intake.naming import name_digests, whole_name_digests
from services.intake.queries.duplicates import NewCase, NewPerson, principals
from services.intake.queries.holders import index_keys_of
from services.intake.queries.own_fields import PLACE, FieldsInForce
from services.intake.schemas import PeopleCaseIn
from shared.access import Actor
from shared.crypto import fresh_nonces
from shared.database import table_of, uuid7
from shared.events import CaseSubmitted, PersonFigures
from shared.legal import OBJECTION
from shared.messaging.log import Once, record, record_new
from shared.vault import DataKey, data_key, vault_of
from shared.wakes import wake

_TABLES = tuple(
    table_of(one) for one in (Case, Person, CasePerson, PersonRelation, NameKey, MatchRecord, TimelineEntry)
)


class CaseName(NamedTuple):
    """What a case is called: drawn before it is made, so that the answer is known."""

    id: UUID
    reference: str


def fresh_name() -> CaseName:
    """The name of a case about to be made."""
    return CaseName(uuid7(), new_reference())


def new_case_row(actor: Actor, name: CaseName, kind: CaseType, now: datetime) -> dict[str, Any]:
    """The row of a case in its first state; `place`, `happened_on`, `facts`, `narrative` are for the caller to set."""
    return {
        "id": name.id,
        "organisation_id": actor.organisation_id,
        "reference": name.reference,
        "type": kind.name,
        "status": kind.life_cycle.initial,
        "version": 1,
        "created_at": now,
        "updated_at": now,
        "created_by": actor.user_id,
        "assigned_to": actor.user_id if kind.restricted else None,
        "due_on": None,
        "restricted": kind.restricted,
        "merged_into": None,
        "place": None,
        "happened_on": None,
        "facts": None,
        "narrative": None,
        "own": None,
    }


@dataclass
class _Rows:
    """What one call inserts, table by table."""

    case: list[dict[str, Any]] = field(default_factory=list)
    person: list[dict[str, Any]] = field(default_factory=list)
    case_person: list[dict[str, Any]] = field(default_factory=list)
    person_relation: list[dict[str, Any]] = field(default_factory=list)
    name_key: list[dict[str, Any]] = field(default_factory=list)
    match_record: list[dict[str, Any]] = field(default_factory=list)
    timeline_entry: list[dict[str, Any]] = field(default_factory=list)
    facts: list[CaseSubmitted] = field(default_factory=list)
    whole_names: dict[UUID, list[list[int]]] = field(default_factory=dict)
    """By person: the digests that duplicates are looked for by, under each key of the index."""


def submit_people_cases(
    session: Session,
    actor: Actor,
    cases: Sequence[PeopleCaseIn],
    named: Sequence[CaseName],
    now: datetime,
    once: Once | None = None,
) -> dict[UUID, list[dict[str, Any]]] | None:
    """Take cases in, under the names given, and record the facts. Returns possible duplicates, by case; None, and
    nothing done, when the row of `once` was there. Raises `InvalidInput`, before anything is done, for answers that do
    not fit the organisation's own fields."""
    in_force = FieldsInForce(session, actor)
    own = [answers_with(in_force, case) for case in cases]
    people = [[uuid7() for _ in case.people] for case in cases]
    owners = [*(name.id for name in named), *(person for of_case in people for person in of_case)]
    keys, key_rows = vault_of(session).fresh(owners, actor.organisation_id)
    index_keys = index_keys_of(session)
    rows = _Rows()
    for name, case, told, person_ids in zip(named, cases, own, people, strict=True):
        _add_case(rows, actor, name, case, told, person_ids, keys, index_keys, now)
    made = {data_key: key_rows} | {table: getattr(rows, table.name) for table in _TABLES}
    if not record_new(session, rows.facts, made, once):
        return None
    if rows.match_record:
        wake(session, MATCHING)
    _add_legal_bases(session, actor, named, cases, people)
    new = [_new_case(rows, name.id, case, ids) for name, case, ids in zip(named, cases, people, strict=True)]
    return warn_of_duplicates(session, actor, new, now)


def check_recipients(session: Session, case: PeopleCaseIn) -> None:
    """Raises `Conflict` unless data may ever be given to everyone whom the case's legal bases name."""
    for recipient in {one.recipient_id for one in case.legal_bases}:
        check_recipient(session, recipient)


def _new_case(rows: _Rows, case_id: UUID, case: PeopleCaseIn, person_ids: Sequence[UUID]) -> NewCase:
    about = principals(case.type)
    people = zip(person_ids, case.people, strict=True)
    persons = [NewPerson(one, part.person, rows.whole_names[one]) for one, part in people if part.role in about]
    return NewCase(case_id, case.type, persons)


def _add_legal_bases(
    session: Session,
    actor: Actor,
    named: Sequence[CaseName],
    cases: Sequence[PeopleCaseIn],
    people: Sequence[Sequence[UUID]],
) -> None:
    """Why the people's data may be used, as it came with the cases; and who wishes to be shared with nobody."""
    facts = []
    for name, case, person_ids in zip(named, cases, people, strict=True):
        rows = [
            new_basis(actor, person_ids[one.person], one.purpose, one.basis, one.recipient_id, one.expires_on)
            for one in case.legal_bases
        ]
        check_recipients(session, case)
        rows += [
            new_basis(actor, person_id, "sharing", OBJECTION)
            for person_id, part in zip(person_ids, case.people, strict=True)
            if part.person.share_with_nobody
        ]
        session.add_all(rows)
        facts += [fact_of(row, name.id) for row in rows]
    if facts:
        session.flush()
        record(session, *facts)


def _add_case(
    rows: _Rows,
    actor: Actor,
    name: CaseName,
    case: PeopleCaseIn,
    own: OwnAnswers | None,
    person_ids: Sequence[UUID],
    keys: dict[UUID, DataKey],
    index_keys: tuple[bytes, ...],
    now: datetime,
) -> None:
    kind, case_id = CASE_TYPES[case.type], name.id
    facts, personal = parted(case.details)
    status = kind.life_cycle.initial
    place = facts.get(kind.place) if kind.place else None
    happened = getattr(case.details, kind.happened_on) if kind.happened_on else None
    narrative = keys[case_id].encrypt(json.dumps(personal).encode(), "case.narrative") if personal else None
    rows.case.append(
        new_case_row(actor, name, kind, now)
        | {"place": place, "happened_on": happened, "facts": facts, "narrative": narrative}
        | ({"own": keys[case_id].encrypt(own.to_keep(), PLACE)} if own else {})
    )
    rows.timeline_entry.append(
        {
            "case_id": case_id,
            "number": 1,
            "organisation_id": actor.organisation_id,
            "at": now,
            "user_id": actor.user_id,
            "what": "submit",
            "reason": None,
            "status": status,
            "facts": None,
            "note": None,
        }
    )
    figures = _add_people(rows, actor, case_id, case, person_ids, keys, index_keys, now)
    rows.facts.append(
        CaseSubmitted.model_construct(
            organisation_id=actor.organisation_id,
            case_id=case_id,
            case_type=case.type,
            status=status,
            submitted_on=now.date(),
            place=place,
            people=figures,
        )
    )


def _add_people(
    rows: _Rows,
    actor: Actor,
    case_id: UUID,
    case: PeopleCaseIn,
    person_ids: Sequence[UUID],
    keys: dict[UUID, DataKey],
    index_keys: tuple[bytes, ...],
    now: datetime,
) -> tuple[PersonFigures, ...]:
    figures = []
    nonces = fresh_nonces(len(person_ids))
    for number, (person_id, part, nonce) in enumerate(zip(person_ids, case.people, nonces, strict=True), start=1):
        person = part.person
        clear = person_dimensions(person, now.date(), child=CASE_TYPES[case.type].is_about_child(part.role))
        sealed = keys[person_id].encrypt(person.model_dump_json(exclude_defaults=True).encode(), "person.sealed", nonce)
        rows.person.append(
            {
                "id": person_id,
                "organisation_id": actor.organisation_id,
                "sealed": sealed,
                **clear,
                "share_with_nobody": person.share_with_nobody,
                "created_at": now,
                "merged_into": None,
                "erased_at": None,
            }
        )
        rows.case_person.append(
            {
                "case_id": case_id,
                "person_id": person_id,
                "organisation_id": actor.organisation_id,
                "role": part.role,
                "number": number,
                "left_at": None,
            }
        )
        if is_compared(case.type, part.role):
            rows.match_record.append(due_row(actor.organisation_id, person_id, now))
        digests, *older = (name_digests(index_key, person.names) for index_key in index_keys)
        rows.whole_names[person_id] = [whole_name_digests(one) for one in (digests, *older)]
        rows.name_key += [
            {"organisation_id": actor.organisation_id, "digest": digest, "person_id": person_id}
            for digest in sorted(set(digests.values()))
        ]
        figures.append(
            PersonFigures.model_construct(
                role=part.role, **{name: clear[name] for name in ("sex", "age_band", "nationality")}
            )
        )
    rows.person_relation += [
        {
            "person_id": person_ids[relation.person],
            "other_id": person_ids[relation.other],
            "organisation_id": actor.organisation_id,
            "kind": relation.kind,
        }
        for relation in case.relations
    ]
    return tuple(figures)
