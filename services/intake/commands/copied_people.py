"""People who stand in a case that goes to another organisation, and in one that stays: the receiver gets a record of
its own of each, under a key of its own, with the same legal bases."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from sqlalchemy import Column, Table, case, insert, select, update
from sqlalchemy.orm import Session

from services.intake.commands.attachments import pass_attachments
from services.intake.commands.protection.bases import fact_of
from services.intake.domain import (
    Attention,
    CasePerson,
    FamilyReply,
    LegalBasis,
    NameKey,
    Person,
    PersonRelation,
    TimelineEntry,
)
from services.intake.queries.transfers import CaseFile
from shared.database import table_of, uuid7
from shared.messaging.log import record
from shared.vault import data_key, vault_of

Copies = Mapping[UUID, UUID]
"""Who stays → the receiver's record of the same person."""


def copy_people(session: Session, file: CaseFile, receiver_id: UUID) -> Copies:
    """Make them, and let them stand in the file instead of those who stay."""
    copies = {one: uuid7() for one in file.staying}
    if copies:
        _copy_persons(session, copies, receiver_id)
        _copy_rows(session, table_of(NameKey), copies, receiver_id)
        _copy_rows(session, table_of(LegalBasis), copies, receiver_id, own_id=True)
        _copy_relations(session, copies, receiver_id)
        _stand_in_the_file(session, file, copies)
        _rename_in_history(session, file, copies)
        pass_attachments(session, file.cases, copies)
    return copies


def tell_of_copies(session: Session, file: CaseFile, copies: Copies) -> None:
    """The other services learn on what legal bases the receiver's records may be used, in each case of the file."""
    standing = select(CasePerson.case_id).where(CasePerson.case_id.in_(file.cases))
    bases = select(LegalBasis).where(LegalBasis.person_id.in_(copies.values()))
    rows = session.scalars(bases.order_by(LegalBasis.recorded_at, LegalBasis.id)).all()
    inside = {
        one: session.scalars(standing.where(CasePerson.person_id == one)).all() for one in sorted(copies.values())
    }
    record(session, *(fact_of(row, case_id) for row in rows for case_id in inside[row.person_id]))


def _copy_persons(session: Session, copies: Copies, receiver_id: UUID) -> None:
    person, vault = table_of(Person), vault_of(session)
    rows = session.execute(person.select().where(person.c.id.in_(copies))).mappings().all()
    old = vault.open(session, copies)
    new, keys = vault.fresh([copies[one] for one in old], receiver_id)
    if keys:
        session.execute(insert(data_key), keys)
    for row in rows:
        changed: dict[str, Any] = {
            "id": copies[row["id"]],
            "organisation_id": receiver_id,
            "merged_into": copies.get(row["merged_into"], row["merged_into"]),
            "sealed": None,
        }
        if row["sealed"] is not None and row["id"] in old:
            plain = old[row["id"]].decrypt(row["sealed"], "person.sealed")
            changed["sealed"] = new[copies[row["id"]]].encrypt(plain, "person.sealed")
        session.execute(insert(person).values({**row, **changed}))


def _copy_rows(session: Session, table: Table, copies: Copies, receiver_id: UUID, *, own_id: bool = False) -> None:
    statement = table.select().where(table.c.person_id.in_(copies)).order_by(*table.primary_key.columns)
    for row in session.execute(statement).mappings().all():
        changed: dict[str, Any] = {"organisation_id": receiver_id, "person_id": copies[row["person_id"]]}
        session.execute(insert(table).values({**row, **changed, **({"id": uuid7()} if own_id else {})}))


def _copy_relations(session: Session, copies: Copies, receiver_id: UUID) -> None:
    relation = table_of(PersonRelation)
    among = relation.select().where(relation.c.person_id.in_(copies), relation.c.other_id.in_(copies))
    for row in session.execute(among).mappings().all():
        changed = {"person_id": copies[row["person_id"]], "other_id": copies[row["other_id"]]}
        session.execute(insert(relation).values({**row, **changed, "organisation_id": receiver_id}))


def _stand_in_the_file(session: Session, file: CaseFile, copies: Copies) -> None:
    part, person = table_of(CasePerson), table_of(Person)
    for of_case in (part, table_of(FamilyReply), table_of(Attention)):
        session.execute(
            update(of_case)
            .where(of_case.c.case_id.in_(file.cases), of_case.c.person_id.in_(copies))
            .values(person_id=_renamed(of_case.c.person_id, copies))
        )
    session.execute(
        update(person)
        .where(person.c.id.in_(file.going), person.c.merged_into.in_(copies))
        .values(merged_into=_renamed(person.c.merged_into, copies))
    )


def _renamed(column: Column[UUID], copies: Copies) -> Any:
    return case(*((column == old, new) for old, new in copies.items()))


def _rename_in_history(session: Session, file: CaseFile, copies: Copies) -> None:
    """The history of the file names people by their ids."""
    names = {str(old): str(new) for old, new in copies.items()}
    for entry in session.scalars(select(TimelineEntry).where(TimelineEntry.case_id.in_(file.cases))):
        facts = _told_of(entry.facts, names)
        if facts != entry.facts:
            entry.facts = facts
    session.flush()


def _told_of(told: Any, names: Mapping[str, str]) -> Any:
    """The same facts by the new ids; who was served is named inside a list."""
    if isinstance(told, dict):
        return {name: _told_of(one, names) for name, one in told.items()}
    if isinstance(told, list):
        return [_told_of(one, names) for one in told]
    return names.get(told, told) if isinstance(told, str) else told
