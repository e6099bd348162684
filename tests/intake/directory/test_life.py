"""The life of an entry of the service directory, by the interface for programs. On both databases."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from services.intake.casework.service_directory import CONFIRMERS, DOUBTS, FRESHNESS, ServiceIn
from services.intake.commands.directory import confirm_service, withdraw_service
from services.intake.domain.directory import FRESH_FOR, STALE_AFTER
from services.intake.queries.directory import services_to_confirm
from shared.access import Role
from shared.crypto import KeyRing
from shared.database import reading, transaction, utc_now
from tests.intake.conftest import Intake
from tests.intake.directory.entries import CLINIC, added, keeper
from tests.intake.people import token

SERVICES = "/intake/v1/services"


class Kept:
    """An entry as a case manager has it before her."""

    def __init__(self, intake: Intake, key: str | None = None) -> None:
        self.intake, self.key = intake, key or intake.own_key
        answer = intake.post(CLINIC, path=SERVICES, key=self.key)
        assert answer.status_code == 201, answer.text
        self.path, self.tag, self.shown = answer.headers["Location"], answer.headers["ETag"], answer.json()

    def send(self, method: str, path: str = "", body: Any = None, *, tag: str | None = None, status: int = 200) -> Any:
        headers = {"Authorization": f"Bearer {self.key}", "If-Match": tag or self.tag}
        answer = self.intake.client.request(method, self.path + path, json=body, headers=headers)
        assert answer.status_code == status, answer.text
        if status == 200:
            self.tag, self.shown = answer.headers["ETag"], answer.json()
        return answer.json()

    def listed(self, query: str = "", key: str | None = None) -> list[str]:
        answer = self.intake.get(f"{SERVICES}{query}", key=key or self.key)
        assert answer.status_code == 200, answer.text
        return [one["id"] for one in answer.json()["items"]]


@pytest.fixture
def entry(intake: Intake) -> Kept:
    return Kept(intake)


def test_a_service_is_found_by_everybody_as_its_keeper_wrote_it(intake: Intake, entry: Kept) -> None:
    shown = intake.get(entry.path, key=intake.other_key).json()
    own = str(intake.own.organisation_id)
    assert shown["service"] == {**CLINIC, "provider_id": own}
    assert shown["provider"] == shown["keeper"] == {"id": own, "name": "Red-Cross-A"}
    assert shown["freshness"] == "fresh"
    assert shown["doubts"] == []
    assert entry.listed(key=intake.other_key) == [shown["id"]]


def test_a_manager_changes_it_and_that_confirms_it(intake: Intake, entry: Kept) -> None:
    before = entry.shown["confirmed"]["at"]
    shown = entry.send("PUT", body={**CLINIC, "capacity": "full", "free_places": None})
    assert (shown["version"], shown["service"]["capacity"], shown["doubts"]) == (2, "full", ["full"])
    assert shown["confirmed"]["at"] > before


def test_what_was_not_read_is_not_changed_confirmed_or_withdrawn(entry: Kept) -> None:
    read = entry.tag
    entry.send("POST", "/confirmation")
    for method, path in (("PUT", ""), ("POST", "/confirmation"), ("POST", "/withdrawal"), ("DELETE", "/withdrawal")):
        entry.send(method, path, CLINIC if method == "PUT" else None, tag=read, status=412)
    without = entry.intake.post({}, path=f"{entry.path}/confirmation")
    assert without.status_code == 422, "If-Match is needed"


def test_a_withdrawn_service_leaves_the_list_is_read_still_and_can_be_brought_back(intake: Intake, entry: Kept) -> None:
    shown = entry.send("POST", "/withdrawal")
    assert shown["doubts"] == ["withdrawn"]
    assert entry.listed() == []
    assert entry.listed("?withdrawn=true") == [shown["id"]]
    assert entry.listed("?withdrawn=true", key=intake.other_key) == []
    assert intake.get(entry.path, key=intake.other_key).json()["withdrawn_at"] is not None
    for method, path in (("PUT", ""), ("POST", "/confirmation"), ("POST", "/withdrawal")):
        entry.send(method, path, CLINIC if method == "PUT" else None, status=409)
    entry.send("DELETE", "/withdrawal")
    assert entry.listed() == [shown["id"]]
    assert entry.shown["withdrawn_at"] is None
    entry.send("DELETE", "/withdrawal", status=409)


def test_it_is_confirmed_for_30_days_then_waits_and_is_stale_after_90(intake: Intake) -> None:
    now = utc_now()
    entry = added(intake, intake.own, now=now)
    moments = {
        "fresh": (timedelta(), FRESH_FOR),
        "due": (FRESH_FOR + timedelta(seconds=1), STALE_AFTER),
        "stale": (STALE_AFTER + timedelta(seconds=1), timedelta(days=2000)),
    }
    for freshness, ages in moments.items():
        assert {entry.freshness(now + age) for age in ages} == {freshness}
        assert [("stale" in entry.doubts(now + age)) for age in ages] == [freshness == "stale"] * 2
    with reading(intake.engine) as session:
        manager = keeper(intake.own)
        assert services_to_confirm(session, manager, now + FRESH_FOR).count == 0
        waiting = services_to_confirm(session, manager, now + FRESH_FOR + timedelta(seconds=1))
        assert [one.id for one in waiting.entries] == [entry.id]
        assert services_to_confirm(session, keeper(intake.other), now + STALE_AFTER * 2).count == 0
    with transaction(intake.engine) as session:
        confirm_service(session, manager, entry.id, 1, now=now + STALE_AFTER)
    with reading(intake.engine) as session:
        assert services_to_confirm(session, manager, now + STALE_AFTER).count == 0


def test_what_was_confirmed_last_comes_first_and_what_is_stale_last(intake: Intake, entry: Kept) -> None:
    now = utc_now()
    days = (100, 5, 40, 95)
    made = {age: str(added(intake, intake.other, now=now - timedelta(days=age)).id) for age in days}
    assert entry.listed() == [entry.shown["id"], *(made[age] for age in sorted(days))]
    shown = intake.get(SERVICES).json()["items"]
    assert [one["freshness"] for one in shown] == ["fresh", "fresh", "due", "stale", "stale"]
    assert entry.listed("?to_confirm=true") == []
    assert entry.listed("?to_confirm=true", key=intake.other_key) == [made[age] for age in (40, 95, 100)]


def test_of_many_that_wait_the_first_are_shown_and_all_are_counted(intake: Intake) -> None:
    now = utc_now()
    made = [added(intake, intake.own, now=now - timedelta(days=31 + number)).id for number in range(7)]
    with transaction(intake.engine) as session:
        withdraw_service(session, keeper(intake.own), made[0], None)
    with reading(intake.engine) as session:
        waiting = services_to_confirm(session, keeper(intake.own), now)
    assert [one.id for one in waiting.entries] == made[:1:-1]
    assert waiting.count == 6


def test_a_key_that_is_sent_again_adds_nothing(intake: Intake) -> None:
    answers = [intake.post(CLINIC, path=SERVICES, **{"Idempotency-Key": "k"}) for _ in range(2)]
    assert answers[0].json() == answers[1].json()
    assert len(intake.get(SERVICES).json()["items"]) == 1
    other = intake.post({**CLINIC, "title": "Another"}, path=SERVICES, **{"Idempotency-Key": "k"})
    assert other.status_code == 409


def test_who_confirmed_it_is_told_as_role_and_organisation(intake: Intake, keys: KeyRing) -> None:
    administrator = Kept(intake, token(keys, intake.own, Role.ADMINISTRATOR))
    own = str(intake.own.organisation_id)
    assert administrator.shown["confirmed"] | {"at": ""} == {"at": "", "role": "system", "organisation_id": own}
    assert set(CONFIRMERS) == {"case_manager", "administrator", "system"}


def test_every_code_of_an_answer_has_words(entry: Kept) -> None:
    document = entry.intake.client.get("/intake/openapi.json").json()["components"]["schemas"]
    assert set(document["ServiceOut"]["properties"]["freshness"]["enum"]) == set(FRESHNESS)
    assert set(DOUBTS) == {"withdrawn", "stale", "full", "closed"}
    assert set(document["ServiceIn"]["properties"]) == set(ServiceIn.model_fields)
