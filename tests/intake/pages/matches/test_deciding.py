"""Answers to a possible match: what is asked, refused, clicked twice, or decided by somebody else meanwhile."""

from __future__ import annotations

from datetime import date, timedelta

from sqlalchemy import update

from services.intake.domain.sign_in import SignedIn
from shared.database import transaction, utc_now
from tests.intake.matching.proposals.conftest import FOUND, MANAGER, OFFICER, SOUGHT
from tests.intake.pages.conftest import Pages
from tests.intake.pages.matches.conftest import (
    CONFIRM_FORM,
    REJECT_FORM,
    RELEASE_FORM,
    Desks,
    decide,
    desks_of,
    text_of,
)


def test_from_a_proposal_to_a_confirmed_match(pages_on_both: Pages) -> None:
    desks = desks_of(pages_on_both)
    holder, enquirer = desks.holder(), desks.enquirer()
    assert "Nothing waits for you" in holder.open("/intake/matches")
    sought, found, path = desks.pair()
    reference = desks.hub.rows()[0].reference
    assert reference in holder.open("/intake/matches")
    assert "Release it, or not" in holder.page
    assert "Decide within 3 days" in text_of(holder.page)
    assert '<span class="kb-counted">1</span>' in holder.page
    assert reference in holder.open(f"/intake/cases/{found.case}")
    shown = text_of(holder.open(path))
    assert "Are these two records the same person?" in shown
    assert (SOUGHT in shown, FOUND in shown) == (True, True)
    assert "Strong The names are the same." in shown
    assert "Red Crescent-B does not know that there is anything to decide" in shown
    assert "The family is told nothing" in shown
    assert "Ask the found person in confidence, and record its answer on its case" in shown
    desks.hub.answers(found)
    assert "News, and how to reach the person" in holder.open(path)
    assert decide(holder, path, RELEASE_FORM) == f"{path}/decided?done=release"
    after = text_of(holder.open(f"{path}/decided?done=release"))
    assert "Recorded: “Same person: release it”." in after
    assert "It is now with Red Crescent-B" in after
    assert f"/intake/cases/{found.case}" in holder.page
    assert reference in enquirer.open("/intake/matches")
    assert "Confirm it, or not" in enquirer.page
    assert reference in enquirer.open(f"/intake/cases/{sought.case}")
    ask = {"do": "ask", "ask.text": "Which hand is the scar on?"}
    assert decide(enquirer, path, ask) == f"{path}/decided?done=ask"
    assert "Which hand is the scar on?" in holder.open(path)
    decide(holder, path, {"do": "answer", "answer.text": "On the left one."})
    assert "On the left one." in enquirer.open(path)
    assert decide(enquirer, path, CONFIRM_FORM) == f"{path}/decided?done=confirm"
    assert "Nothing is merged" in enquirer.open(f"{path}/decided?done=confirm")
    assert "Confirmed: the same person" in holder.open("/intake/matches?view=found&show=confirmed")
    told = text_of(holder.open(path))
    assert "Amina Osei" in told, "the own colleague is named"
    assert "The aunt knew the photo." not in told, "what the other side rests its decision on is its own"


def test_what_the_holder_has_to_find_out_is_noted_for_its_own_side_alone(desks: Desks) -> None:
    sought, found, path = desks.pair()
    holder, enquirer = desks.holder(), desks.enquirer(MANAGER)
    listed = ("/intake/matches", "/intake/my-work", f"/intake/cases/{sought.case}")
    before = [enquirer.open(one) for one in listed]
    assert "asked nothing and learns nothing" in text_of(holder.open(path))
    refused = holder.send(path, {"do": "look_further"}, 422)
    assert refused.index('href="#look_further.text"') < refused.index('href="#look_further.by')
    too_late = utc_now().date() + timedelta(days=31)
    assert "within 30 days" in holder.send(path, looking_further(too_late), 422)
    by = utc_now().date() + timedelta(days=9)
    assert holder.send(path, looking_further(by)) == f"{path}/decided?done=look_further"
    assert "Recorded: “Need more information”." in holder.open(f"{path}/decided?done=look_further")
    assert "Your case is due on the day that you said." in holder.page
    page = text_of(holder.open(path))
    assert "Still to be found out The nickname" in page
    assert "More is to be found out" in page
    assert 'value="release"' in holder.page
    assert "Something is to be found out for a possible match" in holder.open(f"/intake/cases/{found.case}")
    assert [enquirer.open(one) for one in listed] == before
    desks.hub.release(found, path.rpartition("/")[2])
    assert "Still to be found out" not in holder.open(path)
    assert "nickname" not in enquirer.open(path)
    assert "Choose one of the answers." not in enquirer.send(path, looking_further(by), 403)


def looking_further(by: date) -> dict[str, str]:
    day = {"day": by.day, "month": by.month, "year": by.year}
    return {
        "do": "look_further",
        "look_further.text": "The nickname: ask her in confidence.",
        **{f"look_further.by-{part}": str(number) for part, number in day.items()},
    }


def test_what_is_missing_is_said_at_each_question_and_what_was_typed_stays(desks: Desks) -> None:
    _, found, path = desks.pair()
    holder = desks.holder()
    holder.open(path)
    assert "Choose one of the answers." in holder.send(path, {}, 422)
    page = holder.send(path, {"do": "reject", "reject.text": "She is much older."}, 422)
    assert 'href="#reject.reason"' in page
    assert "She is much older." in page
    assert 'href="#reject.text"' in holder.send(path, {"do": "reject", "reject.reason": "birth_differs"}, 422)
    desks.hub.answers(found)
    holder.open(path)
    refused = holder.send(path, {"do": "release", "release.text": "So it is."}, 422)
    assert 'href="#release.relationship_verified"' in refused
    asked = ("verified_by", "person_agrees", "asked_on")
    at = [refused.index(f'href="#release.{one}"') for one in asked]
    assert at == sorted(at), "in the order in which they are asked"
    refused = holder.send(path, {**RELEASE_FORM, "release.relationship_verified": "no"}, 409)
    assert "Verify the relationship first" in refused
    assert "Both knew the nickname." in refused
    refused = holder.send(path, {**RELEASE_FORM, "release.person_agrees": "no"}, 409)
    assert "Say that the person was asked and agrees" in refused
    assert desks.hub.rows()[0].state == "proposed"


def test_a_release_waits_for_the_persons_own_answer(desks: Desks) -> None:
    _, found, path = desks.pair()
    holder = desks.holder()
    page = holder.open(path)
    assert "Not yet possible" in page
    assert 'name="release.text"' not in page
    for form in (RELEASE_FORM, {"do": "release"}):
        assert "Ask the found person in confidence" in holder.send(path, form, 409)
    desks.hub.answers(found, "nothing")
    assert "Not yet possible" in holder.open(path)


def test_a_second_click_leads_to_the_same_page_and_decides_once(desks: Desks) -> None:
    _, found, path = desks.pair()
    holder, enquirer = desks.holder(), desks.enquirer()
    holder.open(path)
    assert [holder.send(path, REJECT_FORM) for _ in range(2)] == [f"{path}/decided?done=reject"] * 2
    assert desks.hub.rows()[0].version == 2
    _, found, path = desks.pair()
    desks.hub.release(found, path.rpartition("/")[2])
    enquirer.open(path)
    assert [enquirer.send(path, CONFIRM_FORM) for _ in range(2)] == [f"{path}/decided?done=confirm"] * 2


def test_what_somebody_else_decided_meanwhile_is_shown_before_anything_is_decided(desks: Desks) -> None:
    _, found, path = desks.pair()
    match = path.rpartition("/")[2]
    holder, enquirer, manager = desks.holder(), desks.enquirer(), desks.enquirer(MANAGER)
    holder.open(path)
    desks.hub.release(found, match)
    changed = holder.send(path, REJECT_FORM, 412)
    assert "Something changed since you opened this." in changed
    assert "What changed meanwhile" in changed
    assert desks.hub.rows()[0].state == "released"
    enquirer.open(path)
    manager.open(path)
    decide(enquirer, path, {"do": "ask", "ask.text": "Which hand?"})
    page = manager.send(path, CONFIRM_FORM, 412)
    assert "Which hand?" in page
    assert "Your question waits for an answer" in page
    desks.hub.answers(found, "nothing")
    page = text_of(manager.send(path, REJECT_FORM, 412))
    assert "Withdrawn" in page
    assert "It is no longer possible: why is the other side's matter" in page
    assert FOUND not in page
    assert "Nothing: this is over." in page


def test_for_a_child_the_child_protection_officer_says_same_person(desks: Desks) -> None:
    sought, found = desks.hub.request(birth={"year": 2015}), desks.hub.registered(birth={"year": 2015})
    desks.hub.propose(sought, found)
    path = f"/intake/matches/{desks.hub.rows()[0].id}"
    holder = desks.holder()
    page = holder.open(path)
    assert "a child protection officer says “same person”" in page
    assert 'value="release"' not in page
    assert 'value="reject"' in page
    holder.send(path, RELEASE_FORM, 403)
    assert 'value="release"' in desks.holder(OFFICER).open(path)
    assert "Z. Q." in page, "the other side's child by its initials"


def test_who_released_a_match_of_its_own_organisation_does_not_confirm_it(desks: Desks) -> None:
    hub = desks.hub
    sought, found = hub.request(hub.holder), hub.registered()
    hub.propose(sought, found)
    match = str(hub.rows()[0].id)
    path = f"/intake/matches/{match}"
    hub.answers(found)
    holder, manager = desks.holder(), desks.holder(MANAGER)
    assert "a colleague confirms it" in holder.open(path)
    assert decide(holder, path, RELEASE_FORM) == f"{path}/decided?done=release"
    page = holder.open(path)
    assert "You released it: a colleague says “same person”" in page
    assert 'value="confirm"' not in page
    holder.send(path, CONFIRM_FORM, 403)
    assert decide(manager, path, CONFIRM_FORM) == f"{path}/decided?done=confirm"
    assert sought.case in manager.open(f"{path}/decided")
    assert found.case in manager.page
    undo = {"do": "undo", "undo.text": "Two cousins.", "undo.reason": "another_person"}
    assert decide(manager, path, undo) == f"{path}/decided?done=undo"
    assert decide(manager, path, {"do": "reconsider", "reconsider.text": "A letter came."}).endswith("done=reconsider")


def test_the_release_can_be_taken_back(desks: Desks) -> None:
    _, found, path = desks.pair()
    desks.hub.release(found, path.rpartition("/")[2])
    holder, enquirer = desks.holder(), desks.enquirer()
    assert "Take the release back" in holder.open(path)
    back = {"do": "take_back", "take_back.text": "A slip.", "take_back.reason": "released_in_error"}
    assert holder.send(path, back) == f"{path}/decided?done=take_back"
    page = enquirer.open(path)
    assert FOUND not in page
    assert "It was released in error" not in page, "why is the holder's matter"


def test_whose_session_has_ended_signs_in_again_at_the_match_and_has_decided_nothing(desks: Desks) -> None:
    _, _, path = desks.pair()
    holder = desks.holder()
    holder.open(path)
    with transaction(desks.pages.engine) as session:
        session.execute(update(SignedIn).values(ends_at=utc_now()))
    led = holder.send(path, REJECT_FORM, Referer=f"http://kinbridge.test{path}")
    assert led == f"/intake/sign-in?ended=1&next={path}"
    assert "Your session has ended" in holder.open(led)
    assert [(row.state, row.version) for row in desks.hub.rows()] == [("proposed", 1)]
