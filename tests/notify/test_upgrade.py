"""A notify that has sent messages already is brought to its newest tables, and keeps them."""

from __future__ import annotations

import pytest
from alembic import command
from sqlalchemy import text

from shared.histories import alembic_config
from shared.migrations import migrate
from tests.databases import Databases

ID, OTHER = "01900000-0000-7000-8000-000000000001", "01900000-0000-7000-8000-000000000002"
SENT = (
    "INSERT INTO notification (id, organisation_id, kind, about, channel, subject, text, status, created_at, attempts) "
    "VALUES (:id, :other, 'import_finished', :other, 'file', 's', 't', 'delivered', :at, 1)"
)
TRIED = "INSERT INTO attempt (id, notification_id, started_at, outcome) VALUES (:other, :id, :at, 'delivered')"


@pytest.mark.parametrize("backend", ["sqlite", "postgres"])
def test_messages_and_their_attempts_outlive_an_upgrade(backend: str, request: pytest.FixtureRequest) -> None:
    databases: Databases = request.getfixturevalue(backend)
    engine = databases.empty()
    config = alembic_config("notify")
    with engine.begin() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "0002")
    plain = backend == "sqlite"  # which keeps ids without hyphens
    row = {"id": ID.replace("-", "") if plain else ID, "other": OTHER.replace("-", "") if plain else OTHER}
    with engine.begin() as connection:
        for statement in (SENT, TRIED):
            connection.execute(text(statement), {**row, "at": "2026-01-01 00:00:00.000000"})
    migrate(engine, "notify")
    with engine.connect() as connection:
        joined = "FROM attempt JOIN notification ON notification.id = attempt.notification_id"
        told = connection.execute(text(f"SELECT status, outcome, fact_subject {joined}")).one()
        assert tuple(told) == ("delivered", "delivered", None)
        if backend == "sqlite":
            assert connection.execute(text("PRAGMA foreign_key_check")).all() == []
    with engine.begin() as connection:
        config.attributes["connection"] = connection
        command.downgrade(config, "0002")
        assert connection.execute(text("SELECT count(*) FROM attempt")).scalar() == 1
