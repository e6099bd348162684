"""What must stand before a release, and what the tracing request may do after a confirmation. The family is told
nothing by any of it."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from services.intake.domain import Match
from shared.database import reading
from tests.intake.lives.test_child import CHILD
from tests.intake.matching.proposals.conftest import FOUND, MANAGER, OFFICER, RELEASE, Hub, Kept
from tests.intake.people import person
from tests.intake.referrals.conftest import Person

TOLD = {"told": "news", "told_on": "2026-06-02"}


def release_news(hub: Hub, sought: Kept, status: int = 200) -> Any:
    return hub.of(hub.enquirer, MANAGER).post(f"cases/{sought.case}/deeds/release_news", {}, status)


def test_a_living_person_is_asked_before_and_its_answer_stands_on_its_own_case(hub: Hub) -> None:
    _, found, match = hub.pair()
    assert "record its answer" in hub.step(hub.theirs, match, "release", 409, **RELEASE)["detail"]
    hub.answers(found, "nothing")
    hub.step(hub.theirs, match, "release", 409, **RELEASE)
    hub.answers(found, "news_only")
    for missing in (
        {"relationship_verified": False},
        {"person_agrees": False},
        {"person_agrees": None},
        {"asked_on": None},
    ):
        hub.step(hub.theirs, match, "release", 409, **{**RELEASE, **missing})
    hub.step(hub.theirs, match, "release", 422, **{**RELEASE, "verified_by": "feeling"})
    assert hub.step(hub.theirs, match, "release", **RELEASE)["state"] == "released"


def test_a_release_records_the_consent_that_it_rests_on_and_its_withdrawal_ends_it(hub: Hub) -> None:
    _, found, match = hub.pair()
    hub.release(found, match)
    recorded = hub.of(hub.holder, MANAGER).get(f"persons/{found.person}/legal-bases")
    receiver = str(hub.enquirer.organisation_id)
    assert ("sharing", "consent", receiver) in [(one["purpose"], one["basis"], one["recipient_id"]) for one in recorded]
    hub.no(found, "withdrawals", purpose="sharing", recipient_id=receiver)
    assert hub.ours.get(f"matches/{match}")["state"] == "withdrawn"


def test_news_is_released_to_the_family_only_after_the_confirmation_and_by_a_manager(hub: Hub) -> None:
    sought, found, match = hub.pair()
    release_news(hub, sought, 409)
    hub.release(found, match)
    release_news(hub, sought, 409)
    hub.step(hub.ours, match, "confirm")
    assert "news.released" not in hub.facts(sought.case)
    hub.ours.post(f"cases/{sought.case}/deeds/release_news", {}, 403)
    release_news(hub, sought)
    assert hub.facts(sought.case).count("news.released") == 1
    hub.ours.post(f"cases/{sought.case}/deeds/tell_family", {**TOLD, "how": "by_phone"})
    hub.of(hub.enquirer, MANAGER).post(f"cases/{sought.case}/moves/accept", {})
    hub.of(hub.enquirer, MANAGER).post(f"cases/{sought.case}/moves/close", {"reason": "located"})
    assert hub.rows()[0].state == "confirmed"


def test_a_newer_no_of_the_found_person_ends_what_the_family_may_be_told(hub: Hub) -> None:
    sought, found, match = hub.pair()
    hub.release(found, match)
    hub.step(hub.ours, match, "confirm")
    release_news(hub, sought)
    hub.answers(found, "nothing")
    hub.ours.post(f"cases/{sought.case}/deeds/tell_family", {**TOLD, "how": "by_phone"}, 409)
    release_news(hub, sought, 409)


def test_an_undone_confirmation_passes_nothing_on(hub: Hub) -> None:
    sought, found, match = hub.pair()
    hub.release(found, match)
    hub.step(hub.ours, match, "confirm")
    hub.step(hub.of(hub.enquirer, MANAGER), match, "undo", reason="another_person")
    release_news(hub, sought, 409)


def test_a_death_goes_to_the_other_organisation_by_a_manager_and_is_recorded_there_anew(hub: Hub) -> None:
    sought, found, match = hub.pair()
    manager, officer = hub.of(hub.holder, MANAGER), hub.of(hub.holder, OFFICER)
    account = {"source": "hospital", "source_name": "Dr Amari", "died_on": "2026-05-01"}
    manager.post(f"cases/{found.case}/deeds/record_account_of_death", account)
    said = {"relationship_verified": True, "verified_by": "institution"}
    hub.step(manager, match, "release", 409, **said)
    officer.post(f"cases/{found.case}/deeds/confirm_death", {})
    hub.step(hub.theirs, match, "release", 403, **said)
    hub.step(manager, match, "release", **said)
    told = hub.ours.get(f"matches/{match}")
    assert (told["of_dead"], told["agrees_to"]) == (True, None)
    hub.step(hub.ours, match, "confirm")
    release_news(hub, sought, 409)
    ours = hub.of(hub.enquirer, MANAGER)
    ours.post(
        f"cases/{sought.case}/deeds/record_account_of_death",
        {"source": "organisation", "source_name": "Crescent", "source_reference": told["reference"]},
    )
    hub.of(hub.enquirer, OFFICER).post(f"cases/{sought.case}/deeds/confirm_death", {})
    release_news(hub, sought)
    ours.post(f"cases/{sought.case}/deeds/tell_family", {**TOLD, "how": "by_phone"}, 409)
    ours.post(f"cases/{sought.case}/deeds/tell_family", {**TOLD, "how": "in_person"})


def heard(by: tuple[Person, Person], case: str) -> None:
    """The child's view, an assessment and a decision of another."""
    first, second = by
    first.post(f"cases/{case}/deeds/record_childs_view", {"wishes": "wants_it", "view": "I miss my mother."})
    assessed = {"of_what": "pass_on_news", "recommends": "yes", "grounds": "The mother cares for her."}
    first.post(f"cases/{case}/deeds/assess_best_interests", assessed)
    decided = {"of_what": "pass_on_news", "decision": "in_best_interests", "grounds": "As assessed."}
    second.post(f"cases/{case}/deeds/decide_best_interests", decided)


def test_for_a_child_best_interests_are_decided_and_child_protection_officers_take_part_on_both_sides(hub: Hub) -> None:
    sought, found, match = hub.pair(birth={"year": 2015})
    manager, officer = hub.of(hub.holder, MANAGER), hub.of(hub.holder, OFFICER)
    assert hub.theirs.get(f"matches/{match}")["child"]
    hub.answers(found)
    assert "best interests" in hub.step(officer, match, "release", 409, **RELEASE)["detail"]
    heard((manager, officer), found.case)
    hub.step(manager, match, "release", 403, **RELEASE)
    assert "release" not in [one["name"] for one in hub.theirs.get(f"matches/{match}")["possible"]]
    hub.step(officer, match, "release", **RELEASE)
    bases = manager.get(f"persons/{found.person}/legal-bases")
    assert ("sharing", "public_interest") in [(one["purpose"], one["basis"]) for one in bases]
    hub.step(hub.ours, match, "confirm", 403)
    hub.step(hub.of(hub.enquirer, OFFICER), match, "confirm")
    release_news(hub, sought)
    manager.post(f"cases/{found.case}/deeds/record_childs_view", {"wishes": "does_not_want_it", "view": "No."})
    assert hub.rows()[0].state == "withdrawn"
    hub.ours.post(f"cases/{sought.case}/deeds/tell_family", {**TOLD, "how": "in_person"}, 409)


def test_inside_one_organisation_two_people_decide_and_the_request_is_linked(hub: Hub) -> None:
    sought, found = hub.request(hub.holder), hub.registered()
    hub.propose(sought, found)
    match = str(hub.rows()[0].id)
    hub.release(found, match)
    told = hub.theirs.get(f"matches/{match}")
    assert (told["sides"], told["other_case_id"]) == (["holder", "enquirer"], sought.case)
    assert "confirm" not in [one["name"] for one in told["possible"]]
    assert "another than who released it" in hub.step(hub.theirs, match, "confirm", 409)["detail"]
    manager = hub.of(hub.holder, MANAGER)
    hub.step(manager, match, "confirm")
    (link,) = [one for one in manager.get(f"cases/{sought.case}/timeline") if one["what"] == "link_found_person"]
    assert link["facts"]["found_in"] == found.case
    manager.post(f"cases/{sought.case}/deeds/release_news", {})
    hub.step(manager, match, "undo", reason="another_person")
    manager.post(f"cases/{sought.case}/deeds/tell_family", {**TOLD, "how": "by_phone"}, 409)


def test_before_the_release_who_sees_the_request_alone_is_told_nothing_inside_one_organisation_either(hub: Hub) -> None:
    sought = hub.request(hub.holder)
    found = hub.submit(hub.holder, _restricted(), "child")
    before = hub.theirs.get(f"cases/{sought.case}/timeline")
    hub.propose(sought, found)
    match = hub.rows()[0].id
    hub.theirs.get(f"matches/{match}", 404)
    assert hub.theirs.get(f"cases/{sought.case}/matches") == []
    assert hub.theirs.get(f"cases/{sought.case}/timeline") == before
    assert hub.of(hub.holder, OFFICER).get(f"matches/{match}")["child"]


def _restricted() -> dict[str, Any]:
    child = {"role": "child", "person": person(FOUND, birth={"year": 2015})}
    return {**CHILD, "people": [child, CHILD["people"][1]]}


def test_a_confirmed_match_keeps_its_case_where_it_is(hub: Hub) -> None:
    sought, found, match = hub.pair()
    hub.release(found, match)
    hub.step(hub.ours, match, "confirm")
    with reading(hub.engine) as session:
        assert session.get_one(Match, UUID(match)).state == "confirmed"
    partner = str(hub.holder.organisation_id)
    hub.of(hub.enquirer, MANAGER).post(f"agreements/{hub.agreement}/end")
    hub.agree(fields=["names", "whole_file"])
    for one in hub.ours.get(f"cases/{sought.case}")["people"]:
        body = {"purpose": "sharing", "basis": "consent", "recipient_id": partner}
        hub.of(hub.enquirer, MANAGER).post(f"persons/{one['id']}/legal-bases", body, 201)
    asked = {"receiver_id": partner, "purpose": "tracing", "why": "person_moved", "fields": ["names"]}
    refused = hub.of(hub.enquirer, MANAGER).post(f"cases/{sought.case}/transfers", asked, 409)
    assert "conclude it here" in refused["detail"]
