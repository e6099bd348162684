"""A tracing request on the pages, from signing in to closing, with JavaScript off; and by the keyboard alone."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

import pytest

from shared.access import Role
from tests.browser.test_every_page import REQUEST, submit
from tests.browser.visitor import Site, Window
from tests.staff import PASSWORD

pytestmark = pytest.mark.browser


def test_a_tracing_request_lives_on_the_pages_from_signing_in_to_closing(
    site: Site, window: Callable[..., Window]
) -> None:
    worker, manager = window(scripts=False), window(scripts=False)
    worker.sign_in(Role.CASE_WORKER)
    assert worker.heading == "My work"
    worker.follow("New case")
    worker.choose("type", "tracing_request")
    worker.press()
    case = submitted(worker)
    worker.follow("Take it on")
    worker.press()
    worker.follow("Record what the person agrees to")
    worker.choose("agrees_to", "news_only")
    worker.press()
    assert "Release the news" not in worker.page.locator("#now + h3 ~ ul a").all_inner_texts()
    manager.sign_in(Role.CASE_MANAGER)
    manager.open(case)
    manager.follow("Release the news")
    manager.press()
    worker.open(case)
    worker.follow("Record that the family was told")
    worker.choose("told", "news")
    worker.choose("how", "in_person")
    today = datetime.now(UTC).date()
    for part in ("day", "month", "year"):
        worker.fill(f"told_on-{part}", str(getattr(today, part)))
    worker.press()
    worker.follow("Close the request")
    worker.choose("reason", "located")
    worker.press()
    assert "Work on it has ended" in worker.page.locator("h1").inner_text()
    told = worker.page.locator(".kb-timeline h3").all_inner_texts()
    assert told == [
        "Close the request",
        "Record that the family was told",
        "Release the news",
        "Record what the person agrees to",
        "Take it on",
        "Submitted",
    ]
    worker.page.locator("header button").click()
    worker.open(case)
    assert worker.heading == "Sign in"


def submitted(worker: Window) -> str:
    """Write the case down, one question a page, check it, submit it; returns its address."""
    worker.page.get_by_role("link", name="Sought person").click()
    worker.fill("full", "Aster Tesfaye")
    worker.press()
    worker.choose("sex", "female")
    worker.press()
    worker.fill("year", "1990")
    worker.press()
    worker.choose("nationality", "ETH")
    worker.press()
    worker.press()
    assert "health condition" in worker.heading
    worker.press()
    worker.page.get_by_label("To look for missing people").check()
    worker.choose("basis", "vital_interest")
    worker.press()
    worker.choose("share_with_nobody", "no")
    worker.press()
    worker.page.get_by_role("link", name="Enquirer").click()
    worker.fill("full", "Amina Tesfaye")
    while "/people/" in worker.path:
        if worker.page.locator('[name="share_with_nobody"]').count():
            worker.choose("share_with_nobody", "no")
        worker.press()
    worker.follow("What happened")
    worker.press()
    assert "Answer this question." in worker.page.locator(".govuk-error-summary").inner_text()
    worker.choose("relationship", "parent")
    while "/details/" in worker.path:
        worker.press()
    worker.follow("Check your answers, and submit")
    worker.page.get_by_role("link", name="Change How was contact lost?").click()
    worker.choose("how_contact_was_lost", "shipwreck")
    worker.press()
    assert worker.heading == "Check your answers"
    assert "Shipwreck" in worker.page.locator("main").inner_text()
    worker.press("Submit the case")
    return worker.path.partition("?")[0]


def test_the_keyboard_alone_signs_in(site: Site, window: Callable[..., Window]) -> None:
    member, visitor = site.staff.member(Role.CASE_WORKER), window()
    keyboard = visitor.page.keyboard
    visitor.open("/intake/sign-in")
    keyboard.press("Tab")
    assert visitor.page.locator(":focus").inner_text() == "Skip to main content"
    assert visitor.page.locator(":focus").bounding_box()["x"] >= 0
    keyboard.press("Enter")
    assert visitor.page.evaluate("document.activeElement.id") == "main"
    for name, text in (("name", member.sign_in_name), ("password", PASSWORD)):
        keyboard.press("Tab")
        assert visitor.page.evaluate("document.activeElement.name") == name
        keyboard.type(text)
    keyboard.press("Enter")
    visitor.page.wait_for_selector("#code")
    visitor.page.locator("#code").focus()
    keyboard.type(member.code)
    keyboard.press("Enter")
    visitor.page.wait_for_url("**/my-work")


def test_what_has_the_focus_is_seen_and_the_order_is_that_of_reading(site: Site, window: Callable[..., Window]) -> None:
    visitor = window()
    first, second = submit(site, REQUEST), submit(site, REQUEST)
    visitor.enter(Role.CASE_MANAGER)
    visitor.open(f"/intake/cases/{first}")
    protection = visitor.page.locator(".kb-below a").first.get_attribute("href")
    paths = (
        "/intake/my-work",
        "/intake/cases",
        "/intake/new",
        "/intake/duplicates",
        "/intake/protection",
        f"/intake/cases/{first}",
        f"/intake/cases/{first}/duplicates/{second}",
        str(protection),
        f"{protection}/basis",
    )
    for path in paths:
        visitor.open(path)
        places: list[float] = []
        for _ in range(60):
            visitor.page.keyboard.press("Tab")
            found = visitor.page.evaluate(SEEN)
            if found is None or found["place"] in places[:1]:  # the end, or round again
                break
            assert found["seen"], f"{path}: {found['html']}"
            places.append(found["place"])
        assert places == sorted(places), path
        assert len(places) > 5, path


SEEN = """() => {
    const one = document.activeElement;
    if (!one || one === document.body) return null;
    const style = getComputedStyle(one), next = one.nextElementSibling;
    const beside = next && getComputedStyle(next, "::before");
    const marked = s => s && (s.outlineStyle !== "none" || s.boxShadow !== "none");
    const all = [...document.querySelectorAll("*")];
    return {seen: marked(style) || marked(beside), place: all.indexOf(one), html: one.outerHTML.slice(0, 200)};
}"""
