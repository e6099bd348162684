"""What is known of a case is corrected and completed; each change is a version, an entry, a fact. On both databases."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import func, select

from services.intake.domain import NameKey
from shared.database import reading
from shared.messaging.tables import event_log
from tests.intake.conftest import Intake
from tests.intake.people import person, request_for, submitted

ASTER = person("Aster Canary", sex="female", birth={"year": 2010})


class Opened:
    """A case as a case worker has it before her."""

    def __init__(self, intake: Intake, body: dict[str, Any]) -> None:
        self.intake = intake
        self.path = f"/intake/v1/cases/{submitted(intake, body)['id']}"
        self.read()

    def read(self) -> dict[str, Any]:
        answer = self.intake.get(self.path)
        self.tag = answer.headers["ETag"]
        self.shown: dict[str, Any] = answer.json()
        return self.shown

    def send(self, method: str, path: str, body: Any = None, *, tag: str | None = None, key: str | None = None) -> Any:
        headers = {"Authorization": f"Bearer {key or self.intake.own_key}", "If-Match": tag or self.tag}
        return self.intake.client.request(method, f"{self.path}/{path}", json=body, headers=headers)

    def change(self, method: str, path: str, body: Any = None) -> Any:
        answer = self.send(method, path, body)
        assert answer.status_code in {200, 201}, answer.text
        self.tag = answer.headers["ETag"]
        return answer.json()

    def entries(self) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = self.intake.get(f"{self.path}/timeline").json()
        return found

    def events(self) -> int:
        with reading(self.intake.engine) as session:
            subject = f"case/{self.path.rpartition('/')[2]}"
            return session.scalar(select(func.count()).where(event_log.c.subject == subject)) or 0


@pytest.fixture
def case(intake: Intake) -> Opened:
    return Opened(intake, request_for(ASTER, circumstances="By sea", last_known_place="LY02"))


def found(case: Opened, name: str) -> bool:
    items = case.intake.post({"name": name}, path="/intake/v1/search").json()["items"]
    return any(case.path.endswith(one["case"]["id"]) for one in items)


def test_details_are_changed_and_the_timeline_says_which_fields_but_not_how_they_read(case: Opened) -> None:
    case.change("PATCH", "details", {"circumstances": "By CANARYROAD", "last_known_place": "TN11", "route": "other"})
    shown = case.read()
    assert shown["details"]["circumstances"] == "By CANARYROAD"
    assert shown["details"]["relationship"] == "parent"
    assert [one["id"] for one in case.intake.get("/intake/v1/cases?place=TN11").json()["items"]] == [shown["id"]]
    entry = case.entries()[-1]
    assert entry["what"] == "update"
    assert entry["facts"] == {"fields": ["circumstances", "last_known_place", "route"]}
    assert entry["number"] == 2
    assert case.events() == 2


def test_null_takes_a_value_away(case: Opened) -> None:
    case.change("PATCH", "details", {"circumstances": None, "last_known_place": None})
    assert "circumstances" not in case.read()["details"]


def test_a_change_that_changes_nothing_makes_no_version(case: Opened) -> None:
    case.change("PATCH", "details", {"circumstances": "By sea"})
    sought = case.shown["people"][1]
    case.change("PUT", f"people/{sought['id']}", {"role": "sought", "person": sought["person"]})
    case.change("PUT", "relations", [])
    assert case.read()["version"] == 1
    assert case.events() == 1


def test_a_person_changes_and_is_found_by_the_new_name_alone(case: Opened) -> None:
    sought = case.shown["people"][1]["id"]
    case.change("PUT", f"people/{sought}", {"role": "sought", "person": person("Zebiba Wolde", sex="female")})
    assert case.read()["people"][1]["person"]["names"][0]["full"] == "Zebiba Wolde"
    assert found(case, "Zebiba Wolde")
    assert not found(case, "Aster Canary")
    assert case.entries()[-1]["facts"] == {"person": sought, "fields": ["birth", "names"]}


def test_people_are_added_related_and_removed(case: Opened) -> None:
    added = case.change("POST", "people", {"role": "companion", "person": person("Selam Companion")})
    assert found(case, "Selam Companion")
    enquirer, sought = (one["id"] for one in case.shown["people"])
    related = [
        {"person": enquirer, "other": sought, "kind": "parent"},
        {"person": added["person_id"], "other": sought, "kind": "sibling"},
    ]
    case.change("PUT", "relations", related)
    assert {one["kind"] for one in case.read()["relations"]} == {"parent", "sibling"}
    case.change("DELETE", f"people/{added['person_id']}")
    assert [one["role"] for one in case.read()["people"]] == ["enquirer", "sought"]
    assert [one["kind"] for one in case.shown["relations"]] == ["parent"]
    assert not found(case, "Selam Companion")
    assert [one["what"] for one in case.entries()] == ["submit", "add_person", "relate_people", "remove_person"]
    assert case.events() == 4


def test_a_case_keeps_the_people_it_needs(case: Opened) -> None:
    enquirer, sought = (one["id"] for one in case.shown["people"])
    assert case.send("DELETE", f"people/{sought}").status_code == 409
    assert case.send("POST", "people", {"role": "enquirer", "person": person("Second Enquirer")}).status_code == 409
    assert case.send("POST", "people", {"role": "captain", "person": person("A Captain")}).status_code == 422
    assert case.send("PUT", f"people/{enquirer}", {"role": "sought", "person": person("B")}).status_code == 409
    assert case.send("PUT", "relations", [{"person": sought, "other": sought, "kind": "child"}]).status_code == 422
    assert case.read()["version"] == 1


def test_a_change_needs_the_version_that_was_read(case: Opened) -> None:
    old = case.tag
    case.change("PATCH", "details", {"route": "sahara"})
    assert case.send("PATCH", "details", {"route": "other"}, tag=old).status_code == 412
    without = case.intake.client.patch(
        f"{case.path}/details", json={}, headers={"Authorization": f"Bearer {case.intake.own_key}"}
    )
    assert without.status_code == 422


def test_nobody_of_another_organisation_changes_anything(case: Opened) -> None:
    sought, key = case.shown["people"][1]["id"], case.intake.other_key
    part = {"role": "sought", "person": person("X Y")}
    for method, path, body in (
        ("PATCH", "details", {}),
        ("POST", "people", part),
        ("PUT", f"people/{sought}", part),
        ("DELETE", f"people/{sought}", None),
        ("PUT", "relations", []),
    ):
        assert case.send(method, path, body, key=key).status_code == 404
    assert case.read()["version"] == 1


def test_a_person_of_another_case_is_not_found_here(case: Opened) -> None:
    other = Opened(case.intake, request_for(person("Somebody Else")))
    stranger = other.shown["people"][1]["id"]
    assert case.send("DELETE", f"people/{stranger}").status_code == 404
    assert case.send("PUT", f"people/{stranger}", {"role": "sought", "person": ASTER}).status_code == 404


def test_the_blind_index_follows_without_leftovers(case: Opened) -> None:
    sought = case.shown["people"][1]["id"]
    with reading(case.intake.engine) as session:
        before = session.scalar(select(func.count()).select_from(NameKey))
    case.change("PUT", f"people/{sought}", {"role": "sought", "person": person()})
    with reading(case.intake.engine) as session:
        after = session.scalar(select(func.count()).select_from(NameKey))
    assert 0 < (after or 0) < (before or 0)


def test_a_correction_sets_the_wish_to_be_shared_with_nobody_and_never_lifts_it(case: Opened) -> None:
    def wish() -> bool:
        return bool(case.read()["people"][1]["person"]["share_with_nobody"])

    sought = case.shown["people"][1]["id"]
    case.change("PUT", f"people/{sought}", {"role": "sought", "person": {**ASTER, "share_with_nobody": True}})
    assert wish()
    for corrected in (person("Astar Canary", sex="female"), person("Aster Canary", share_with_nobody=False)):
        case.change("PUT", f"people/{sought}", {"role": "sought", "person": corrected})
        assert wish()
    lifted = case.intake.client.put(
        f"/intake/v1/persons/{sought}/share-with-nobody",
        json={"wish": False},
        headers={"Authorization": f"Bearer {case.intake.own_key}"},
    )
    assert lifted.status_code == 204
    assert not wish()
