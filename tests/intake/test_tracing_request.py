"""A tracing request, from submission to closing, in the words of a case worker. On both databases."""

from __future__ import annotations

from typing import Any

from tests.intake.conftest import Intake

REQUEST: dict[str, Any] = {
    "type": "tracing_request",
    "details": {
        "relationship": "parent",
        "how_contact_was_lost": "shipwreck",
        "last_contact_on": "2025-03-02",
        "last_known_country": "LBY",
        "last_known_place": "LBY",
        "route": "central_mediterranean",
        "circumstances": "She called from a beach near CANARYTOWN.",
    },
    "people": [
        {"role": "enquirer", "person": {"names": [{"full": "Amina Canary"}], "sex": "female"}},
        {
            "role": "sought",
            "person": {
                "names": [{"full": "አስቴር ካናሪ"}, {"full": "Aster Canary", "kind": "other_spelling"}],
                "sex": "female",
                "birth": {"year": 2010, "month": 5},
                "nationality": "ETH",
            },
        },
    ],
    "relations": [{"person": 0, "other": 1, "kind": "parent"}],
}


def submit(intake: Intake) -> str:
    answer = intake.post(REQUEST)
    assert answer.status_code == 201, answer.text
    return str(answer.json()["id"])


def act(intake: Intake, case_id: str, path: str, body: Any = None, status: int = 200) -> Any:
    answer = intake.post(body or {}, path=f"/intake/v1/cases/{case_id}/{path}")
    assert answer.status_code == status, answer.text
    return answer.json()


def test_a_tracing_request_lives_from_submission_to_closing(intake: Intake) -> None:
    case_id = submit(intake)
    shown = intake.get(f"/intake/v1/cases/{case_id}").json()
    assert shown["details"]["circumstances"].endswith("CANARYTOWN.")
    assert [one["role"] for one in shown["people"]] == ["enquirer", "sought"]
    assert shown["people"][1]["person"]["names"][0]["full"] == "አስቴር ካናሪ"
    act(intake, case_id, "moves/accept")
    assert "Tell the family first" in act(intake, case_id, "moves/close", {"reason": "located"}, 409)["detail"]
    act(intake, case_id, "deeds/release_news", {}, 409)
    act(intake, case_id, "deeds/record_answer", {"agrees_to": "nothing"})
    act(intake, case_id, "deeds/release_news", {}, 409)
    act(intake, case_id, "deeds/record_answer", {"agrees_to": "news_only"})
    act(intake, case_id, "deeds/release_news")
    act(intake, case_id, "deeds/tell_family", {"how": "in_person"})
    closed = act(intake, case_id, "moves/close", {"reason": "located"})
    assert closed["status"] == "closed"
    timeline = intake.get(f"/intake/v1/cases/{case_id}/timeline").json()
    assert [one["what"] for one in timeline] == [
        "submit", "accept", "record_answer", "record_answer", "release_news", "tell_family", "close",
    ]  # fmt: skip
    assert [one["number"] for one in timeline] == list(range(1, 8))


def test_a_change_to_what_was_not_read_is_refused(intake: Intake) -> None:
    case_id = submit(intake)
    tag = intake.get(f"/intake/v1/cases/{case_id}").headers["ETag"]
    act(intake, case_id, "moves/accept")
    path = f"/intake/v1/cases/{case_id}/moves/ask_enquirer"
    assert intake.post({}, path=path, **{"If-Match": tag}).status_code == 412
    assert intake.post({}, path=path, **{"If-Match": '"2"'}).status_code == 200


def test_another_organisation_finds_nothing(intake: Intake) -> None:
    case_id = submit(intake)
    assert intake.get(f"/intake/v1/cases/{case_id}", key=intake.other_key).status_code == 404
    answer = intake.post({}, path=f"/intake/v1/cases/{case_id}/moves/accept", key=intake.other_key)
    assert answer.status_code == 404
    assert intake.get("/intake/v1/cases", key=intake.other_key).json()["items"] == []
