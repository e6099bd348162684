"""What a record says of a person, field by field as it is compared: in full for its holder, minimised for the other
side."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any, get_args
from uuid import UUID

from sqlalchemy.orm import Session

from services.intake import queries
from services.intake.casework import CASE_TYPES
from services.intake.casework.forms import CodesOf
from services.intake.casework.people import Birth, PersonIn, initials
from services.intake.casework.sharing import Known, shared_view
from services.intake.domain import Case
from services.intake.queries.relatives import family_of, seen_from
from services.intake.schemas.matches import Value

Values = dict[str, list[Value]]
"""What is compared (`casework.matching.FIELDS`) → what the record says of it."""


@dataclass(frozen=True)
class Record:
    """A person of a case, decrypted, with what the case says of its places and relatives."""

    case: Case
    own: tuple[queries.PersonOfCase, ...]
    """The person, then who was merged into it: what is known of any of them is compared."""
    facts: Mapping[str, Any]
    relatives: tuple[tuple[str, PersonIn], ...]
    """(what the relative is to the person, the relative)."""

    @property
    def person(self) -> queries.PersonOfCase:
        return self.own[0]

    @property
    def known(self) -> tuple[PersonIn, ...]:
        return tuple(one.known for one in self.own if one.known is not None)


def record_of(session: Session, case_id: UUID, person_id: UUID) -> Record | None:
    """The record, of a case that the transaction may see; None once erased. The caller has checked who may see it, and
    records the view."""
    case = session.get(Case, case_id)
    if case is not None and case.merged_into is not None:
        case = session.get(Case, case.merged_into)
    seen = seen_from(person_id, queries.contents(session, case).people) if case is not None else None
    if case is None or seen is None:
        return None
    facts = case.facts or {}
    return Record(case, tuple(seen.own), facts, tuple(family_of(session, seen, facts)))


def in_full(record: Record) -> Values:
    """Everything that is compared, as its holder knows it."""
    relatives = [Value(of="relation", code=kind, text=one.main_name()) for kind, one in record.relatives]
    return _values(record, record.known, record.facts, relatives)


def minimised(record: Record, passing: Collection[str]) -> Values:
    """What the other side may be shown: as cases are shared (`casework.sharing`), and of these fields alone."""
    kind = CASE_TYPES[record.case.type]
    minor = any(one.person.minor for one in record.own)
    itself = [Known(record.person.role, minor, one.person.age_band, one.known) for one in record.own]
    shared = shared_view(kind, record.facts, itself).people
    if len(shared) != len(itself):  # one of them wishes to share with nobody, which is the person's word
        return {}
    fields = set(passing) & PersonIn.model_fields.keys()
    known = [PersonIn.model_validate(one.person.model_dump(include=fields)) for one in shared]
    relatives = [
        Value(of="relation", code=relation, text=initials(one.names))
        for relation, one in record.relatives
        if "third_persons" in passing and not one.share_with_nobody
    ]
    return _values(record, known, record.facts if "facts" in passing else {}, relatives)


def digest_of(one: Record, other: Record) -> bytes:
    """A digest of everything that is compared of both: another one where a fact has changed."""
    facts = [
        {name: sorted(value.model_dump_json() for value in values) for name, values in in_full(record).items()}
        for record in (one, other)
    ]
    return hashlib.sha256(json.dumps(facts, sort_keys=True).encode()).digest()


def _values(record: Record, known: Sequence[PersonIn], facts: Mapping[str, Any], relatives: list[Value]) -> Values:
    """What these say of the person, each thing once."""
    said = [_of_person(one) for one in known]
    values = {name: _once(value for one in said for value in one[name]) for name in said[0]}
    asked = _place_fields(record.case.type)
    places = [Value(of=of, code=facts[name], field=name) for name, of in asked if facts.get(name)]
    return {**values, "place": [*values["place"], *places], "relatives": relatives}


def _once(values: Iterable[Value]) -> list[Value]:
    found: list[Value] = []
    for value in values:
        if value not in found:
            found.append(value)
    return found


def _of_person(known: PersonIn) -> Values:
    sex = known.sex if known.sex != "unknown" else None
    return {
        "name": [Value(of="text", text=name.full) for name in known.names],
        "birth": _birth(known.birth),
        "sex": [Value(of="sex", code=sex)] if sex else [],
        "nationality": [Value(of="country", code=known.nationality)] if known.nationality else [],
        "place": [*_text(known.born_in, "born_in"), *_text(known.last_address, "last_address")],
        "father": _text(known.father_name),
        "mother": _text(known.mother_name),
        "marks": _text(known.marks),
    }


def _text(written: str | None, field: str | None = None) -> list[Value]:
    return [Value(of="text", text=written, field=field)] if written else []


def _birth(birth: Birth) -> list[Value]:
    told = birth.model_dump(exclude_none=True, exclude_defaults=True)
    return [Value(of="birth", **told)] if told else []


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
