"""An organisation says what it asks of its own: a JSON Schema that can be drawn as a form, version by version."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator
from sqlalchemy import text
from sqlalchemy.exc import ProgrammingError

from services.intake.casework.own_fields import MOST_FIELDS, checked_schema
from shared.access import Role, act_as
from shared.database import reading, transaction
from shared.errors import InvalidInput
from tests.intake.own_fields.conftest import BEDS, FIELDS, REMARK, SHELTER, WARM, ask, define, schema
from tests.intake.referrals.conftest import Hub

REFUSED: dict[str, tuple[Any, str, str]] = {
    "no object": ([], "#", "model_type"),
    "no fields": ({"type": "object", "properties": {}}, "#/properties", "too_short"),
    "too many fields": (
        schema(**{f"field_{number}": WARM for number in range(MOST_FIELDS + 1)}),
        "#/properties",
        "too_long",
    ),
    "a name that is no code": (schema(Name=WARM), "#/properties/%28unknown%29", "string_pattern_mismatch"),
    "a regular expression": (schema(a={**REMARK, "pattern": "(a+)+$"}), "#/properties/a/pattern", "extra_forbidden"),
    "a text without an end": (schema(a={"type": "string"}), "#/properties/a/maxLength", "missing"),
    "a text without measure": (schema(a={**REMARK, "maxLength": 10**9}), "#/properties/a/maxLength", "less_than_equal"),
    "an object inside": (schema(a={"type": "object", "properties": {}}), "#/properties/a/type", "field_type"),
    "several types": (schema(a={"type": ["string", "null"]}), "#/properties/a/type", "field_type"),
    "a reference": (schema(a={"$ref": "#/$defs/a"}), "#/properties/a/type", "field_type"),
    "a list of texts": (
        schema(a={"type": "array", "uniqueItems": True, "items": {"type": "string"}}),
        "#/properties/a/items",
        "choices",
    ),
    "no choice at all": (schema(a={"type": "string", "enum": []}), "#/properties/a/enum", "too_short"),
    "the same code twice": (schema(a={"type": "string", "enum": ["x", "x"]}), "#/properties/a", "choices"),
    "a code that is a sentence": (
        schema(a={"type": "string", "enum": ["x", "not known"]}),
        "#/properties/a/enum/1",
        "string_pattern_mismatch",
    ),
    "bounds the wrong way round": (schema(a={**BEDS, "minimum": 21}), "#/properties/a", "bounds"),
    "a bound that is no number": (schema(a={**BEDS, "minimum": True}), "#/properties/a/minimum", "float_type"),
    "another format": (schema(a={"type": "string", "format": "email"}), "#/properties/a/format", "literal_error"),
    "a title with a NUL": (schema(a={**WARM, "title": "a\0b"}), "#/properties/a/title", "control_character"),
    "a title in no language": (
        schema(a={**WARM, "x-titles": {"the language of Qcanary": "A"}}),
        "#/properties/a/x-titles/%28unknown%29",
        "string_pattern_mismatch",
    ),
    "a field that is needed and not there": (schema("b", a=WARM), "#/required/0", "unknown_field"),
    "fields that nobody named": (
        {**schema(a=WARM), "additionalProperties": True},
        "#/additionalProperties",
        "literal_error",
    ),
    "conditions": ({**schema(a=WARM), "if": {}}, "#/if", "extra_forbidden"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_cannot_be_drawn_is_refused_with_its_place(name: str) -> None:
    document, place, code = REFUSED[name]
    with pytest.raises(InvalidInput) as refused:
        checked_schema(document)
    assert [(one.field, one.code) for one in refused.value.fields] == [(place, code)]
    assert "Qcanary" not in str(refused.value.fields)


def test_a_wrong_document_leads_to_a_problem_that_names_the_place_and_the_way_out(hub: Hub) -> None:
    told = define(hub.manager, schema(a={**REMARK, "pattern": ".*"}), status=422)
    (error,) = told["errors"]
    assert error["pointer"] == "#/properties/a/pattern"
    assert "take it away" in error["detail"]
    assert "maxLength" in error["detail"]


def test_each_change_is_a_version_and_none_is_ever_changed(hub: Hub) -> None:
    manager, path = hub.manager, "own-fields/registration"
    assert manager.get(path)["version"] == 0
    first = define(manager, schema())
    assert (first["version"], list(first["fields"]["properties"])) == (1, list(FIELDS))
    assert first["made_by"] == str(manager.actor.user_id)
    assert define(manager, schema())["version"] == 1, "the same again is no new version"
    assert define(manager, schema("beds", beds=BEDS))["version"] == 2
    retired = ask(manager, "DELETE", path)
    assert (retired["version"], retired["fields"]) == (3, None)
    assert [one["version"] for one in manager.get(f"{path}/versions")] == [3, 2, 1]
    assert manager.get(f"{path}/versions")[2] == first
    assert [one["version"] for one in manager.get("own-fields")] == [3]


def test_a_change_is_made_against_the_version_that_was_read(hub: Hub) -> None:
    manager, path = hub.manager, "own-fields/registration"
    ask(manager, "PUT", path, schema(), if_match='"0"')
    ask(manager, "PUT", path, schema(beds=BEDS), 412, if_match='"0"')
    ask(manager, "DELETE", path, None, 412, if_match='"0"')
    manager._asked("PUT", path, 422, json=schema(beds=BEDS), headers={})
    assert manager.get(path)["version"] == 1


def test_a_name_keeps_its_kind_for_ever_since_an_agreement_knows_it_by_its_name(hub: Hub) -> None:
    define(hub.manager, schema(sleeps=SHELTER))
    define(hub.manager, schema(beds=BEDS))
    told = define(hub.manager, schema(sleeps=REMARK), status=422)
    assert [one["pointer"] for one in told["errors"]] == ["#/properties/sleeps/type"]
    define(hub.manager, schema(sleeps={**SHELTER, "title": "Where does she sleep?"}))


def test_managers_and_administrators_define_them_and_case_workers_read_them(hub: Hub) -> None:
    define(hub.person(hub.sender, Role.ADMINISTRATOR), schema())
    define(hub.worker, schema(beds=BEDS), status=403)
    assert hub.worker.get("own-fields/registration")["version"] == 1
    hub.person(hub.sender, Role.AUDITOR).get("own-fields/registration", 403)
    assert hub.their_manager.get("own-fields/registration")["version"] == 0, "nobody sees another organisation's"
    hub.manager.get("own-fields/no_such_type", 404)
    define(hub.manager, schema(), "mass_incident", 409)


@pytest.mark.parametrize("database", ["postgres"], indirect=True)
def test_the_database_itself_keeps_versions_as_they_are_and_to_their_organisation(hub: Hub) -> None:
    define(hub.manager, schema())
    manager, theirs = hub.manager.actor, hub.their_manager.actor
    with reading(hub.engine) as session:
        act_as(session, theirs)
        assert session.scalar(text("SELECT count(*) FROM own_fields")) == 0
    for change in ("UPDATE own_fields SET document = NULL", "DELETE FROM own_fields"):
        with transaction(hub.engine) as session, session.begin_nested() as part:
            act_as(session, manager)
            with pytest.raises(ProgrammingError):
                session.execute(text(change))
            part.rollback()


JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-5, 2005) | st.sampled_from(["a", "string", "date", "object", "array"]),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["type", "properties", "required", "enum", "items", "maxLength", "title", "a", "oneOf"]),
            inner,
            max_size=4,
        )
    ),
    max_leaves=12,
)


@settings(max_examples=300)
@given(st.one_of(JSON, JSON.map(lambda one: schema(a=one)), JSON.map(lambda one: schema(a={"type": "string"}, b=one))))
def test_whatever_comes_is_taken_as_a_json_schema_or_refused_with_places(document: Any) -> None:
    try:
        taken = checked_schema(document)
    except InvalidInput as error:
        places = [one.field for one in error.fields]
    else:
        Draft202012Validator.check_schema(taken)
        assert checked_schema(taken) == taken
        places = ["#"]
    assert places
    assert all(one.startswith("#") for one in places)
