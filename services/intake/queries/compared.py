"""Whom the matcher compares, and as what: a person with what its case tells, as a record of the matcher's.

*Sought* are the sought persons of open tracing requests. *Found* is whoever a case is about in which the person can be
asked what its family may learn: a registration, a child's case, a detention. Nothing else can end well, for who was
never asked is never told of: so a survivor of a protection incident, or somebody who came for food, is not laid beside
those who are sought. Remains are known by codes alone; there is nothing to compare. A request that is closed leaves. A
found person of a closed case stays: families ask years later, and the record is kept as long as its retention allows;
unless it was entered in error.

Nobody is compared who was erased, was merged into another (that one speaks for both), or wishes to be shared with
nobody. Whether a given pair may be compared is asked elsewhere (`queries.pairs`).
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from services.intake import queries
from services.intake.casework import CASE_TYPES
from services.intake.casework.found_person import ANSWER
from services.intake.casework.people import PersonIn
from services.intake.domain import Case, CasePerson, Person, TimelineEntry
from services.intake.matching import Place, Record, Relative
from services.intake.queries.relatives import family_of, seen_from

SOUGHT, FOUND = "sought", "found"
OTHER_SIDE: Mapping[str, str] = {SOUGHT: FOUND, FOUND: SOUGHT}
SOUGHT_IN = "tracing_request"
ENTERED_IN_ERROR = "entered_in_error"


def _sides() -> Iterator[tuple[tuple[str, str], str]]:
    for name, kind in CASE_TYPES.items():
        asked = {deed.about for deed in kind.life_cycle.deeds if deed.name == ANSWER}
        for role, declared in kind.people.items():
            if declared.principal and role in asked:
                yield (name, role), SOUGHT if name == SOUGHT_IN else FOUND


SIDES: Mapping[tuple[str, str], str] = dict(_sides())
"""(type of case, role in it) → the side that a person is on."""


@dataclass(frozen=True)
class _At:
    """Fields of a type's form that tell of one place."""

    code: str | None = None
    country: str | None = None
    day: str | None = None
    origin: bool = False


_PLACES: Mapping[str, tuple[_At, ...]] = {
    SOUGHT_IN: (
        _At(code="last_known_place", country="last_known_country", day="last_contact_on"),
        _At(country="destination_country"),
    ),
    "registration": (
        _At(code="met_in", day="met_on"),
        _At(country="came_from", origin=True),
        _At(country="going_to"),
    ),
    "child": (
        _At(code="identified_in", day="identified_on"),
        _At(code="separated_in", day="separated_on"),
        _At(country="family_in"),
    ),
    "detention": (_At(code="held_in", country="held_in_country"), _At(code="arrested_in", day="arrested_on")),
}


@dataclass(frozen=True)
class Compared:
    """Somebody who is compared now."""

    side: str
    case_id: UUID
    """The case that is worked on."""
    record: Record


def compared(session: Session, person_id: UUID) -> Compared | None:
    """The person as the matcher compares it; None where it is not compared now. Sees every organisation's rows."""
    twins = session.scalars(select(Person).where(or_(Person.id == person_id, Person.merged_into == person_id))).all()
    itself = next((one for one in twins if one.id == person_id), None)
    if itself is None or itself.erased_at is not None or itself.merged_into is not None:
        return None
    if any(one.share_with_nobody for one in twins):
        return None
    standing = _standing(session, person_id)
    if standing is None:
        return None
    case, side = standing
    people = queries.contents(session, case).people
    record = _record(session, case, itself, people)
    return None if record is None else Compared(side, case.id, record)


def _standing(session: Session, person_id: UUID) -> tuple[Case, str] | None:
    """(the newest case in which the person is compared, on which side)."""
    parts = select(CasePerson.role, Case).join(Case, Case.id == CasePerson.case_id)
    parts = parts.where(CasePerson.person_id == person_id, CasePerson.left_at.is_(None)).order_by(Case.id.desc())
    for role, case in session.execute(parts):
        if case.merged_into is not None:
            case = session.get_one(Case, case.merged_into)
        side = SIDES.get((case.type, role))
        if side is not None and not _is_over(session, case, side):
            return case, side
    return None


def _is_over(session: Session, case: Case, side: str) -> bool:
    closed = CASE_TYPES[case.type].life_cycle.closed
    if case.status not in closed:
        return False
    if side == SOUGHT:
        return True
    reasons = select(TimelineEntry.reason).where(
        TimelineEntry.case_id == case.id, TimelineEntry.status.in_(closed), TimelineEntry.reason.is_not(None)
    )
    return session.scalar(reasons.order_by(TimelineEntry.number.desc()).limit(1)) == ENTERED_IN_ERROR


def _record(session: Session, case: Case, itself: Person, people: Sequence[queries.PersonOfCase]) -> Record | None:
    """None where no key opens what is known of the person."""
    seen = seen_from(itself.id, people)
    if seen is None:
        return None
    facts = case.facts or {}
    known = [one.known for one in seen.own if one.known is not None]
    return matched_as(known, case.type, facts, family_of(session, seen, facts))


def matched_as(
    known: Sequence[PersonIn], case_type: str, facts: Mapping[str, Any], family: Collection[tuple[str, PersonIn]]
) -> Record:
    """What is known of one person, the main record first, as the matcher is given it. `family`: (what it is to the
    person, somebody of the same case)."""
    births = [one.birth for one in known if one.birth.earliest() is not None]
    birth = births[0] if births else None
    return Record(
        names=tuple(dict.fromkeys(name.full for one in known for name in one.names)),
        sex=next((one.sex for one in known if one.sex != "unknown"), "unknown"),
        born_from=birth.earliest() if birth else None,
        born_to=birth.latest() if birth else None,
        stated_age=birth is not None and (birth.year is None or birth.estimated),
        nationality=next((one.nationality for one in known if one.nationality), None),
        places=tuple(dict.fromkeys([*_told_places(known), *_places(case_type, facts)])),
        father=next(_fathers(known, family), None),
        mother=next(_mothers(known, family), None),
        relatives=tuple(Relative(kind, tuple(name.full for name in one.names)) for kind, one in family),
        marks="\n".join(one.marks for one in known if one.marks) or None,
    )


def _fathers(known: Sequence[PersonIn], family: Collection[tuple[str, PersonIn]]) -> Iterator[str]:
    """What is told of the father's name, the surest first."""
    yield from (one.father_name for one in known if one.father_name)
    yield from (_main(one) for kind, one in family if kind == "parent" and one.sex == "male")
    yield from (name.father for one in known for name in one.names if name.father)


def _mothers(known: Sequence[PersonIn], family: Collection[tuple[str, PersonIn]]) -> Iterator[str]:
    yield from (one.mother_name for one in known if one.mother_name)
    yield from (_main(one) for kind, one in family if kind == "parent" and one.sex == "female")


def _main(person: PersonIn) -> str:
    return person.main_name() or ""


def _told_places(known: Sequence[PersonIn]) -> Iterator[Place]:
    """Where the person comes from, in words."""
    for one in known:
        for written in (one.born_in, one.last_address):
            if written:
                yield Place(name=written, origin=True)


def _places(case_type: str, facts: Mapping[str, Any]) -> Iterator[Place]:
    """Where the person was on its way, in codes."""
    for at in _PLACES.get(case_type, ()):
        code, country, day = (facts.get(name) if name else None for name in (at.code, at.country, at.day))
        if code or country:
            yield Place(code=code, country=country, day=date.fromisoformat(day) if day else None, origin=at.origin)
