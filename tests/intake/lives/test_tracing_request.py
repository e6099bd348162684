"""A tracing request, from submission to closing, in the words of a case worker. On both databases."""

from __future__ import annotations

from typing import Any

from tests.intake.conftest import Intake
from tests.intake.lives.conftest import TODAY, Office

REQUEST: dict[str, Any] = {
    "type": "tracing_request",
    "details": {
        "relationship": "parent",
        "how_contact_was_lost": "shipwreck",
        "last_contact_on": "2025-03-02",
        "last_known_country": "LBY",
        "last_known_place": "LBY",
        "route": "central_mediterranean",
        "circumstances": "She called from a beach near CANARYTOWN.",
    },
    "people": [
        {"role": "enquirer", "person": {"names": [{"full": "Amina Canary"}], "sex": "female"}},
        {
            "role": "sought",
            "person": {
                "names": [{"full": "አስቴር ካናሪ"}, {"full": "Aster Canary", "kind": "other_spelling"}],
                "sex": "female",
                "birth": {"year": 2010, "month": 5},
                "nationality": "ETH",
            },
        },
    ],
    "relations": [{"person": 0, "other": 1, "kind": "parent"}],
}


TWO_SOUGHT = {
    **REQUEST,
    "people": [*REQUEST["people"], {"role": "sought", "person": {"names": [{"full": "Dawit Canary"}]}}],
}
AN_ADULT = {**REQUEST["people"][1]["person"], "birth": {"year": 1990}}
OF_AN_ADULT = {**REQUEST, "people": [REQUEST["people"][0], {"role": "sought", "person": AN_ADULT}]}
NEWS_TOLD = {"told": "news", "told_on": TODAY}
NO_NEWS_TOLD = {"told": "no_news", "told_on": TODAY}
ONLY_AFTER = "News is released only after"


def test_a_tracing_request_lives_from_submission_to_closing(office: Office) -> None:
    worker, manager = office.case_worker(), office.manager()
    case = worker.submits(OF_AN_ADULT)
    shown = worker.opens(case)
    assert shown["details"]["circumstances"].endswith("CANARYTOWN.")
    assert [one["role"] for one in shown["people"]] == ["enquirer", "sought"]
    assert shown["people"][1]["person"]["names"][0]["full"] == "አስቴር ካናሪ"

    worker.moves(case, "accept")
    worker.records(case, "record_search", how="partner_asked", country="ITA", note="A partner in Sicily asks around.")
    worker.may_not_move(case, "close", "Tell the family", reason="located")
    manager.may_not_record(case, "release_news", ONLY_AFTER)
    worker.records(case, "record_answer", agrees_to="news_only", spoken_to="alone")
    worker.may_not_record(case, "release_news", "ask a case manager")
    office.system().may_not_record(case, "release_news", "by a person who has signed in")
    manager.records(case, "release_news")
    worker.may_not_move(case, "close", "Tell the family", reason="located")
    worker.records(case, "tell_family", how="by_phone", **NEWS_TOLD)
    assert worker.moves(case, "close", reason="located")["status"] == "closed"

    timeline = worker.reads_the_timeline(case)
    assert [one["what"] for one in timeline] == [
        "submit", "accept", "record_search", "record_answer", "release_news", "tell_family", "close",
    ]  # fmt: skip
    assert [one["number"] for one in timeline] == list(range(1, 8))
    assert {one["user_id"] for one in timeline} == {str(worker.actor.user_id), str(manager.actor.user_id)}
    told = next(fact for fact in office.facts_of(case) if fact["type"] == "family.told")
    assert told == {"type": "family.told", "told_on": TODAY}


def test_a_newer_answer_of_nothing_overrides_an_older_consent(office: Office) -> None:
    worker, manager = office.case_worker(), office.manager()
    case = worker.submits(OF_AN_ADULT)
    worker.records(case, "record_answer", agrees_to="news_and_contact")
    manager.records(case, "release_news")
    worker.records(case, "record_answer", agrees_to="nothing")
    manager.may_not_record(case, "release_news", ONLY_AFTER)
    worker.may_not_record(
        case, "tell_family", "release it first, after the newest answer", how="in_person", **NEWS_TOLD
    )
    worker.records(case, "tell_family", how="by_phone", **NO_NEWS_TOLD)
    worker.may_not_move(case, "close", "Tell the family", reason="located")
    worker.moves(case, "close", reason="no_further_means")


def test_an_answer_looks_the_same_to_everybody_else_whatever_it_is(office: Office) -> None:
    worker, manager = office.case_worker(), office.manager()
    seen = []
    for answer in ("news_and_contact", "news_only", "nothing", None):
        case = worker.submits(OF_AN_ADULT)
        if answer is None:
            worker.records(case, "add_note", note="Nobody was found.")
        else:
            worker.records(case, "record_answer", agrees_to=answer)
        shown = worker.opens(case)
        seen.append((office.facts_of(case), shown["version"], shown["status"], shown["details"]))
    assert all(one == seen[0] for one in seen)
    refusals = []
    for what in ("nothing", None):
        case = worker.submits(OF_AN_ADULT)
        if what:
            worker.records(case, "record_answer", agrees_to=what)
        refusals.append(manager.intake.post({}, path=f"/intake/v1/cases/{case}/deeds/release_news", key=manager.token))
    assert [answer.status_code for answer in refusals] == [409, 409]
    assert refusals[0].json()["detail"] == refusals[1].json()["detail"]


def test_a_death_needs_a_named_source_and_two_people_and_is_told_in_person(office: Office) -> None:
    worker, manager, other_manager = office.case_worker(), office.manager(), office.manager()
    case = worker.submits(REQUEST)
    account = {"source": "medico_legal_institution", "note": "From the register of the institute."}
    worker.may_not_fill(case, "record_account_of_death", "source_name", **account)
    worker.may_not_fill(case, "record_account_of_death", "source_name", source_name="   ", **account)
    manager.may_not_record(case, "confirm_death", "confirmed by another person")
    manager.records(case, "record_account_of_death", source_name="Institute of Palermo", **account)
    manager.may_not_record(case, "confirm_death", "confirmed by another person")
    worker.may_not_record(case, "confirm_death", "ask a case manager")
    office.system().may_not_record(case, "confirm_death", "by a person who has signed in")
    other_manager.may_not_record(case, "release_news", ONLY_AFTER)
    other_manager.records(case, "confirm_death")
    other_manager.records(case, "release_news")
    worker.may_not_record(case, "tell_family", "in person", how="by_phone", **NEWS_TOLD)
    worker.may_not_move(case, "close", "Tell the family", reason="fate_established")
    worker.records(case, "tell_family", how="in_person", note="With the imam.", **NEWS_TOLD)
    worker.may_not_move(case, "close", "Tell the family", reason="located")
    worker.moves(case, "close", reason="fate_established")
    facts = office.facts_of(case)
    assert {fact["what"] for fact in facts if fact["type"] == "case.updated"} == {"record"}
    assert "Palermo" not in str(facts)


def test_news_of_a_child_waits_for_its_view_and_a_best_interests_decision(office: Office) -> None:
    worker, manager, officer = office.case_worker(), office.manager(), office.child_protection_officer()
    case = worker.submits(REQUEST)
    worker.records(case, "record_answer", agrees_to="news_only", spoken_to="with_guardian")
    manager.may_not_record(case, "release_news", ONLY_AFTER)
    decided = {"of_what": "pass_on_news", "decision": "in_best_interests", "grounds": "She misses her mother."}
    officer.may_not_record(case, "decide_best_interests", "child's view first", **decided)
    worker.records(case, "record_childs_view", wishes="wants_it", view="Tell my mother that I am well.")
    officer.may_not_record(case, "decide_best_interests", "another person has assessed", **decided)
    worker.records(case, "assess_best_interests", of_what="pass_on_news", recommends="yes", grounds="No risk is known.")
    worker.may_not_record(case, "decide_best_interests", "ask a child protection officer", **decided)
    manager.may_not_record(case, "release_news", ONLY_AFTER)
    officer.records(case, "decide_best_interests", **decided)
    manager.records(case, "release_news")
    worker.records(case, "record_childs_view", wishes="does_not_want_it", view="My uncle must not know.")
    manager.may_not_record(case, "release_news", ONLY_AFTER)


def test_the_answer_of_one_sought_person_is_no_answer_for_another(office: Office) -> None:
    worker, manager = office.case_worker(), office.manager()
    case = worker.submits(TWO_SOUGHT)
    _, aster, dawit = (one["id"] for one in worker.opens(case)["people"])
    worker.may_not_record(case, "record_answer", "Say whom it is about", agrees_to="news_only")
    worker.records(case, "record_answer", agrees_to="news_only", about=dawit)
    manager.may_not_record(case, "release_news", ONLY_AFTER, about=aster)
    manager.records(case, "release_news", about=dawit)
    worker.may_not_record(case, "tell_family", "release it first", how="by_phone", about=aster, **NEWS_TOLD)
    worker.records(case, "tell_family", how="by_phone", about=dawit, **NEWS_TOLD)


def test_an_enquirer_counts_as_unreachable_after_three_attempts(office: Office) -> None:
    worker, manager = office.case_worker(), office.manager()
    case = worker.submits(REQUEST)
    for how in ("phone", "message", "visit"):
        worker.may_not_move(case, "close", "at least 3 attempts", reason="unreachable")
        worker.records(case, "attempt_contact", how=how)
    worker.moves(case, "close", reason="unreachable")
    worker.may_not_record(case, "add_note", "The case is closed: possible now: reopen.", note="She called back.")
    worker.may_not_move(case, "reopen", "ask a case manager", reason="new_information")
    manager.may_not_move(case, "reopen", "give one of these reasons: new_information, closed_in_error")
    assert manager.moves(case, "reopen", reason="new_information")["status"] == "in_progress"
    worker.may_not_move(case, "close", "at least 3 attempts", reason="unreachable")


def test_a_change_to_what_was_not_read_is_refused(intake: Intake, office: Office) -> None:
    worker = office.case_worker()
    case = worker.submits(REQUEST)
    tag = intake.get(f"/intake/v1/cases/{case}").headers["ETag"]
    worker.moves(case, "accept")
    path = f"/intake/v1/cases/{case}/moves/ask_enquirer"
    assert intake.post({}, path=path, **{"If-Match": tag}).status_code == 412
    assert intake.post({}, path=path, **{"If-Match": '"2"'}).status_code == 200


def test_another_organisation_finds_nothing(intake: Intake, office: Office, other_office: Office) -> None:
    case = office.case_worker().submits(REQUEST)
    other_office.manager().finds_nothing(case)
    assert intake.get("/intake/v1/cases", key=intake.other_key).json()["items"] == []
