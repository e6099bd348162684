"""What a record says of a person, field by field as it is compared: in full for its holder, minimised for the other
side."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any, get_args
from uuid import UUID

from sqlalchemy.orm import Session

from services.intake import queries
from services.intake.casework import CASE_TYPES
from services.intake.casework.forms import CodesOf
from services.intake.casework.people import THE_OTHER_WAY, Birth, PersonIn, initials
from services.intake.casework.sharing import Known, shared_view
from services.intake.domain import Case
from services.intake.schemas.matches import Value

Values = dict[str, list[Value]]
"""What is compared (`casework.matching.FIELDS`) → what the record says of it."""
_OF_ROLE = {"companion": "travel_companion", "relative": "other_relative"}


@dataclass(frozen=True)
class Record:
    """A person of a case, decrypted, with what the case says of its places and relatives."""

    case: Case
    person: queries.PersonOfCase
    known: PersonIn
    facts: Mapping[str, Any]
    relatives: tuple[tuple[str, PersonIn], ...]
    """(what the relative is to the person, the relative)."""


def record_of(session: Session, case_id: UUID, person_id: UUID) -> Record | None:
    """The record, of a case that the transaction may see; None once erased. The caller has checked who may see it, and
    records the view."""
    case = session.get(Case, case_id)
    if case is not None and case.merged_into is not None:
        case = session.get(Case, case.merged_into)
    people = queries.contents(session, case).people if case is not None else []
    own = next((one for one in people if one.person.id == person_id), None)
    if case is None or own is None or own.known is None:
        return None
    others = [one for one in people if one is not own and one.known is not None]
    related = _relations(session, person_id, [one.person.id for one in people])
    facts = case.facts or {}
    return Record(
        case,
        own,
        own.known,
        facts,
        tuple((related.get(one.person.id) or _by_role(one.role, facts), one.known) for one in others if one.known),
    )


def in_full(record: Record) -> Values:
    """Everything that is compared, as its holder knows it."""
    known = record.known
    relatives = [Value(of="relation", code=kind, text=one.main_name()) for kind, one in record.relatives]
    return {**_of_person(known), "place": _places(known, record, record.facts), "relatives": relatives}


def minimised(record: Record, passing: Collection[str]) -> Values:
    """What the other side may be shown: as cases are shared (`casework.sharing`), and of these fields alone."""
    kind = CASE_TYPES[record.case.type]
    itself = Known(record.person.role, record.person.person.minor, record.person.person.age_band, record.known)
    shared = next(iter(shared_view(kind, record.facts, [itself]).people), None)
    if shared is None:
        return {}
    told = shared.person.model_dump(include=set(passing) & PersonIn.model_fields.keys())
    known = PersonIn.model_validate(told)
    relatives = [Value(of="relation", code=relation, text=initials(one.names)) for relation, one in record.relatives]
    return {
        **_of_person(known),
        "place": _places(known, record, record.facts if "facts" in passing else {}),
        "relatives": relatives if "third_persons" in passing else [],
    }


def digest_of(one: Record, other: Record) -> bytes:
    """A digest of everything that is compared of both: another one where a fact has changed."""
    facts = [
        {name: sorted(value.model_dump_json() for value in values) for name, values in in_full(record).items()}
        for record in (one, other)
    ]
    return hashlib.sha256(json.dumps(facts, sort_keys=True).encode()).digest()


def _of_person(known: PersonIn) -> Values:
    sex = known.sex if known.sex != "unknown" else None
    return {
        "name": [Value(of="text", text=name.full) for name in known.names],
        "birth": _birth(known.birth),
        "sex": [Value(of="sex", code=sex)] if sex else [],
        "nationality": [Value(of="country", code=known.nationality)] if known.nationality else [],
        "father": _text(known.father_name),
        "mother": _text(known.mother_name),
        "marks": _text(known.marks),
    }


def _text(written: str | None, field: str | None = None) -> list[Value]:
    return [Value(of="text", text=written, field=field)] if written else []


def _birth(birth: Birth) -> list[Value]:
    told = birth.model_dump(exclude_none=True, exclude_defaults=True)
    return [Value(of="birth", **told)] if told else []


def _places(known: PersonIn, record: Record, facts: Mapping[str, Any]) -> list[Value]:
    asked = _place_fields(record.case.type)
    return [
        *_text(known.born_in, "born_in"),
        *_text(known.last_address, "last_address"),
        *(Value(of=of, code=facts[name], field=name) for name, of in asked if facts.get(name)),
    ]


@cache
def _place_fields(type_: str) -> tuple[tuple[str, str], ...]:
    """(name, country or place) of the questions of a type of case that ask for one."""
    fields = CASE_TYPES[type_].details.model_fields
    found = ((name, _codes_in((field.annotation, *field.metadata))) for name, field in fields.items())
    return tuple((name, what) for name, what in found if what in {"country", "place"})


def _codes_in(parts: Any) -> str | None:
    return next((one.what for one in _walked(parts) if isinstance(one, CodesOf)), None)


def _walked(parts: Any) -> Iterator[Any]:
    for part in parts:
        yield part
        yield from _walked(get_args(part))


def _relations(session: Session, person_id: UUID, people: list[UUID]) -> dict[UUID, str]:
    """Who of these is what to the person."""
    found = {}
    for one in queries.relations(session, people):
        if one.other_id == person_id:
            found[one.person_id] = one.kind
        elif one.person_id == person_id:
            found[one.other_id] = THE_OTHER_WAY.get(one.kind, one.kind)
    return found


def _by_role(role: str, facts: Mapping[str, Any]) -> str:
    if role == "enquirer":
        return str(facts.get("relationship", "other_relative"))
    return _OF_ROLE.get(role, "other_relative")
