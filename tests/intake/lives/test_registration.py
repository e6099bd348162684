"""A registration: somebody is met on the way. And what it means for the family that looks for this person."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import pytest

from services.intake import commands
from services.intake.commands import protection
from shared.database import transaction
from tests.intake.lives.conftest import TODAY, Office
from tests.intake.lives.people import A_GIRL, A_WOMAN, person

REGISTRATION: dict[str, Any] = {
    "type": "registration",
    "details": {
        "met_at": "service_point",
        "met_on": TODAY,
        "met_in": "ITA",
        "came_from": "ETH",
        "route": "central_mediterranean",
        "travels": "separated",
        "wishes": ["be_found", "assistance"],
        "specific_needs": ["woman_at_risk"],
        "staying_at": "Shelter CANARY, second floor",
    },
    "people": [{"role": "registered", "person": A_WOMAN}],
}
OF_A_GIRL = {**REGISTRATION, "people": [{"role": "registered", "person": A_GIRL}]}
REQUEST: dict[str, Any] = {
    "type": "tracing_request",
    "details": {"relationship": "parent"},
    "people": [person("enquirer", "Amina Canary"), {"role": "sought", "person": A_WOMAN}],
}
NOT_YET = "News is released only after"


def test_a_registration_lives_from_the_service_point_to_closing(office: Office) -> None:
    worker = office.case_worker()
    case = worker.submits(REGISTRATION)
    assert worker.opens(case)["details"]["staying_at"] == "Shelter CANARY, second floor"
    worker.moves(case, "take_on")
    worker.may_not_move(case, "close", "Record the service that met the needs", reason="needs_met")
    worker.records(
        case,
        "deliver_service",
        category="phone_call",
        delivered_on=TODAY,
        place="ITA",
        people=[{"sex": "female", "age_band": "18-49", "disability": "without", "count": 1}],
        grants=[{"grant": "appeal_26", "per_cent": "62.5"}],
    )
    worker.records(case, "set_appointment", at="2026-12-01T09:30:00+01:00", how="in_person")
    worker.moves(case, "move_on")
    assert worker.is_due(case) == "2026-12-01"
    worker.moves(case, "return")
    worker.moves(case, "close", reason="needs_met")
    assert office.fact_names(case) == [
        "case.submitted", "case.status_changed", "case.updated", "service.delivered", "case.updated", "appointment.set",
        "case.status_changed", "case.status_changed", "case.status_changed", "case.closed",
    ]  # fmt: skip
    served = next(fact for fact in office.facts_of(case) if fact["type"] == "service.delivered")
    assert served["counts"] == {"quantity": 1, "people": 1}
    assert (served["category"], served["place"], served["grants"][0]["per_cent"]) == ("phone_call", "ITA", "62.5")
    assert "CANARY" not in str(office.facts_of(case))


def test_grants_pay_no_more_than_the_whole(office: Office) -> None:
    worker = office.case_worker()
    case = worker.submits(REGISTRATION)
    shares = [{"grant": "one", "per_cent": "60"}, {"grant": "two", "per_cent": "60"}]
    worker.may_not_fill(
        case, "deliver_service", "shares_over_100", category="food", delivered_on=TODAY, people=[], grants=shares
    )


def test_the_answer_given_at_the_registration_counts_for_the_request(office: Office) -> None:
    worker, manager = office.case_worker(), office.manager()
    request, registration = worker.submits(REQUEST), worker.submits(REGISTRATION)
    worker.records(request, "link_found_person", found_in=registration)
    manager.may_not_record(request, "release_news", NOT_YET)
    worker.records(registration, "record_answer", agrees_to="news_only", spoken_to="alone")
    manager.records(request, "release_news")
    worker.records(registration, "record_answer", agrees_to="nothing", spoken_to="alone")
    worker.may_not_record(request, "tell_family", "release it first", told="news", how="in_person", told_on=TODAY)
    manager.may_not_record(request, "release_news", NOT_YET)


@pytest.mark.parametrize("purpose", ["tracing", "sharing", "notification"])
def test_who_takes_its_consent_back_is_not_spoken_of(office: Office, purpose: str) -> None:
    worker, manager = office.case_worker(), office.manager()
    request, registration = worker.submits(REQUEST), worker.submits(REGISTRATION)
    worker.records(request, "link_found_person", found_in=registration)
    worker.records(registration, "record_answer", agrees_to="news_only")
    found = UUID(worker.opens(registration)["people"][0]["id"])
    before = worker.opens(request), office.facts_of(request)
    with transaction(office.intake.engine) as session:
        protection.withdraw_consent(session, worker.actor, found, purpose=purpose)
    assert (worker.opens(request), office.facts_of(request)) == before
    manager.may_not_record(request, "release_news", NOT_YET)
    worker.records(registration, "record_answer", agrees_to="news_and_contact")
    manager.records(request, "release_news")


def test_an_answer_given_at_the_registration_changes_nothing_of_the_request(office: Office) -> None:
    worker = office.case_worker()
    request, registration = worker.submits(REQUEST), worker.submits(REGISTRATION)
    worker.records(request, "link_found_person", found_in=registration)
    before = worker.opens(request), worker.reads_the_timeline(request), office.facts_of(request)
    for answer in ("news_only", "nothing", "news_and_contact"):
        worker.records(registration, "record_answer", agrees_to=answer)
        assert (worker.opens(request), worker.reads_the_timeline(request), office.facts_of(request)) == before


def test_who_is_not_the_same_person_is_unlinked_and_its_answer_counts_no_more(office: Office) -> None:
    worker, manager = office.case_worker(), office.manager()
    request, registration = worker.submits(REQUEST), worker.submits(REGISTRATION)
    worker.records(registration, "record_answer", agrees_to="news_only")
    worker.records(request, "link_found_person", found_in=registration)
    worker.records(request, "unlink_found_person", found_in=registration)
    manager.may_not_record(request, "release_news", NOT_YET)


def test_a_person_is_found_in_a_case_of_the_own_organisation_that_holds_people(
    office: Office, other_office: Office
) -> None:
    worker = office.case_worker()
    request, another = worker.submits(REQUEST), worker.submits(REQUEST)
    foreign = other_office.case_worker().submits(REGISTRATION)
    worker.may_not_record(request, "link_found_person", "There is no such case", found_in=foreign)
    worker.may_not_record(request, "link_found_person", "of one of these types", found_in=another)


def test_a_girl_who_was_taken_for_a_woman_is_still_protected_as_a_child(office: Office) -> None:
    worker, manager, officer = office.case_worker(), office.manager(), office.child_protection_officer()
    request, registration = worker.submits(REQUEST), worker.submits(OF_A_GIRL)
    worker.records(request, "link_found_person", found_in=registration)
    worker.records(registration, "record_answer", agrees_to="news_only", spoken_to="with_guardian")
    manager.may_not_record(request, "release_news", NOT_YET)
    worker.records(registration, "record_childs_view", wishes="wants_it", view="Yes, my mother only.")
    question = {"of_what": "pass_on_news", "grounds": "The mother is safe."}
    worker.records(registration, "assess_best_interests", recommends="yes", **question)
    officer.records(registration, "decide_best_interests", decision="in_best_interests", **question)
    manager.records(request, "release_news")


def merge(office: Office, case: str, duplicate: str, *same: tuple[str, str]) -> None:
    """A manager says that two cases are one."""
    with transaction(office.intake.engine) as session:
        pairs = [(UUID(one), UUID(into)) for one, into in same]
        commands.merge_cases(session, office.manager().actor, UUID(case), UUID(duplicate), same_people=pairs)


def test_an_answer_of_nothing_given_in_a_merged_request_still_counts(office: Office) -> None:
    worker, manager = office.case_worker(), office.manager()
    request, duplicate = worker.submits(REQUEST), worker.submits(REQUEST)
    worker.records(request, "record_answer", agrees_to="news_only")
    worker.records(duplicate, "record_answer", agrees_to="nothing")
    (_, ours), (_, theirs) = ([one["id"] for one in worker.opens(case)["people"]] for case in (request, duplicate))
    merge(office, request, duplicate, (theirs, ours))
    manager.may_not_record(request, "release_news", NOT_YET)
    worker.records(request, "record_answer", agrees_to="news_only")
    manager.records(request, "release_news")


def test_an_answer_follows_a_registration_that_was_merged_into_another(office: Office) -> None:
    worker, manager = office.case_worker(), office.manager()
    request, first, second = worker.submits(REQUEST), worker.submits(REGISTRATION), worker.submits(REGISTRATION)
    worker.records(request, "link_found_person", found_in=first)
    worker.records(first, "record_answer", agrees_to="news_only")
    ((ours,), (theirs,)) = ([one["id"] for one in worker.opens(case)["people"]] for case in (second, first))
    merge(office, second, first, (theirs, ours))
    worker.records(second, "record_answer", agrees_to="nothing")
    manager.may_not_record(request, "release_news", NOT_YET)
