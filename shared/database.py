"""Database access: one engine a service, one `transaction()`; nothing else commits.

PostgreSQL at READ COMMITTED, or SQLite (WAL, synchronous=FULL) whose writers queue behind one fair lock per file.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any

import uuid_utils.compat as uuid_utils
from pydantic_core import from_json
from sqlalchemy import (
    Connection,
    DateTime,
    Dialect,
    Engine,
    Table,
    TypeDecorator,
    create_engine,
    event,
    make_url,
)
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import DeclarativeBase, Session, SessionTransaction

from shared.sqlite_files import file_lock, open_sqlite
from shared.wakes import finish_work, give_wake, is_finished

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


COLUMN_TYPES = {datetime: UtcDateTime}
"""For the declarative base of each service."""

PREPARED = 500
"""Statements that a connection to PostgreSQL keeps prepared; psycopg's 100 would be forgotten in turn."""


def table_of(mapped: type[DeclarativeBase]) -> Table:
    """The table of a mapped class, for bulk statements that need no objects."""
    table = mapped.__table__
    assert isinstance(table, Table)
    return table


def open_engine(url: str, *, pool_size: int = 10) -> Engine:
    """An engine with the durability and the silence this product promises.

    Statement parameters never reach an error text (`hide_parameters`). SQLite waits up to 30 s for a lock.
    """
    parsed = make_url(url)
    if parsed.get_backend_name() == "sqlite":
        return open_sqlite(url)
    engine = create_engine(
        parsed,
        hide_parameters=True,
        pool_size=pool_size,
        max_overflow=pool_size,
        pool_use_lifo=True,  # few connections that have their statements prepared, and not all of them in turn
        isolation_level="READ COMMITTED",
        json_deserializer=from_json,  # a page of an inbox has a hundred documents, and `json` took a tenth of its time
        # no machine code is compiled for a statement: row security's sub-selects let short ones look expensive, and the
        # matcher's look-up took 80 ms and more to compile, and 1 to run
        connect_args={"connect_timeout": 5, "application_name": "kinbridge", "options": "-c jit=off"},
    )
    event.listen(engine, "connect", _keep_prepared)
    return engine


def _keep_prepared(connection: Any, _record: Any) -> None:
    connection.prepared_max = PREPARED


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


class _Joined(Session):
    """A session inside its connection's transaction."""

    def connection(self, *_: Any, **__: Any) -> Connection:
        """The connection itself, for statements that need nothing of the session."""
        assert isinstance(self.bind, Connection)
        return self.bind

    def begin_nested(self) -> SessionTransaction:
        """A savepoint from here on. The session alone would set it at its own first statement, and what was said on
        `connection` before that would stay when it is rolled back."""
        nested = super().begin_nested()
        super().connection()
        return nested

    def rollback(self) -> None:
        """Also what the session had no part in."""
        super().rollback()
        self.connection().rollback()


def _commit(connection: Connection) -> None:
    """A connection whose commit was broken off may be in a transaction still: nobody is given it again."""
    try:
        connection.commit()
    except BaseException:
        connection.invalidate()
        raise


class SeveralStatements(RuntimeError):
    """A `single_write` was about to write with more than one statement."""


@contextmanager
def transaction(engine: Engine) -> Iterator[Session]:
    """One read-write transaction: committed when the block ends, rolled back when it raises.

    Only here, and in `single_write`, is anything committed. After the commit the wakes asked for are given; a failing
    waker changes nothing.
    """
    lock = file_lock(str(engine.url)) if is_sqlite(engine) else None
    if lock is not None:
        lock.acquire()
    try:
        with engine.connect() as connection:
            connection.begin()  # for the session to join: one of its own would cost twice as much
            with _Joined(connection, expire_on_commit=False, autoflush=False) as session:
                yield session
                wakes = finish_work(engine, session)
                session.flush()
                _commit(connection)
    finally:
        if lock is not None:
            lock.release()
    for name, waker in wakes:
        give_wake(name, waker)


@contextmanager
def single_write(engine: Engine) -> Iterator[Session]:
    """A transaction that writes with one statement at most, which PostgreSQL commits by itself: two round trips fewer.

    Statements that read may come before and after; at READ COMMITTED each sees its own moment anyway. An error in the
    block after the one statement undoes nothing. What writes with several raises `SeveralStatements`. On SQLite, and
    where something is bound to finish transactions, it is an ordinary one.
    """
    if is_sqlite(engine) or is_finished(engine):
        with transaction(engine) as session:
            yield session
        return
    with engine.connect() as connection:
        connection.execution_options(isolation_level="AUTOCOMMIT")
        with _Joined(connection, expire_on_commit=False, autoflush=False, info={"single": True}) as session:
            yield session
            if session.new or session.dirty or session.deleted:
                raise SeveralStatements
            wakes = finish_work(engine, session)
    for name, waker in wakes:
        give_wake(name, waker)


def need_transaction(session: Session) -> None:
    """To be called before several statements write. Raises `SeveralStatements` in a `single_write`."""
    if "single" in session.info:
        raise SeveralStatements


@contextmanager
def reading(engine: Engine, *, snapshot: bool = False) -> Iterator[Session]:
    """A short read-only transaction of its own; it takes no lock and writes nothing.

    With `snapshot` every statement sees the same moment (on SQLite it always does).
    It ends with a commit: at a rollback psycopg forgets every statement that PostgreSQL has prepared.
    """
    with engine.connect() as connection:
        options: dict[str, Any] = {"kinbridge_write": False}
        if not is_sqlite(engine):
            options["postgresql_readonly"] = True
            if snapshot:
                options["isolation_level"] = "REPEATABLE READ"
        connection.execution_options(**options).begin()
        with _Joined(connection, expire_on_commit=False, autoflush=False) as session:
            yield session
            _commit(connection)
