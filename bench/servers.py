"""The throw-away servers of one bench, started when the first row asks, and fresh databases in them."""

from __future__ import annotations

from contextlib import ExitStack
from functools import cached_property
from itertools import count
from types import TracebackType

import psycopg
from sqlalchemy import Engine

from bench.facts import KEYS
from shared.database import open_engine
from shared.messaging.log import open_ledger
from shared.migrations import migrate
from tests.servers import OwnPostgres, OwnRabbitMQ, whole_run

SETTINGS = {
    "fsync": "on",
    "synchronous_commit": "on",
    "full_page_writes": "on",
    "track_commit_timestamp": "on",  # the end of a run, and latencies, are read from the database itself
    "shared_buffers": "256MB",
    "max_wal_size": "4GB",
}


class Servers:
    """One PostgreSQL and one RabbitMQ for all sides."""

    def __init__(self) -> None:
        self._open = ExitStack()
        self._numbers = count(1)

    def __enter__(self) -> Servers:
        self._open.enter_context(whole_run())
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._open.__exit__(kind, error, trace)

    @cached_property
    def postgres(self) -> OwnPostgres:
        return self._open.enter_context(OwnPostgres(settings=SETTINGS))

    @cached_property
    def rabbit(self) -> OwnRabbitMQ:
        return self._open.enter_context(OwnRabbitMQ())

    def vhost(self) -> str:
        """The address of a fresh vhost."""
        return self.rabbit.create_vhost(f"bench{next(self._numbers)}")

    def database(self, service: str) -> tuple[str, Engine]:
        """The address of a fresh database with a service's tables, and an engine on it that records as the service."""
        url = self.postgres.create_database(f"{service}_{next(self._numbers)}", owner=service)
        engine = open_engine(url)
        migrate(engine, service)
        open_ledger(engine, service, KEYS)
        return url, engine

    def settle(self) -> None:
        """Let each run start alike: with a checkpoint just done."""
        with self._superuser() as server:
            server.execute("CHECKPOINT")

    def ask(self, engine: Engine, statement: str) -> tuple[object, ...]:
        """One row, as the superuser (commit timestamps, sizes)."""
        with self._superuser(str(engine.url.database)) as server:
            row = server.execute(statement.encode()).fetchone()
        assert row is not None
        return row

    def _superuser(self, database: str = "postgres") -> psycopg.Connection[tuple[object, ...]]:
        return psycopg.connect(plain(self.postgres.url(database)), autocommit=True)


def plain(url: str) -> str:
    """An address as psycopg and asyncpg take it."""
    return url.replace("postgresql+psycopg://", "postgresql://")
