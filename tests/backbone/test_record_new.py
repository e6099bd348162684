"""New subjects are recorded by one statement or by several: a database that refuses does the same to both.

The plain path is the measure: the one statement raises the same kind of error, keeps nothing, and tells no value.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import Column, Integer, MetaData, String, Table, event, func, insert, select, text
from sqlalchemy.exc import DataError, DBAPIError, IntegrityError, OperationalError

from shared.crypto import KeyRing
from shared.database import reading, transaction
from shared.logging import JsonLines, describe_error
from shared.messaging.log import record, record_new
from shared.messaging.tables import event_log, event_subject
from shared.web import create_app
from tests.backbone.world import World
from tests.client import TestClient
from tests.databases import Databases
from tests.factories import Factory

CANARY = "Nadia-7731"
THINGS = MetaData()
thing = Table(
    "thing",
    THINGS,
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("name", String(10), nullable=False, unique=True),
)
KNOWN = {"number": 1, "name": CANARY}
ONE_STATEMENT, PLAIN = 1, 2

Break = Callable[[World, Any], None]


def nothing_more(_world: World, _session: Any) -> None:
    """The row itself is what is refused."""


def lose_the_connection(world: World, session: Any) -> None:
    own = session.scalar(text("SELECT pg_backend_pid()"))
    with transaction(world.source) as other:
        assert other.scalar(text("SELECT pg_terminate_backend(:pid, 5000)"), {"pid": own})


def lose_the_table(_world: World, session: Any) -> None:
    session.execute(text("DROP TABLE thing"))


@pytest.fixture
def world(postgres: Databases, keys: KeyRing) -> World:
    made = World(postgres, keys)
    THINGS.create_all(made.source)
    with transaction(made.source) as session:
        session.execute(insert(thing), [KNOWN])
    return made


def attempt(world: World, factory: Factory, count: int, row: dict[str, Any], breaking: Break) -> None:
    """Submit `count` new cases, the last with `row`, in a transaction that has written something before."""
    facts = [factory.note(case, CANARY) for case in factory.cases(count)]
    rows = [{"number": 90 + n, "name": f"other {n}"} for n in range(1, count)]
    with transaction(world.source) as session:
        session.execute(insert(thing), [{"number": 50, "name": "before"}])
        breaking(world, session)
        record_new(session, facts, {thing: [*rows, row]})


def everything(world: World) -> tuple[Any, ...]:
    with reading(world.source) as session:
        counts = [session.scalar(select(func.count()).select_from(table)) for table in (event_log, event_subject)]
        return (*counts, [dict(one._mapping) for one in session.execute(select(thing))])


REFUSALS = [
    pytest.param({"number": 1, "name": "new"}, nothing_more, IntegrityError, "23505", id="key known"),
    pytest.param({"number": 2, "name": CANARY}, nothing_more, IntegrityError, "23505", id="name known"),
    pytest.param({"number": 2, "name": None}, nothing_more, IntegrityError, "23502", id="value missing"),
    pytest.param({"number": 2, "name": CANARY * 9}, nothing_more, DataError, "22001", id="value too long"),
    pytest.param({"number": 2**40, "name": CANARY}, nothing_more, DataError, "22003", id="number too large"),
    pytest.param({"number": 2, "name": "x"}, lose_the_connection, OperationalError, "57P01", id="connection lost"),
    pytest.param({"number": 2, "name": "x"}, lose_the_table, DBAPIError, "42P01", id="table missing"),
]


@pytest.mark.parametrize(("row", "breaking", "kind", "sqlstate"), REFUSALS)
@pytest.mark.parametrize("count", [PLAIN, ONE_STATEMENT], ids=["plain", "one statement"])
def test_what_the_database_refuses_is_the_same_kind_of_error_and_leaves_nothing(
    world: World,
    factory: Factory,
    caplog: pytest.LogCaptureFixture,
    count: int,
    row: dict[str, Any],
    breaking: Break,
    kind: type[DBAPIError],
    sqlstate: str,
) -> None:
    app, raised = create_app("test"), []

    @app.post("/submit")
    def submit() -> None:
        try:
            attempt(world, factory, count, row, breaking)
        except DBAPIError as error:
            raised.append(error)
            raise

    before = everything(world)
    answer = TestClient(app, raise_server_exceptions=False).post("/submit")
    (error,) = raised
    assert isinstance(error, kind)
    assert describe_error(error)["sqlstate"] == sqlstate
    assert error.connection_invalidated == (breaking is lose_the_connection)
    assert answer.status_code == 503
    assert everything(world) == before
    logging.getLogger("shared").error("refused", exc_info=error)
    logged = [JsonLines().format(record) for record in caplog.records]
    assert len(logged) >= 2  # the web's line and our own
    for told in (answer.text, *logged):
        assert CANARY not in told


@pytest.mark.parametrize("count", [PLAIN, ONE_STATEMENT], ids=["plain", "one statement"])
def test_after_a_lost_connection_the_same_cases_are_recorded_on_another(
    world: World, factory: Factory, count: int
) -> None:
    with pytest.raises(OperationalError):
        attempt(world, factory, count, {"number": 2, "name": "x"}, lose_the_connection)
    attempt(world, factory, count, {"number": 2, "name": "x"}, nothing_more)
    assert sorted(world.recorded().values()) == [[1]] * count


def test_one_new_case_is_one_statement(world: World, factory: Factory) -> None:
    told: list[str] = []

    def hear(_connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        told.append(statement)

    event.listen(world.source, "before_cursor_execute", hear)
    try:
        attempt(world, factory, ONE_STATEMENT, {"number": 2, "name": "x"}, nothing_more)
    finally:
        event.remove(world.source, "before_cursor_execute", hear)
    (_before, statement) = told
    assert statement.startswith("WITH ")


def test_rows_made_with_the_facts_of_a_known_case_are_one_statement_behind_its_lock(
    world: World, factory: Factory
) -> None:
    (case,) = factory.cases(1)
    world.record(factory.note(case))
    told: list[str] = []

    def hear(_connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        told.append(statement)

    event.listen(world.source, "before_cursor_execute", hear)
    try:
        with transaction(world.source) as session:
            record(session, factory.note(case), factory.note(case), made={thing: [{"number": 2, "name": "x"}]})
    finally:
        event.remove(world.source, "before_cursor_execute", hear)
    (_lock, statement) = told
    assert statement.startswith("WITH ")
    assert world.recorded() == {f"case/{case}": [1, 2, 3]}
    before = everything(world)
    with pytest.raises(IntegrityError), transaction(world.source) as session:
        record(session, factory.note(case), made={thing: [{"number": 2, "name": "y"}]})
    assert everything(world) == before
