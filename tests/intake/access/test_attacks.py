"""What hostile organisations and hostile colleagues try, and what comes of it."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import select

from services.intake import app, commands, queries
from services.intake.domain import AcceptedRequest, Case
from shared.access import Actor, Role
from shared.crypto import KeyRing
from shared.database import reading, transaction
from shared.errors import NotAuthenticated, NotFound
from shared.messaging.log import open_ledger
from tests.client import TestClient
from tests.intake.access.conftest import Holder
from tests.intake.conftest import Intake
from tests.intake.pages.conftest import Pages, pages
from tests.intake.people import person, request_for, submitted, token
from tests.staff import HASH

__all__ = ["pages"]
SMUGGLED: dict[str, Any] = {
    "id": "01900000-0000-7000-8000-0000000000a1",
    "organisation_id": "01900000-0000-7000-8000-0000000000a1",
    "restricted": False,
    "roles": ["administrator"],
    "status": "closed",
    "assigned_to": "01900000-0000-7000-8000-0000000000a1",
    "created_by": "01900000-0000-7000-8000-0000000000a1",
    "version": 9,
    "merged_into": "01900000-0000-7000-8000-0000000000a1",
    "approved_by": "01900000-0000-7000-8000-0000000000a1",
}


@pytest.mark.parametrize("field", SMUGGLED)
def test_nothing_is_smuggled_into_a_row_by_a_field_that_no_form_asks_for(
    intake: Intake, keys: KeyRing, field: str
) -> None:
    more, known = {field: SMUGGLED[field]}, person("Aster")
    case = submitted(intake, request_for(known))
    case_id, sought = case["id"], intake.get(f"/intake/v1/cases/{case['id']}").json()["people"][1]["id"]
    everybody = token(keys, intake.own, *(set(Role) - {Role.OPERATOR}))
    bodies: dict[str, Any] = {
        "cases": request_for(known) | more,
        "cases/batch": [request_for(known) | more],
        f"cases/{case_id}/people": {"role": "sought", "person": known | more},
        f"cases/{case_id}/deeds/add_note": {"note": "n", **more},
        f"cases/{case_id}/moves/accept": more,
        f"cases/{case_id}/merge": {"duplicate": case_id, **more},
        f"persons/{sought}/legal-bases": {"purpose": "tracing", "basis": "vital_interest", **more},
        f"persons/{sought}/requests": {"kind": "copy", **more},
        f"persons/{sought}/legal-holds": {"reason": "litigation", **more},
        "erasures": {"person_id": sought, "reason": "subject_request", **more},
        "search": {"name": "Aster", **more},
    }
    if field != "roles":
        bodies["users"] = {"sign_in_name": "c@example.org", "display_name": "C", "roles": ["auditor"], **more}
        bodies["clients"] = {"label": "l", "roles": ["case_worker"], **more}
    for path, body in bodies.items():
        answer = intake.post(body, path=f"/intake/v1/{path}", key=everybody, **{"If-Match": "*"})
        refused = answer.json()["results"][0]["status"] if path == "cases/batch" else answer.status_code
        assert refused == 422, (path, answer.text)
    with reading(intake.engine) as session:
        assert len(session.scalars(select(Case)).all()) == 1


@pytest.mark.parametrize("tag", ['"0"', '"99"', "1", "", '"1", "2"', 'W/"x"', '"1"\'--'])
def test_no_odd_if_match_overwrites_what_somebody_else_changed(intake: Intake, tag: str) -> None:
    case = submitted(intake, request_for(person("Aster")))["id"]
    path, body = f"/intake/v1/cases/{case}/details", {"circumstances": "Another story"}
    headers = {"Authorization": f"Bearer {intake.own_key}"}
    assert intake.client.patch(path, json=body, headers=headers).status_code == 422
    assert intake.client.patch(path, json=body, headers={**headers, "If-Match": tag}).status_code == 412
    seen = intake.get(f"/intake/v1/cases/{case}").json()
    assert seen["version"] == 1


def test_a_planted_session_or_ticket_is_nobodys_after_signing_in(pages: Pages) -> None:
    browser = pages.browser()
    browser.client.cookies.set("kinbridge_session", "planted", domain="kinbridge.test", path="/")
    browser.sign_in(pages.own.member(Role.CASE_WORKER))
    kept = {one.value for one in browser.client.cookies.jar if one.name == "kinbridge_session"}
    assert len(kept - {"planted"}) == 1
    with reading(pages.engine) as session, pytest.raises(NotAuthenticated):
        queries.actor_of_session(session, "planted")


def test_an_invitation_or_ticket_from_before_a_reset_opens_nothing(pages: Pages) -> None:
    administrator = Actor(pages.own.organisation_id, roles=frozenset({Role.ADMINISTRATOR}))
    first = pages.own.invite(Role.CASE_WORKER)
    with transaction(pages.engine) as session:
        second = commands.reset_user(session, administrator, first.user_id)
    with transaction(pages.engine) as session, pytest.raises(NotFound):
        commands.accept_invitation(session, first.secret, HASH)
    with transaction(pages.engine) as session:
        ticket = commands.accept_invitation(session, second.secret, HASH)
    with transaction(pages.engine) as session:
        commands.reset_user(session, administrator, first.user_id)
    with transaction(pages.engine) as session, pytest.raises(NotAuthenticated):
        commands.enrol_second_factor(session, ticket.secret)


def test_an_idempotency_key_is_its_organisations_and_is_not_stored_in_the_clear(intake: Intake) -> None:
    body, key = request_for(person("Aster")), {"Idempotency-Key": "Aster Canary, 1990"}
    first, again = (intake.post(body, **key) for _ in range(2))
    assert (first.status_code, again.json()["id"]) == (201, first.json()["id"])
    theirs = intake.post(body, key=intake.other_key, **key)
    assert theirs.status_code == 201
    assert theirs.json()["id"] != first.json()["id"]
    assert intake.post(request_for(person("Other")), **key).status_code == 409
    with reading(intake.engine) as session:
        assert not [one for one in session.scalars(select(AcceptedRequest.key)) if "Canary" in one]


def test_a_repeat_is_known_again_after_a_new_master_key_came(intake: Intake, keys: KeyRing) -> None:
    body, key = request_for(person("Aster")), {"Idempotency-Key": "k"}
    first = intake.post(body, **key).json()
    rotated = KeyRing((b"r" * 32, *keys.masters))
    open_ledger(intake.engine, "intake", rotated)
    client = TestClient(app.build(intake.engine, rotated))
    headers = {"Authorization": f"Bearer {token(rotated, intake.own, Role.CASE_WORKER)}", **key}
    assert client.post("/intake/v1/cases", json=body, headers=headers).json()["id"] == first["id"]


def test_a_client_that_was_revoked_gets_no_token_and_never_a_role_that_decides(holder: Holder) -> None:
    administrator = Actor(holder.actor.organisation_id, roles=frozenset({Role.ADMINISTRATOR}))
    with transaction(holder.intake.engine) as session:
        made = commands.add_client(session, administrator, label="l", roles={Role.CASE_WORKER})
        commands.revoke_client(session, administrator, made.id)
    asked = {"grant_type": "client_credentials", "client_id": str(made.id), "client_secret": made.secret}
    for scope in ("", "case_worker", "case_worker administrator"):
        refused = holder.intake.client.post("/intake/v1/oauth/token", data={**asked, "scope": scope})
        assert refused.status_code == 401
        assert refused.json()["error"] == "invalid_client"
