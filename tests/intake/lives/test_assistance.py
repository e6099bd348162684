"""Assistance: what was asked for, what was delivered, and how it is counted."""

from __future__ import annotations

import json
from typing import Any
from uuid import uuid4

from services.intake.casework.service_categories import CATEGORIES, SECTORS
from tests.intake.lives.conftest import TODAY, Office
from tests.intake.lives.people import person
from tests.samples import sample_data

DISTRIBUTION: dict[str, Any] = {
    "type": "assistance",
    "details": {"of_whom": "group", "asked_at": "landing", "asked_on": TODAY, "place": "ITA", "needs": ["shelter"]},
}
BLANKETS = {
    "category": "household_items",
    "quantity": 40,
    "delivered_on": TODAY,
    "place": "ITA",
    "people": [
        {"sex": "female", "age_band": "18-49", "disability": "unknown", "count": 15},
        {"sex": "male", "age_band": "6-11", "disability": "with", "count": 2},
    ],
}


def test_a_group_is_served_without_names_and_counted_by_sex_age_and_disability(office: Office) -> None:
    worker = office.case_worker()
    case = worker.submits(DISTRIBUTION)
    worker.moves(case, "accept")
    worker.may_not_move(case, "close", "Record the service that was delivered", reason="needs_met")
    worker.records(case, "deliver_service", **BLANKETS)
    worker.records(case, "deliver_service", category="first_aid", delivered_on=TODAY)
    worker.moves(case, "close", reason="needs_met")
    first, second = (fact for fact in office.facts_of(case) if fact["type"] == "service.delivered")
    assert first["counts"] == {"quantity": 40, "people": 17}
    shown = [{name: one[name] for name in ("sex", "age_band", "disability", "count")} for one in first["people"]]
    assert shown == BLANKETS["people"]
    assert [one["persons"] for one in first["people"]] == [[], []]
    assert len({first["service_id"], second["service_id"]}) == 2, "what a correction names it by"
    assert second["counts"] == {"quantity": 1, "people": 0}


def test_a_person_of_the_case_who_is_served_is_named_so_that_it_is_counted_once(office: Office) -> None:
    worker = office.case_worker()
    case = worker.submits({**DISTRIBUTION, "people": [person("assisted", "Aster Canary", sex="female")]})
    (aster,) = (one["id"] for one in worker.opens(case)["people"])
    worker.moves(case, "accept")
    served = {"sex": "female", "count": 3, "person": aster, "nationality": "ETH", "legal_status": "refugee"}
    worker.records(case, "deliver_service", category="food", delivered_on=TODAY, people=[served], modality="in_kind")
    (fact,) = (fact for fact in office.facts_of(case) if fact["type"] == "service.delivered")
    (figures,) = fact["people"]
    assert (figures["persons"], figures["nationality"], figures["legal_status"]) == ([aster], "ETH", "refugee")
    assert (fact["modality"], fact["counts"]["people"]) == ("in_kind", 3)


def test_a_person_of_another_case_was_not_served_in_this_one(office: Office) -> None:
    worker = office.case_worker()
    case, other = (
        worker.submits({**DISTRIBUTION, "people": [person("assisted", name)]}) for name in ("Aster", "Dawit")
    )
    (stranger,) = (one["id"] for one in worker.opens(other)["people"])
    worker.moves(case, "accept")
    served = {"category": "food", "delivered_on": TODAY, "people": [{"count": 1, "person": stranger}]}
    worker.may_not_record(case, "deliver_service", "no such person in this case", **served)


def test_what_cannot_be_given_is_closed_with_the_reason(office: Office) -> None:
    worker = office.case_worker()
    case = worker.submits(DISTRIBUTION)
    worker.may_not_move(case, "close", "give one of these reasons: not_eligible", reason="needs_met")
    worker.moves(case, "close", reason="helped_by_others")


def test_a_service_of_tomorrow_was_not_delivered_yet(office: Office) -> None:
    worker = office.case_worker()
    case = worker.submits(DISTRIBUTION)
    worker.may_not_fill(case, "deliver_service", "day_ahead", category="food", delivered_on="2099-01-01")
    worker.may_not_fill(case, "deliver_service", "category", category="weapons", delivered_on=TODAY)


def test_the_categories_are_those_of_the_3w_list() -> None:
    listed = json.loads(sample_data("sectors/emergency_project_activity_actions.json").read_text())
    titles = {
        model: {int(one["pk"]): one["fields"] for one in listed if one["model"].endswith(f"Activity{model}")}
        for model in ("Sector", "Action")
    }
    numbers = {sector: number for sector, (_, number) in SECTORS.items()}
    assert {number: title for title, number in SECTORS.values()} == {
        number: fields["title"] for number, fields in titles["Sector"].items()
    }
    ours = {one.go_action: (one.title, numbers[one.sector]) for one in CATEGORIES.values() if one.go_action}
    theirs = {
        number: (fields["title"].strip().replace("contruction", "construction"), fields["sector"])
        for number, fields in titles["Action"].items()
    }
    assert ours == theirs


def test_a_service_that_was_written_down_wrongly_is_corrected_and_counted_as_it_was(office: Office) -> None:
    worker = office.case_worker()
    case = worker.submits(DISTRIBUTION)
    worker.moves(case, "accept")
    right: dict[str, Any] = {"category": "food", "delivered_on": TODAY, "quantity": 2}
    worker.may_not_record(case, "correct_service", "the case has none", service=str(uuid4()), **right)
    worker.records(case, "deliver_service", **BLANKETS)
    worker.may_not_record(case, "correct_service", "Choose a service", service=str(uuid4()), **right)
    delivered = office.facts_of(case)[-1]
    worker.records(case, "correct_service", service=delivered["service_id"], **right)
    corrected = office.facts_of(case)[-1]
    assert (corrected["type"], corrected["service_id"]) == ("service.corrected", delivered["service_id"])
    assert (corrected["category"], corrected["counts"]) == ("food", {"quantity": 2, "people": 0})


def test_a_service_that_was_not_delivered_at_all_cannot_be_corrected_again(office: Office) -> None:
    worker = office.case_worker()
    case = worker.submits(DISTRIBUTION)
    worker.moves(case, "accept")
    worker.records(case, "deliver_service", **BLANKETS)
    named: dict[str, Any] = {"service": office.facts_of(case)[-1]["service_id"], "category": "food"}
    worker.records(case, "correct_service", cancelled=True, delivered_on=TODAY, **named)
    assert office.facts_of(case)[-1]["cancelled"]
    worker.may_not_record(case, "correct_service", "the case has none", delivered_on=TODAY, **named)
