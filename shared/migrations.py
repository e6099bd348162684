"""Alembic migrations: each service has its own history, over its own tables and the backbone's."""

from __future__ import annotations

from pathlib import Path

from alembic import command, context
from alembic.config import Config
from sqlalchemy import Connection, Engine, MetaData, text

from shared.database import is_sqlite
from shared.messaging.tables import BACKBONE
from shared.vault import VAULT

_ROOT = Path(__file__).resolve().parent.parent
_LOCK = "SELECT pg_advisory_xact_lock(hashtext('kinbridge migrations'))"


def alembic_config(service: str) -> Config:
    """The configuration of one service's history."""
    config = Config()
    config.set_main_option("script_location", str(_ROOT / "services" / service / "migrations"))
    config.set_main_option("path_separator", "os")
    return config


def migrate(engine: Engine, service: str, revision: str = "head") -> None:
    """Bring the service's database to a revision. Processes that start together wait for one another."""
    config = alembic_config(service)
    with engine.begin() as connection:
        if not is_sqlite(engine):
            connection.execute(text(_LOCK))
        config.attributes["connection"] = connection
        command.upgrade(config, revision)


def run_migrations(metadata: MetaData) -> None:
    """What every `migrations/env.py` calls."""
    connection: Connection = context.config.attributes["connection"]
    context.configure(
        connection=connection,
        target_metadata=[metadata, BACKBONE, VAULT],
        transactional_ddl=True,
        compare_type=True,
        compare_server_default=True,
        render_as_batch=connection.dialect.name == "sqlite",
    )
    with context.begin_transaction():
        context.run_migrations()
