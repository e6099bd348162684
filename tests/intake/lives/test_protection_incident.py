"""A protection incident: the danger first, then what the survivor agrees to."""

from __future__ import annotations

from typing import Any

from tests.intake.lives.conftest import TODAY, Office
from tests.intake.lives.people import A_WOMAN

INCIDENT: dict[str, Any] = {
    "type": "protection_incident",
    "details": {
        "kinds": ["abduction", "extortion"],
        "occurred_on": "2026-02-01",
        "country": "LBY",
        "perpetrator": "traffickers",
        "people_affected": 12,
        "told_by": "survivor",
        "account": "They called her brother CANARY for money.",
    },
    "people": [{"role": "survivor", "person": A_WOMAN}],
}


def test_a_survivor_is_supported_and_decides_what_becomes_of_the_account(office: Office) -> None:
    worker, manager = office.case_worker(), office.manager()
    case = worker.submits(INCIDENT)
    worker.may_not_move(case, "assess", "Assess the danger first")
    worker.records(case, "assess_risk", risk="high", plan="She stays in the safe house CANARY.")
    worker.moves(case, "assess")
    worker.moves(case, "support")
    referral = {"to": "psychosocial", "referred_on": TODAY}
    worker.may_not_record(case, "refer", "must have agreed", **referral)
    worker.records(case, "record_consent", agrees_to="advocacy_only", asked_on=TODAY)
    worker.may_not_record(case, "refer", "must have agreed", **referral)
    manager.records(case, "raise_with_authorities")
    worker.records(case, "record_consent", agrees_to="referral_only", asked_on=TODAY)
    manager.may_not_record(case, "raise_with_authorities", "must have agreed")
    manager.may_not_move(case, "close", "Record the referral first", reason="referred")
    worker.records(case, "refer", **referral)
    worker.may_not_move(case, "close", "ask a case manager", reason="referred")
    manager.moves(case, "close", reason="referred")
    assert "CANARY" not in str(office.facts_of(case))


def test_an_incident_without_any_survivor_known_by_name_is_recorded_to_see_patterns(office: Office) -> None:
    worker, manager = office.case_worker(), office.manager()
    case = worker.submits({**INCIDENT, "people": []})
    worker.records(case, "assess_risk", risk="low")
    worker.moves(case, "assess")
    manager.records(case, "review_account", fits="several_sources")
    manager.moves(case, "close", reason="recorded_for_analysis")


def test_an_incident_is_seen_by_its_worker_and_managers_alone(office: Office) -> None:
    case = office.case_worker().submits(INCIDENT)
    office.case_worker().finds_nothing(case)
    assert office.manager().opens(case)["status"] == "reported"
