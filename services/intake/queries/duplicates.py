"""Cases of one organisation that may be the same: found when one comes in, listed for a person to decide.

Only the own organisation is looked at. A pair across organisations is for the matcher to propose, by another door:
nothing of it may show here, or anybody could probe who is registered elsewhere.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from uuid import UUID

from sqlalchemy import func, select, tuple_
from sqlalchemy.orm import Session, aliased

from services.intake import naming
from services.intake.casework import CASE_TYPES
from services.intake.casework.people import PersonIn, could_be_one
from services.intake.domain import Case, CasePerson, DuplicateWarning, Person
from services.intake.queries import known_of, seen_by
from services.intake.queries.holders import holders_of
from services.intake.queries.locking import Rows
from services.intake.settings import PAGE
from shared.access import Act, Actor, require
from shared.vault import vault_of

NEWEST_OF_NAME = 20
"""Of persons with the same two names, the newest are compared."""
COMPARED_OF_CASE = 12
SAME_NAME = 0.86
WARNED_OF = 5
"""Cases at most that one new case is held against."""


@dataclass(frozen=True)
class NewPerson:
    """Somebody whom a new case is about, with `naming.whole_name_digests` under each key of the index."""

    id: UUID
    known: PersonIn
    digests: Sequence[Sequence[int]]


@dataclass(frozen=True)
class NewCase:
    """A case that comes in, with the people whom it is about."""

    id: UUID
    type: str
    people: Sequence[NewPerson]


@dataclass(frozen=True)
class Alike:
    """A case that may be the same as a new one."""

    id: UUID
    reference: str
    likeness: float
    """Of the likest names, from 0 to 1."""


def principals(type_: str) -> frozenset[str]:
    """The roles of those whom a case of this type is about."""
    return frozenset(name for name, role in CASE_TYPES[type_].people.items() if role.principal)


def alike_cases(session: Session, actor: Actor, new: Sequence[NewCase]) -> dict[UUID, list[Alike]]:
    """New case → cases of the same type that the actor sees, about somebody of like name whom nothing contradicts.

    Three statements, however many cases come in: only who shares most of the pairs of a name is looked at. The names
    themselves are compared in memory; a name alone is enough for a warning, never for more.
    """
    own = {person.id: case.id for case in new for person in case.people}
    asked = {person.id: person.digests for case in new for person in case.people}
    if not any(map(any, asked.values())):
        return {}
    every = chain.from_iterable(chain.from_iterable(asked.values()))
    holders = holders_of(session, actor.organisation_id, every, NEWEST_OF_NAME)
    likely: dict[UUID, list[UUID]] = {}
    for asker, under_each_key in asked.items():
        for digests in under_each_key:
            others = [other for digest in digests for other in holders.get(digest, ()) if own.get(other) != own[asker]]
            if 2 * len(others) > len(digests):
                enough = [other for other, shared in Counter(others).most_common() if 2 * shared > len(digests)]
                likely.setdefault(asker, []).extend(enough[:COMPARED_OF_CASE])
    known = _known(session, actor, {other for others in likely.values() for other in others})
    found: dict[UUID, list[Alike]] = {}
    for case in new:
        alike = _alike(case, likely, known)
        if alike:
            found[case.id] = sorted(alike.values(), key=lambda one: -one.likeness)[:WARNED_OF]
    return found


def _known(session: Session, actor: Actor, people: set[UUID]) -> Mapping[UUID, list[tuple[Case, PersonIn]]]:
    """What is known of people, with the cases that are about them."""
    if not people:
        return {}
    rows = session.execute(
        select(Person, CasePerson.role, Case)
        .join(CasePerson, CasePerson.person_id == Person.id)
        .join(Case, Case.id == CasePerson.case_id)
        .where(
            Person.id.in_(people),
            Person.erased_at.is_(None),
            CasePerson.left_at.is_(None),
            Case.merged_into.is_(None),
            seen_by(actor),
        )
    ).all()
    about = [(person, case) for person, role, case in rows if role in principals(case.type)]
    keys = vault_of(session).open(session, {person.id for person, _ in about})
    found: dict[UUID, list[tuple[Case, PersonIn]]] = defaultdict(list)
    for person, case in about:
        known = known_of(person, keys.get(person.id))
        if known is not None:
            found[person.id].append((case, known))
    return found


def _alike(
    new: NewCase, likely: Mapping[UUID, list[UUID]], known: Mapping[UUID, list[tuple[Case, PersonIn]]]
) -> dict[UUID, Alike]:
    found: dict[UUID, Alike] = {}
    for person in new.people:
        for other_id in likely.get(person.id, ()):
            for case, other in known.get(other_id, ()):
                if case.type != new.type or case.id == new.id or not could_be_one(person.known, other):
                    continue
                likeness = likeness_of(person.known, other)
                if likeness >= SAME_NAME and (case.id not in found or likeness > found[case.id].likeness):
                    found[case.id] = Alike(case.id, case.reference, likeness)
    return found


def likeness_of(one: PersonIn, other: PersonIn) -> float:
    """Of the likest names of two people, from 0 to 1."""
    others = [naming.words(name.full) for name in other.names]
    return max(
        (naming.likeness(naming.words(name.full), written) for name in one.names for written in others), default=0.0
    )


def merged_here(session: Session, actor: Actor, case: Case) -> Sequence[Case]:
    """The duplicates that are worked on in a case that was read through `queries.case`."""
    require(actor, Act.READ_CASES)
    return session.scalars(select(Case).where(Case.merged_into == case.id, seen_by(actor)).order_by(Case.id)).all()


@dataclass(frozen=True)
class Warned:
    """A pair that somebody is to look at, or has decided."""

    warning: DuplicateWarning
    case: Case
    other: Case


def warnings(
    session: Session,
    actor: Actor,
    *,
    case_id: UUID | None = None,
    decided: bool = False,
    after: tuple[UUID, UUID] | None = None,
    limit: int = PAGE,
) -> tuple[list[Warned], tuple[UUID, UUID] | None]:
    """(the pairs of which the actor sees both, the newest first; the next `after`).

    Nobody can decide a pair while one of the two is merged: it waits for the undoing of that merge.
    """
    require(actor, Act.READ_CASES)
    key = (DuplicateWarning.case_id, DuplicateWarning.other_case_id)
    pairs = _pairs(select(DuplicateWarning, _ONE, _OTHER), actor, decided=decided)
    statement = pairs.order_by(*(column.desc() for column in key)).limit(limit + 1)
    if case_id is not None:
        statement = statement.where((_ONE.id == case_id) | (_OTHER.id == case_id))
    if after is not None:
        statement = statement.where(tuple_(*key) < tuple_(*after))
    rows = [Warned(*row) for row in session.execute(statement)]
    last = rows[limit - 1].warning if len(rows) > limit else None
    return rows[:limit], None if last is None else (last.case_id, last.other_case_id)


def warning_count(session: Session, actor: Actor) -> int:
    """How many pairs that the actor sees wait for a decision."""
    require(actor, Act.READ_CASES)
    counted = select(func.count()).select_from(DuplicateWarning)
    return session.scalar(_pairs(counted, actor, decided=False)) or 0


def _pairs(statement: Rows, actor: Actor, *, decided: bool) -> Rows:
    found = (
        statement.join(_ONE, _ONE.id == DuplicateWarning.case_id)
        .join(_OTHER, _OTHER.id == DuplicateWarning.other_case_id)
        .where(
            DuplicateWarning.organisation_id == actor.organisation_id,
            DuplicateWarning.decided.is_not(None) if decided else DuplicateWarning.decided.is_(None),
            seen_by(actor, _ONE),
            seen_by(actor, _OTHER),
        )
    )
    return found if decided else found.where(_ONE.merged_into.is_(None), _OTHER.merged_into.is_(None))


_ONE, _OTHER = aliased(Case), aliased(Case)
