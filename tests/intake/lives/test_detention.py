"""A detention: an arrest is alleged, the detainee is met, and decides what the family learns."""

from __future__ import annotations

from typing import Any

from services.intake.casework import CASE_TYPES
from services.intake.casework.questions import questions
from tests.intake.lives.conftest import TODAY, Office
from tests.intake.lives.people import A_WOMAN, person

ALLEGATION: dict[str, Any] = {
    "type": "detention",
    "details": {
        "known_from": "family",
        "kind": "immigration",
        "arrested_on": "2026-01-05",
        "held_in_country": "LBY",
        "held_in": "LBY",
        "place_of_detention": "CANARY",
        "detainee_number": "77-CANARY",
    },
    "people": [{"role": "detainee", "person": A_WOMAN}, person("informant", "Amina Canary")],
}


def test_a_detainee_is_found_and_the_family_told_as_far_as_the_detainee_agrees(office: Office) -> None:
    worker = office.case_worker()
    case = worker.submits(ALLEGATION)
    worker.moves(case, "seek")
    worker.records(case, "seek_detainee", how="authority_asked", tried_on=TODAY)
    worker.may_not_move(case, "confirm_detention", "the visit at which you met the person", reason="visited")
    worker.records(case, "visit_detainee", visited_on=TODAY, kind="first", met="not_met")
    worker.may_not_move(case, "confirm_detention", "the visit at which you met the person", reason="visited")
    worker.records(case, "visit_detainee", visited_on=TODAY, kind="first", met="in_private")
    worker.moves(case, "confirm_detention", reason="visited")
    told = {"how": "by_phone", "told_on": TODAY, "told_to": "Amina Canary"}
    worker.may_not_record(case, "notify_family", "only after the found person agreed", **told)
    asked = {"share_with_partners": False, "asked_on": TODAY}
    worker.records(case, "record_answer", agrees_to="nothing", **asked)
    worker.may_not_record(case, "notify_family", "only after the found person agreed", **told)
    worker.records(case, "record_answer", agrees_to="news_only", wishes=["red_cross_message"], **asked)
    worker.records(case, "notify_family", **told)
    worker.records(case, "deliver_service", category="detention_attestation", delivered_on=TODAY)
    worker.may_not_move(case, "end_detention", "how the detention ended")
    worker.records(case, "record_ending", what="released", known_from="person", happened_on=TODAY)
    worker.moves(case, "end_detention")
    worker.moves(case, "close", reason="detention_ended")
    facts = office.facts_of(case)
    assert {"family.told", "service.delivered"} <= {fact["type"] for fact in facts}
    assert "CANARY" not in str(facts).upper()


def test_a_death_in_detention_needs_its_named_source_and_two_people_too(office: Office) -> None:
    worker, manager = office.case_worker(), office.manager()
    case = worker.submits(ALLEGATION)
    worker.moves(case, "confirm_detention", reason="authority_confirmed")
    worker.may_not_fill(case, "record_account_of_death", "source_name", source="hospital")
    manager.records(case, "record_account_of_death", source="hospital", source_name="Hospital of Canary")
    manager.may_not_record(case, "confirm_death", "another person")
    worker.may_not_move(case, "close", "another person confirm it", reason="died")
    office.manager().records(case, "confirm_death")
    worker.may_not_record(case, "notify_family", "in person", how="by_phone", told_on=TODAY)
    worker.records(case, "notify_family", how="in_person", told_on=TODAY)
    worker.moves(case, "close", reason="died")


def test_no_field_may_hold_what_was_seen_of_conditions_or_treatment() -> None:
    kind = CASE_TYPES["detention"]
    forms = [kind.details, *(deed.form for deed in kind.life_cycle.deeds if deed.form)]
    for form in forms:
        for one in questions(form):
            assert one.kind != "long_text", f"{form.__name__}.{one.name}"
            assert one.kind != "text" or not one.personal or (one.longest or 0) <= 200
    assert "add_note" not in {deed.name for deed in kind.life_cycle.deeds}


def test_a_detention_is_shared_with_consent_alone_and_restricted(office: Office) -> None:
    assert CASE_TYPES["detention"].sharing == "with_consent"
    case = office.case_worker().submits(ALLEGATION)
    office.case_worker().finds_nothing(case)
