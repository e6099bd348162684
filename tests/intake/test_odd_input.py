"""Text that no database stores, and numbers that no date has: refused or replaced, never an error on our side."""

from __future__ import annotations

from typing import Any

import pytest

from shared.access import Role
from shared.crypto import KeyRing
from tests.intake.conftest import Intake
from tests.intake.people import person, request_for, submitted, token

NUL, HALF = "a\\u0000b", "a\\ud800b"
SIGN_IN = '{"sign_in_name": "%s", "password": "%s"}'
USER = '{"sign_in_name": "%s", "display_name": "%s", "language": "%s", "roles": ["case_worker"]}'
CLIENT = '{"label": "%s", "roles": ["case_worker"]}'
ADMINISTRATORS = [
    ("users", USER % (NUL, "A", "en")),
    ("users", USER % ("a", NUL, "en")),
    ("users", USER % ("a", HALF, "en")),
    ("users", USER % ("a", "A", NUL)),
    ("clients", CLIENT % (NUL,)),
    ("clients", CLIENT % (HALF,)),
]


def posted(intake: Intake, path: str, text: str, key: str) -> Any:
    headers = {"Content-Type": "application/json", "Authorization": f"Bearer {key}"}
    return intake.client.post(f"/intake/v1/{path}", content=text, headers=headers)


@pytest.mark.parametrize(
    "text", [SIGN_IN % (odd, "b") for odd in (NUL, HALF)] + ['{"a\\ud800": 1}', SIGN_IN % ("a", HALF)]
)
def test_a_name_that_cannot_be_stored_signs_nobody_in(intake: Intake, text: str) -> None:
    assert posted(intake, "sign-in", text, intake.own_key).status_code == 422


def test_a_password_may_hold_any_character(intake: Intake) -> None:
    assert posted(intake, "sign-in", SIGN_IN % ("a", NUL), intake.own_key).status_code == 401


@pytest.mark.parametrize(("path", "text"), ADMINISTRATORS)
def test_an_administrator_is_told_which_text_cannot_be_stored(
    intake: Intake, keys: KeyRing, path: str, text: str
) -> None:
    answer = posted(intake, path, text, token(keys, intake.own, Role.ADMINISTRATOR))
    assert answer.status_code == 422
    assert answer.json()["errors"]


@pytest.mark.parametrize("asked", ["status=%00", "place=%00", "reference=%00", "type=%00", "after=%00"])
def test_cases_cannot_be_asked_for_by_what_is_never_stored(intake: Intake, asked: str) -> None:
    assert intake.get(f"/intake/v1/cases?{asked}").status_code == 422


def test_views_cannot_be_asked_for_by_what_is_never_stored(intake: Intake, keys: KeyRing) -> None:
    auditor = token(keys, intake.own, Role.AUDITOR)
    assert intake.get("/intake/v1/audit?purpose=%00", key=auditor).status_code == 422


@pytest.mark.parametrize("name", ["a\0b", "\ud800"])
def test_a_client_with_an_odd_id_is_unknown(intake: Intake, name: str) -> None:
    form = {
        "grant_type": "client_credentials",
        "client_id": name.encode("utf-8", "surrogatepass"),
        "client_secret": "a\0",
    }
    assert intake.client.post("/intake/v1/oauth/token", data=form).status_code == 401


@pytest.mark.parametrize("name", ["Authorization", "Idempotency-Key", "If-Match", "Content-Type", "Cookie", "Accept"])
def test_no_header_makes_the_interface_fail(intake: Intake, name: str) -> None:
    case = submitted(intake, request_for(person("Selam Tesfaye")))["id"]
    for odd in (b"\xe2\x82\xac", b"\xff\xfe", b"Bearer \xff.\xff.\xff", b'"9999999999"', b"[", b"x" * 5000, b""):
        headers = {b"Authorization": f"Bearer {intake.own_key}".encode()}
        headers |= {b"Content-Type": b"application/json", name.encode(): odd}
        for method, path, text in (
            ("POST", "/cases", '{"type": "nothing"}'),
            ("POST", f"/cases/{case}/moves/accept", "{}"),
            ("GET", f"/cases/{case}", ""),
        ):
            answer = intake.client.request(method, f"/intake/v1{path}", content=text, headers=headers)
            assert answer.status_code < 500, (method, path, odd[:20], answer.text)
