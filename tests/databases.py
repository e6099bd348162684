"""Databases for one test each, made in milliseconds as copies of one that was migrated once per service.

Engines are used again with the database they are on: what SQLAlchemy compiled once it need not compile for each test.
"""

from __future__ import annotations

import itertools
import shutil
import sqlite3
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from functools import cache
from pathlib import Path
from typing import Any, Literal
from weakref import WeakKeyDictionary

import psycopg
from sqlalchemy import Engine, QueuePool, event, inspect

from shared.crypto import KeyRing
from shared.database import open_engine
from shared.depot import open_depot
from shared.messaging.log import open_ledger
from shared.migrations import migrate, newest_revision
from shared.settings import Settings
from tests.servers import OwnPostgres, fresh_folder

Backend = Literal["sqlite", "postgres"]
BACKENDS: tuple[Backend, ...] = ("sqlite", "postgres")
PRODUCT = {"shared", "services", "kinbridge"}
QUIET = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off", "max_connections": "200"}


class SqliteCopies:
    """Files copied from a template file."""

    backend: Backend = "sqlite"

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._numbers = itertools.count(1)
        self._free: dict[str, list[str]] = {}
        self._service_of: dict[str, str] = {}
        self.resting: dict[str, Engine] = {}
        """Engines of databases that wait to be used again, by address."""

    def empty(self) -> str:
        """The address of a database with nothing in it."""
        return f"sqlite:///{self._folder / f'{next(self._numbers)}.sqlite'}"

    def copy(self, service: str) -> str:
        """The address of a fresh database of a service."""
        template = self._folder / f"template-{service}.sqlite"
        if not template.exists():
            engine = open_engine(f"sqlite:///{template}")
            migrate(engine, service)
            engine.dispose()
            with closing(sqlite3.connect(template)) as connection:
                connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        free = self._free.setdefault(service, [])
        url = free.pop() if free else self.empty()
        shutil.copyfile(template, url.removeprefix("sqlite:///"))
        self._service_of[url] = service
        return url

    def backup(self, url: str) -> str:
        """The address of a database that holds what that one holds now."""
        taken = self.empty()
        with (
            closing(sqlite3.connect(url.removeprefix("sqlite:///"))) as source,
            closing(sqlite3.connect(taken.removeprefix("sqlite:///"))) as copy,
        ):
            source.backup(copy)
        return taken

    def forget(self, url: str, engine: Engine | None) -> bool:
        """The database is used no more; True where it will be used again, and `engine` with it."""
        if engine is not None:
            engine.dispose()
        file = Path(url.removeprefix("sqlite:///"))
        for path in (file, file.with_name(f"{file.name}-wal"), file.with_name(f"{file.name}-shm")):
            path.unlink(missing_ok=True)
        if url in self._service_of:
            self._free[self._service_of[url]].append(url)
        return url in self._service_of


class PostgresCopies:
    """Databases copied from a template database on the run's own server, emptied and used again."""

    backend: Backend = "postgres"

    def __init__(self, server: OwnPostgres) -> None:
        self._server = server
        self._numbers = itertools.count(1)
        self._free: dict[str, list[str]] = {}
        self._service_of: dict[str, str] = {}
        self._tables: dict[str, set[str]] = {}
        self.resting: dict[str, Engine] = {}
        """Engines of databases that wait to be used again, by address."""

    def empty(self) -> str:
        return self._server.create_database(f"t{next(self._numbers)}")

    def copy(self, service: str) -> str:
        free = self._free.setdefault(service, [])
        if free:
            return free.pop()
        template = f"template_{service}"
        if template not in self._server.databases:
            engine = open_engine(self._server.create_database(template))
            migrate(engine, service)
            self._tables[service] = set(inspect(engine).get_table_names())
            engine.dispose()
        name = f"t{next(self._numbers)}"
        with self._connected("postgres") as connection:
            connection.execute(f"CREATE DATABASE {name} TEMPLATE {template}")
        self._server.databases.add(name)
        url = self._server.url(name)
        self._service_of[url] = service
        return url

    def backup(self, url: str) -> str:
        """The address of a database that holds what that one holds now. Who is still connected to it is cut off: a
        database is used again, and an earlier test may have left an idle connection."""
        name = f"t{next(self._numbers)}"
        self._server.terminate_backends(url.rpartition("/")[2])
        with self._connected("postgres") as connection:
            connection.execute(f"CREATE DATABASE {name} TEMPLATE {url.rpartition('/')[2]}")
        self._server.databases.add(name)
        return self._server.url(name)

    def forget(self, url: str, engine: Engine | None) -> bool:
        """The database is used no more; True where it will be used again, and `engine` with it, which keeps one
        connection: on a fresh one PostgreSQL looks up every table anew."""
        service, name = self._service_of.get(url), url.rpartition("/")[2]
        if service is not None:
            with self._connected(name) if engine is None else _last_connection(engine) as connection:
                emptied = self._emptied(connection, service)
            if emptied:
                self._free[service].append(url)
                return True
        if engine is not None:
            engine.dispose()
        self._server.drop_database(name)
        return False

    def _emptied(self, connection: psycopg.Connection[Any], service: str) -> bool:
        """Make the database as good as new; False when the test changed its tables or its revision."""
        tables = self._tables[service]
        try:
            with connection.transaction():
                rows = connection.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
                found = {row[0] for row in rows}
                if not tables <= found:
                    return False
                revision = connection.execute("SELECT version_num FROM alembic_version")
                if revision.fetchall() != [(newest_revision(service),)]:
                    return False
                statements = ["SET LOCAL lock_timeout = '2s'; SET LOCAL session_replication_role = replica"]
                statements += [f'DROP TABLE "{table}"' for table in sorted(found - tables)]
                statements += [f'DELETE FROM "{table}"' for table in sorted(tables - {"alembic_version"})]
                statements += ["INSERT INTO head SELECT generate_series(0, 7), 0"]
                statements += ["SELECT setval('event_log_ordinal_seq', 1, false), pg_advisory_unlock_all()"]
                connection.execute(";".join(statements), prepare=False)
        except psycopg.Error:
            return False
        return True

    def _connected(self, name: str) -> psycopg.Connection[Any]:
        self._server.prove_own()
        return psycopg.connect(self._server.url(name).replace("+psycopg", ""), autocommit=True)


class Databases:
    """The databases of one test: `database("intake")` opens a fresh one that `record()` may write to."""

    def __init__(self, copies: SqliteCopies | PostgresCopies, keys: KeyRing) -> None:
        self._copies = copies
        self._keys = keys
        self.folder = fresh_folder("depots")
        """Where photos and documents lie."""
        self._urls: list[str] = []
        self._engines: list[Engine] = []
        self._first: dict[str, Engine] = {}

    @property
    def backend(self) -> Backend:
        return self._copies.backend

    def __call__(self, service: str) -> Engine:
        """A fresh, migrated database of a service."""
        url = self._copies.copy(service)
        self._urls.append(url)
        rested = self._copies.resting.pop(url, None)
        self._first[url] = engine = rested or self.second(url)
        self._engines += [rested] if rested is not None else []
        return self._ready(engine, service)

    def empty(self) -> Engine:
        """A database without any table."""
        self._urls.append(self._copies.empty())
        return self.second(self._urls[-1])

    def again(self, url: str, service: str) -> Engine:
        """A second engine on a database of this test, as another process would open it."""
        return self._ready(self.second(url), service)

    def _ready(self, engine: Engine, service: str) -> Engine:
        open_ledger(engine, service, self._keys)
        open_depot(engine, _settings().model_copy(update={"data_dir": self.folder}), service)
        return engine

    def backup(self, engine: Engine) -> str:
        """The address of a backup of a database of this test, taken now: `again` opens it, as restored."""
        for one in self._engines:
            one.dispose()
        self._urls.append(self._copies.backup(self.url_of(engine)))
        return self._urls[-1]

    def url_of(self, engine: Engine) -> str:
        return next(url for url in self._urls if url == engine.url.render_as_string(hide_password=False))

    def close(self) -> None:
        used_again = {url: engine for url, engine in self._first.items() if _may_be_used_again(engine)}
        for other in set(self._engines) - set(used_again.values()):
            other.dispose()
        for url in self._urls:
            engine = used_again.get(url)
            if self._copies.forget(url, engine) and engine is not None:
                _forget_everything_of(engine)
                self._copies.resting[url] = engine

    def second(self, url: str) -> Engine:
        """One more engine on a database of this test, which may have no tables yet."""
        engine = open_engine(url)
        if self.backend == "sqlite":
            event.listen(engine, "connect", _without_waiting_for_the_disk)
        _listeners[engine] = _listening(engine)
        self._engines.append(engine)
        return engine


@cache
def _settings() -> Settings:
    """Read once: that takes longer than to make a database."""
    return Settings()


_listeners: WeakKeyDictionary[Engine, list[Any]] = WeakKeyDictionary()
"""Of each engine, what listened when it was opened."""


def _listening(engine: Engine) -> list[Any]:
    """Everything that listens to the engine and to its connections."""
    return [
        listener
        for heard in (engine.dispatch, engine.pool.dispatch)
        for name in sorted(heard._event_names)
        for listener in getattr(heard, name)
    ]


def _may_be_used_again(engine: Engine) -> bool:
    """False where a test left a listener, or a connection that it still holds."""
    held = isinstance(engine.pool, QueuePool) and engine.pool.checkedout() > 0
    return not held and _listening(engine) == _listeners[engine]


@contextmanager
def _last_connection(engine: Engine) -> Iterator[psycopg.Connection[Any]]:
    """The one connection that the engine keeps, in no transaction; it has no other afterwards."""
    assert isinstance(engine.pool, QueuePool)
    kept, *others = [engine.raw_connection() for _ in range(max(1, engine.pool.checkedin()))]
    for other in others:
        other.invalidate()
    try:
        yield kept.driver_connection
    finally:
        kept.close()


def _forget_everything_of(engine: Engine) -> None:
    """What the product's modules remember of an engine (its log, its depot, who is woken) ends with the test."""
    for known in _remembering(len(sys.modules)):
        known.pop(engine, None)


@cache
def _remembering(_modules: int) -> list[WeakKeyDictionary[Any, Any]]:
    """Every dictionary of the product's modules, as many as there are now, in which an engine may be a key."""
    ours = [module for name, module in sys.modules.items() if name.partition(".")[0] in PRODUCT]
    return [one for module in ours for one in vars(module).values() if isinstance(one, WeakKeyDictionary)]


def _without_waiting_for_the_disk(connection: sqlite3.Connection, _record: object) -> None:
    """A test survives no power cut: several times quicker."""
    connection.execute("PRAGMA synchronous=OFF")
