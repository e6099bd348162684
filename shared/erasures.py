"""Erasing a person from one service: its keys, its log, and the proof against a restored backup.

The *journal* is a file of ids beside the databases, written after the commit and completed at every start. A database
that was restored from an older backup lacks what the journal names: it is erased again before the service serves.
"""

from __future__ import annotations

import fcntl
import json
import logging
import os
import threading
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from pathlib import Path
from uuid import UUID

from sqlalchemy import Engine, func, select, text
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from shared.database import is_sqlite, reading, transaction, upsert, utc_now
from shared.errors import MisconfiguredError
from shared.logging import describe_error
from shared.messaging.log import blank_events, cut_off_log
from shared.vault import destroy_keys, erased
from shared.wakes import bind_wake, wake

log = logging.getLogger(__name__)

JOURNAL = "erasure journal"
SCRUB_EVERY = 30.0
"""Seconds."""
REWRITTEN_UP_TO = 64 * 1024 * 1024
"""Bytes of the keys' table that a scrub rewrites on PostgreSQL; a larger one is vacuumed."""

Erased = Mapping[UUID, frozenset[UUID]]
"""Person → its cases."""
Erase = Callable[[Session, UUID, frozenset[UUID]], None]
"""Erases a person of these cases from one service's database."""


def forget_person(session: Session, person_id: UUID, case_ids: Iterable[UUID]) -> None:
    """Destroy the keys of the person and of its cases, blank its events in this service's log, and note it.

    The cases' keys too: a story may name anyone in it.
    """
    cases = sorted(case_ids)
    destroy_keys(session, [person_id, *cases])
    blank_events(session, person_id)
    for case_id in cases:
        row = {"person_id": person_id, "case_id": case_id, "erased_at": utc_now()}
        session.execute(upsert(session, erased).values(**row).on_conflict_do_nothing())
    wake(session, JOURNAL)


class Journal:
    """The file. Several processes may write to it; a line that stands in it twice does no harm."""

    def __init__(self, file: Path) -> None:
        self.file = file

    def read(self) -> Erased:
        """Everybody it names. Raises `MisconfiguredError` where it is damaged: without it a backup is not safe."""
        found: dict[UUID, set[UUID]] = {}
        try:
            lines = self.file.read_bytes().split(b"\n")
            for line in lines[:-1]:  # behind the last line break is nothing, or what a crash cut off: see `add`
                entry = json.loads(line)
                found.setdefault(UUID(entry["person"]), set()).add(UUID(entry["case"]))
        except FileNotFoundError:
            return {}
        except (ValueError, KeyError, TypeError, AttributeError):
            raise MisconfiguredError(
                f"{self.file} is damaged. It names whom a restored backup must erase again: mend its last lines, or "
                "take a copy of it."
            ) from None
        return {person: frozenset(cases) for person, cases in found.items()}

    def add(self, entries: Erased) -> None:
        """Append, and wait until the disk has it."""
        lines = [
            json.dumps({"person": str(person), "case": str(case)})
            for person, cases in entries.items()
            for case in cases
        ]
        if not lines:
            return
        self.file.parent.mkdir(parents=True, exist_ok=True)
        with os.fdopen(os.open(self.file, os.O_RDWR | os.O_CREAT, 0o600), "r+b") as stream:
            fcntl.flock(stream, fcntl.LOCK_EX)
            whole = stream.read().rfind(b"\n") + 1  # what a crash cut off is written again: the database has it
            stream.seek(whole)
            stream.truncate()
            stream.write(("\n".join(lines) + "\n").encode())
            stream.flush()
            os.fsync(stream.fileno())


def settle(engine: Engine, journal: Journal, erase: Erase) -> int:
    """Before a service serves: erase again whom the journal names and this database does not know as erased; and let
    the journal name whom it lacks, now and after each erasure. Returns how many persons were erased again."""
    bind_wake(engine, JOURNAL, lambda: _complete(engine, journal))
    named = journal.read()
    with transaction(engine) as session:
        known = _erased_here(session)
        lacking = {person: cases - known.get(person, frozenset()) for person, cases in named.items()}
        lacking = {person: cases for person, cases in lacking.items() if cases}
        for person in lacking:
            erase(session, person, named[person])
    if lacking:
        log.warning("a restored database: persons were erased again", extra={"persons": len(lacking)})
    _complete(engine, journal)
    return len(lacking)


def _complete(engine: Engine, journal: Journal) -> None:
    named = journal.read()
    with reading(engine) as session:
        known = _erased_here(session)
    journal.add({person: cases - named.get(person, frozenset()) for person, cases in known.items()})


def _erased_here(session: Session) -> Erased:
    found: dict[UUID, set[UUID]] = {}
    for person, case in session.execute(select(erased.c.person_id, erased.c.case_id)):
        found.setdefault(person, set()).add(case)
    return {person: frozenset(cases) for person, cases in found.items()}


class Scrub:
    """Takes what an erasure left behind in files out of them. Run now and then; it looks whether there is anything.

    SQLite overwrites deleted bytes (`secure_delete`), and its write-ahead log is cut off. PostgreSQL keeps old row
    versions: the keys' table is rewritten while it is small, and vacuumed when it is large; then a wrapped key may
    stay in free space until that is used again, and its write-ahead log keeps it until it is recycled (decision 14).
    """

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._done: datetime | None = None

    def run(self) -> bool:
        """True when there was something to do, and it is done."""
        with reading(self._engine) as session:
            newest = session.scalar(select(func.max(erased.c.erased_at)))
        if newest is None or newest == self._done:
            return False
        if not (cut_off_log(self._engine) if is_sqlite(self._engine) else self._vacuum()):
            return False
        self._done = newest
        return True

    def _vacuum(self) -> bool:
        with self._engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.execute(text("SET lock_timeout = '2s'"))
            try:
                size = connection.scalar(text("SELECT pg_table_size('data_key')"))
                whole = "(FULL) " if size is not None and size <= REWRITTEN_UP_TO else ""
                connection.execute(text(f"VACUUM {whole}data_key"))
            except OperationalError as error:
                log.info("scrub waits", extra={"error": describe_error(error)})
                return False
            finally:
                connection.execute(text("RESET lock_timeout"))
        return True


def keep_scrubbed(scrub: Scrub, stop: threading.Event) -> None:
    """Scrub whenever there was an erasure, until `stop`."""
    scrub.run()
    while not stop.wait(SCRUB_EVERY):
        scrub.run()
