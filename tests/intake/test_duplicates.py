"""The same case twice in one organisation: warned of, never dropped, decided by a person, and undone if wrong."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import func, select

from services.intake.domain import DuplicateWarning
from shared.access import Role
from shared.crypto import KeyRing
from shared.database import reading
from tests.intake.conftest import Intake
from tests.intake.people import person, request_for, submitted, token

ASTER = person("Aster Tekle Canary", sex="female", birth={"year": 2001}, nationality="ETH")
AGAIN = person("Astar Canari Tekle", sex="female", birth={"year": 2002})


def act(intake: Intake, path: str, body: Any = None, *, status: int = 200, key: str | None = None) -> Any:
    answer = intake.post(body or {}, path=f"/intake/v1/{path}", key=key)
    assert answer.status_code == status, answer.text
    return answer.json() if answer.content else None


def shown(intake: Intake, case_id: str) -> dict[str, Any]:
    found: dict[str, Any] = intake.get(f"/intake/v1/cases/{case_id}").json()
    return found


def pair(intake: Intake) -> tuple[str, str]:
    first = submitted(intake, request_for(ASTER, enquirer="Halima One"))
    second = submitted(intake, request_for(AGAIN, enquirer="Halima Two"))
    assert second["possible_duplicates"]
    return first["id"], second["id"]


def test_a_second_case_about_the_same_person_is_taken_in_with_a_warning(intake: Intake) -> None:
    first = submitted(intake, request_for(ASTER))
    assert first["possible_duplicates"] == []
    second = submitted(intake, request_for(AGAIN))
    told = second["possible_duplicates"]
    assert [(one["id"], one["reference"]) for one in told] == [(first["id"], first["reference"])]
    assert second["id"] in [one["id"] for one in intake.get("/intake/v1/cases").json()["items"]]
    listed = intake.get("/intake/v1/duplicates").json()["items"]
    assert [(one["case"]["id"], one["other"]["id"]) for one in listed] == [(second["id"], first["id"])]


@pytest.mark.parametrize(
    "other",
    [
        person("Aster Tekle Canary", sex="male", birth={"year": 2001}),
        person("Aster Tekle Canary", sex="female", birth={"year": 1950}),
        person("Aster Tekle Canary", sex="female", nationality="ERI"),
        person("Yonas Tekle Haile", sex="female"),
    ],
)
def test_what_contradicts_it_is_no_duplicate(intake: Intake, other: dict[str, Any]) -> None:
    submitted(intake, request_for(ASTER))
    assert submitted(intake, request_for(other))["possible_duplicates"] == []


def test_the_same_enquirer_makes_no_duplicate(intake: Intake) -> None:
    submitted(intake, request_for(ASTER, enquirer="Halima Enquirer"))
    assert submitted(intake, request_for(person("Yonas Haile")))["possible_duplicates"] == []


def test_nobody_can_probe_who_is_registered_elsewhere(intake: Intake) -> None:
    fresh = intake.post(request_for(ASTER), key=intake.other_key)
    submitted(intake, request_for(person("Somebody Else")))
    probed = intake.post(request_for(ASTER))
    assert probed.json()["possible_duplicates"] == []
    assert probed.json().keys() == fresh.json().keys()
    assert probed.headers.keys() == fresh.headers.keys()
    for key in (intake.own_key, intake.other_key):
        assert intake.get("/intake/v1/duplicates", key=key).json()["items"] == []
    theirs = f"/intake/v1/cases/{fresh.json()['id']}"
    assert intake.get(theirs, key=intake.other_key).headers["ETag"] == '"1"'
    with reading(intake.engine) as session:
        assert session.scalar(select(func.count()).select_from(DuplicateWarning)) == 0


def test_duplicates_inside_one_batch_are_told_once_and_a_repeated_request_hears_the_same(intake: Intake) -> None:
    batch = [request_for(ASTER), request_for(AGAIN), request_for(person("Yonas Haile"))]
    path = "/intake/v1/cases/batch"
    results = intake.post(batch, path=path, **{"Idempotency-Key": "b"}).json()["results"]
    ids = [one["case"]["id"] for one in results]
    told = [[other["id"] for other in one["case"]["possible_duplicates"]] for one in results]
    assert told == [[ids[1]], [ids[0]], []]
    assert len(intake.get("/intake/v1/duplicates").json()["items"]) == 1
    assert intake.post(batch, path=path, **{"Idempotency-Key": "b"}).json()["results"] == results
    single = intake.post(request_for(ASTER), **{"Idempotency-Key": "s"}).json()
    assert single["possible_duplicates"]
    assert intake.post(request_for(ASTER), **{"Idempotency-Key": "s"}).json() == single


def test_a_merge_keeps_all_and_its_undoing_restores_what_was(intake: Intake) -> None:
    first, second = pair(intake)
    act(intake, f"cases/{second}/moves/accept")
    before = {one: shown(intake, one) for one in (first, second)}
    mine, theirs = before[first]["people"][1]["id"], before[second]["people"][1]["id"]
    same = [{"person": theirs, "same_as": mine}]
    act(intake, f"cases/{first}/merge", {"duplicate": second, "same_people": same})
    merged = shown(intake, first)
    assert [one["id"] for one in merged["people"]] == [
        one["id"] for case in (first, second) for one in before[case]["people"]
    ]
    told = [one["what"] for one in intake.get(f"/intake/v1/cases/{first}/timeline").json()]
    assert sorted(told) == ["accept", "merge", "merge_into", "submit", "submit"]
    assert shown(intake, second)["merged_into"] == first
    assert [one["id"] for one in intake.get("/intake/v1/cases").json()["items"]] == [first]
    assert act(intake, f"cases/{second}/moves/close", {"reason": "unreachable"}, status=409)
    assert intake.get("/intake/v1/duplicates").json()["items"] == []
    assert [one["decided"] for one in intake.get("/intake/v1/duplicates?decided=true").json()["items"]] == ["merged"]
    act(intake, f"cases/{second}/undo-merge")
    for one, was in before.items():
        now = shown(intake, one)
        assert {**now, "version": 0} == {**was, "version": 0}
        assert now["version"] == was["version"] + 2
    assert len(intake.get("/intake/v1/duplicates").json()["items"]) == 1
    act(intake, f"cases/{second}/undo-merge", status=409)


def test_nobody_is_warned_of_what_was_merged_until_the_merge_is_undone(intake: Intake) -> None:
    first, second = pair(intake)
    third = submitted(intake, request_for(ASTER, enquirer="Halima Three"))["id"]
    assert len(undecided(intake)) == 3
    act(intake, f"cases/{first}/merge", {"duplicate": second})
    assert undecided(intake) == [(third, first)]
    act(intake, f"cases/{first}/merge", {"duplicate": third})
    assert undecided(intake) == []
    act(intake, f"cases/{third}/undo-merge")
    assert undecided(intake) == [(third, first)]
    act(intake, f"cases/{second}/undo-merge")
    assert len(undecided(intake)) == 3


def test_a_person_of_the_duplicate_is_the_same_as_one_person_only(intake: Intake) -> None:
    first, second = pair(intake)
    ours, theirs = ([one["id"] for one in shown(intake, case)["people"]] for case in (first, second))
    same = [{"person": theirs[1], "same_as": one} for one in ours]
    refused = act(intake, f"cases/{first}/merge", {"duplicate": second, "same_people": same}, status=409)
    assert "named twice" in refused["detail"]
    assert shown(intake, second)["merged_into"] is None


def undecided(intake: Intake) -> list[tuple[str, str]]:
    """The pairs that wait for somebody's decision."""
    return [(one["case"]["id"], one["other"]["id"]) for one in intake.get("/intake/v1/duplicates").json()["items"]]


def test_cases_that_are_different_are_not_warned_of_again(intake: Intake) -> None:
    first, second = pair(intake)
    act(intake, f"cases/{first}/duplicates/{second}/different", status=204)
    assert intake.get("/intake/v1/duplicates").json()["items"] == []
    assert [one["decided"] for one in intake.get("/intake/v1/duplicates?decided=true").json()["items"]] == ["different"]


def test_only_managers_merge_and_nobody_of_another_organisation(intake: Intake, keys: KeyRing) -> None:
    first, second = pair(intake)
    worker = token(keys, intake.own, Role.CASE_WORKER)
    act(intake, f"cases/{first}/merge", {"duplicate": second}, status=403, key=worker)
    act(intake, f"cases/{first}/merge", {"duplicate": second}, status=404, key=intake.other_key)
    theirs = submitted(intake, request_for(ASTER), key=intake.other_key)["id"]
    act(intake, f"cases/{first}/merge", {"duplicate": theirs}, status=404)
    act(intake, f"cases/{first}/duplicates/{theirs}/different", status=404)


def test_merges_do_not_chain(intake: Intake) -> None:
    first, second = pair(intake)
    third = submitted(intake, request_for(ASTER))["id"]
    act(intake, f"cases/{first}/merge", {"duplicate": second})
    act(intake, f"cases/{third}/merge", {"duplicate": first}, status=409)
    act(intake, f"cases/{second}/merge", {"duplicate": third}, status=409)
    act(intake, f"cases/{first}/merge", {"duplicate": third})
    assert len(shown(intake, first)["people"]) == 6
    act(intake, f"cases/{first}/merge", {"duplicate": first}, status=409)
