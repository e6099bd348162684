"""Alembic's part of migrations: each service has its own history, over its own tables and the backbone's."""

from __future__ import annotations

from alembic import command, context
from alembic.config import Config
from sqlalchemy import Connection, Engine, MetaData, text

from shared.database import is_sqlite
from shared.messaging.tables import BACKBONE
from shared.migrations import folder_of
from shared.vault import VAULT

_LOCK = "SELECT pg_advisory_xact_lock(hashtext('kinbridge migrations'))"


def alembic_config(service: str) -> Config:
    """The configuration of one service's history."""
    config = Config()
    config.set_main_option("script_location", str(folder_of(service)))
    config.set_main_option("path_separator", "os")
    return config


def upgrade(engine: Engine, service: str) -> None:
    """Bring the service's database to the newest revision. Processes that start together wait for one another."""
    config = alembic_config(service)
    with engine.begin() as connection:
        if not is_sqlite(engine):
            connection.execute(text(_LOCK))
        config.attributes["connection"] = connection
        command.upgrade(config, "head")


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
