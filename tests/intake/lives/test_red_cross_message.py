"""A Red Cross message: collected, checked, carried, delivered, answered."""

from __future__ import annotations

from typing import Any

from tests.intake.lives.conftest import TODAY, Office
from tests.intake.lives.people import A_WOMAN, person

MESSAGE: dict[str, Any] = {
    "type": "red_cross_message",
    "details": {
        "collected_at": "transit",
        "collected_on": TODAY,
        "collected_in": "LBY",
        "goes_to_country": "ETH",
        "language": "am",
        "message": "I am well. Kiss my mother. CANARY",
    },
    "people": [{"role": "sender", "person": A_WOMAN}, person("addressee", "Amina Canary", sex="female")],
}


def test_a_message_is_delivered_and_answered(office: Office) -> None:
    worker = office.case_worker()
    case = worker.submits(MESSAGE)
    worker.may_not_move(case, "approve", "Check the message")
    worker.records(case, "check_message", result="family_news_only")
    worker.moves(case, "approve")
    worker.moves(case, "send")
    worker.moves(case, "deliver", reason="read_aloud")
    worker.may_not_move(case, "send_reply", "Record the reply")
    worker.records(case, "collect_reply", replied_on=TODAY, reply="We wait for you. CANARY")
    worker.may_not_move(case, "send_reply", "Check the reply")
    worker.records(case, "check_reply", result="family_news_only")
    worker.moves(case, "send_reply")
    worker.moves(case, "deliver_reply")
    worker.moves(case, "close", reason="reply_delivered")
    facts = office.facts_of(case)
    served = [fact for fact in facts if fact["type"] == "service.delivered"]
    assert [fact["category"] for fact in served] == ["rcm_collected", "rcm_delivered", "rcm_collected", "rcm_delivered"]
    known = {"sex": "female", "age_band": "18-49", "disability": "unknown", "count": 1, "nationality": "ETH"}
    assert served[0]["people"] == [
        known | {"legal_status": None, "persons": [_person_of(worker.opens(case), "sender")]}
    ]
    assert "CANARY" not in str(facts)


def test_a_message_counts_for_its_grant_on_the_day_and_in_the_place_of_its_collection(office: Office) -> None:
    worker = office.case_worker()
    details = MESSAGE["details"] | {"grant": "echo_2026", "collected_on": "2026-02-03"}
    case = worker.submits(MESSAGE | {"details": details})
    worker.records(case, "check_message", result="family_news_only")
    worker.moves(case, "approve")
    worker.moves(case, "send")
    worker.moves(case, "deliver", reason="read_aloud")
    collected, delivered = (fact for fact in office.facts_of(case) if fact["type"] == "service.delivered")
    assert (collected["delivered_on"], collected["place"]) == ("2026-02-03", "LBY")
    assert (delivered["delivered_on"], delivered["place"]) == (TODAY, None)
    assert [fact["grants"] for fact in (collected, delivered)] == [[{"grant": "echo_2026", "per_cent": "100"}]] * 2


def test_a_message_of_a_reopened_case_is_not_counted_as_collected_and_delivered_again(office: Office) -> None:
    worker, manager = office.case_worker(), office.manager()
    case = worker.submits(MESSAGE)
    worker.records(case, "check_message", result="family_news_only")
    for _ in range(2):
        worker.moves(case, "approve")
        worker.moves(case, "send")
        worker.moves(case, "deliver", reason="handed_over")
        worker.moves(case, "close", reason="no_reply")
        manager.moves(case, "reopen", reason="closed_in_error")
    served = [fact["category"] for fact in office.facts_of(case) if fact["type"] == "service.delivered"]
    assert served == ["rcm_collected", "rcm_delivered"]


def test_what_is_more_than_family_news_goes_back_to_be_written_anew(office: Office) -> None:
    worker = office.case_worker()
    case = worker.submits(MESSAGE)
    worker.may_not_move(case, "give_back", "Record the check")
    worker.records(case, "check_message", result="other_content")
    worker.may_not_move(case, "approve", "Check the message")
    worker.moves(case, "give_back")
    worker.may_not_move(case, "collect_again", "wrote anew")
    worker.records(case, "rewrite_message", message="I am well.")
    worker.moves(case, "collect_again")
    worker.may_not_move(case, "approve", "Check the message")
    worker.records(case, "check_message", result="family_news_only")
    worker.moves(case, "approve")


def test_what_cannot_be_delivered_comes_back_and_the_sender_is_told(office: Office) -> None:
    worker = office.case_worker()
    case = worker.submits(MESSAGE)
    worker.records(case, "check_message", result="family_news_only")
    worker.moves(case, "approve")
    worker.moves(case, "send")
    worker.may_not_move(case, "return", "at least one attempt to deliver", reason="addressee_not_found")
    worker.records(case, "attempt_delivery", how="visit", tried_on=TODAY)
    worker.moves(case, "return", reason="addressee_not_found")
    worker.moves(case, "send_again")
    worker.moves(case, "return", reason="no_access")
    worker.may_not_move(case, "close", "Tell the sender", reason="sender_told")
    worker.records(case, "tell_sender", told_on=TODAY, how="by_phone")
    worker.moves(case, "close", reason="sender_told")


def test_no_reason_for_which_a_message_comes_back_tells_a_death(office: Office) -> None:
    worker = office.case_worker()
    case = worker.submits(MESSAGE)
    worker.records(case, "check_message", result="family_news_only")
    worker.moves(case, "approve")
    worker.moves(case, "send")
    worker.may_not_move(case, "return", "give one of these reasons: addressee_not_found", reason="died")


def _person_of(case: dict[str, Any], role: str) -> str:
    (found,) = (one["id"] for one in case["people"] if one["role"] == role)
    return str(found)
