"""Models and migrations agree, on both databases, forwards and back."""

from __future__ import annotations

import importlib
import threading
from typing import Any

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from alembic.util import CommandError
from sqlalchemy import Engine, inspect, text

from shared.database import is_sqlite
from shared.histories import alembic_config
from shared.messaging.tables import BACKBONE
from shared.migrations import migrate, newest_revision
from shared.settings import SERVICES
from shared.vault import VAULT
from tests.databases import Databases

every_service = pytest.mark.parametrize("service", SERVICES)


def differences(engine: Engine, service: str) -> list[Any]:
    own = importlib.import_module(f"services.{service}.domain").Base.metadata
    options = {"compare_type": True, "compare_server_default": True}
    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts=options)
        found = list(compare_metadata(context, [own, BACKBONE, VAULT]))
    return [one for one in found if not (is_sqlite(engine) and _is_identity(one))]


def _is_identity(difference: Any) -> bool:
    """SQLite cannot tell of an identity column that it is one."""
    return bool(
        isinstance(difference, list)
        and difference[0][0] == "modify_default"
        and difference[0][3] in {"ordinal", "number"}
    )


def downgrade(engine: Engine, service: str, revision: str = "base") -> None:
    config = alembic_config(service)
    with engine.begin() as connection:
        config.attributes["connection"] = connection
        command.downgrade(config, revision)


@every_service
def test_the_migrations_make_exactly_the_tables_of_the_models(database: Databases, service: str) -> None:
    assert differences(database(service), service) == []


@every_service
def test_a_history_goes_up_and_down_and_up_again(database: Databases, service: str) -> None:
    engine = database.empty()
    migrate(engine, service)
    downgrade(engine, service)
    assert inspect(engine).get_table_names() == ["alembic_version"]
    migrate(engine, service)
    assert differences(engine, service) == []


def test_a_migrated_database_is_left_as_it_is(database: Databases) -> None:
    engine = database("intake")
    with engine.begin() as connection:
        connection.execute(text("UPDATE head SET published = 7"))
    migrate(engine, "intake")
    with engine.connect() as connection:
        assert set(connection.scalars(text("SELECT published FROM head"))) == {7}


@every_service
def test_the_newest_revision_is_the_end_of_the_history(service: str) -> None:
    assert [newest_revision(service)] == ScriptDirectory.from_config(alembic_config(service)).get_heads()


@every_service
def test_an_older_database_is_migrated(database: Databases, service: str) -> None:
    engine = database.empty()
    migrate(engine, service)
    downgrade(engine, service, "0001")
    assert differences(engine, service) != []
    migrate(engine, service)
    assert differences(engine, service) == []


def test_a_database_of_a_later_release_is_refused(database: Databases) -> None:
    engine = database("notify")
    with engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(CommandError, match="9999"):
        migrate(engine, "notify")


def test_two_that_start_together_migrate_once(database: Databases) -> None:
    engine = database.empty()
    url = database.url_of(engine)
    failures: list[BaseException] = []
    together = threading.Barrier(2)

    def start(own: Engine) -> None:
        together.wait()
        try:
            migrate(own, "reporting")
        except Exception as error:  # noqa: BLE001 - told below
            failures.append(error)

    threads = [threading.Thread(target=start, args=(database.second(url),)) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    assert differences(engine, "reporting") == []
    assert is_sqlite(engine) == (database.backend == "sqlite")
