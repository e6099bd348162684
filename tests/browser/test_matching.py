"""Possible matches in two windows side by side: who holds the found person's record, and who looks for the person."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import update

from services.intake.domain import Match
from services.intake.matching import Comparison, Term
from shared.access import Role
from shared.crypto import KeyRing
from shared.database import transaction, utc_now
from tests.applications import intake_on
from tests.browser.passing import opened
from tests.browser.visitor import Site, Window
from tests.client import TestClient
from tests.intake.matching.proposals.conftest import Hub, Kept, alike
from tests.staff import Staff

pytestmark = pytest.mark.browser
TERMS = (
    Term("prior", "unknown", "how_rare_a_match_is", -6.04),
    Term("name", "strong", "name_sounds_alike", 6.28),
    Term("birth", "partial", "one_year_apart", 1.17),
    Term("sex", "partial", "sex_same", 0.93),
    Term("nationality", "unknown", "not_known", 0.0),
    Term("place", "partial", "place_same_country", 0.84),
    Term("mother", "strong", "mother_same", 3.11),
    Term("marks", "different", "marks_different", -0.71),
)
ALIKE = Comparison(sum(one.bits for one in TERMS), 0.98, TERMS)


@pytest.fixture
def hub(site: Site, partner: Site, keys: KeyRing) -> Hub:
    """The first organisation has registered somebody whom the second looks for, under an agreement."""
    client = TestClient(intake_on(site.engine, keys))
    third = Staff(site.engine, "other-c", "Somebody Else")
    made = Hub(site.engine, keys, client, site.staff, partner.staff, third)
    made.agree()
    return made


def pair(hub: Hub, comparison: Comparison = ALIKE, **found: Any) -> tuple[Kept, Kept, str]:
    """(the tracing request, the registration, the address of their match)."""
    sought = hub.request(marks="A scar on the left hand", nationality="ETH")
    found = {"birth": {"year": 1992, "month": 4, "day": 12}, "marks": "A tattoo", "mother_name": "ሀሊማ ፔትሮኔል", **found}
    registered = hub.registered(**found)
    hub.propose(sought, registered, comparison)
    return sought, registered, f"/intake/matches/{hub.rows()[-1].id}"


def agree_to_release(window: Window) -> None:
    """Fill in the declarations of a release."""
    window.choose("do", "release")
    window.fill("release.text", "Both knew the nickname “Little Owl”.")
    window.choose("release.verified_by", "asked_the_person")
    window.choose("release.relationship_verified", "yes")
    window.choose("release.person_agrees", "yes")
    for part, text in (("day", "3"), ("month", "6"), ("year", "2026")):
        window.fill(f"release.asked_on-{part}", text)


@pytest.mark.parametrize("language", ["en", "ar"])
@pytest.mark.parametrize("width", [1280, 360])
def test_pages_of_matches_are_for_everybody(
    site: Site, partner: Site, hub: Hub, window: Callable[..., Window], width: int, language: str
) -> None:
    holder = opened(window, site, Role.CASE_WORKER, width, language)
    enquirer = opened(window, partner, Role.CASE_WORKER, width, language)
    manager = opened(window, partner, Role.CASE_MANAGER, width, language)
    holder.open("/intake/matches")
    holder.look("matches-none")
    enquirer.open("/intake/matches?view=sought")
    enquirer.look("matches-none-sought")
    sought, found, path = pair(hub)
    pair(hub, alike(3.0))
    with transaction(hub.engine) as session:
        session.execute(update(Match).values(due_at=utc_now() - timedelta(hours=3)).where(Match.band != "strong"))
    holder.open("/intake/matches")
    holder.look("matches")
    reader = opened(window, site, Role.DATA_PROTECTION_OFFICER, width, language)
    reader.open("/intake/matches")
    reader.look("matches-reader")
    reader.open("/intake/matches?view=colleagues")
    reader.look("matches-of-colleagues")
    holder.open("/intake/my-work")
    holder.look("my-work-matches")
    holder.open(f"/intake/cases/{found.case}")
    holder.look("case-matches")
    holder.open(path)
    holder.look("match-proposed")
    holder.page.locator("summary").nth(1).click()
    holder.choose("do", "release")
    holder.look("match-release-waits")
    hub.answers(found)
    holder.open(path)
    holder.choose("do", "release")
    holder.press()
    holder.look("match-release-refused")
    holder.choose("do", "look_further")
    holder.look("match-look-further")
    holder.press()
    holder.look("match-look-further-refused")
    by = utc_now() + timedelta(days=9)
    holder.fill("look_further.text", "Ask her in confidence what her brother called her.")
    for part, number in (("day", by.day), ("month", by.month), ("year", by.year)):
        holder.fill(f"look_further.by-{part}", str(number))
    holder.press()
    holder.look("match-look-further-noted")
    holder.open(path)
    holder.look("match-to-find-out")
    holder.choose("do", "reject")
    holder.look("match-reject")
    agree_to_release(holder)
    holder.press()
    holder.look("match-released")
    holder.open("/intake/matches?view=found")
    holder.look("matches-found")
    enquirer.open("/intake/matches")
    enquirer.look("matches-to-confirm")
    enquirer.open(path)
    enquirer.look("match-to-confirm")
    manager.open(path)
    enquirer.choose("do", "ask")
    enquirer.fill("ask.text", "Which hand is the scar on?")
    enquirer.press()
    enquirer.look("match-asked")
    holder.open(path)
    holder.look("match-answer")
    holder.choose("do", "answer")
    holder.fill("answer.text", "على اليد اليسرى.")
    holder.press()
    manager.choose("do", "confirm")
    manager.fill("confirm.text", "The aunt knew him by the photo.")
    manager.press()
    manager.look("match-changed-meanwhile")
    manager.press()
    manager.look("match-confirmed")
    manager.open(path)
    manager.look("match-over")
    manager.open(f"/intake/cases/{sought.case}")
    manager.look("case-match-confirmed")
    assert holder.found_wrong + enquirer.found_wrong + manager.found_wrong == []


def test_a_match_is_released_and_confirmed_without_javascript(
    site: Site, partner: Site, hub: Hub, window: Callable[..., Window]
) -> None:
    sought, found, path = pair(hub)
    hub.answers(found)
    holder = opened(window, site, Role.CASE_WORKER, scripts=False)
    enquirer = opened(window, partner, Role.CASE_WORKER, scripts=False)
    holder.open("/intake/my-work")
    holder.follow("Possible matches that wait for you")
    holder.page.locator("tbody a").first.click()
    assert holder.path == path
    assert not holder.page.locator('[name="reject.text"]').is_visible(), "an answer's questions come with the answer"
    agree_to_release(holder)
    holder.press("Record the decision")
    assert holder.heading == "Waits for the other organisation"
    enquirer.open("/intake/my-work")
    enquirer.follow("Possible matches that wait for you")
    enquirer.page.locator("tbody a").first.click()
    enquirer.choose("do", "confirm")
    enquirer.fill("confirm.text", "The aunt knew her by the photo.")
    enquirer.press("Record the decision")
    assert enquirer.heading == "Confirmed: the same person"
    enquirer.follow("Your case")
    assert enquirer.path == f"/intake/cases/{sought.case}"
    assert "A match was confirmed" in enquirer.page.locator("main").inner_text()


def test_the_keyboard_alone_says_that_it_is_not_the_same_person(
    site: Site, hub: Hub, window: Callable[..., Window]
) -> None:
    _, _, path = pair(hub)
    holder = opened(window, site, Role.CASE_WORKER)
    holder.open(path)
    keyboard = holder.page.keyboard
    holder.page.locator("main").focus()

    def until(name: str) -> None:
        for _ in range(30):
            keyboard.press("Tab")
            if holder.page.evaluate("document.activeElement.name || document.activeElement.innerText") == name:
                return
        raise AssertionError(name)

    until("do")
    for _ in range(2):
        keyboard.press("ArrowDown")
    assert holder.page.evaluate("document.activeElement.value") == "reject"
    until("reject.reason")
    keyboard.press("Space")
    until("reject.text")
    keyboard.type("She is twenty years older.")
    until("Record the decision")
    keyboard.press("Enter")
    holder.page.wait_for_url("**/decided?done=reject")
    assert hub.rows()[0].state == "rejected"
