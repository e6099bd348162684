"""SQLite: one writer a file, so writers queue behind a fair lock; durable, and silent about what it held."""

from __future__ import annotations

import sqlite3
import threading
import time
from collections import deque
from contextlib import closing
from typing import Any

from sqlalchemy import Engine, ExceptionContext, create_engine, event

SQLITE_PATIENCE = 30
"""Seconds to wait for a lock."""
SQLITE_PRAGMAS = (
    "synchronous=FULL",
    "foreign_keys=ON",
    "secure_delete=ON",
    "wal_autocheckpoint=8000",  # 32 MB: a long-running process calls `checkpoint` instead, beside its commits
)


class FairLock:
    """A lock that serves its waiters in the order they came.

    SQLite has one writer a file; with an unfair lock a busy importer starves the sequencer.
    """

    def __init__(self) -> None:
        self._guard = threading.Lock()
        self._waiters: deque[threading.Lock] = deque()
        self._taken = False

    def acquire(self) -> None:
        with self._guard:
            if not self._taken:
                self._taken = True
                return
            ticket = threading.Lock()
            ticket.acquire()
            self._waiters.append(ticket)
        ticket.acquire()

    def release(self) -> None:
        with self._guard:
            if self._waiters:
                self._waiters.popleft().release()
            else:
                self._taken = False


_file_locks: dict[str, FairLock] = {}
_file_locks_guard = threading.Lock()


def file_lock(path: str) -> FairLock:
    """The lock of this process behind which the writers of a file queue."""
    with _file_locks_guard:
        return _file_locks.setdefault(path, FairLock())


def _use_write_ahead_log(connection: sqlite3.Connection) -> None:
    """Switch a new file over; SQLite does not wait by itself while another connection writes to it for the first
    time."""
    until = time.monotonic() + SQLITE_PATIENCE
    while True:
        try:
            connection.execute("PRAGMA journal_mode=WAL")
        except sqlite3.OperationalError:
            if time.monotonic() > until:
                raise
            time.sleep(0.05)
        else:
            return


def open_sqlite(url: str) -> Engine:
    """An engine on a file: write-ahead log, every commit on the disk, what is deleted overwritten."""
    engine = create_engine(
        url,
        hide_parameters=True,
        connect_args={"timeout": SQLITE_PATIENCE, "check_same_thread": False},
    )

    @event.listens_for(engine, "connect")
    def _configure(connection: sqlite3.Connection, _record: object) -> None:
        connection.isolation_level = None  # this module says BEGIN itself
        _use_write_ahead_log(connection)
        for pragma in SQLITE_PRAGMAS:
            connection.execute(f"PRAGMA {pragma}")

    @event.listens_for(engine, "begin")
    def _begin(connection: Any) -> None:
        write = connection.get_execution_options().get("kinbridge_write", True)
        begin = "BEGIN IMMEDIATE" if write else "BEGIN"
        try:
            connection.connection.dbapi_connection.execute(begin)
        except sqlite3.Error:
            connection.exec_driver_sql(begin)  # once more, for SQLAlchemy's own error

    @event.listens_for(engine, "handle_error")
    def _end_with_transaction(context: ExceptionContext) -> None:
        """A full disk makes SQLite roll back by itself: what follows must not run, each statement committed alone."""
        if context.connection is not None and not context.connection.invalidated:
            driver = context.connection.connection.dbapi_connection
            if driver is not None and not driver.in_transaction:
                context.is_disconnect, context.invalidate_pool_on_disconnect = True, False

    return engine


def checkpoint(engine: Engine) -> None:
    """Move SQLite's write-ahead log into the file, as far as nobody is hindered by it."""
    with closing(engine.raw_connection()) as connection:  # no transaction may be open
        connection.cursor().execute("PRAGMA wal_checkpoint(PASSIVE)")
