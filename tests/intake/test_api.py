"""Organisations submit cases over HTTP."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import func, select

from services.intake.domain import Case
from services.intake.settings import BATCH_ITEMS, BODY_LIMIT
from shared.database import reading, uuid7
from shared.messaging.tables import event_log
from shared.web import PROBLEM
from tests.intake.conftest import Intake
from tests.intake.people import person, request_for

CANARY = "Xylophone-Canary-7391"


def incident(**changed: Any) -> dict[str, Any]:
    facts = {"occurred_from": "2018-06-01", "occurred_to": "2018-06-30", "dead": 3, "survivors": None, "route": "Sea"}
    return {"type": "mass_incident", "incident": {**facts, **changed}}


def stored(intake: Intake) -> tuple[int, int]:
    """(cases, incident events)."""
    with reading(intake.engine) as session:
        events = select(func.count()).select_from(event_log).where(event_log.c.type == "incident.recorded")
        return session.scalar(select(func.count()).select_from(Case)) or 0, session.scalar(events) or 0


def test_a_submitted_case_is_stored_with_its_event_and_can_be_read(intake: Intake) -> None:
    answer = intake.post(incident())
    assert answer.status_code == 201
    assert stored(intake) == (1, 1)
    shown = intake.get(answer.headers["location"]).json()
    assert shown["incident"]["dead"] == 3
    assert shown["incident"]["survivors"] is None
    assert shown["held_by"] == []


def test_the_same_idempotency_key_submits_once(intake: Intake) -> None:
    answers = [intake.post(incident(), **{"Idempotency-Key": "k-1"}) for _ in range(3)]
    assert {answer.status_code for answer in answers} == {201}
    assert len({answer.json()["id"] for answer in answers}) == 1
    assert stored(intake) == (1, 1)


def test_an_idempotency_key_with_another_request_is_a_conflict(intake: Intake) -> None:
    intake.post(incident(), **{"Idempotency-Key": "k-1"})
    answer = intake.post(incident(dead=4), **{"Idempotency-Key": "k-1"})
    assert answer.status_code == 409
    assert stored(intake) == (1, 1)


def test_simultaneous_requests_with_one_idempotency_key_submit_once_and_answer_alike(intake: Intake) -> None:
    for round_ in range(10):
        with ThreadPoolExecutor(4) as threads:
            posted = [threads.submit(intake.post, incident(), **{"Idempotency-Key": f"k-{round_}"}) for _ in range(4)]
        answers = [one.result() for one in posted]
        assert [answer.status_code for answer in answers] == [201] * 4
        assert len({answer.text for answer in answers}) == 1
        assert stored(intake) == (round_ + 1, round_ + 1)


def test_two_organisations_may_use_the_same_idempotency_key(intake: Intake) -> None:
    assert intake.post(incident(), **{"Idempotency-Key": "k"}).status_code == 201
    assert intake.post(incident(), key=intake.other_key, **{"Idempotency-Key": "k"}).status_code == 201
    assert stored(intake) == (2, 2)


@pytest.mark.parametrize("key", ["", "k" * 201], ids=["empty", "too long"])
def test_an_idempotency_key_that_is_none_is_refused_and_nothing_is_submitted(intake: Intake, key: str) -> None:
    answer = intake.post(incident(), **{"Idempotency-Key": key})
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["pointer"] == "#/header/Idempotency-Key"
    assert intake.post(incident(), **{"Idempotency-Key": "k" * 200}).status_code == 201


def test_another_organisations_case_is_not_found(intake: Intake) -> None:
    case = intake.post(incident()).headers["location"]
    unknown = intake.get(f"/intake/v1/cases/{UUID(int=7)}", key=intake.other_key)
    foreign = intake.get(case, key=intake.other_key)
    assert foreign.status_code == 404
    assert foreign.json() == unknown.json()
    assert intake.get("/intake/v1/cases", key=intake.other_key).json() == {"items": [], "next": None}
    headers = {"Authorization": f"Bearer {intake.other_key}"}
    assert intake.client.put(f"{case}/incident", json=incident()["incident"], headers=headers).status_code == 404


def test_a_correction_replaces_the_facts_and_is_an_event(intake: Intake) -> None:
    case = intake.post(incident()).headers["location"]
    headers = {"Authorization": f"Bearer {intake.own_key}"}
    answer = intake.client.put(f"{case}/incident", json=incident(dead=5)["incident"], headers=headers)
    assert answer.status_code == 204
    assert intake.get(case).json()["incident"]["dead"] == 5
    with reading(intake.engine) as session:
        types = session.scalars(select(event_log.c.type).where(event_log.c.subject.like("case/%"))).all()
    assert sorted(types) == ["case.updated", "incident.corrected", "incident.recorded"]


def test_a_correction_of_facts_that_changed_meanwhile_is_refused(intake: Intake) -> None:
    case = intake.post(incident()).headers["location"]
    headers = {"Authorization": f"Bearer {intake.own_key}", "If-Match": intake.get(case).headers["etag"]}
    answers = [
        intake.client.put(f"{case}/incident", json=incident(dead=dead)["incident"], headers=headers) for dead in (5, 6)
    ]
    assert [one.status_code for one in answers] == [204, 412]
    assert answers[0].headers["etag"] == intake.get(case).headers["etag"]
    assert intake.get(case).json()["incident"]["dead"] == 5


def test_a_batch_has_a_result_per_item_and_loses_no_good_neighbour(intake: Intake) -> None:
    answer = intake.post([incident(), incident(dead=-1), "nonsense", incident(dead=2)], path="/intake/v1/cases/batch")
    assert answer.status_code == 200
    results = answer.json()["results"]
    assert [result["status"] for result in results] == [201, 422, 422, 201]
    assert results[1]["problem"]["errors"][0]["pointer"] == "#/1/incident/dead"
    assert stored(intake) == (2, 2)
    assert intake.get(f"/intake/v1/cases/{results[3]['case']['id']}").status_code == 200


def test_a_repeated_batch_with_an_idempotency_key_changes_nothing(intake: Intake) -> None:
    batch = [incident(), incident(dead=9)]
    first = intake.post(batch, path="/intake/v1/cases/batch", **{"Idempotency-Key": "b"})
    second = intake.post(batch, path="/intake/v1/cases/batch", **{"Idempotency-Key": "b"})
    assert first.json() == second.json()
    assert stored(intake) == (2, 2)


@pytest.mark.parametrize("body", [[], {}, "x", 3, [{}] * (BATCH_ITEMS + 1)])
def test_a_batch_that_is_no_list_of_cases_is_refused_whole(intake: Intake, body: Any) -> None:
    assert intake.post(body, path="/intake/v1/cases/batch").status_code == 422
    assert stored(intake) == (0, 0)


def test_cases_are_listed_page_by_page(intake: Intake) -> None:
    ids = [intake.post(incident()).json()["id"] for _ in range(5)]
    seen: list[str] = []
    after = ""
    while True:
        page = intake.get(f"/intake/v1/cases?limit=2{after}").json()
        seen += [item["id"] for item in page["items"]]
        if page["next"] is None:
            break
        after = f"&after={page['next']}"
    assert seen == ids[::-1]


BAD_BODIES = {
    "invalid JSON": (b'{"type": "mass_incident", "x', 400),
    "nothing": (b"", 400),
    "broken UTF-8": (b'{"type": "\xff\xfe' + CANARY.encode() + b'"}', 400),
    "deep nesting": (b"[" * 100_000, 400),
    "not a number": (b'{"type":"mass_incident","incident":{"occurred_from":"2018-01-01","latitude":NaN}}', 400),
    "huge number": (b'{"type":"mass_incident","incident":{"dead":' + b"9" * 5000 + b"}}", 400),
    "a list": (b"[1,2]", 422),
    "wrong types": (b'{"type":"mass_incident","incident":{"occurred_from":7,"dead":"' + CANARY.encode() + b'"}}', 422),
    "unknown fields": (b'{"type":"mass_incident","incident":{},"surprise":"' + CANARY.encode() + b'"}', 422),
    "unknown type": (b'{"type":"' + CANARY.encode() + b'","incident":{}}', 422),
    "a lone surrogate": (b'{"type":"mass_incident","incident":{"place":"\\ud800' + CANARY.encode() + b'"}}', 400),
    "a NUL": (b'{"type":"mass_incident","incident":{"occurred_from":"2018-01-01","place":"\\u0000"}}', 422),
}


@pytest.mark.parametrize("name", BAD_BODIES)
@pytest.mark.parametrize("path", ["/intake/v1/cases", "/intake/v1/cases/batch"])
def test_bad_input_is_a_clear_4xx_that_repeats_nothing(
    intake: Intake, name: str, path: str, caplog: pytest.LogCaptureFixture
) -> None:
    body, status = BAD_BODIES[name]
    headers = {"Authorization": f"Bearer {intake.own_key}", "Content-Type": "application/json"}
    answer = intake.client.post(path, content=body, headers=headers)
    expected = {status, 200} if path.endswith("batch") and name == "a list" else {status, 422}
    assert answer.status_code in expected
    if answer.status_code != 200:
        assert answer.headers["content-type"] == PROBLEM
        assert answer.json()["detail"]
    assert CANARY not in answer.text
    assert CANARY not in caplog.text
    assert stored(intake) == (0, 0)


def test_a_body_over_the_limit_is_refused_by_its_header_and_while_it_arrives(intake: Intake) -> None:
    headers = {"Authorization": f"Bearer {intake.own_key}", "Content-Type": "application/json"}
    large = b" " * (BODY_LIMIT + 1)
    assert intake.client.post("/intake/v1/cases", content=large, headers=headers).status_code == 413
    pieces = (large[:65536] for _ in range(BODY_LIMIT // 65536 + 2))
    assert intake.client.post("/intake/v1/cases", content=pieces, headers=headers).status_code == 413


def test_a_body_that_is_not_declared_as_json_is_refused(intake: Intake) -> None:
    headers = {"Authorization": f"Bearer {intake.own_key}", "Content-Type": "text/plain"}
    assert intake.client.post("/intake/v1/cases", content=b"{}", headers=headers).status_code == 415


@pytest.mark.parametrize("credential", ["", "Basic eDp5", "Bearer", "Bearer kb_wrong", "Bearer a.b.c"])
def test_without_a_valid_token_nothing_can_be_done(intake: Intake, credential: str) -> None:
    answer = intake.client.post("/intake/v1/cases", json=incident(), headers={"Authorization": credential})
    assert answer.status_code == 401
    assert answer.headers["www-authenticate"] == "Bearer"
    assert stored(intake) == (0, 0)


def test_wrong_parameters_and_unknown_paths_are_problem_documents(intake: Intake) -> None:
    for path, status in (
        ("/intake/v1/cases/not-an-id", 422),
        ("/intake/v1/cases?limit=0", 422),
        ("/intake/v1/nothing", 404),
    ):
        answer = intake.get(path)
        assert (answer.status_code, answer.headers["content-type"]) == (status, PROBLEM)


def test_the_interface_describes_itself(intake: Intake) -> None:
    document = intake.client.get("/intake/openapi.json").json()
    body = document["paths"]["/intake/v1/cases"]["post"]["requestBody"]["content"]["application/json"]["schema"]
    case = document["components"]["schemas"][body["$ref"].rpartition("/")[2]]
    assert {"mass_incident", "tracing_request"} <= case["discriminator"]["mapping"].keys()
    for name in _references(document):
        assert name in document["components"]["schemas"]


def _references(node: Any) -> set[str]:
    if isinstance(node, dict):
        own = {node["$ref"].rpartition("/")[2]} if isinstance(node.get("$ref"), str) else set()
        return own.union(*(_references(value) for value in node.values()))
    if isinstance(node, list):
        return set().union(*(_references(value) for value in node))
    return set()


def test_an_answer_carries_a_correlation_id(intake: Intake) -> None:
    headers = {"Authorization": f"Bearer {intake.own_key}", "X-Correlation-Id": "abc-1"}
    assert intake.client.get("/intake/v1/cases", headers=headers).headers["x-correlation-id"] == "abc-1"
    headers["X-Correlation-Id"] = "<script>"
    assert intake.client.get("/intake/v1/cases", headers=headers).headers["x-correlation-id"] != "<script>"


def test_a_case_refused_for_its_relations_or_recipients_harms_no_other(intake: Intake) -> None:
    pair = {"person": 0, "other": 1, "kind": "parent"}
    shared = {"person": 1, "purpose": "sharing", "basis": "consent"}
    good = request_for(person("Aster Canary"))
    batch = [
        {**good, "relations": [pair, pair]},
        {**good, "legal_bases": [{**shared, "recipient_id": str(uuid7())}]},
        {**good, "relations": [pair], "legal_bases": [{**shared, "recipient_id": str(intake.other.organisation_id)}]},
        incident(),
    ]
    answer = intake.post(batch, path="/intake/v1/cases/batch")
    assert answer.status_code == 200
    results = answer.json()["results"]
    assert [result["status"] for result in results] == [422, 409, 201, 201]
    assert results[0]["problem"]["errors"][0]["pointer"] == "#/0/relations"
    assert "recipient_id" in results[1]["problem"]["detail"]
    assert [intake.post(one).status_code for one in batch[:2]] == [422, 409]
