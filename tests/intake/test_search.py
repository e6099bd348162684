"""A case worker finds a case: by its reference, its place and day, its status, or somebody's name."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import select

from services.intake.domain import PersonViewed
from shared.access import Role
from shared.crypto import KeyRing
from shared.database import reading, uuid7
from tests.intake.conftest import Intake
from tests.intake.people import person, request_for, submitted, token


def listed(intake: Intake, asked: str, key: str | None = None) -> list[str]:
    answer = intake.get(f"/intake/v1/cases?{asked}", key=key)
    assert answer.status_code == 200, answer.text
    return [one["id"] for one in answer.json()["items"]]


def looked_for(intake: Intake, name: str, key: str | None = None, **more: Any) -> list[dict[str, Any]]:
    answer = intake.post({"name": name, **more}, path="/intake/v1/search", key=key)
    assert answer.status_code == 200, answer.text
    found: list[dict[str, Any]] = answer.json()["items"]
    return found


def test_a_reference_is_found_however_it_was_typed(intake: Intake) -> None:
    case = submitted(intake, request_for(person("Aster Canary")))
    bare = case["reference"].replace("-", "")
    for typed in (case["reference"], case["reference"].lower(), bare, bare[2:], f" {case['reference']} "):
        assert listed(intake, f"reference={typed}") == [case["id"]]
    assert listed(intake, f"reference={case['reference']}", key=intake.other_key) == []


def test_a_slip_in_a_reference_is_told_from_a_case_that_is_not_there(intake: Intake) -> None:
    case = submitted(intake, request_for(person("Aster Canary")))
    wrong = case["reference"][:-1] + ("2" if case["reference"][-1] != "2" else "3")
    answer = intake.get(f"/intake/v1/cases?reference={wrong}")
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["code"] == "reference_slip"
    assert wrong not in answer.text


def test_cases_are_found_by_place_day_status_and_type(intake: Intake) -> None:
    one = submitted(intake, request_for(person("A B"), last_known_place="LY02", last_contact_on="2025-03-02"))
    two = submitted(intake, request_for(person("C D"), last_known_place="TN11", last_contact_on="2025-04-02"))
    three = submitted(intake, request_for(person("E F")))
    intake.post({}, path=f"/intake/v1/cases/{two['id']}/moves/accept")
    assert listed(intake, "place=LY02") == [one["id"]]
    assert listed(intake, "happened_from=2025-03-01") == [two["id"], one["id"]]
    assert listed(intake, "happened_from=2025-03-01&happened_to=2025-03-31") == [one["id"]]
    assert listed(intake, "status=in_progress") == [two["id"]]
    assert listed(intake, "type=tracing_request&status=submitted") == [three["id"], one["id"]]
    assert listed(intake, "type=mass_incident") == []
    assert listed(intake, "place=LY02&status=in_progress") == []


def test_what_is_assigned_to_me_is_found_by_me(intake: Intake, keys: KeyRing) -> None:
    me = uuid7()
    mine = token(keys, intake.own, Role.CASE_WORKER, user_id=me)
    assert listed(intake, "assigned_to=me", key=mine) == []
    assert intake.get("/intake/v1/cases?assigned_to=me").status_code == 422


@pytest.mark.parametrize("asked", ["", "happened_from=2020-01-01&"])
def test_pages_follow_one_another_without_gap_or_repetition(intake: Intake, asked: str) -> None:
    days = ["2025-03-02", "2025-03-01", "2025-03-02", "2025-02-27", "2025-03-02", "2025-03-01", "2025-01-31"]
    made = [submitted(intake, request_for(person("A B"), last_contact_on=day))["id"] for day in days]
    seen: list[str] = []
    after = ""
    for _ in range(10):
        page = intake.get(f"/intake/v1/cases?{asked}limit=2{after}").json()
        seen += [one["id"] for one in page["items"]]
        if page["next"] is None:
            break
        after = f"&after={page['next']}"
    expected = made[::-1]
    if asked:
        day_of = dict(zip(made, days, strict=True))
        expected.sort(key=lambda one: day_of[one], reverse=True)
    assert seen == expected


@pytest.mark.parametrize("after", ["x", "bnVsbA", "W10", "WzEsMl0", "é"])
def test_a_cursor_that_is_none_of_ours_is_refused(intake: Intake, after: str) -> None:
    assert intake.get(f"/intake/v1/cases?after={after}").status_code == 422


def test_a_cursor_of_another_order_is_refused(intake: Intake) -> None:
    for _ in range(2):
        submitted(intake, request_for(person("A B"), last_contact_on="2025-03-02"))
    after = intake.get("/intake/v1/cases?limit=1").json()["next"]
    assert intake.get(f"/intake/v1/cases?happened_from=2025-01-01&after={after}").status_code == 422


@pytest.mark.parametrize(
    "asked",
    ["Aster Canary", "canary aster", "Astar Kanari", "አስቴር ካናሪ", "ASTER CANARRY", "Aster"],
)
def test_a_person_is_found_by_a_name_in_another_order_script_or_spelling(intake: Intake, asked: str) -> None:
    case = submitted(intake, request_for(person("አስቴር ካናሪ", "Aster Canary")))
    submitted(intake, request_for(person("Yonas Tekle")))
    found = looked_for(intake, asked)
    assert [one["case"]["id"] for one in found] == [case["id"]]
    assert found[0]["role"] == "sought"
    assert found[0]["why"]
    assert 0.6 <= found[0]["likeness"] <= 1


def test_the_likest_name_comes_first(intake: Intake) -> None:
    near = submitted(intake, request_for(person("Mohamed Abdi Hassan")))
    exact = submitted(intake, request_for(person("Mohammed Abdi Hussein")))
    found = [one["case"]["id"] for one in looked_for(intake, "Mohammed Abdi Hussein")]
    assert found == [exact["id"], near["id"]]


def test_another_organisations_person_is_not_found_by_name(intake: Intake) -> None:
    submitted(intake, request_for(person("Aster Canary")))
    assert looked_for(intake, "Aster Canary", key=intake.other_key) == []


def test_an_erased_or_removed_name_leaves_no_trace_in_the_answer_and_a_name_needs_a_letter(intake: Intake) -> None:
    assert looked_for(intake, "Nobody Atall") == []
    for name in ("", "…", "  ", "!?"):
        assert intake.post({"name": name}, path="/intake/v1/search").status_code == 422


def test_everybody_who_is_shown_by_a_search_is_recorded_as_seen(intake: Intake) -> None:
    case = submitted(intake, request_for(person("Aster Canary")))
    looked_for(intake, "Aster Canary")
    with reading(intake.engine) as session:
        views = session.execute(select(PersonViewed.case_id, PersonViewed.purpose, PersonViewed.user_id)).all()
    assert [(str(view.case_id), view.purpose, view.user_id) for view in views] == [(case["id"], "search", None)]


def test_the_blind_index_and_the_database_hold_no_readable_name(intake: Intake) -> None:
    submitted(intake, request_for(person("Aster Canaryname")))
    with intake.engine.connect() as connection:
        for table in ("person", "name_key", "case_person", "timeline_entry", "event_log"):
            rows = connection.exec_driver_sql(f'SELECT * FROM "{table}"').all()
            assert rows or table == "name_key"
            assert not any(
                "canaryname" in repr(bytes(v) if isinstance(v, memoryview) else v).lower() for r in rows for v in r
            )
