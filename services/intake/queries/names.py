"""Persons are found by name: keys are looked up in the blind index, candidates are decrypted in memory and compared."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from math import log
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from services.intake import naming
from services.intake.domain import Case, CasePerson, Person
from services.intake.queries import PersonOfCase, known_of, seen_by
from services.intake.queries.holders import holders_of, index_keys_of
from shared.access import Act, Actor, require
from shared.errors import FieldError, InvalidInput
from shared.vault import vault_of

NEWEST_OF_KEY = 400
"""A key that more persons have is common and says little: the newest of them are looked at."""
COMPARED = 120
"""Candidates that are decrypted."""
LIKE_ENOUGH = 0.6
SHOWN = 20


@dataclass(frozen=True)
class FoundByName:
    """A person of a case whose name is like the one asked for, from 0 to 1, and why it came into question."""

    case: Case
    person: PersonOfCase
    likeness: float
    why: tuple[str, ...]
    """Codes of `naming.WHY`."""


@dataclass(frozen=True)
class Candidate:
    """Somebody who shares keys. `weight` is the sum of what the keys say: a rare one says more."""

    weight: float
    why: tuple[str, ...]


def find_by_name(
    session: Session, actor: Actor, name: str, *, type_: str | None = None, limit: int = SHOWN
) -> list[FoundByName]:
    """The persons of cases the actor may see whose name is like this one, the likest first.

    The caller records the views (`note_view`). Raises `InvalidInput` for a name without any letter.
    """
    require(actor, Act.READ_CASES)
    asked = naming.words(name)
    if not asked:
        raise InvalidInput(
            "A name has at least one letter.", (FieldError("name", "no_letter", "Give a name, in any script."),)
        )
    sharing = candidates(session, actor.organisation_id, naming.keys_of(name))
    likely = sorted(sharing, key=lambda person: -sharing[person].weight)[:COMPARED]
    statement = (
        select(Person, CasePerson.role, Case)
        .join(CasePerson, CasePerson.person_id == Person.id)
        .join(Case, Case.id == CasePerson.case_id)
        .where(Person.id.in_(likely), CasePerson.left_at.is_(None), Person.erased_at.is_(None), seen_by(actor))
    )
    rows = session.execute(statement if type_ is None else statement.where(Case.type == type_)).all()
    opened = vault_of(session).open(session, {person.id for person, _, _ in rows})
    found = []
    for person, role, case in rows:
        known = known_of(person, opened.get(person.id))
        like = naming.likest(asked, known.names) if known is not None else 0.0
        if like >= LIKE_ENOUGH:
            found.append(FoundByName(case, PersonOfCase(person, role, known), like, sharing[person.id].why))
    found.sort(key=lambda one: (-one.likeness, -sharing[one.person.person.id].weight, one.case.id))
    return found[:limit]


def candidates(session: Session, organisation_id: UUID, keys: Iterable[str]) -> Mapping[UUID, Candidate]:
    """Who in the organisation shares any of these keys."""
    asked = list(keys)
    named = {naming.digest_of(index_key, key): key for index_key in index_keys_of(session) for key in asked}
    persons_of = holders_of(session, organisation_id, named, NEWEST_OF_KEY)
    weights: dict[UUID, float] = defaultdict(float)
    reasons: dict[UUID, set[str]] = defaultdict(set)
    for digest, persons in persons_of.items():
        weight = log(1 + NEWEST_OF_KEY / len(persons))
        why = naming.WHY[named[digest].partition(":")[0]]
        for person_id in persons:
            weights[person_id] += weight
            reasons[person_id].add(why)
    return {person: Candidate(weight, tuple(sorted(reasons[person]))) for person, weight in weights.items()}
