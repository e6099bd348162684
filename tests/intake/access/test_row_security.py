"""PostgreSQL's second lock: a query that forgets the organisation finds nothing foreign."""

from __future__ import annotations

import pytest
from sqlalchemy import Engine, func, select, text, true
from sqlalchemy.exc import ProgrammingError
from sqlalchemy.orm import Session

from services.intake import commands, queries
from services.intake.domain import Base, Case, Organisation, Person
from shared import access
from shared.access import Actor, act_as
from shared.database import reading, table_of, transaction
from shared.errors import NotFound
from shared.vault import VAULT
from tests.databases import Databases
from tests.intake.conftest import Intake
from tests.intake.test_api import incident

UNCONFINED = {"organisation", "sign_in_failure"}
"""Names of organisations, digests of typed names: no rows of an organisation."""


@pytest.fixture
def database(postgres: Databases) -> Databases:
    return postgres


@pytest.fixture
def without_the_first_lock(monkeypatch: pytest.MonkeyPatch) -> None:
    """`visible_to` forgotten everywhere."""
    for module in (access, queries, queries.access):
        monkeypatch.setattr(module, "visible_to", lambda _actor, _organisation: true())


def test_every_table_with_rows_of_an_organisation_is_confined(database: Databases) -> None:
    confined = text(
        "SELECT relname FROM pg_class JOIN pg_policy ON polrelid = pg_class.oid "
        "WHERE relrowsecurity AND relforcerowsecurity AND polname = 'organisation'"
    )
    with database("intake").connect() as connection:
        found = set(connection.scalars(confined))
    tables = set(Base.metadata.tables) | set(VAULT.tables)
    assert tables - found == UNCONFINED


@pytest.mark.usefixtures("without_the_first_lock")
def test_a_forgotten_condition_shows_nothing_foreign(intake: Intake) -> None:
    case = intake.post(incident()).headers["location"]
    for path in (case, f"{case}/timeline"):
        assert intake.get(path, key=intake.other_key).status_code == 404
    assert intake.get("/intake/v1/cases", key=intake.other_key).json()["items"] == []
    assert intake.get(case).status_code == 200


@pytest.mark.usefixtures("without_the_first_lock")
def test_without_both_locks_everything_shows_so_what_is_tested_is_the_second(intake: Intake) -> None:
    case = intake.post(incident()).headers["location"]
    with intake.engine.begin() as connection:
        connection.execute(text('ALTER TABLE "case" NO FORCE ROW LEVEL SECURITY, DISABLE ROW LEVEL SECURITY'))
    try:
        assert intake.get(f"{case}/timeline", key=intake.other_key).status_code == 200
        assert len(intake.get("/intake/v1/cases", key=intake.other_key).json()["items"]) == 1
    finally:
        with intake.engine.begin() as connection:
            connection.execute(text('ALTER TABLE "case" ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY'))


def counts(engine: Engine, actor: Actor | None) -> dict[str, int]:
    """How many rows of each table the actor sees; without one, the installation."""
    found = {}
    with reading(engine) as session:
        if actor is not None:
            act_as(session, actor)
        for table in Base.metadata.sorted_tables:
            if table.name not in UNCONFINED:
                found[table.name] = session.scalar(select(func.count()).select_from(table)) or 0
    return found


def test_a_whole_table_read_shows_the_own_rows_alone(intake: Intake) -> None:
    intake.post(incident(), **{"Idempotency-Key": "k"})
    seen = counts(intake.engine, intake.own)
    assert seen["case"] == seen["incident"] == seen["accepted_request"] == 1
    assert set(counts(intake.engine, intake.other).values()) == {0}
    assert counts(intake.engine, None)["case"] == 1


CHANGES = {
    "case": "UPDATE \"case\" SET status = 'closed'",
    "incident": "DELETE FROM incident",
    "import": "UPDATE import SET file_name = 'x'",
}
DENIED = (
    "UPDATE organisation SET name = 'x'",
    "SELECT payload FROM event_log",
    "UPDATE event_log SET header = 'x'",
    "INSERT INTO case_hold SELECT gen_random_uuid(), 'notify'",
    "INSERT INTO import VALUES (gen_random_uuid(), gen_random_uuid(), 'x', 'x', now())",
)


@pytest.mark.parametrize("table", CHANGES)
def test_foreign_rows_are_neither_changed_nor_taken_away(intake: Intake, table: str) -> None:
    intake.post(incident())
    with intake.engine.begin() as connection:
        connection.execute(
            text("INSERT INTO import VALUES (gen_random_uuid(), :own, 'x', 'x', now())"),
            {"own": intake.own.organisation_id},
        )
    for actor, touched in ((intake.other, 0), (intake.own, 1)):
        with transaction(intake.engine) as session:
            act_as(session, actor)
            assert session.connection().execute(text(CHANGES[table])).rowcount == touched


@pytest.mark.parametrize("statement", DENIED)
def test_what_no_member_may_do_is_refused_by_the_database(intake: Intake, statement: str) -> None:
    with intake.engine.connect() as connection, Session(connection) as session:
        act_as(session, intake.other)
        with pytest.raises(ProgrammingError) as refused:
            session.execute(text(statement))
        assert getattr(refused.value.orig, "sqlstate", None) == "42501"


def test_without_the_role_a_named_organisation_confines_the_owner_too(intake: Intake) -> None:
    intake.post(incident())
    named = text("SELECT set_config('kinbridge.organisation', :id, true)")
    with intake.engine.begin() as connection:
        connection.execute(text("CREATE ROLE an_owner NOLOGIN"))
        connection.execute(text('ALTER TABLE "case" OWNER TO an_owner'))
        connection.execute(text('ALTER POLICY installation ON "case" TO an_owner'))
        connection.execute(text("SET LOCAL ROLE an_owner"))
        count = select(func.count()).select_from(table_of(Case))
        assert connection.scalar(count) == 1
        connection.execute(named, {"id": str(intake.other.organisation_id)})
        assert connection.scalar(count) == 0
        connection.rollback()


def test_the_confinement_ends_with_the_transaction(intake: Intake) -> None:
    with reading(intake.engine) as session:
        before = session.scalar(text("SELECT current_user"))
        act_as(session, intake.own)
        assert session.scalar(text("SELECT current_user")) == access.member_role("intake")
    for _ in range(3):
        with transaction(intake.engine) as session:
            assert session.scalar(text("SELECT current_user")) == before
            assert not session.scalar(text("SELECT current_setting('kinbridge.organisation', true)"))


@pytest.mark.usefixtures("without_the_first_lock")
def test_foreign_users_and_clients_are_not_found(intake: Intake) -> None:
    administrator = Actor(intake.own.organisation_id, roles=frozenset({access.Role.ADMINISTRATOR}))
    foreign = Actor(intake.other.organisation_id, roles=administrator.roles)
    with transaction(intake.engine) as session:
        act_as(session, administrator)
        invited = commands.invite_user(
            session, administrator, sign_in_name="a@x.org", display_name="A", roles={access.Role.AUDITOR}
        )
        client = commands.add_client(session, administrator, label="l", roles=queries.SYSTEM_ROLES)
    with transaction(intake.engine) as session:
        act_as(session, foreign)
        assert queries.users(session, foreign) == []
        assert queries.clients(session, foreign) == []
        with pytest.raises(NotFound):
            commands.disable_user(session, foreign, invited.user_id)
        with pytest.raises(NotFound):
            commands.revoke_client(session, foreign, client.id)
        assert session.scalars(select(Person)).all() == []
        assert len(session.scalars(select(Organisation)).all()) == 2
