"""Possible matches on the pages, in two browsers: who holds the found person's record, and who looks for the person."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import select, update

from services.intake.casework.matching import DECIDED_WITHIN
from services.intake.commands.matches.sweeping import sweep_matches_at
from services.intake.domain import Case, PersonViewed
from services.intake.matching import Comparison, Term
from shared.access import Role
from shared.database import reading, transaction, utc_now, uuid7
from tests.applications import intake_on
from tests.client import TestClient
from tests.intake.matching.proposals.conftest import FOUND, MANAGER, OFFICER, SOUGHT, WORKER, Hub, Kept
from tests.intake.pages.conftest import Pages
from tests.staff import Browser, Staff

DPO = Role.DATA_PROTECTION_OFFICER
RELEASE_FORM = {
    "do": "release",
    "release.text": "Both knew the nickname.",
    "release.relationship_verified": "yes",
    "release.verified_by": "asked_the_person",
    "release.person_agrees": "yes",
    "release.asked_on-day": "1",
    "release.asked_on-month": "6",
    "release.asked_on-year": "2026",
}
CONFIRM_FORM = {"do": "confirm", "confirm.text": "The aunt knew the photo."}
REJECT_FORM = {"do": "reject", "reject.text": "She is older.", "reject.reason": "birth_differs"}


@dataclass
class Desks:
    """The two organisations, through the interface for programs and at their pages."""

    pages: Pages
    hub: Hub

    def holder(self, role: Role = WORKER) -> Browser:
        return self.pages.browser(role)

    def enquirer(self, role: Role = WORKER) -> Browser:
        return self.pages.browser(role, of=self.pages.other)

    def pair(self, **found: Any) -> tuple[Kept, Kept, str]:
        """(the tracing request, the registration, the address of their match)."""
        sought, registered, match = self.hub.pair(**found)
        return sought, registered, f"/intake/matches/{match}"


def desks_of(pages: Pages) -> Desks:
    client = TestClient(intake_on(pages.engine, pages.keys))
    hub = Hub(pages.engine, pages.keys, client, pages.own, pages.other, Staff(pages.engine, "other-c", "Somebody Else"))
    hub.agree()
    return Desks(pages, hub)


@pytest.fixture
def desks(pages: Pages) -> Desks:
    return desks_of(pages)


def decide(browser: Browser, path: str, form: dict[str, str]) -> str:
    """Look at the match, and answer; where that leads."""
    browser.open(path)
    return browser.send(path, form)


def text_of(page: str) -> str:
    """What stands on a page, without the page."""
    return re.sub(
        r"\s+", " ", re.sub(r"<[^>]+>", " ", re.sub("[\N{FIRST STRONG ISOLATE}\N{POP DIRECTIONAL ISOLATE}]", "", page))
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


def test_before_the_release_no_page_of_the_enquirer_tells_of_a_match(desks: Desks) -> None:
    enquirer = desks.enquirer(MANAGER)
    sought = desks.hub.request()
    listed = (
        "/intake/matches",
        "/intake/matches?view=sought&show=all",
        "/intake/my-work",
        f"/intake/cases/{sought.case}",
    )
    before = [enquirer.open(path) for path in listed]
    desks.hub.propose(sought, desks.hub.registered())
    path = f"/intake/matches/{desks.hub.rows()[0].id}"
    assert [enquirer.open(one) for one in listed] == before
    for one in (path, f"{path}/decided", f"{path}/decided?done=release"):
        there = enquirer.open(one, 404)
        assert there.replace(path, "") == enquirer.open(one.replace(path, f"/intake/matches/{uuid7()}"), 404).replace(
            path, ""
        ).replace(enquirer.answer.url.path, "")
    for form in (CONFIRM_FORM, {"do": "look_further"}, {}):
        enquirer.open("/intake/matches")
        enquirer.send(path, form, 404)


def test_a_third_organisation_finds_nothing(desks: Desks) -> None:
    _, found, path = desks.pair()
    desks.hub.release(found, path.rpartition("/")[2])
    stranger = desks.pages.browser(MANAGER, of=desks.hub.stranger)
    stranger.open(path, 404)
    stranger.open(f"{path}/decided", 404)
    assert "Nothing waits for you" in stranger.open("/intake/matches")
    stranger.send(path, REJECT_FORM, 404)


def test_to_look_further_leads_the_holder_to_the_persons_case_and_nobody_else_anywhere(desks: Desks) -> None:
    _, found, path = desks.pair()
    holder, enquirer = desks.holder(), desks.enquirer()
    assert decide(holder, path, {"do": "look_further"}) == f"/intake/cases/{found.case}"
    assert desks.hub.rows()[0].state == "proposed"
    desks.hub.release(found, path.rpartition("/")[2])
    enquirer.open(path)
    assert found.case not in enquirer.page
    assert "Choose one of the answers." in enquirer.send(path, {"do": "look_further"}, 422)


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


def test_a_withdrawn_match_shows_the_own_record_alone_and_asks_nothing(desks: Desks) -> None:
    sought, _, path = desks.pair()
    desks.hub.no(sought)
    page = text_of(desks.holder().open(path))
    assert FOUND in page
    assert SOUGHT not in page
    assert "nothing of the other record is shown" in page
    assert "Record the decision" not in page
    assert "Weight of evidence" not in page


def test_the_weights_as_they_are_written_add_up_to_their_sum(desks: Desks) -> None:
    terms = (
        Term("prior", "unknown", "how_rare_a_match_is", -5.05),
        *(Term(field, "partial", "name_same", 1.25) for field in ("name", "father", "mother")),
        *(Term(field, "different", "sex_different", -0.149) for field in ("sex", "nationality", "marks")),
        Term("birth", "strong", "same_day", 6.449),
    )
    sought, found = desks.hub.request(), desks.hub.registered()
    desks.hub.propose(sought, found, Comparison(sum(one.bits for one in terms), 0.97, terms))
    page = desks.holder().open(f"/intake/matches/{desks.hub.rows()[0].id}")
    written = [float(one.replace("\N{MINUS SIGN}", "-")) for one in re.findall(r'<bdi dir="ltr">([^<]+)</bdi>', page)]
    assert len(written) == len(terms) + 1
    assert sum(written[:-1]) == pytest.approx(written[-1])
    assert written[-1] == pytest.approx(sum(one.bits for one in terms), abs=0.051)
    assert all(
        abs(shown - one.bits) < 0.1
        for shown, one in zip(sorted(written[:-1]), sorted(terms, key=lambda one: one.bits), strict=True)
    )


def test_what_an_agreement_keeps_back_is_neither_shown_nor_to_be_reckoned_from_the_weights(desks: Desks) -> None:
    hub = desks.hub
    hub.of(hub.holder, MANAGER).post(f"agreements/{hub.agreement}/end")
    hub.agree(fields=["names", "sex"])
    _, _, path = desks.pair(mother_name="Halima Petronell")
    page = text_of(desks.holder().open(path))
    assert "Not shared with you" in page
    assert "H. P." not in page
    assert "Together +9.0" in page
    assert "Where it begins" not in page


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


def test_a_data_protection_officer_reads_and_decides_nothing(desks: Desks) -> None:
    _, _, path = desks.pair()
    reader = desks.holder(DPO)
    page = reader.open(path)
    assert "Your role may read this, and decides nothing of it." in page
    assert "Record the decision" not in page
    reader.send(path, REJECT_FORM, 403)
    assert "Possible matches that wait for us" not in reader.open("/intake/my-work")
    assert "/intake/matches" not in desks.holder(Role.ADMINISTRATOR).open("/intake/my-work")


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


def test_every_look_stands_in_the_own_trail_of_reads_and_lists_tell_of_nobody(desks: Desks) -> None:
    sought, found, path = desks.pair()
    holder = desks.holder()
    holder.open("/intake/my-work")
    before = seen(desks)
    assert SOUGHT not in holder.open("/intake/matches?view=found&show=all")
    assert FOUND not in holder.page
    holder.open(f"{path}/decided")
    assert seen(desks) == before
    holder.open(path)
    holder.send(path, {}, 422)
    added = seen(desks)[len(before) :]
    ours = desks.pages.own.organisation_id
    assert set(added) == {(ours, found.person, "match"), (ours, sought.person, "match")}
    assert len(added) == 4


def seen(desks: Desks) -> list[tuple[Any, Any, str]]:
    with reading(desks.pages.engine) as session:
        rows = session.execute(select(PersonViewed.organisation_id, PersonViewed.person_id, PersonViewed.purpose))
        return [(one.organisation_id, one.person_id, one.purpose) for one in rows]


def test_what_nobody_has_decided_in_time_is_shown_to_managers(desks: Desks) -> None:
    desks.pair()
    with transaction(desks.pages.engine) as session:
        sweep_matches_at(session, utc_now() + DECIDED_WITHIN["proposed"] * 2)
    assert "Possible matches that nobody has decided" in desks.holder(MANAGER).open("/intake/my-work")
    assert "Possible matches that nobody has decided" not in desks.holder().open("/intake/my-work")


def test_a_restricted_case_hides_its_match_from_who_may_not_see_the_case(desks: Desks) -> None:
    _, found, path = desks.pair()
    with transaction(desks.pages.engine) as session:
        session.execute(update(Case).where(Case.id == UUID(found.case)).values(restricted=True))
    desks.holder().open(path, 404)
    desks.holder(MANAGER).open(path)


def test_lists_are_narrowed_and_turned_over(desks: Desks, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("services.intake.pages.matching.PAGE_ROWS", 1)
    _, _, first = desks.pair()
    _, _, second = desks.pair()
    holder = desks.holder()
    decide(holder, second, REJECT_FORM)
    assert (first in holder.open("/intake/matches?view=found"), second in holder.page) == (True, False)
    assert (first in holder.open("/intake/matches?view=found&show=rejected"), second in holder.page) == (False, True)
    assert second in holder.open("/intake/matches?view=found&show=all")
    following = re.search(r'rel="next" href="([^"]+)"', holder.page)
    assert following is not None
    assert first in holder.open(following[1].replace("&amp;", "&"))
    assert "You see one as soon as" in holder.open("/intake/matches?view=sought")
    holder.open("/intake/matches?view=nonsense", 404)


def test_the_pages_speak_the_readers_language(desks: Desks) -> None:
    _, found, path = desks.pair()
    desks.hub.release(found, path.rpartition("/")[2])
    for by, tag, words in (
        (desks.holder(), "ar", "هل هذان السجلان للشخص نفسه؟"),
        (desks.enquirer(), "fr", "Ces deux fiches concernent-elles la même personne ?"),
    ):
        by.open(f"/intake/language/{tag}", 303)
        page = by.open(path)
        assert words in page
        for english in ("The names are the same.", "Strong", "Record the decision", "What happens next", "Confirm it"):
            assert english not in page
