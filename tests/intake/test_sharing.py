"""What a recipient sees of a shared case: minors by initials, third persons masked, no story, nobody who said no."""

from __future__ import annotations

import json
from datetime import date
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from services.intake.casework import CASE_TYPES
from services.intake.casework.people import Birth, Name, PersonIn
from services.intake.casework.sharing import Known, SharedCase, shared_view

TRACING = CASE_TYPES["tracing_request"]
LETTERS = "abcdefghijklmnopqrstuvwxyzابتثجحخدرሀለመሰረ"
WORD = st.text(LETTERS, min_size=4, max_size=12).map("Qx{}".format)
NAME = st.lists(WORD, min_size=1, max_size=4).map(" ".join)


def everything(shared: SharedCase) -> str:
    people = [one.person.model_dump(mode="json") for one in shared.people]
    return json.dumps([dict(shared.facts), people], ensure_ascii=False)


def known(*names: str, role: str = "sought", minor: bool = False, **more: Any) -> Known:
    return Known(role, minor, "6-11" if minor else "18-49", PersonIn(names=tuple(Name(full=n) for n in names), **more))


def test_an_adult_whom_the_case_is_about_is_shown_with_the_parents_by_initials() -> None:
    shown = shared_view(TRACING, {}, [known("Yonas Tekle", father_name="Tekle Haile", marks="A scar")]).people[0]
    assert shown.person.main_name() == "Yonas Tekle"
    assert shown.person.father_name == "T. H."
    assert shown.person.marks == "A scar"
    assert not shown.masked


def test_a_minor_is_shown_by_initials_and_the_year_alone() -> None:
    child = known(
        "Aster Canary",
        "Astar Kanari",
        minor=True,
        birth=Birth(year=2015, month=5, day=3),
        documents=("P123",),
        last_address="12 Canary Road",
    )
    shown = shared_view(TRACING, {}, [child]).people[0].person
    assert [name.full for name in shown.names] == ["A. C."]
    assert shown.birth.earliest() == date(2015, 1, 1)
    assert shown.documents == ()
    assert shown.last_address is None


def test_a_third_person_is_masked_whatever_its_age() -> None:
    shown = shared_view(TRACING, {}, [known("Halima Enquirer", role="enquirer", occupation="baker")]).people[0]
    assert shown.masked
    assert shown.person == PersonIn(names=(Name(full="H. E."),))


def test_who_is_to_be_shared_with_nobody_or_was_erased_is_not_in_it() -> None:
    people = [known("Yonas Tekle", share_with_nobody=True), Known("sought", False, "unknown", None)]
    assert shared_view(TRACING, {}, people).people == ()


def test_stories_stay_at_home_and_coded_facts_go() -> None:
    details = {"relationship": "parent", "circumstances": "Canary told me", "travelled_with": "Canary"}
    assert shared_view(TRACING, details, []).facts == {"relationship": "parent"}


@given(names=st.lists(NAME, min_size=1, max_size=4), parent=NAME, role=st.sampled_from(["sought", "enquirer"]))
def test_no_word_of_a_minors_or_third_persons_names_gets_out(names: list[str], parent: str, role: str) -> None:
    one = known(*names, role=role, minor=True, mother_name=parent, last_address=parent, documents=(parent,))
    told = everything(shared_view(TRACING, {"circumstances": parent}, [one]))
    assert not any(f'"{word}"' in told or f" {word}" in told for name in (*names, parent) for word in name.split())


def test_who_pays_for_a_message_is_the_organisations_own_affair() -> None:
    details = {"goes_to_country": "ETH", "grant": "echo_2026"}
    assert shared_view(CASE_TYPES["red_cross_message"], details, []).facts == {"goes_to_country": "ETH"}
