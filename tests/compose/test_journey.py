"""The first organisation, its people, a case of theirs and its system's cases: through the real stack."""

from __future__ import annotations

from typing import Any

import httpx2
import pyotp
import pytest

from tests.compose.conftest import Hub
from tests.compose.sender import FIRST_DAY
from tests.compose.stack import Stack, wait_until
from tests.intake.people import person, request_for

pytestmark = [pytest.mark.compose, pytest.mark.timeout(1800)]
PASSWORD = "blue lamp 4 fish tin"


def test_every_container_becomes_healthy(stack: Stack) -> None:
    stack.wait_healthy()


def test_an_invited_case_worker_signs_in_and_writes_down_a_tracing_request(hub: Hub) -> None:
    made = hub.admin("user", "add", hub.organisation, "amal@example.org", "Amal", "--role", "case_worker")
    with httpx2.Client(base_url=hub.stack.address("intake"), timeout=20, trust_env=False) as http:
        assert http.get(f"/intake/invitation/{made['invitation']}", follow_redirects=True).status_code == 200
        assert "kinbridge.ltr" in http.get("/intake/sign-in").text

        def post(path: str, body: dict[str, Any], session: str = "") -> Any:
            headers = {"Authorization": f"Bearer {session}"} if session else {}
            answer = http.post(f"/intake/v1{path}", json=body, headers=headers)
            assert answer.is_success, answer.text
            return answer.json()

        ticket = post("/invitations/accept", {"invitation": made["invitation"], "password": PASSWORD})["ticket"]
        factor = post("/sign-in/second-factor", {"ticket": ticket})["secret"]
        begun = post("/sign-in/finish", {"ticket": ticket, "code": pyotp.TOTP(factor).now()})
        case = post("/cases", request_for(person("Aster Canary")), begun["session"])
        read = http.get(f"/intake/v1/cases/{case['id']}", headers={"Authorization": f"Bearer {begun['session']}"})
    assert read.json()["type"] == "tracing_request"


def test_a_systems_cases_reach_notify_and_reporting(hub: Hub) -> None:
    sender = hub.sender()
    for _ in range(20):
        sender.submit()
    assert len(sender.accepted) == 20
    token = sender.token()

    def incidents() -> int:
        answer = httpx2.get(
            f"{hub.stack.address('reporting')}/reporting/v1/incidents",
            params={"from": FIRST_DAY.isoformat(), "to": "2024-12-31"},
            headers={"Authorization": f"Bearer {token}"},
        )
        return int(answer.json()["totals"]["incidents"])

    wait_until(lambda: incidents() == 20, "the figures do not arrive")
    answer = httpx2.get(
        f"{hub.stack.address('notify')}/notify/v1/notifications", headers={"Authorization": f"Bearer {token}"}
    )
    assert answer.json()["items"] == []
