"""`erase verify`: the proof that a service opens nothing of an erased person any more.

It takes no service's word: it looks into the database for keys, rows and events of the person and its cases, and tries
every key that is left there on every encrypted value.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from sqlalchemy import Engine, LargeBinary, MetaData, Table, func, or_, select
from sqlalchemy.orm import Session

from shared.crypto import KeyRing, Undecipherable
from shared.database import reading
from shared.erasures import Journal
from shared.errors import InvalidInput
from shared.events import CATALOGUE, ErasureConfirmed, PersonErased
from shared.events.envelope import GENESIS, Logged
from shared.messaging.log import PART_COLUMNS, parts_of
from shared.messaging.tables import event_log
from shared.settings import SERVICES
from shared.vault import data_key, erased, vault_of

NOTHING_LEFT = frozenset({"name_key", "person_relation", "person_basis"})
"""Tables in which an erased person has no row at all."""
TOLD = frozenset({PersonErased.TYPE, ErasureConfirmed.TYPE})
"""Facts about the person that tell of the erasure itself, and say nothing else."""
NEVER_ERASED = "nobody of that id was erased here: check the id"
_KINDS = {(kind.TYPE, kind.VERSION): kind for kind in CATALOGUE}


@dataclass
class Checked:
    """What was looked at in one service, and what is wrong there."""

    rows: int = 0
    values: int = 0
    keys: int = 0
    events: int = 0
    faults: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class Looked:
    """A service's database, and the tables that may hold something of a person."""

    service: str
    engine: Engine
    metadata: MetaData


@dataclass(frozen=True)
class Told:
    """What intake knows of a person's erasure; where it is not asked, nobody tells."""

    proposed: bool
    cases: frozenset[UUID]
    confirmed: frozenset[tuple[str, UUID]]
    """(service, case)."""


def verify_erasure(
    looked: Sequence[Looked], keys: KeyRing, journal: Journal, person_id: UUID, told: Told | None
) -> dict[str, Any]:
    """What was checked, service by service, and every fault; nothing opens where there is none."""
    erased_here = {case for one in looked for case in _erased_cases(one.engine, person_id)}
    named = journal.read()
    if not erased_here and person_id not in named and not (told and told.proposed):
        return _answer(person_id, (), {}, [], [NEVER_ERASED])
    cases = frozenset(erased_here | (told.cases if told else frozenset()))
    found = {one.service: _check(one, keys, person_id, cases) for one in looked}
    faults = [f"{service}: {fault}" for service, one in found.items() for fault in one.faults]
    if not cases:
        faults.append("no service knows of an erasure of this person")
    if cases - named.get(person_id, frozenset()):
        faults.append("the erasure journal does not name this person: a restored backup would bring it back")
    return _answer(person_id, cases, found, _unconfirmed(told, cases), faults)


def id_named(text: str) -> UUID:
    """The id that a command was given; raises `InvalidInput`."""
    try:
        return UUID(text)
    except ValueError:
        raise InvalidInput("Give an id as it is shown: 0199…-….") from None


def _answer(
    person_id: UUID, cases: Iterable[UUID], found: Mapping[str, Checked], waiting: list[str], faults: list[str]
) -> dict[str, Any]:
    return {
        "person": str(person_id),
        "cases": sorted(str(case) for case in cases),
        "checked": {service: {**vars(one), "faults": len(one.faults)} for service, one in found.items()},
        "not_confirmed_yet": waiting,
        "faults": faults,
        "nothing_opens": not faults,
    }


def _erased_cases(engine: Engine, person_id: UUID) -> Sequence[UUID]:
    with reading(engine) as session:
        return session.scalars(select(erased.c.case_id).where(erased.c.person_id == person_id)).all()


def _unconfirmed(told: Told | None, cases: Iterable[UUID]) -> list[str]:
    if told is None:
        return []
    return sorted(
        f"{service}: case/{case}"
        for service in SERVICES
        if service != "intake"
        for case in cases
        if (service, case) not in told.confirmed
    )


def _check(looked: Looked, keys: KeyRing, person_id: UUID, cases: frozenset[UUID]) -> Checked:
    checked = Checked()
    with reading(looked.engine, snapshot=True) as session:
        if session.scalar(select(func.count()).where(erased.c.person_id == person_id)) == 0:
            checked.faults.append("the person was not erased here")
        _check_keys(session, checked, person_id, cases)
        values = list(_values(session, checked, looked.metadata, person_id, cases))
        checked.values = len(values)
        _try_every_key(session, checked, values, cases)
        _read_events(session, checked, looked.service, keys, person_id, cases)
    return checked


def _check_keys(session: Session, checked: Checked, person_id: UUID, cases: frozenset[UUID]) -> None:
    """The person has no key, and its cases none that is older than the erasure."""
    since = session.scalar(select(func.max(erased.c.erased_at)).where(erased.c.person_id == person_id))
    rows = session.execute(
        select(data_key.c.owner_id, data_key.c.made_at).where(
            data_key.c.owner_id.in_([person_id, *cases]), data_key.c.wrapped.is_not(None)
        )
    )
    for owner, made_at in rows:
        if owner == person_id:
            checked.faults.append("the key of the person is still there")
        elif since is None or made_at <= since:
            checked.faults.append(f"the key of case/{owner} is still there")


@dataclass(frozen=True)
class _Value:
    place: str
    stored: bytes
    of_person: bool


def _values(
    session: Session, checked: Checked, metadata: MetaData, person_id: UUID, cases: frozenset[UUID]
) -> Iterator[_Value]:
    """Every encrypted value in a row of the person or of one of its cases."""
    for table in metadata.sorted_tables:
        for of_person, column, wanted in _belonging(table, person_id, cases):
            theirs = select(table).where(column.in_(wanted), *_nobody_elses(table, person_id))
            rows = session.execute(theirs).mappings().all()
            checked.rows += len(rows)
            if rows and of_person and table.name in NOTHING_LEFT:
                checked.faults.append(f"{len(rows)} rows of the person are left in {table.name}")
            for row in rows:
                for one in table.columns:
                    if isinstance(one.type, LargeBinary) and row[one.name] is not None:
                        yield _Value(f"{table.name}.{one.name}", row[one.name], of_person)


def _belonging(table: Table, person_id: UUID, cases: frozenset[UUID]) -> Iterator[tuple[bool, Any, list[UUID]]]:
    """(of the person or of its cases, column, its values) of each way in which rows of a table are theirs."""
    columns = table.columns
    for name, of_person in (("person", True), ("case", False)):
        wanted = [person_id] if of_person else sorted(cases)
        if table.name == name:
            yield of_person, columns["id"], wanted
        if f"{name}_id" in columns:
            yield of_person, columns[f"{name}_id"], wanted


def _nobody_elses(table: Table, person_id: UUID) -> Iterator[Any]:
    """In a case there may be values of others, under their own keys."""
    if "person_id" in table.columns:
        yield or_(table.columns["person_id"].is_(None), table.columns["person_id"] == person_id)


def _try_every_key(session: Session, checked: Checked, values: list[_Value], cases: frozenset[UUID]) -> None:
    """A value of the person opens under no key; one of a case only under the key that the case got afterwards."""
    for key in vault_of(session).every_key(session):
        checked.keys += 1
        for value in values:
            try:
                key.decrypt(value.stored, value.place)
            except Undecipherable:
                continue
            if value.of_person or key.owner_id not in cases:
                checked.faults.append(f"a value of {value.place} opens")


def _read_events(
    session: Session, checked: Checked, service: str, keys: KeyRing, person_id: UUID, cases: frozenset[UUID]
) -> None:
    """No event about the person has a payload, and none of its cases names the person in one."""
    columns = event_log.c
    left = session.scalars(
        select(columns.type).where(
            columns.person_id == person_id, columns.payload.is_not(None), columns.type.not_in(TOLD)
        )
    ).all()
    checked.faults += [f"an event {kind} of the person still has its payload" for kind in left]
    statement = select(columns.type, *PART_COLUMNS).where(
        columns.subject.in_([f"case/{case}" for case in cases]), columns.payload.is_not(None)
    )
    for kind, *parts in session.execute(statement):
        checked.events += 1
        logged: Logged[Any] = Logged(service, 0, 0, GENESIS, b"", parts_of(tuple(parts)), keys)
        logged.kind = _KINDS.get((logged.type, logged.version))
        if kind not in TOLD and logged.kind is not None and str(person_id) in logged.event.model_dump_json():
            checked.faults.append(f"an event {kind} names the person")
