"""`kinbridge erase`, as two people at a terminal use it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import UUID

import pyotp
import pytest
from sqlalchemy import insert, select, update
from typer.testing import CliRunner

from kinbridge.cli import app
from kinbridge.embedded import EmbeddedSystem
from kinbridge.operations import OPERATIONS, ensure_local
from services.intake import queries
from services.intake.casework.people import Name, PersonIn
from services.intake.commands import sign_in, submission, users
from services.intake.credentials import hashed_password
from services.intake.domain import Case, CasePerson
from services.intake.schemas import CASE_SHAPES
from shared.access import Actor, Role
from shared.database import transaction, utc_now
from shared.errors import Conflict, NotAuthenticated
from shared.operators.erasure_check import NEVER_ERASED
from shared.settings import Settings
from shared.vault import data_key, vault_of

PASSWORD = "seven quiet lanterns drift"
REQUEST = {
    "type": "tracing_request",
    "details": {"relationship": "parent"},
    "people": [
        {"role": "enquirer", "person": PersonIn(names=(Name(full="Amina"),)).model_dump(mode="json")},
        {"role": "sought", "person": PersonIn(names=(Name(full="Aster"),)).model_dump(mode="json")},
    ],
}


@dataclass
class Office:
    """A running system, an organisation with two people who can sign in, and a person in a closed case."""

    system: EmbeddedSystem
    worker: Iterator[dict[str, str]]
    manager: Iterator[dict[str, str]]
    person: UUID
    case: UUID

    def run(self, operation: str, **arguments: Any) -> dict[str, Any]:
        *_, found = OPERATIONS[operation](self.system, **arguments)
        return found


@pytest.fixture
def office(tmp_path: Path) -> Iterator[Office]:
    with EmbeddedSystem(Settings(data_dir=tmp_path / "data")) as system:
        ensure_local(system)
        engine = system.engine("intake")
        with transaction(engine) as session:
            local = queries.organisation_named(session, "local")
            people = [
                _joined(session, local.id, name, role)
                for name, role in (("worker", Role.CASE_WORKER), ("manager", Role.CASE_MANAGER))
            ]
            actor = Actor(local.id, roles=queries.SYSTEM_ROLES)
            name = submission.fresh_name()
            wanted = CASE_SHAPES["tracing_request"].validate_python(REQUEST)
            submission.submit_people_cases(session, actor, [wanted], [name], utc_now())
            case = name.id
            session.execute(update(Case).values(status="closed"))
            role = CasePerson.role == "sought"
            person = session.scalars(select(CasePerson.person_id).where(CasePerson.case_id == case, role)).one()
        yield Office(system, *people, person, case)


def _joined(session: Any, organisation: UUID, name: str, role: Role) -> Iterator[dict[str, str]]:
    """Somebody who was invited, chose a password and enrolled: how to sign in once, and once more."""
    administrator = Actor(organisation, roles=frozenset({Role.ADMINISTRATOR}))
    invited = users.invite_user(
        session, administrator, sign_in_name=f"{name}@example.org", display_name=name, roles={role}
    )
    ticket = users.accept_invitation(session, invited.secret, hashed_password(PASSWORD, ()))
    factor = sign_in.enrol_second_factor(session, ticket.secret).secret
    done = sign_in.finish_sign_in(session, ticket.secret, pyotp.TOTP(factor).now())
    assert isinstance(done, sign_in.NewSession)
    return iter([{"name": f"{name}@example.org", "password": PASSWORD, "code": code} for code in done.recovery_codes])


def test_one_proposes_another_approves_and_the_proof_finds_nothing(office: Office) -> None:
    proposed = office.run("erase propose", person=str(office.person), reason="subject_request", **next(office.worker))
    assert proposed["state"] == "proposed"
    done = office.run("erase approve", erasure=proposed["id"], **next(office.manager))
    assert (done["state"], len(done["confirmed"])) == ("erased", 2)
    assert office.run("erase list")["erasures"] == [{name: done[name] for name in done if name != "kind"}]
    proof = office.run("erase verify", person=str(office.person))
    assert proof["nothing_opens"], proof["faults"]
    assert proof["checked"]["intake"]["keys"] > 0


def test_who_does_not_sign_in_decides_nothing(office: Office) -> None:
    for wrong in ({"password": "another"}, {"code": "000000"}):
        with pytest.raises(NotAuthenticated):
            office.run(
                "erase propose", person=str(office.person), reason="subject_request", **{**next(office.worker), **wrong}
            )
    assert office.run("erase list")["erasures"] == []


def test_one_person_alone_does_not_erase(office: Office) -> None:
    proposed = office.run("erase propose", person=str(office.person), reason="subject_request", **next(office.manager))
    with pytest.raises(Conflict, match="two people"):
        office.run("erase approve", erasure=proposed["id"], **next(office.manager))
    assert office.run("erase list")["erasures"][0]["state"] == "proposed"


def test_the_proof_finds_a_key_that_came_back(office: Office) -> None:
    proposed = office.run("erase propose", person=str(office.person), reason="subject_request", **next(office.worker))
    office.run("erase approve", erasure=proposed["id"], **next(office.manager))
    with transaction(office.system.engine("notify")) as session:
        rows = vault_of(session).fresh([office.person], office.case)[1]
        session.execute(insert(data_key), rows)
    proof = office.run("erase verify", person=str(office.person))
    assert proof["faults"] == ["notify: the key of the person is still there"]


def test_nobody_is_proved_erased_who_was_not(office: Office) -> None:
    office.run("erase propose", person=str(office.person), reason="subject_request", **next(office.worker))
    proof = office.run("erase verify", person=str(office.person))
    assert not proof["nothing_opens"]
    assert "intake: a value of person.sealed opens" in proof["faults"]
    assert "intake: the person was not erased here" in proof["faults"]


def test_the_command_says_that_nobody_of_that_id_was_erased_and_fails(tmp_path: Path) -> None:
    run = CliRunner().invoke(
        app, ["erase", "verify", "01900000-0000-7000-8000-0000000000a1", "--json", "--data-dir", str(tmp_path / "data")]
    )
    assert run.exit_code == 2
    told = json.loads(run.stdout)
    assert told["nothing_opens"] is False
    assert told["faults"] == [NEVER_ERASED], "one sentence, where nobody ever spoke of an erasure"
