"""Two change the same at once: the second waits, and sees what the first did. On both databases."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import Engine
from sqlalchemy.orm import Session

from services.intake import commands, queries
from services.intake.casework import CASE_TYPES
from services.intake.schemas import CASE_SHAPES
from shared.access import Role
from shared.database import reading, transaction
from tests.intake.conftest import Intake
from tests.intake.people import person, request_for
from tests.intake.waiting import overtaken
from tests.staff import PASSWORD, Member, Staff

KIND = CASE_TYPES["tracing_request"]


@pytest.fixture
def case_id(intake: Intake) -> UUID:
    return UUID(intake.post(request_for(person("Selam Tesfaye"))).json()["id"])


def add_note(session: Any, intake: Intake, case_id: UUID) -> None:
    form = KIND.life_cycle.deed_named("add_note").form
    assert form is not None
    commands.record_deed(session, intake.own, case_id, "add_note", form.model_validate({"note": "First."}))


@pytest.mark.parametrize(("headers", "status"), [({}, 200), ({"If-Match": '"2"'}, 200), ({"If-Match": '"1"'}, 412)])
def test_a_deed_waits_for_another(intake: Intake, case_id: UUID, headers: dict[str, str], status: int) -> None:
    path = f"/intake/v1/cases/{case_id}/deeds/add_note"
    with overtaken(intake.engine, lambda: intake.post({"note": "Second."}, path=path, **headers)) as (session, later):
        add_note(session, intake, case_id)
    assert later.result().status_code == status
    written = intake.get(f"/intake/v1/cases/{case_id}/timeline").json()
    assert [one["what"] for one in written] == ["submit", *["add_note"] * (2 if status == 200 else 1)]


@pytest.mark.parametrize(("tag", "status"), [("*", 200), ('"2"', 200), ('"1"', 412)])
def test_a_change_of_the_form_waits_and_takes_nothing_back(
    intake: Intake, case_id: UUID, tag: str, status: int
) -> None:
    def second() -> Any:
        headers = {"Authorization": f"Bearer {intake.own_key}", "If-Match": tag}
        body = {"how_contact_was_lost": "shipwreck"}
        return intake.client.patch(f"/intake/v1/cases/{case_id}/details", json=body, headers=headers)

    with overtaken(intake.engine, second) as (session, later):
        case = queries.case(session, intake.own, case_id)
        told = {**queries.details(session, case), "circumstances": "She called from the harbour."}
        commands.update_details(session, intake.own, case_id, KIND.details.model_validate(told), 1)
    assert later.result().status_code == status
    with reading(intake.engine) as session:
        known = queries.details(session, queries.case(session, intake.own, case_id))
    assert known["circumstances"] == "She called from the harbour."
    assert (known.get("how_contact_was_lost") == "shipwreck") == (status == 200)


def test_what_is_locked_after_it_was_read_is_read_anew(postgres: Callable[[str], Engine]) -> None:
    engine = postgres("intake")
    actor = Staff(engine, "red-cross-a", "Red Cross A").member(Role.CASE_MANAGER).actor
    body = request_for(person("Selam Tesfaye"))
    submitted = CASE_SHAPES[KIND.name].validate_python(body)
    with transaction(engine) as session:
        made = commands.submit_case(session, actor, submitted, idempotency_key=None, request=body)
    case_id = UUID(made["id"])
    with transaction(engine) as session:
        assert queries.case(session, actor, case_id).version == 1
        with transaction(engine) as other:
            commands.assign_case(other, actor, case_id, actor.user_id)
        assert queries.case(session, actor, case_id, lock=True).version == 2


def test_a_code_that_was_spent_meanwhile_signs_nobody_in(postgres: Callable[[str], Engine]) -> None:
    engine = postgres("intake")
    member = Staff(engine, "red-cross-a", "Red Cross A").member(Role.CASE_WORKER)
    with transaction(engine) as session:
        tickets = [commands.begin_sign_in(session, _right(session, member)) for _ in range(2)]
    first, second = (one.secret for one in tickets if isinstance(one, commands.Ticket))
    with transaction(engine) as session:
        read_before = queries.user(session, member.actor, member.user_id)
        assert read_before.totp_last_step is None
        with transaction(engine) as other:
            assert isinstance(commands.finish_sign_in(other, first, member.code), commands.NewSession)
        assert isinstance(commands.finish_sign_in(session, second, member.code), commands.Refusal)
        assert read_before.totp_last_step is not None


def _right(session: Session, member: Member) -> commands.PasswordTried:
    return commands.try_password(session, member.sign_in_name, PASSWORD)
