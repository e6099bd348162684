"""A person and its case become the record that the matcher is given."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from services.intake.casework import CASE_TYPES
from services.intake.casework.people import PersonIn
from services.intake.matching import Place, Record, Relative
from services.intake.queries.compared import _PLACES, SIDES, compared, matched_as
from shared.database import reading
from tests.intake.matching.index.conftest import Matched
from tests.intake.matching.proposals.conftest import Kept
from tests.intake.people import person


def known(*names: str, **told: Any) -> PersonIn:
    return PersonIn.model_validate(person(*names, **told))


def of(*people: PersonIn, **facts: Any) -> Record:
    return matched_as(people, "tracing_request", facts, ())


def record_of(hub: Matched, kept: Kept) -> Record:
    with reading(hub.engine) as session:
        found = compared(session, kept.person)
    assert found is not None
    return found.record


def test_all_names_come_in_every_script_the_main_one_first() -> None:
    assert of(known("Yonas Tekle", "ዮናስ ተክለ")).names == ("Yonas Tekle", "ዮናስ ተክለ")


def test_a_birth_is_the_days_that_are_possible() -> None:
    told = of(known("A", birth={"year": 1991, "month": 2}))
    assert (told.born_from, told.born_to, told.stated_age) == (date(1991, 2, 1), date(1991, 2, 28), False)
    aged = of(known("A", birth={"stated_age": 20, "stated_on": "2026-01-01"}))
    assert (aged.born_from, aged.born_to, aged.stated_age) == (date(2005, 1, 1), date(2006, 1, 1), True)
    assert of(known("A", birth={"year": 1991, "estimated": True})).stated_age
    nothing = of(known("A"))
    assert (nothing.born_from, nothing.born_to, nothing.stated_age) == (None, None, False)


def test_places_are_where_the_person_comes_from_and_where_it_was() -> None:
    told = of(
        known("A", born_in="Asmara", last_address="Keren 3"),
        last_known_place="LBY001",
        last_known_country="LBY",
        last_contact_on="2026-03-04",
        destination_country="ITA",
    )
    assert told.places == (
        Place(name="Asmara", origin=True),
        Place(name="Keren 3", origin=True),
        Place(code="LBY001", country="LBY", day=date(2026, 3, 4)),
        Place(country="ITA"),
    )


@pytest.mark.parametrize("case_type", sorted(_PLACES))
def test_the_fields_of_places_are_fields_of_the_form(case_type: str) -> None:
    fields = CASE_TYPES[case_type].details.model_fields
    asked = {name for at in _PLACES[case_type] for name in (at.code, at.country, at.day) if name}
    assert asked <= fields.keys()


def test_every_type_of_case_that_is_compared_has_places() -> None:
    assert {case_type for case_type, _ in SIDES} <= _PLACES.keys()


def test_parents_are_told_or_are_in_the_case() -> None:
    family = [
        ("parent", known("Tekle Habte", sex="male")),
        ("parent", known("Aster Haile", sex="female")),
        ("sibling", known("Selam Tekle", sex="female")),
    ]
    told = matched_as([known("Yonas Tekle")], "registration", {}, family)
    assert (told.father, told.mother) == ("Tekle Habte", "Aster Haile")
    assert told.relatives == (
        Relative("parent", ("Tekle Habte",)),
        Relative("parent", ("Aster Haile",)),
        Relative("sibling", ("Selam Tekle",)),
    )
    surer = matched_as([known("Yonas Tekle", father_name="Tekle H.")], "registration", {}, family)
    assert surer.father == "Tekle H."


def test_of_two_records_of_one_person_the_first_is_asked_first() -> None:
    told = of(
        known("Yonas Tekle", nationality="ERI"),
        known("Jonas Tekle", nationality="ETH", sex="male", birth={"year": 1990}, mother_name="Aster"),
    )
    assert told.names == ("Yonas Tekle", "Jonas Tekle")
    assert (told.nationality, told.sex, told.born_from, told.mother) == ("ERI", "male", date(1990, 1, 1), "Aster")


def test_the_enquirer_is_what_it_says_it_is_to_the_sought_person(hub: Matched) -> None:
    record = record_of(hub, hub.sought())
    assert record.relatives == (Relative("parent", ("Perpetua Inkhorn",)),)
    assert record.places == (Place(country="LBY"),)


def test_relations_are_told_from_the_person_s_side(hub: Matched) -> None:
    body = {
        "type": "registration",
        "details": {"met_at": "shelter", "met_on": "2026-01-02"},
        "people": [
            {"role": "registered", "person": person("Yonas Tekle")},
            {"role": "companion", "person": person("Selam Tekle")},
            {"role": "companion", "person": person("Abel Ghirmay")},
        ],
        "relations": [{"person": 0, "other": 1, "kind": "parent"}],
    }
    kept = hub.submit(hub.holder, body, "registered")
    assert record_of(hub, kept).relatives == (
        Relative("child", ("Selam Tekle",)),
        Relative("travel_companion", ("Abel Ghirmay",)),
    )


def test_a_survivor_of_a_protection_incident_is_laid_beside_nobody() -> None:
    assert "protection_incident" not in {case_type for case_type, _ in SIDES}
