"""Own questions on pages: written without knowing JSON Schema, asked with a case, shown, shared only where agreed."""

from __future__ import annotations

import json
from typing import Any

from services.intake.casework import CASE_TYPES
from services.intake.pages.showing import isolated
from shared.access import Role
from tests.intake.own_fields.conftest import BEDS, FIELDS, REMARK, SHELTER, WARM, ask, define, met, schema
from tests.intake.pages.conftest import Pages
from tests.intake.pages.referring import AGREED, asked, hidden, hub_of, looked_at
from tests.staff import Browser

HERE = "/intake/own-fields/registration"


def question(number: int, title: str, kind: str, name: str = "", **more: Any) -> dict[str, Any]:
    """One question in the form of a manager."""
    told = {"name": name, "title": title, "kind": kind, **more}
    return {f"{number}.{field}": answer for field, answer in told.items()}


def written(browser: Browser, *questions: dict[str, Any], do: str = "save", status: int = 303) -> str:
    """The form of the type's questions, sent."""
    browser.open(HERE)
    numbers = [next(iter(one)).partition(".")[0] for one in questions]
    fields: dict[str, Any] = {"block": numbers, "do": do}
    for one in questions:
        fields |= one
    return browser.send(HERE, fields, status)


def draft_of(worker: Browser) -> str:
    """A registration, up to what the organisation asks of its own."""
    worker.open("/intake/new")
    draft = worker.send("/intake/new", {"type": "registration"})
    worker.open(f"{draft}/people/1/names")
    worker.send(f"{draft}/people/1/names", {"full": "Selam Tekle"})
    worker.open(f"{draft}/details/met_at")
    worker.send(f"{draft}/details/met_at", {"met_at": "service_point"})
    worker.open(f"{draft}/details/met_on")
    day = {"met_on-day": "2", "met_on-month": "1", "met_on-year": "2026"}
    worker.send(f"{draft}/details/met_on", day)
    return draft


def test_a_manager_writes_questions_looks_at_them_and_asks_them_from_then_on(pages_on_both: Pages) -> None:
    manager = pages_on_both.browser(Role.CASE_MANAGER)
    assert "Own questions" in manager.open("/intake/own-fields")
    shelter = question(0, "Where does she sleep?", "choice", choices="In a tent\nIn a house", needed="needed")
    beds = question(1, "Beds needed", "integer", least="1", most="20")
    looked = written(manager, shelter, beds, do="show", status=200)
    assert "So it will look" in looked
    assert 'name="preview.where_does_she_sleep"' in manager.page
    assert "Nothing asked" in manager.open("/intake/own-fields"), "a look asks nothing"
    assert written(manager, shelter, beds) == f"{HERE}?done=true"
    assert "Version 1" in manager.open(f"{HERE}?done=true")
    told = hub_of(pages_on_both).manager.get("own-fields/registration")["fields"]
    assert told["required"] == ["where_does_she_sleep"]
    assert told["properties"]["where_does_she_sleep"]["oneOf"] == [
        {"const": "in_a_tent", "title": "In a tent"},
        {"const": "in_a_house", "title": "In a house"},
    ]
    assert told["properties"]["beds_needed"] == {"title": "Beds needed", "type": "integer", "minimum": 1, "maximum": 20}


def test_a_question_worded_anew_keeps_its_name_its_codes_and_its_words_in_other_languages(pages: Pages) -> None:
    hub, manager = hub_of(pages), pages.browser(Role.CASE_MANAGER)
    define(hub.manager, schema(shelter=SHELTER, beds=BEDS))
    shown = manager.open(HERE)
    assert "tent = In a tent" in shown
    title, choices = str(SHELTER["title"]), "tent = In a tent\nhouse = In a real house\nNowhere"
    written(
        manager,
        question(1, "How many beds?", "integer", "beds"),
        question(0, title, "choice", "shelter", choices=choices),
    )
    told = hub.manager.get("own-fields/registration")["fields"]["properties"]
    assert list(told) == ["beds", "shelter"], "in the order of the page"
    assert told["shelter"]["x-titles"] == SHELTER["x-titles"]
    assert told["shelter"]["oneOf"] == [
        SHELTER["oneOf"][0],
        {"const": "house", "title": "In a real house"},
        {"const": "nowhere", "title": "Nowhere"},
    ]


def test_what_is_wrong_is_said_at_its_field_and_what_was_typed_stays(pages: Pages) -> None:
    manager = pages.browser(Role.CASE_MANAGER)
    shown = written(manager, question(0, "", "choice"), do="save", status=422)
    assert 'href="#0.title"' in shown
    shown = written(
        manager,
        question(0, "Where?", "choice", choices=""),
        question(1, "Beds", "integer", least="9", most="2"),
        status=422,
    )
    assert 'href="#0.choices"' in shown
    assert 'href="#1.most"' in shown
    assert "The largest number is below the smallest." in shown
    define(hub_of(pages).manager, schema(beds=BEDS))
    shown = written(manager, question(0, "Beds", "text", "beds"), status=422)
    assert "This question had another kind of answer" in shown
    assert 'value="Beds"' in shown


def test_questions_are_added_moved_and_taken_away_before_anything_is_asked(pages: Pages) -> None:
    manager = pages.browser(Role.CASE_MANAGER)
    first, second = question(0, "First", "day"), question(1, "Second", "yes_no")
    assert 'name="2.title"' in written(manager, first, second, do="add", status=200)
    moved = written(manager, first, second, do="up.1", status=200)
    assert moved.index('value="Second"') < moved.index('value="First"')
    assert 'value="First"' not in written(manager, first, second, do="remove.0", status=200)
    manager.open(HERE)
    late = {"block": ["0"], **first, "do": "save", "version": "7"}
    assert "were changed since you opened" in manager.send(HERE, late, 412)
    assert hub_of(pages).manager.get("own-fields/registration")["version"] == 0


def test_who_knows_json_schema_pastes_one_and_is_told_where_it_does_not_fit(pages: Pages) -> None:
    manager = pages.browser(Role.CASE_MANAGER)
    path = f"{HERE}/schema"
    manager.open(path)
    assert "This is not valid JSON." in manager.send(path, {"document": "{"}, 422)
    wrong = {"document": json.dumps(schema(a={**REMARK, "pattern": "x"}))}
    assert "#/properties/a/pattern" in manager.send(path, wrong, 422)
    manager.send(path, {"document": json.dumps(schema())})
    assert "Where does the person sleep?" in manager.open(path)
    manager.open(HERE)
    manager.send(f"{HERE}/retire")
    assert "Nothing asked" in manager.open(HERE)
    pages.browser(Role.CASE_WORKER).open(HERE, 403)
    pages.browser(Role.ADMINISTRATOR).open(HERE)


def test_own_questions_are_asked_with_a_case_checked_and_shown_on_it(pages_on_both: Pages) -> None:
    define(hub_of(pages_on_both).manager, schema("shelter", **FIELDS))
    worker = pages_on_both.browser(Role.CASE_WORKER)
    draft = draft_of(worker)
    assert "Questions of your organisation" in worker.open(draft)
    worker.open(f"{draft}/check")
    assert f"{draft}/own?check=1" in worker.send(f"{draft}/check", {}, 422), "what is needed and missing leads there"
    shown = worker.open(f"{draft}/own")
    assert "In a tent" in shown
    refused = worker.send(f"{draft}/own", {"own.beds": "99"}, 422)
    assert 'href="#own.shelter"' in refused
    assert 'href="#own.beds"' in refused
    assert 'value="99"' in refused
    day = {"own.since-day": "5", "own.since-month": "1", "own.since-year": "2026"}
    answers = {"own.shelter": "tent", "own.beds": "٣", "own.needs": ["stove", "lamp"], "own.warm": "no", **day}
    worker.send(f"{draft}/own", answers)
    assert "In a tent" in worker.open(f"{draft}/check")
    case = worker.send(f"{draft}/check").partition("?")[0]
    shown = worker.open(case)
    for words in ("Where does the person sleep?", "In a tent", "5 January 2026", "stove", "lamp"):
        assert words in shown
    worker.open(f"{case}/own")
    assert 'value="3"' in worker.page
    assert "Choose one of the answers." in worker.send(f"{case}/own", {"own.shelter": "castle"}, 422)
    worker.send(f"{case}/own", {"own.shelter": "house"})
    shown = worker.open(case)
    assert "In a house" in shown
    assert "5 January 2026" not in shown, "the page is answered whole"
    arabic = pages_on_both.browser(Role.CASE_WORKER)
    arabic.open("/intake/language/ar?next=/intake/my-work", 303)
    assert "أين ينام الشخص؟" in arabic.open(case)


def test_answers_to_earlier_questions_stay_on_the_case_as_they_were_answered(pages: Pages) -> None:
    hub = hub_of(pages)
    define(hub.manager, schema())
    made = hub.worker.post("cases", met(shelter="tent", remark="By the gate", beds=3), 201)
    define(hub.manager, schema(warm=WARM, beds=BEDS))
    worker, case = pages.browser(Role.CASE_WORKER), f"/intake/cases/{made['id']}"
    shown = worker.open(f"{case}/own")
    assert 'value="3"' in worker.page
    assert shown.index("Answers to earlier questions") < shown.index("By the gate")
    worker.send(f"{case}/own", {"own.warm": "yes"})
    shown = worker.open(case)
    assert shown.index("Is it warm?") < shown.index("(from earlier questions)") < shown.index("By the gate")
    ask(hub.manager, "DELETE", "own-fields/registration")
    assert "By the gate" in worker.open(case)
    assert "Answer or change these" not in worker.page
    worker.open(f"{case}/own", 404)


def test_an_agreement_names_own_fields_and_the_receiver_reads_them_in_words(pages_on_both: Pages) -> None:
    pages = pages_on_both
    hub = hub_of(pages)
    define(hub.manager, schema(shelter=SHELTER, beds=BEDS, remark=REMARK))
    manager = pages.browser(Role.CASE_MANAGER)
    shown = manager.open("/intake/agreements/new")
    assert 'value="own:registration.shelter"' in shown
    assert "own:registration.remark" not in shown, "a text is not even offered"
    terms = {**AGREED, "fields": [*AGREED["fields"], "own:registration.shelter"]}
    to = {"partner_id": str(pages.other.organisation_id), **hidden(manager, "key")}
    agreement = manager.send("/intake/agreements/new", {**terms, **to}).partition("?")[0]
    theirs = pages.browser(Role.CASE_MANAGER, of=pages.other)
    assert f"{CASE_TYPES['registration'].title}: {isolated('Where does the person sleep?')}" in theirs.open(agreement)
    theirs.open(f"{agreement}/do/sign")
    theirs.send(f"{agreement}/do/sign")
    case = hub.submit(met(shelter="tent", beds=7, remark="Qremark"))
    worker, path = pages.browser(Role.CASE_WORKER), f"/intake/cases/{case.id}"
    form = worker.open(f"{path}/refer")
    assert 'value="own:registration.shelter"' in form
    assert "own:registration.beds" not in form
    page, sending = looked_at(worker, path, asked(pages, fields=["names", "own:registration.shelter"]))
    assert "In a tent" in page
    referral = worker.send(f"{path}/refer", sending).partition("?")[0]
    shown = theirs.open(referral)
    assert "The sender's own questions" in shown
    assert "In a tent" in shown
    assert "Qremark" not in shown
    assert "Beds needed" not in shown
    assert "own:registration" not in shown
