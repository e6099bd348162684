"""A case answers what its organisation asks of its own; what was answered before stays valid, and is never lost."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator, FormatChecker
from sqlalchemy import event, select, update

from services.intake import commands
from services.intake.casework.own_answers import checked_answers
from services.intake.casework.own_fields import checked_schema
from services.intake.domain import Case, TimelineEntry
from services.intake.queries import own_fields
from services.intake.schemas import CASE_SHAPES
from shared.access import Role, act_as
from shared.database import reading, transaction
from shared.errors import InvalidInput
from tests.intake.own_fields.conftest import ANSWERS, BEDS, FIELDS, REMARK, SHELTER, ask, define, met, schema
from tests.intake.referrals.conftest import Hub

WRONG: dict[str, tuple[dict[str, Any], str, str]] = {
    "nothing where something is needed": ({}, "shelter", "missing"),
    "a code that is none": ({"shelter": "Qcanary"}, "shelter", "literal_error"),
    "too much text": ({"shelter": "tent", "remark": "Qcanary" * 9}, "remark", "string_too_long"),
    "a text for a number": ({"shelter": "tent", "beds": "3"}, "beds", "int_type"),
    "a yes for a number": ({"shelter": "tent", "beds": True}, "beds", "int_type"),
    "a number too large": ({"shelter": "tent", "beds": 10**30}, "beds", "less_than_equal"),
    "a number too small": ({"shelter": "tent", "beds": 0}, "beds", "greater_than_equal"),
    "a day that is none": ({"shelter": "tent", "since": "2026-02-30"}, "since", "date_form"),
    "an answer twice": ({"shelter": "tent", "needs": ["lamp", "lamp"]}, "needs", "too_many_times"),
    "too many answers": ({"shelter": "tent", "needs": ["lamp"] * 100_000}, "needs", "too_long"),
    "one answer of none": ({"shelter": "tent", "needs": ["lamp", "Qcanary"]}, "needs/1", "literal_error"),
    "a number for a yes": ({"shelter": "tent", "warm": 1}, "warm", "bool_type"),
    "an object": ({"shelter": {"tent": {}}}, "shelter", "string_type"),
    "an unknown field": ({"shelter": "tent", "size": 1}, "size", "extra_forbidden"),
    "an unknown field that may be a name": (
        {"shelter": "tent", "Sara Qcanary": 1},
        "%28unknown%20field%29",
        "extra_forbidden",
    ),
    "a NUL": ({"shelter": "tent", "remark": "Qcanary\0"}, "remark", "control_character"),
}


def test_answers_come_with_a_case_and_are_read_with_the_version_they_answer(hub: Hub) -> None:
    define(hub.manager, schema())
    made = hub.worker.post("cases", met(**{**ANSWERS, "remark": "  Sleeps near Sara Qremark "}), 201)
    assert hub.worker.get(f"cases/{made['id']}")["own"] == {"version": 1, "answers": ANSWERS, "earlier": []}


@pytest.mark.parametrize("name", WRONG)
def test_what_does_not_fit_is_refused_at_its_field_and_never_told_again(hub: Hub, name: str) -> None:
    own, place, code = WRONG[name]
    define(hub.manager, schema("shelter", **FIELDS))
    told = hub.worker.post("cases", {**met(), "own": own}, 422)
    assert (f"#/own/{place}", code) in [(one["pointer"], one["code"]) for one in told["errors"]]
    assert "Qcanary" not in json.dumps(told)
    with reading(hub.engine) as session:
        assert session.scalars(select(Case)).all() == []


def test_where_nothing_is_asked_nothing_may_be_answered(hub: Hub) -> None:
    told = hub.worker.post("cases", met(shelter="tent"), 422)
    assert [one["pointer"] for one in told["errors"]] == ["#/own"]
    made = hub.worker.post("cases", met(), 201)
    assert hub.worker.get(f"cases/{made['id']}")["own"] is None
    ask(hub.worker, "PATCH", f"cases/{made['id']}/own", {"shelter": "tent"}, 409)


def test_in_a_batch_each_case_is_judged_by_itself(hub: Hub) -> None:
    define(hub.manager, schema("shelter", **FIELDS))
    told = hub.worker.post("cases/batch", [met(shelter="tent"), met(), met(shelter="house", beds=2)])
    assert [one["status"] for one in told["results"]] == [201, 422, 201]
    assert told["results"][1]["problem"]["errors"][0]["pointer"] == "#/1/own/shelter"
    last = hub.worker.get(f"cases/{told['results'][2]['case']['id']}")
    assert last["own"]["answers"] == {"shelter": "house", "beds": 2}


def test_a_repeated_request_gets_its_answer_though_more_is_asked_by_now(hub: Hub) -> None:
    body = met()
    headers = {"Idempotency-Key": "the same"}
    first = hub.worker.post("cases", body, 201, **headers)
    define(hub.manager, schema("shelter", **FIELDS))
    assert hub.worker.post("cases", body, 201, **headers) == first
    hub.worker.post("cases", body, 422)
    hub.worker.post("cases", {**body, "own": {"beds": 1}}, 409, **headers)


def test_a_case_of_an_older_version_stays_as_it_is_until_its_answers_change(hub: Hub) -> None:
    define(hub.manager, schema())
    made = hub.worker.post("cases", met(**ANSWERS), 201)
    path = f"cases/{made['id']}"
    smaller = {**SHELTER, "oneOf": SHELTER["oneOf"][1:]}
    define(hub.manager, schema("name_of_camp", shelter=smaller, beds=BEDS, name_of_camp=REMARK))
    assert hub.worker.get(path)["own"] == {"version": 1, "answers": ANSWERS, "earlier": []}
    ask(hub.worker, "PATCH", f"{path}/details", {"met_on": "2026-01-03"})
    assert hub.worker.get(path)["own"]["version"] == 1, "what else changes asks nothing more"
    told = ask(hub.worker, "PATCH", f"{path}/own", {"beds": 4}, 422)
    assert [one["pointer"] for one in told["errors"]] == ["#/name_of_camp"]
    ask(hub.worker, "PATCH", f"{path}/own", {"beds": 4, "name_of_camp": "Qcamp"})
    own = hub.worker.get(path)["own"]
    assert (own["version"], own["answers"]) == (2, {"beds": 4, "name_of_camp": "Qcamp"})
    assert {one["name"]: (one["version"], one["value"]) for one in own["earlier"]} == {
        name: (1, ANSWERS[name]) for name in ("shelter", "remark", "needs", "since", "warm")
    }
    assert [one["title"] for one in own["earlier"] if one["name"] == "remark"] == ["Remark of the shelter"]
    ask(hub.manager, "DELETE", "own-fields/registration")
    assert hub.worker.get(path)["own"] == own, "retired fields take nothing away"
    hub.worker.post("cases", met(), 201)


def test_answers_change_against_the_version_that_was_read_and_once(hub: Hub) -> None:
    define(hub.manager, schema())
    made = hub.worker.post("cases", met(**ANSWERS), 201)
    path = f"cases/{made['id']}"
    ask(hub.worker, "PATCH", f"{path}/own", {"beds": 5}, 412, if_match='"7"')
    changed = ask(hub.worker, "PATCH", f"{path}/own", {"beds": 5, "remark": None}, if_match='"1"')
    assert changed["version"] == 2
    assert ask(hub.worker, "PATCH", f"{path}/own", {"beds": 5})["version"] == 2, "the same changes nothing"
    answers = hub.worker.get(path)["own"]["answers"]
    assert answers == {name: one for name, one in {**ANSWERS, "beds": 5}.items() if name != "remark"}
    ask(hub.theirs, "PATCH", f"{path}/own", {"beds": 6}, 404)
    ask(hub.person(hub.sender, Role.DATA_PROTECTION_OFFICER), "PATCH", f"{path}/own", {"beds": 6}, 403)
    with reading(hub.engine) as session:
        entry = session.scalars(select(TimelineEntry).where(TimelineEntry.number == 2)).one()
        assert (entry.what, entry.facts, entry.note) == ("update", {"fields": ["own"]}, None)


def test_answers_stand_encrypted(hub: Hub) -> None:
    define(hub.manager, schema())
    made = hub.worker.post("cases", met(**ANSWERS), 201)
    assert made["version"] == 1
    with reading(hub.engine) as session:
        sealed = session.scalars(select(Case.own)).one()
    assert sealed is not None
    assert b"Qremark" not in sealed
    assert b"shelter" not in sealed


def test_an_organisation_without_own_fields_pays_no_statement_for_them(hub: Hub) -> None:
    define(hub.their_manager, schema("shelter", **FIELDS))
    asked: list[str] = []
    actor = hub.worker.actor
    event.listen(hub.engine, "before_cursor_execute", lambda *known: asked.append(str(known[2])))

    def submit() -> int:
        del asked[:]
        with transaction(hub.engine) as session:
            act_as(session, actor)
            case = CASE_SHAPES["registration"].validate_python(met())
            commands.submit_case(session, actor, case, idempotency_key=None, request=met())
        return sum("own_fields" in one for one in asked)

    submit()
    assert submit() == 0
    assert own_fields.KNOWN_FOR <= 5
    define(hub.manager, schema("shelter", **FIELDS))
    with pytest.raises(InvalidInput):
        submit()


def test_an_erasure_takes_the_answers_with_the_story(hub: Hub) -> None:
    define(hub.manager, schema())
    made = hub.worker.post("cases", met(**ANSWERS), 201)
    path = f"cases/{made['id']}"
    (person_id,) = [one["id"] for one in hub.worker.get(path)["people"]]
    officer = hub.person(hub.sender, Role.DATA_PROTECTION_OFFICER)
    copy = officer.get(f"persons/{person_id}/copy")["cases"][0]["own_fields"]
    assert copy["may_name_others"]
    assert {"name": "beds", "title": "Beds needed", "value": 3} in copy["answers"]
    with transaction(hub.engine) as session:
        session.execute(update(Case).values(status="closed"))
    body = {"person_id": person_id, "reason": "subject_request"}
    proposed = hub.manager.post("erasures", body, 201)
    officer.post(f"erasures/{proposed['id']}/approval")
    assert hub.worker.get(path)["own"] is None
    with reading(hub.engine) as session:
        assert session.scalars(select(Case.own)).all() == [None]
    ask(hub.worker, "PATCH", f"{path}/own", {"beds": 2})
    assert hub.worker.get(path)["own"]["answers"] == {"beds": 2}, "a case that lives on is answered anew"


VALUES = (
    st.none()
    | st.booleans()
    | st.integers(-3, 30)
    | st.floats(-5, 30, allow_nan=False)
    | st.sampled_from(["tent", "house", "2026-01-05", "2026-13-05", "20260105", "x" * 41, "lamp", "stove", "a b"])
    | st.lists(st.sampled_from(["lamp", "stove", "blanket", "x", 1]), max_size=3)
)


@settings(max_examples=500)
@given(
    st.dictionaries(st.sampled_from([*FIELDS, "more"]), VALUES),
    st.lists(st.sampled_from(sorted(FIELDS)), unique=True),
)
def test_what_is_taken_is_what_json_schema_takes(given_: dict[str, Any], required: list[str]) -> None:
    document = checked_schema(schema(*required, **FIELDS))
    plain = {name: value for name, value in given_.items() if value is not None and value != []}
    judge = Draft202012Validator(document, format_checker=FormatChecker())
    try:
        taken = checked_answers(document, given_)
    except InvalidInput:
        assert not judge.is_valid(plain)
    else:
        assert judge.is_valid(plain)
        assert taken == plain
