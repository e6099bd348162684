"""Database access: one engine a service, one `transaction()`; nothing else commits.

PostgreSQL at READ COMMITTED, or SQLite (WAL, synchronous=FULL) whose writers queue behind one fair lock per file.
"""

from __future__ import annotations

import logging
import sqlite3
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime
from typing import Any
from weakref import WeakKeyDictionary

import uuid_utils.compat as uuid_utils
from sqlalchemy import (
    Connection,
    DateTime,
    Dialect,
    Engine,
    ExceptionContext,
    Table,
    TypeDecorator,
    create_engine,
    event,
    make_url,
)
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import DeclarativeBase, Session

from shared.logging import describe_error

log = logging.getLogger(__name__)

NAMING = {
    "ix": "ix_%(column_0_label)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}

uuid7 = uuid_utils.uuid7


def utc_now() -> datetime:
    """The wall clock, aware, in UTC."""
    return datetime.now(UTC)


class UtcDateTime(TypeDecorator[datetime]):
    """Aware UTC datetimes on both databases; a naive one is refused."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002
        if value is not None and value.tzinfo is None:
            raise ValueError("a datetime without a time zone")
        return None if value is None else value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


SQLITE_PATIENCE = 30
"""Seconds to wait for a lock."""
SQLITE_PRAGMAS = (
    "synchronous=FULL",
    "foreign_keys=ON",
    "secure_delete=ON",
    "wal_autocheckpoint=8000",  # 32 MB: a long-running process calls `checkpoint` instead, beside its commits
)

COLUMN_TYPES = {datetime: UtcDateTime}
"""For the declarative base of each service."""


def table_of(mapped: type[DeclarativeBase]) -> Table:
    """The table of a mapped class, for bulk statements that need no objects."""
    table = mapped.__table__
    assert isinstance(table, Table)
    return table


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


def _file_lock(path: str) -> FairLock:
    with _file_locks_guard:
        return _file_locks.setdefault(path, FairLock())


def open_engine(url: str, *, pool_size: int = 10) -> Engine:
    """An engine with the durability and the silence this product promises.

    Statement parameters never reach an error text (`hide_parameters`). SQLite waits up to 30 s for a lock.
    """
    parsed = make_url(url)
    if parsed.get_backend_name() == "sqlite":
        return _open_sqlite(url)
    return create_engine(
        parsed,
        hide_parameters=True,
        pool_size=pool_size,
        max_overflow=pool_size,
        isolation_level="READ COMMITTED",
        connect_args={"connect_timeout": 5, "application_name": "kinbridge"},
    )


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


def _open_sqlite(url: str) -> Engine:
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


def is_sqlite(bind: Engine | Session) -> bool:
    """True on SQLite, false on PostgreSQL."""
    engine = bind.get_bind() if isinstance(bind, Session) else bind
    return engine.dialect.name == "sqlite"


def is_writable(session: Session) -> bool:
    """True in a `transaction`, false while `reading`."""
    return bool(session.get_bind().get_execution_options().get("kinbridge_write", True))


def is_confinable(session: Session) -> bool:
    """True where settings of a transaction hold for several statements: not on SQLite, not in a `single_write`."""
    return not is_sqlite(session) and "single" not in session.info


def upsert(session: Session, table: Any) -> Any:
    """`INSERT` with `on_conflict_do_*` for the session's database; both dialects share the form used here."""
    return sqlite.insert(table) if is_sqlite(session) else postgresql.insert(table)


def put_row(session: Session, table: Table, **row: Any) -> None:
    """Insert a row; where its primary key is known, its other columns replace what stood there."""
    statement = upsert(session, table).values(**row)
    keys = table.primary_key.columns.keys()
    replaced = {name: statement.excluded[name] for name in row if name not in keys}
    session.execute(statement.on_conflict_do_update(index_elements=keys, set_=replaced))


def upsert_once(table: Any, finish: Callable[[Any], Any]) -> Callable[[Session], Any]:
    """An `upsert` made once for each database and run with parameters: for statements of every request."""
    made = {True: finish(sqlite.insert(table)), False: finish(postgresql.insert(table))}
    return lambda session: made[is_sqlite(session)]


# What a commit wakes: queue or loop name → function. Composition roots bind; commands only name.
Waker = Callable[[], object]
Finish = Callable[[Session], Waker | None]
_wakers: WeakKeyDictionary[Engine, dict[str, Waker]] = WeakKeyDictionary()
_finishes: WeakKeyDictionary[Engine, dict[str, Finish]] = WeakKeyDictionary()


def bind_wake(engine: Engine, name: str, waker: Waker) -> None:
    """Have `waker()` called after each commit in which `wake(session, name)` was asked for."""
    _wakers.setdefault(engine, {})[name] = waker


def bind_finish(engine: Engine, name: str, finish: Finish) -> None:
    """Have `finish(session)` called at the end of each transaction in which `wake(session, name)` was asked for.

    It is part of the transaction: its error rolls everything back. What it returns is called after the commit.
    """
    _finishes.setdefault(engine, {})[name] = finish


def wake(session: Session, name: str) -> None:
    """Ask that `name` (a job queue, or "sequencer") be woken once this transaction has committed.

    A hint: what must happen is in the database, and a sweep finds it.
    """
    session.info.setdefault("wakes", {})[name] = None


def _finish(engine: Engine, session: Session) -> list[tuple[str, Waker]]:
    """The last work of a transaction; returns what is to be called after its commit."""
    wakes = []
    for name in session.info.get("wakes", ()):
        finish = _finishes.get(engine, {}).get(name)
        waker = _wakers.get(engine, {}).get(name) if finish is None else finish(session)
        if waker is not None:
            wakes.append((name, waker))
    return wakes


def _give_wake(name: str, waker: Waker) -> None:
    try:
        waker()
    except Exception as error:  # noqa: BLE001 - what is done is committed; a sweep finds what was not woken
        log.warning("wake failed", extra={"wake": name, "error": describe_error(error)})


class _Joined(Session):
    """A session inside its connection's transaction."""

    def connection(self, *_: Any, **__: Any) -> Connection:
        """The connection itself, for statements that need nothing of the session."""
        assert isinstance(self.bind, Connection)
        return self.bind

    def rollback(self) -> None:
        """Also what the session had no part in."""
        super().rollback()
        self.connection().rollback()


class SeveralStatements(RuntimeError):
    """A `single_write` was about to write with more than one statement."""


@contextmanager
def transaction(engine: Engine) -> Iterator[Session]:
    """One read-write transaction: committed when the block ends, rolled back when it raises.

    Only here, and in `single_write`, is anything committed. After the commit the wakes asked for are given; a failing
    waker changes nothing.
    """
    lock = _file_lock(str(engine.url)) if is_sqlite(engine) else None
    if lock is not None:
        lock.acquire()
    try:
        with engine.connect() as connection:
            connection.begin()  # for the session to join: one of its own would cost twice as much
            with _Joined(connection, expire_on_commit=False, autoflush=False) as session:
                yield session
                wakes = _finish(engine, session)
                session.flush()
                connection.commit()
    finally:
        if lock is not None:
            lock.release()
    for name, waker in wakes:
        _give_wake(name, waker)


@contextmanager
def single_write(engine: Engine) -> Iterator[Session]:
    """A transaction that writes with one statement at most, which PostgreSQL commits by itself: two round trips fewer.

    Statements that read may come before and after; at READ COMMITTED each sees its own moment anyway. An error in the
    block after the one statement undoes nothing. What writes with several raises `SeveralStatements`. On SQLite, and
    where something is bound to finish transactions, it is an ordinary one.
    """
    if is_sqlite(engine) or engine in _finishes:
        with transaction(engine) as session:
            yield session
        return
    with engine.connect() as connection:
        connection.execution_options(isolation_level="AUTOCOMMIT")
        with _Joined(connection, expire_on_commit=False, autoflush=False, info={"single": True}) as session:
            yield session
            if session.new or session.dirty or session.deleted:
                raise SeveralStatements
            wakes = _finish(engine, session)
    for name, waker in wakes:
        _give_wake(name, waker)


def need_transaction(session: Session) -> None:
    """To be called before several statements write. Raises `SeveralStatements` in a `single_write`."""
    if "single" in session.info:
        raise SeveralStatements


@contextmanager
def reading(engine: Engine, *, snapshot: bool = False) -> Iterator[Session]:
    """A short read-only transaction of its own; it takes no lock and is never committed.

    With `snapshot` every statement sees the same moment (on SQLite it always does).
    """
    with engine.connect() as connection:
        options: dict[str, Any] = {"kinbridge_write": False}
        if not is_sqlite(engine):
            options["postgresql_readonly"] = True
            if snapshot:
                options["isolation_level"] = "REPEATABLE READ"
        with Session(connection.execution_options(**options), expire_on_commit=False, autoflush=False) as session:
            yield session
