"""What intake accepts as an incident."""

from datetime import UTC, date, datetime
from typing import Any

import pytest
from pydantic import ValidationError

from services.intake.schemas import IncidentIn

DAY = {"occurred_from": date(2018, 6, 30), "occurred_to": date(2018, 6, 30)}
COUNTS = ["dead", "missing", "survivors", "females", "males", "children"]
SHORT = ["route", "region", "region_of_origin", "cause"]
LONG = ["countries_of_origin", "place", "source"]


def errors_of(**fields: Any) -> list[tuple[str, str]]:
    with pytest.raises(ValidationError) as refused:
        IncidentIn.model_validate(DAY | fields)
    return [(str(error["loc"][0]), error["type"]) for error in refused.value.errors()]


def test_only_the_days_are_needed_and_everything_else_is_unknown() -> None:
    incident = IncidentIn.model_validate(DAY)
    known = {name: value for name, value in incident.model_dump().items() if value is not None}
    assert known == DAY | {"kind": "incident"}


def test_json_is_accepted() -> None:
    text = '{"occurred_from":"2018-06-01","occurred_to":"2018-06-30","dead":3}'
    incident = IncidentIn.model_validate_json(text)
    assert (incident.occurred_to, incident.dead) == (date(2018, 6, 30), 3)
    assert IncidentIn.model_validate({"occurred_from": "2018-06-01", "occurred_to": "2018-06-30"})


@pytest.mark.parametrize(
    "value", [1530316800, "1530316800", "30.06.2018", datetime(2018, 6, 30, tzinfo=UTC), None, True]
)
def test_a_day_is_a_day_and_no_number_of_seconds(value: object) -> None:
    assert errors_of(occurred_to=value) == [("occurred_to", "date_form")]


@pytest.mark.parametrize("value", ["2018-02-30", "2018-13-01"])
def test_a_day_exists(value: str) -> None:
    assert [field for field, _ in errors_of(occurred_from=value)] == ["occurred_from"]


@pytest.mark.parametrize(
    ("begin", "end"), [(date(1899, 12, 31), date(1900, 1, 1)), (date(2100, 12, 31), date(2101, 1, 1))]
)
def test_years_lie_between_1900_and_2100(begin: date, end: date) -> None:
    assert len(errors_of(occurred_from=begin, occurred_to=end)) == 1


def test_the_last_day_is_not_before_the_first_and_is_told_with_other_errors() -> None:
    assert errors_of(occurred_to=date(2018, 6, 29), dead=-1) == [
        ("occurred_to", "dates_reversed"),
        ("dead", "greater_than_equal"),
    ]


@pytest.mark.parametrize("name", COUNTS)
def test_counts_are_whole_numbers_up_to_a_million_or_unknown(name: str) -> None:
    for value in (None, 0, 1_000_000):
        assert getattr(IncidentIn.model_validate(DAY | {name: value}), name) == value
    for wrong in (-1, 1_000_001, 1.0, "1", True):
        assert [field for field, _ in errors_of(**{name: wrong})] == [name]


@pytest.mark.parametrize(("names", "limit"), [(SHORT, 200), (LONG, 2000)])
def test_texts_have_a_greatest_length_without_white_space_around(names: list[str], limit: int) -> None:
    for name in names:
        assert getattr(IncidentIn.model_validate(DAY | {name: f" {'x' * limit}\n"}), name) == "x" * limit
        assert errors_of(**{name: "x" * (limit + 1)}) == [(name, "string_too_long")]


@pytest.mark.parametrize("name", SHORT + LONG)
def test_blank_texts_are_unknown(name: str) -> None:
    for value in ("", " \t\n", "\u00a0", None):
        assert getattr(IncidentIn.model_validate(DAY | {name: value}), name) is None


@pytest.mark.parametrize("name", SHORT + LONG)
def test_texts_hold_nothing_that_cannot_be_stored(name: str) -> None:
    for character in "\x00\x01\x07\x0b\x0c\x1b\x1f\x7f\x85\x9f":
        assert errors_of(**{name: f"a{character}b"}) == [(name, "control_character")]
        assert errors_of(**{name: character}) == [(name, "control_character")]
    assert errors_of(**{name: "a\udc80"}) == [(name, "broken_text")]
    assert errors_of(**{name: 7}) == [(name, "string_type")]


def test_tabs_line_breaks_and_letters_of_any_script_stay() -> None:
    text = "Türkiye\tالسودان\nሶማሊያ 🛶\u200f"
    assert IncidentIn.model_validate(DAY | {"place": text}).place == text


def test_line_breaks_are_lf() -> None:
    assert IncidentIn.model_validate(DAY | {"place": "a\r\nb\rc"}).place == "a\nb\nc"


@pytest.mark.parametrize(("name", "limit"), [("latitude", 90), ("longitude", 180)])
def test_coordinates_are_degrees(name: str, limit: int) -> None:
    for value in (-limit, 0, limit, 12.5, None):
        assert getattr(IncidentIn.model_validate(DAY | {name: value}), name) == value
    for wrong in (limit + 0.1, -limit - 0.1, float("nan"), float("inf"), "12.5", True):
        assert [field for field, _ in errors_of(**{name: wrong})] == [name]


def test_unknown_kinds_and_fields_are_refused() -> None:
    assert errors_of(kind="accident") == [("kind", "literal_error")]
    assert errors_of(victims="names") == [("victims", "extra_forbidden")]


def test_an_incident_cannot_be_changed() -> None:
    with pytest.raises(ValidationError):
        IncidentIn.model_validate(DAY).dead = 1  # type: ignore[misc]  # what is tried here


def test_errors_do_not_show_what_was_sent() -> None:
    with pytest.raises(ValidationError) as refused:
        IncidentIn.model_validate(DAY | {"route": "Secret" * 100, "kind": "Secret", "place": "Secret\x00"})
    assert "Secret" not in str(refused.value)


def test_every_field_says_what_it_is_and_where_the_rule_comes_from() -> None:
    for name, field in IncidentIn.model_fields.items():
        assert field.description, name
    assert "Missing Migrants Project" in (IncidentIn.__doc__ or "")
