"""A family is told on the real stack: contact, approval, message, page, reply, stop; and a sender is killed."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any
from uuid import UUID

import httpx2
import pytest

from shared.access import Actor, Role, issue_token
from shared.database import uuid7
from tests.compose.conftest import Hub
from tests.compose.people import Person
from tests.compose.stack import wait_until

pytestmark = [pytest.mark.compose, pytest.mark.timeout(900)]
NUMBER = "+251911000077"
REQUEST: dict[str, Any] = {
    "type": "tracing_request",
    "details": {"relationship": "sibling"},
    "people": [
        {"role": "enquirer", "person": {"names": [{"full": "Hana Tesfaye"}]}},
        {"role": "sought", "person": {"names": [{"full": "Dawit Tesfaye"}], "sex": "male"}},
    ],
    "relations": [{"person": 0, "other": 1, "kind": "sibling"}],
    "legal_bases": [
        {"person": 0, "purpose": "notification", "basis": "consent"},
        {"person": 0, "purpose": "tracing", "basis": "consent"},
        {"person": 1, "purpose": "tracing", "basis": "vital_interest"},
    ],
}


class Telling:
    """An organisation that tells a family; what notify's interface and mailbox say of it."""

    def __init__(self, hub: Hub) -> None:
        self.hub, self.organisation = hub, "red-cross-family"
        added = hub.admin("org", "add", self.organisation, "Red Cross of Families", "--kind", "national_society")
        self.worker = Person(hub, self.organisation, "sara@families.example", "case_worker")
        manager = Actor(UUID(added["id"]), roles=frozenset({Role.CASE_MANAGER}), user_id=uuid7())
        self._http = httpx2.Client(
            base_url=hub.stack.address("notify"),
            headers={"Authorization": f"Bearer {issue_token(hub.stack.keys, manager)}"},
            timeout=20,
            trust_env=False,
        )

    def ask(self, method: str, path: str, **more: Any) -> Any:
        answer = self._http.request(method, f"/notify/v1/{path}", **more)
        assert answer.is_success, (path, answer.status_code, answer.text)
        return answer.json() if answer.content else None

    def approve(self, language: str) -> None:
        digest = self.ask("GET", f"languages/{language}")["digest"]
        self.ask("PUT", f"languages/{language}/approval", json={"digest": digest})

    def statuses(self, kind: str) -> list[str]:
        return [one["status"] for one in self.ask("GET", "notifications")["items"] if one["kind"] == kind]

    def mailbox(self) -> list[dict[str, str]]:
        """What lies in the mailbox of the jobs' container, oldest first."""
        read = "import glob, json; print(json.dumps([json.load(open(f)) for f in glob.glob('/data/mailbox/*/*.json')]))"
        found: list[dict[str, str]] = json.loads(self.hub.stack.execute("notify-jobs", "python", "-c", read))
        return sorted(found, key=lambda letter: letter["at"])

    def close(self) -> None:
        self.worker.leave()
        self._http.close()


@pytest.fixture(scope="module")
def telling(hub: Hub) -> Iterator[Telling]:
    made = Telling(hub)
    yield made
    made.close()


def test_a_family_is_told_answers_and_says_stop(telling: Telling) -> None:
    telling.approve("en")
    telling.approve("am")
    case = telling.worker.post("cases", REQUEST)["id"]
    enquirer = next(one for one in telling.worker.get(f"cases/{case}")["people"] if one["role"] == "enquirer")
    contact = {
        "person_id": enquirer["id"],
        "addresses": [{"channel": "sms", "address": NUMBER}],
        "alias": "Blue bird",
        "language": "am",
        "time_zone": "Africa/Addis_Ababa",
        "shared_phone": False,
        "quiet_from": "00:00",
        "quiet_to": "00:00",
    }
    telling.worker.post(f"cases/{case}/family-contacts", contact)
    wait_until(lambda: telling.statuses("receipt") == ["delivered"], "the family was not written to")
    (letter,) = telling.mailbox()
    assert (letter["to"], letter["language"]) == (NUMBER, "am")
    assert "Blue bird" in letter["text"]
    assert "Tesfaye" not in letter["text"]

    page = httpx2.Client(base_url=telling.hub.stack.address("notify"), timeout=20, trust_env=False)
    with page:
        code = re.search(r"[0-9A-Z]{4}-[0-9A-Z]{4}-[0-9A-Z]{4}", letter["text"])
        assert code is not None
        entered = page.post("/notify/f", data={"code": code[0]})
        assert entered.status_code == 303, entered.text
        shown = page.get(entered.headers["location"])
        assert shown.status_code == 200
        assert 'lang="am"' in shown.text
        assert "Tesfaye" not in shown.text
        assert page.post("/notify/f/reply", data={"text": "My brother called me", "intent": "safe"}).status_code < 400
        assert page.post("/notify/f/stop", data={"sure": "yes"}).status_code < 400

    def replied() -> bool:
        return bool(telling.worker.get(f"cases/{case}/family-replies"))

    wait_until(replied, "the reply did not arrive at the case")
    (reply,) = telling.worker.get(f"cases/{case}/family-replies")
    assert reply["intent"] == "safe"

    def opted_out() -> bool:
        (one,) = telling.worker.get(f"cases/{case}/family-contacts")
        return one["opted_out_at"] is not None

    wait_until(opted_out, "the case does not know that the family said stop")


def test_a_sender_that_is_killed_sends_everything_in_the_end(telling: Telling) -> None:
    before = len(telling.mailbox())
    for number in range(10):
        case = telling.worker.post("cases", REQUEST)["id"]
        enquirer = next(one for one in telling.worker.get(f"cases/{case}")["people"] if one["role"] == "enquirer")
        address = {"channel": "sms", "address": f"+2519110002{number:02}"}
        contact = {"person_id": enquirer["id"], "addresses": [address], "language": "en", "shared_phone": False}
        quiet = {"time_zone": "Africa/Addis_Ababa", "quiet_from": "00:00", "quiet_to": "00:00"}
        telling.worker.post(f"cases/{case}/family-contacts", {**contact, **quiet})
        if number == 5:
            telling.hub.stack.kill("notify-jobs")
    telling.hub.stack.start("notify-jobs")
    wait_until(lambda: len(telling.mailbox()) == before + 10, "not every family was written to", timeout=120)

    def settled() -> bool:
        return set(telling.statuses("receipt")) == {"delivered"}

    wait_until(settled, "an attempt that the kill broke off was not looked up", timeout=400)  # after five minutes
