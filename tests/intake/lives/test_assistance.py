"""Assistance: what was asked for, what was delivered, and how it is counted."""

from __future__ import annotations

import json
from typing import Any

from services.intake.casework.service_categories import CATEGORIES, SECTORS
from tests.intake.lives.conftest import TODAY, Office
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
    assert first["people"] == BLANKETS["people"]
    assert second["counts"] == {"quantity": 1, "people": 0}


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
