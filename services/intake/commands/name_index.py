"""The blind index is made anew, under the current master key: names are found under each key meanwhile."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from uuid import UUID

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from services.intake import queries
from services.intake.domain import Case, CasePerson, NameKey, Person
from services.intake.naming import name_digests
from services.intake.queries.holders import index_keys_of
from shared.database import table_of
from shared.rows import insert_rows
from shared.vault import vault_of


def renew_name_index(session: Session, case_ids: Sequence[UUID]) -> tuple[list[UUID], int]:
    """Index the names of everybody in these cases. Returns (the cases that somebody works on just now, which are left
    as they are; how many persons were indexed anew).

    Whoever changes or erases a person locks its case first: so does this, and it waits for nobody meanwhile.
    """
    locked = session.scalars(select(Case.id).where(Case.id.in_(case_ids)).with_for_update(skip_locked=True)).all()
    of_cases = select(CasePerson.person_id).where(CasePerson.case_id.in_(locked))
    people = session.scalars(
        select(Person)
        .where(Person.id.in_(of_cases), Person.erased_at.is_(None))
        .order_by(Person.id)
        .with_for_update(skip_locked=True)
    ).all()
    stands = _stands(session, people)
    wanted = _wanted(session, people)
    stale = [one for one in people if one.id in wanted and wanted[one.id] != stands.get(one.id, set())]
    session.execute(delete(NameKey).where(NameKey.person_id.in_([one.id for one in stale])))
    insert_rows(
        session,
        table_of(NameKey),
        [
            {"organisation_id": one.organisation_id, "digest": digest, "person_id": one.id}
            for one in stale
            for digest in sorted(wanted[one.id])
        ],
    )
    return sorted(set(case_ids) - set(locked)), len(stale)


def cases_behind(session: Session, after: UUID | None, limit: int) -> Sequence[UUID]:
    """The next cases of every organisation, in the order of their ids."""
    statement = select(Case.id).order_by(Case.id).limit(limit)
    return session.scalars(statement if after is None else statement.where(Case.id > after)).all()


def _stands(session: Session, people: Sequence[Person]) -> Mapping[UUID, set[int]]:
    found: dict[UUID, set[int]] = defaultdict(set)
    rows = select(NameKey.person_id, NameKey.digest).where(NameKey.person_id.in_([one.id for one in people]))
    for person_id, digest in session.execute(rows):
        found[person_id].add(digest)
    return found


def _wanted(session: Session, people: Sequence[Person]) -> Mapping[UUID, set[int]]:
    """Person → its digests under the current key. Whom no key opens has none, and is left as it is."""
    index_key, opened = index_keys_of(session)[0], vault_of(session).open(session, [one.id for one in people])
    known = {one.id: queries.known_of(one, opened.get(one.id)) for one in people}
    return {
        person_id: set(name_digests(index_key, person.names).values())
        for person_id, person in known.items()
        if person is not None
    }
