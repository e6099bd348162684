"""Who reads the directory, who changes it, and what the database makes sure of. On both databases."""

from __future__ import annotations

import pytest
from sqlalchemy import Engine, text, true
from sqlalchemy.exc import ProgrammingError

from services.intake import commands
from services.intake.casework.service_directory import ServiceIn
from services.intake.commands.directory import add_service, confirm_service
from services.intake.queries import directory as reads
from shared.access import MAY, Act, Actor, Role, act_as, issue_token
from shared.crypto import KeyRing
from shared.database import reading, transaction, uuid7
from shared.errors import InvalidInput, NotAllowed, NotFound
from tests.databases import Databases
from tests.intake.conftest import Intake
from tests.intake.directory.entries import CLINIC, added, keeper
from tests.intake.people import token

SERVICES = "/intake/v1/services"
READERS = frozenset(Role) - {Role.OPERATOR, Role.DONOR_READER}
KEEPERS = {Role.CASE_MANAGER, Role.ADMINISTRATOR}


def statuses(intake: Intake, key: str, service_id: str) -> tuple[int, int, int]:
    """What reading the list, adding and confirming is answered with."""
    headers = {"Authorization": f"Bearer {key}", "If-Match": "*"}
    confirmed = intake.client.post(f"{SERVICES}/{service_id}/confirmation", headers=headers)
    added = intake.post(CLINIC, path=SERVICES, key=key)
    return intake.get(SERVICES, key=key).status_code, added.status_code, confirmed.status_code


@pytest.mark.parametrize("role", Role)
def test_each_role_reads_and_keeps_as_is_declared(intake: Intake, keys: KeyRing, role: Role) -> None:
    own, others = added(intake, intake.own), added(intake, intake.other)
    actor = Actor(intake.own.organisation_id, role is Role.OPERATOR, frozenset({role}))
    key = issue_token(keys, actor)
    read, kept = 200 if role in READERS else 403, role in KEEPERS
    assert statuses(intake, key, str(own.id)) == (read, 201 if kept else 403, 200 if kept else 403)
    assert statuses(intake, key, str(others.id))[2] == (404 if kept else 403)
    assert intake.get(f"{SERVICES}/{others.id}", key=key).status_code == read


def test_the_acts_are_those_of_the_roles() -> None:
    assert MAY[Act.READ_DIRECTORY] == READERS
    assert MAY[Act.KEEP_DIRECTORY] == KEEPERS


def test_an_authority_neither_keeps_nor_provides(intake: Intake) -> None:
    with transaction(intake.engine) as session:
        police = commands.register_organisation(session, short_name="police", name="Police", kind="authority")
    with transaction(intake.engine) as session:
        with pytest.raises(NotAllowed):
            add_service(session, keeper(Actor(police.id)), ServiceIn.model_validate(CLINIC))
        with pytest.raises(InvalidInput):
            add_service(session, keeper(intake.own), ServiceIn.model_validate({**CLINIC, "provider_id": police.id}))
        assert police.id not in [one.id for one in reads.providers(session)]


def test_an_entry_is_kept_on_behalf_of_a_provider_that_has_nobody_here(intake: Intake, keys: KeyRing) -> None:
    with transaction(intake.engine) as session:
        shelter = commands.register_organisation(
            session, short_name="shelter", name="Night shelter", kind="service_provider"
        )
    entry = added(intake, intake.own, provider_id=str(shelter.id))
    shown = intake.get(f"{SERVICES}/{entry.id}", key=intake.other_key).json()
    assert (shown["provider"]["name"], shown["keeper"]["name"]) == ("Night shelter", "Red-Cross-A")
    assert shown["confirmed"]["organisation_id"] == str(intake.own.organisation_id)
    providers_own = token(keys, Actor(shelter.id), Role.CASE_MANAGER)
    assert statuses(intake, providers_own, str(entry.id))[2] == 404, "who keeps it changes it, nobody else"


def test_who_confirmed_it_is_in_no_answer(intake: Intake, keys: KeyRing) -> None:
    user_id = uuid7()
    manager = Actor(intake.own.organisation_id, roles=frozenset({Role.CASE_MANAGER}), user_id=user_id)
    entry = added(intake, intake.own)
    with transaction(intake.engine) as session:
        confirm_service(session, manager, entry.id, None)
    for path in (SERVICES, f"{SERVICES}/{entry.id}"):
        answer = intake.get(path, key=intake.other_key).text
        assert str(user_id) not in answer
        assert '"role":"case_manager"' in answer


class TestTheSecondLock:
    """PostgreSQL's row-level security, with `visible_to` forgotten."""

    @pytest.fixture
    def database(self, postgres: Databases) -> Databases:
        return postgres

    @pytest.fixture(autouse=True)
    def without_the_first_lock(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(reads, "visible_to", lambda _actor, _organisation: true())

    def test_another_organisations_entry_is_read_and_not_changed(self, intake: Intake) -> None:
        entry = added(intake, intake.own)
        with transaction(intake.engine) as session:
            act_as(session, keeper(intake.other))
            assert reads.service(session, keeper(intake.other), entry.id).entry.id == entry.id
            with pytest.raises(NotFound):
                confirm_service(session, keeper(intake.other), entry.id, None)
        with reading(intake.engine) as session:
            assert reads.service(session, intake.own, entry.id).entry.version == 1

    def test_nobody_writes_for_another_and_nobody_deletes(self, intake: Intake) -> None:
        added(intake, intake.own)
        assert self.touched(intake.engine, intake.other, "UPDATE service_entry SET title = 'x'") == 0
        assert self.touched(intake.engine, intake.own, "UPDATE service_entry SET title = 'x'") == 1
        given = f"UPDATE service_entry SET organisation_id = '{intake.other.organisation_id}'"
        for statement in (given, "DELETE FROM service_entry"):
            with pytest.raises(ProgrammingError) as refused:
                self.touched(intake.engine, intake.own, statement)
            assert getattr(refused.value.orig, "sqlstate", None) == "42501"

    def test_without_the_lock_it_would_be_changed_so_it_is_the_lock_that_is_tested(self, intake: Intake) -> None:
        added(intake, intake.own)
        off = "ALTER TABLE service_entry NO FORCE ROW LEVEL SECURITY, DISABLE ROW LEVEL SECURITY"
        with intake.engine.begin() as connection:
            connection.execute(text(off))
        try:
            assert self.touched(intake.engine, intake.other, "UPDATE service_entry SET title = 'x'") == 1
        finally:
            with intake.engine.begin() as connection:
                connection.execute(
                    text("ALTER TABLE service_entry ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY")
                )

    def touched(self, engine: Engine, actor: Actor, statement: str) -> int:
        with transaction(engine) as session:
            act_as(session, actor)
            return session.connection().execute(text(statement)).rowcount
