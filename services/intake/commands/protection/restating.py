"""What other services know of legal bases is told anew where two records turn out to be of one person, or of two.

Intake reads the bases of everybody whom a person is one with; the others know each record by itself. So each record's
no must be told of all of them, and of each alone once the merge is undone.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from services.intake.commands.protection.bases import fact_of
from services.intake.domain import Case, CasePerson, LegalBasis, Person
from services.intake.queries import protection
from shared.events import Event, LegalBasesRestated
from shared.legal import STOPS
from shared.messaging.log import record


@dataclass(frozen=True)
class Known:
    """What others may know: of these people, bases for these purposes, in any of these cases."""

    cases: Sequence[UUID]
    purposes: Mapping[UUID, Sequence[str]]


def known_elsewhere(session: Session, case: Case) -> Known:
    """What others may know of the people of a case and of its duplicates, whoever of them are one."""
    inside = session.scalars(select(CasePerson.person_id).where(CasePerson.case_id == case.id)).all()
    beside = protection.people_beside(session, inside)
    people = session.scalars(select(Person).where(Person.id.in_(beside), Person.erased_at.is_(None)))
    purposes = {one.id: sorted({basis.purpose for basis in _bases(session, one)}) for one in people}
    return Known([one.id for one in protection.cases_of(session, inside)], purposes)


def tell_anew(session: Session, known: Known) -> None:
    """Tell what stands of these people's bases now, in the cases that they are in, instead of what was known.

    What somebody ended later is left out, so that no no is lifted while the facts come in one by one.
    """
    facts: list[Event] = []
    for person_id, purposes in known.purposes.items():
        person = session.get_one(Person, person_id)
        inside = {case.id for case in protection.cases_of(session, protection.everybody_of(session, person))}
        standing = _standing(_bases(session, person))
        for case_id in known.cases:
            about: dict[str, Any] = {
                "organisation_id": person.organisation_id,
                "case_id": case_id,
                "person_id": person_id,
            }
            facts += [LegalBasesRestated(**about, purpose=purpose) for purpose in purposes]
            facts += [fact_of(row, case_id, person_id) for row in standing if case_id in inside]
    record(session, *facts)


def _bases(session: Session, person: Person) -> Sequence[LegalBasis]:
    return protection.legal_bases(session, protection.everybody_of(session, person))


def _standing(oldest_first: Sequence[LegalBasis]) -> list[LegalBasis]:
    """The withdrawals and objections, and the bases that none of them ended."""
    return [
        row
        for number, row in enumerate(oldest_first)
        if row.basis in STOPS
        or not any(
            later.basis in STOPS and later.purpose == row.purpose and later.recipient_id in {None, row.recipient_id}
            for later in oldest_first[number + 1 :]
        )
    ]
