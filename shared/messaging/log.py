"""Recording facts in the service's own log, in the transaction of the change they tell of."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from functools import cache
from typing import Any
from uuid import UUID
from weakref import WeakKeyDictionary

from sqlalchemy import (
    Engine,
    Row,
    Table,
    func,
    insert,
    select,
    update,
)
from sqlalchemy.orm import Session

from shared.crypto import KeyRing, fresh_nonces, seal
from shared.database import is_sqlite, is_writable, need_transaction, reading, upsert_once, utc_now, uuid7
from shared.errors import MisconfiguredError
from shared.events.envelope import PARTITIONS, Event, Parts, encode, partition_of
from shared.messaging.one_statement import new_subject_statement
from shared.messaging.tables import event_log, event_subject, head
from shared.rows import insert_rows, insert_tables
from shared.wakes import bind_wake, wake

SCRUB, SEQUENCER = "scrub", "sequencer"
"""What a transaction wakes that erased, or recorded."""


@dataclass(frozen=True)
class Ledger:
    """Whose log a database holds, and the keys that its payloads are encrypted with."""

    source: str
    keys: KeyRing


_ledgers: WeakKeyDictionary[Engine, Ledger] = WeakKeyDictionary()


def open_ledger(engine: Engine, source: str, keys: KeyRing) -> None:
    """Let `record` write to this database as `source`. Refuses a database made for another number of partitions."""
    with reading(engine) as session:
        partitions = session.scalar(select(func.count()).select_from(head))
    if partitions != PARTITIONS:
        raise MisconfiguredError(
            f"The log of {source} has {partitions} partitions, this release {PARTITIONS}. The number is fixed for "
            "ever: run the release that made this database, or start with an empty one."
        )
    _ledgers[engine] = Ledger(source, keys)
    bind_wake(engine, SCRUB, lambda: cut_off_log(engine))


def ledger_of(session: Session) -> Ledger:
    """The ledger opened on the session's database."""
    found = _ledgers.get(session.get_bind().engine)
    if found is None:
        raise MisconfiguredError("This needs a session on an engine given to open_ledger().")
    return found


def record(
    session: Session, *events: Event, made: Mapping[Table, Sequence[Mapping[str, Any]]] | None = None
) -> tuple[UUID, ...]:
    """Record facts in their order; they are kept if, and only if, the transaction commits.

    First locks the subjects, in sorted order, and so makes the log's order the order of commits: call it once in a
    transaction that touches several subjects. Rows that were `made` are inserted with the facts, on PostgreSQL in one
    statement. Returns the events' ids. Raises `EventTooLarge` over 256 KiB.
    """
    if not events:
        insert_tables(session, made or {})
        return ()
    need_transaction(session)
    ledger = _ledger_for(session, events)
    subjects = [event.subject for event in events]
    last = _lock_subjects(session, Counter(subjects))
    rows = _rows(ledger, events, subjects, _numbered(subjects, last))
    if made:
        insert_tables(session, {**made, event_log: rows})
    elif len(rows) == 1:
        session.connection().execute(_insert_event, rows[0])
    else:
        insert_rows(session, event_log, rows)
    wake(session, SEQUENCER)
    return tuple(row["event_id"] for row in rows)


@dataclass(frozen=True)
class Once:
    """A row that may be there once."""

    table: Table
    row: Mapping[str, Any]

    def taken(self, session: Session) -> bool:
        """Insert the row. True when it was there."""
        insert_once = _insert_once(self.table)(session)
        return session.connection().execute(insert_once, self.row).one_or_none() is None


@cache
def _insert_once(table: Table) -> Callable[[Session], Any]:
    return upsert_once(
        table, lambda statement: statement.on_conflict_do_nothing().returning(*table.primary_key.columns)
    )


def record_new(
    session: Session,
    events: Sequence[Event],
    made: Mapping[Table, Sequence[Mapping[str, Any]]],
    once: Once | None = None,
) -> bool:
    """Insert rows, table by table, and record the first facts of subjects that came into being with them.

    The same as inserting and `record`, with fewer statements: a subject nobody else knows has nothing to wait for, and
    its first event is number 1. One event with its rows is one statement on PostgreSQL. A subject that is not new
    after all is an `IntegrityError`. False, and nothing done, when the row of `once` was there.
    """
    if not events:
        return once is None or not once.taken(session)
    ledger = _ledger_for(session, events)
    subjects = [event.subject for event in events]
    rows = _rows(ledger, events, subjects, [1] * len(events))
    if len(rows) == 1 and not is_sqlite(session):
        kept = None if once is None else (once.table, once.row)
        statement, documents = new_subject_statement(made, rows[0], kept)
        if not session.connection().exec_driver_sql(statement, documents).rowcount:
            return False
    else:
        if once is not None and once.taken(session):
            return False
        insert_tables(session, made)
        insert_rows(session, event_subject, [{"subject": subject, "seq": 1} for subject in sorted(subjects)])
        insert_rows(session, event_log, rows)
    wake(session, SEQUENCER)
    return True


def _ledger_for(session: Session, events: Iterable[Event]) -> Ledger:
    """The session's ledger, if it may record these facts."""
    if not is_writable(session):
        raise MisconfiguredError("record() needs a transaction(): what is only read is never committed.")
    ledger = ledger_of(session)
    for event in events:
        if ledger.source not in event.SOURCES:
            raise MisconfiguredError(f"{event.TYPE} is not a fact that {ledger.source} may record.")
    return ledger


_insert_event = insert(event_log).inline()
_next_seqs = upsert_once(
    event_subject,
    lambda statement: statement.on_conflict_do_update(
        index_elements=[event_subject.c.subject], set_={"seq": event_subject.c.seq + statement.excluded.seq}
    ).returning(event_subject.c.subject, event_subject.c.seq),
)


def _lock_subjects(session: Session, subjects: Counter[str]) -> dict[str, int]:
    """The last seq of each subject, this call's events included."""
    rows = [{"subject": subject, "seq": count} for subject, count in sorted(subjects.items())]
    return {subject: seq for subject, seq in session.connection().execute(_next_seqs(session), rows)}


def _numbered(subjects: list[str], last: dict[str, int]) -> list[int]:
    numbers = []
    for subject in reversed(subjects):
        numbers.append(last[subject])
        last[subject] -= 1
    return numbers[::-1]


def _rows(ledger: Ledger, events: Sequence[Event], subjects: list[str], numbers: list[int]) -> list[dict[str, Any]]:
    nonces = fresh_nonces(len(events))
    return [_row(ledger, *each) for each in zip(events, subjects, numbers, nonces, strict=True)]


def _row(ledger: Ledger, event: Event, subject: str, seq: int, nonce: bytes) -> dict[str, Any]:
    event_id, now = uuid7(), utc_now()
    parts = encode(
        event,
        source=ledger.source,
        event_id=event_id,
        seq=seq,
        time=now.isoformat().replace("+00:00", "Z"),
        keys=ledger.keys,
        sealed=_sealed(ledger, event),
        nonce=nonce,
    )
    return {
        "event_id": event_id,
        "subject": subject,
        "seq": seq,
        "partition": partition_of(subject),
        "type": event.TYPE,
        "person_id": event.__dict__.get("person_id"),
        "recorded_at": now,
        "header": parts.header,
        "counts": parts.counts,
        "nonce": parts.nonce,
        "payload": parts.payload,
        "sealed": parts.sealed,
        "payload_digest": parts.payload_digest,
        "sealed_digest": parts.sealed_digest,
    }


def _sealed(ledger: Ledger, event: Event) -> bytes | None:
    private = event.__dict__.get("sealed")
    if private is None or event.SEALED_TO is None:
        return None
    return seal(ledger.keys.sealing_key(event.SEALED_TO).public_key, private.model_dump_json().encode())


PART_COLUMNS = (
    event_log.c.header,
    event_log.c.counts,
    event_log.c.nonce,
    event_log.c.payload,
    event_log.c.sealed,
    event_log.c.payload_digest,
    event_log.c.sealed_digest,
)


def parts_of(row: Row[Any] | tuple[Any, ...]) -> Parts:
    """The stored parts, from `PART_COLUMNS` in their order."""
    return Parts(*row)


def blank_events(session: Session, person_id: UUID) -> int:
    """Blank nonce, payload and sealed part of this person's events; header, counts and the hash chain stay whole.

    Returns how many events were erased. SQLite overwrites the bytes (`secure_delete`), and its write-ahead log is
    truncated after the commit.
    """
    statement = (
        update(event_log)
        .where(event_log.c.person_id == person_id, event_log.c.erased_at.is_(None))
        .values(nonce=None, payload=None, sealed=None, erased_at=utc_now())
        .returning(event_log.c.ordinal)
    )
    wake(session, SCRUB)
    return len(session.execute(statement).all())


def cut_off_log(engine: Engine) -> bool:
    """Move SQLite's write-ahead log into the file and cut it off: erased bytes may still stand in it. False while
    somebody reads from it."""
    if not is_sqlite(engine):
        return True
    with closing(engine.raw_connection()) as connection:  # no transaction may be open
        busy, _, _ = connection.cursor().execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
    return not busy
