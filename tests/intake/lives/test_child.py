"""A child without its family: care first, then its view, then the search, then the way home."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from sqlalchemy import select, update

from services.intake.domain import CasePerson, Person
from shared.database import reading, transaction
from tests.intake.lives.conftest import TODAY, Office
from tests.intake.lives.people import A_GIRL, ASTER, person

CHILD: dict[str, Any] = {
    "type": "child",
    "details": {
        "separation": "unaccompanied",
        "identified_at": "landing",
        "identified_on": TODAY,
        "identified_in": "ITA",
        "cause": "flight",
        "risk": "high",
        "care_now": "none",
        "story": "She tells of the boat CANARY.",
    },
    "people": [{"role": "child", "person": A_GIRL}, person("relative", "Amina Canary", sex="female")],
    "relations": [{"person": 1, "other": 0, "kind": "parent"}],
}
NO_BIRTH = {**CHILD, "people": [{"role": "child", "person": ASTER}, CHILD["people"][1]]}


def test_a_child_comes_back_to_its_family(office: Office) -> None:
    worker, officer, manager = office.case_worker(), office.child_protection_officer(), office.manager()
    case = worker.submits(CHILD)
    worker.may_not_move(case, "take_on", "who cares for the child")
    worker.records(case, "arrange_care", care="foster_family", since=TODAY, caregiver="Family Canary")
    worker.moves(case, "take_on")
    worker.records(case, "appoint_guardian", since=TODAY, name="Avv. Canary")
    worker.may_not_move(case, "start_tracing", "child's view")
    worker.records(case, "record_childs_view", wishes="wants_it", view="Find my mother.")
    worker.moves(case, "start_tracing")
    worker.moves(case, "find_family")
    officer.may_not_move(case, "reunite", "the child's family")
    officer.records(case, "verify_family", result="confirmed", verified_on=TODAY, grounds="Both tell the same.")
    officer.may_not_move(case, "reunite", "best interests decision")
    question = {"of_what": "reunification", "grounds": "Mother and child wish it; the home is safe."}
    officer.records(case, "assess_best_interests", recommends="yes", **question)
    officer.may_not_record(
        case, "decide_best_interests", "another person has assessed", decision="in_best_interests", **question
    )
    worker.records(case, "assess_best_interests", recommends="yes", **question)
    officer.records(case, "decide_best_interests", decision="in_best_interests", **question)
    manager.may_not_move(case, "reunite", "ask a child protection officer")
    officer.moves(case, "reunite")
    officer.may_not_move(case, "close", "Visit the child", reason="plan_completed")
    worker.records(case, "visit_child", visited_on=TODAY, seen_alone=True, well="well")
    assert officer.moves(case, "close", reason="plan_completed")["status"] == "closed"
    assert "CANARY" not in str(office.facts_of(case)).upper()


def test_the_family_learns_of_a_child_after_its_view_a_decision_and_its_answer(office: Office) -> None:
    worker, officer, manager = office.case_worker(), office.child_protection_officer(), office.manager()
    case = worker.submits(CHILD)
    passed_on = {"how": "by_phone", "told_on": TODAY}
    manager.may_not_record(case, "pass_on_news", "News is released only after", **passed_on)
    worker.records(case, "record_answer", agrees_to="news_only", spoken_to="with_guardian")
    manager.may_not_record(case, "pass_on_news", "News is released only after", **passed_on)
    worker.records(case, "record_childs_view", wishes="wants_it", view="Tell her I am well.")
    question = {"of_what": "pass_on_news", "grounds": "No risk is known."}
    worker.records(case, "assess_best_interests", recommends="yes", **question)
    officer.records(case, "decide_best_interests", decision="not_in_best_interests", **question)
    manager.may_not_record(case, "pass_on_news", "News is released only after", **passed_on)
    officer.records(case, "decide_best_interests", decision="in_best_interests", **question)
    manager.records(case, "pass_on_news", **passed_on)
    assert "family.told" in office.fact_names(case)


def test_a_child_is_a_child_where_its_birth_is_not_known(office: Office) -> None:
    worker, manager = office.case_worker(), office.manager()
    case = worker.submits(NO_BIRTH)
    worker.records(case, "record_answer", agrees_to="news_only")
    manager.may_not_record(case, "pass_on_news", "News is released only after", how="by_phone", told_on=TODAY)
    assert minors(office, case) == [True, False]


def test_a_child_stays_a_child_whatever_is_recorded_of_it_later(office: Office) -> None:
    worker, manager = office.case_worker(), office.manager()
    case = worker.submits(CHILD)
    child = worker.opens(case)["people"][0]["id"]
    body = NO_BIRTH["people"][0]
    headers = {"Authorization": f"Bearer {worker.token}", "If-Match": "*"}
    changed = office.intake.client.put(f"/intake/v1/cases/{case}/people/{child}", json=body, headers=headers)
    assert changed.status_code == 200, changed.text
    assert minors(office, case) == [True, False]
    worker.records(case, "record_answer", agrees_to="news_only")
    with transaction(office.intake.engine) as session:  # as it was stored before this was counted
        session.execute(update(Person).values(minor=False))
    manager.may_not_record(case, "pass_on_news", "News is released only after", how="by_phone", told_on=TODAY)


def test_the_child_of_a_merged_duplicate_is_a_child_too(office: Office) -> None:
    worker, officer, manager = office.case_worker(), office.child_protection_officer(), office.manager()
    case, duplicate = officer.submits(NO_BIRTH), worker.submits(NO_BIRTH)
    theirs = worker.opens(duplicate)["people"][0]["id"]
    path = f"/intake/v1/cases/{case}/merge"
    assert office.intake.post({"duplicate": duplicate}, path=path, key=manager.token).status_code == 200
    with transaction(office.intake.engine) as session:
        session.execute(update(Person).values(minor=False))
    manager.records(case, "record_answer", agrees_to="news_only", about=theirs)
    told = {"how": "by_phone", "told_on": TODAY, "about": theirs}
    manager.may_not_record(case, "pass_on_news", "News is released only after", **told)


def minors(office: Office, case: str) -> list[bool]:
    """Of each person of the case, whether it counts as a minor."""
    with reading(office.intake.engine) as session:
        statement = select(Person.minor).join(CasePerson, CasePerson.person_id == Person.id)
        return list(session.scalars(statement.where(CasePerson.case_id == UUID(case)).order_by(CasePerson.number)))


def test_who_changes_its_mind_is_asked_again_before_it_goes_home(office: Office) -> None:
    worker, officer = office.case_worker(), office.child_protection_officer()
    case = worker.submits(CHILD)
    worker.records(case, "arrange_care", care="residential", since=TODAY)
    worker.moves(case, "take_on")
    worker.records(case, "record_childs_view", wishes="wants_it", view="Home.")
    question = {"of_what": "reunification", "grounds": "The child wishes it."}
    worker.records(case, "assess_best_interests", recommends="yes", **question)
    officer.records(case, "decide_best_interests", decision="in_best_interests", **question)
    worker.moves(case, "find_family")
    officer.records(case, "verify_family", result="confirmed", verified_on=TODAY, grounds="They know each other.")
    worker.records(case, "record_childs_view", wishes="does_not_want_it", view="Not to my uncle.")
    officer.may_not_move(case, "reunite", "best interests decision made after it")
    worker.moves(case, "resume_tracing", reason="not_in_best_interests")


def test_a_childs_case_is_seen_by_its_worker_managers_and_officers_alone(office: Office, other_office: Office) -> None:
    worker, colleague, officer = office.case_worker(), office.case_worker(), office.child_protection_officer()
    case = worker.submits(CHILD)
    colleague.finds_nothing(case)
    assert officer.opens(case)["people"][0]["person"]["names"][0]["full"] == "አስቴር ካናሪ"
    assert worker.opens(case)["status"] == "identified"
    other_office.child_protection_officer().finds_nothing(case)
