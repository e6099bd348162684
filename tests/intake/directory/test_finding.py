"""Services are found by what is asked, page by page; what cannot be asked or written is refused. On both databases."""

from __future__ import annotations

import base64
import json
from datetime import timedelta
from typing import Any

import pytest

from shared.database import utc_now
from tests.intake.conftest import Intake
from tests.intake.directory.entries import CLINIC, added

SERVICES = "/intake/v1/services"


def found(intake: Intake, query: str) -> set[str]:
    answer = intake.get(f"{SERVICES}?{query}")
    assert answer.status_code == 200, answer.text
    return {one["service"]["title"] for one in answer.json()["items"]}


def test_a_service_is_found_by_category_place_language_room_and_provider(intake: Intake) -> None:
    added(intake, intake.own, title="clinic")
    added(intake, intake.other, title="food", category="food", place="TUN", languages=["fr-TN"], capacity="open")
    added(intake, intake.own, title="shelter", place="LBY", languages=["arq"], capacity="full", free_places=None)
    asked = {
        "": {"clinic", "food", "shelter"},
        "category=food": {"food"},
        "category=nothing": set(),
        "place=LY02": {"clinic"},
        "place=ly02": {"clinic"},
        "place=LBY": {"clinic", "shelter"},
        "place=TUN": {"food"},
        "place=Y02": set(),
        "place=%25": set(),
        "place=L_": set(),
        "language=ar": {"clinic"},
        "language=AR": {"clinic"},
        "language=fr": {"clinic", "food"},
        "language=fr-TN": {"food"},
        "language=f": set(),
        'language="': set(),
        "language=%25": set(),
        "capacity=full": {"shelter"},
        f"provider={intake.other.organisation_id}": {"food"},
        f"provider={intake.own.organisation_id}&place=LBY&capacity=limited": {"clinic"},
    }
    assert {query: found(intake, query) for query in asked} == asked


def test_pages_show_each_service_once_also_where_many_were_confirmed_at_the_same_moment(intake: Intake) -> None:
    now = utc_now()
    made = [str(added(intake, intake.own, now=now - timedelta(hours=number // 4)).id) for number in range(11)]
    shown: list[str] = []
    after, pages = "", 0
    while True:
        page = intake.get(f"{SERVICES}?limit=3{after}").json()
        shown += [one["id"] for one in page["items"]]
        pages += 1
        if page["next"] is None:
            break
        after = f"&after={page['next']}"
    assert (pages, len(shown), set(shown)) == (4, 11, set(made))
    assert shown == [made[number] for number in (3, 2, 1, 0, 7, 6, 5, 4, 10, 9, 8)]


def cursor(*place: Any) -> str:
    return base64.urlsafe_b64encode(json.dumps(place).encode()).decode().rstrip("=")


@pytest.mark.parametrize(
    "after",
    [
        "x",
        "é",
        cursor(),
        cursor("2026-01-01T00:00:00+00:00"),
        cursor("2026-01-01T00:00:00+00:00", "x"),
        cursor(7, "0" * 32),
        cursor("0001-01-01T00:00:00+14:00", "0" * 32),
        cursor("9999-12-31T23:00:00-14:00", "0" * 32),
        cursor(None, None),
        cursor("0" * 100, {}),
    ],
)
def test_a_place_in_the_list_that_we_never_gave_is_refused(intake: Intake, after: str) -> None:
    assert intake.get(f"{SERVICES}?after={after}").status_code == 422


@pytest.mark.parametrize(
    "asked", ["category=%00", "place=%00", "language=%00", "capacity=%00", "provider=x", "limit=0"]
)
def test_services_cannot_be_asked_for_by_what_is_never_stored(intake: Intake, asked: str) -> None:
    assert intake.get(f"{SERVICES}?{asked}").status_code == 422


ODD: list[tuple[dict[str, Any], str]] = [
    ({"category": "nothing"}, "#/category"),
    ({"title": " \n "}, "#/title"),
    ({"title": "a\u0000b"}, "#/title"),
    ({"title": "x" * 201}, "#/title"),
    ({"how_to_refer": None}, "#/how_to_refer"),
    ({"place": "Tripoli"}, "#/place"),
    ({"languages": ["Arabic"]}, "#/languages/0"),
    ({"languages": ["ar"] * 21}, "#/languages"),
    ({"hours": [{"days": [], "opens": "9:00", "closes": "12:00"}]}, "#/hours/0/days"),
    ({"hours": [{"days": ["mo"], "opens": "9:00", "closes": "24:01"}]}, "#/hours/0/closes"),
    ({"hours": [{"days": ["mo"], "opens": "25:00", "closes": "12:00"}]}, "#/hours/0/opens"),
    ({"hours": [{"days": ["mo"], "opens": "9:00", "closes": "09:00"}]}, "#/hours/0/closes"),
    ({"hours": [{"days": ["mo"], "opens": 9, "closes": "12:00"}]}, "#/hours/0/opens"),
    ({"hours": [{"days": ["mo"], "opens": "9:00", "closes": "12:00"}] * 4}, "#/hours"),
    ({"open_to": ["nobody"]}, "#/open_to/0"),
    ({"age_from": 18, "age_to": 17}, "#/age_to"),
    ({"age_from": -1}, "#/age_from"),
    ({"capacity": "plenty"}, "#/capacity"),
    ({"capacity": "closed", "free_places": 1}, "#/free_places"),
    ({"free_places": 10**12}, "#/free_places"),
    ({"free_of_charge": None}, "#/free_of_charge"),
    ({"provider_id": "0192f0c1-2b3c-7d4e-8f50-617283940a1b"}, "#/provider_id"),
    ({"organisation_id": "x"}, "#/organisation_id"),
]


@pytest.mark.parametrize(("changed", "pointer"), ODD)
def test_what_no_entry_can_say_is_refused_and_named(intake: Intake, changed: dict[str, Any], pointer: str) -> None:
    answer = intake.post({**CLINIC, **changed}, path=SERVICES)
    assert answer.status_code == 422, answer.text
    assert [one["pointer"] for one in answer.json()["errors"]] == [pointer]


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("9", "09:00"),
        ("9.30", "09:30"),
        ("18h05", "18:05"),
        ("٢٣:٥٩", "23:59"),
        ("１２:００", "12:00"),
        ("24:00", "24:00"),
    ],
)
def test_a_time_is_understood_as_people_write_it(intake: Intake, typed: str, kept: str) -> None:
    hours = [{"days": ["fr", "fr"], "opens": "8:00", "closes": typed}]
    shown = intake.post({**CLINIC, "hours": hours}, path=SERVICES).json()["service"]["hours"]
    assert shown == [{"days": ["fr"], "opens": "08:00", "closes": kept}]
