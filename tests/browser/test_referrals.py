"""Referrals in two windows side by side: who asks for a service, and who gives it; every page for everybody."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from shared.access import Role
from tests.browser.passing import ask, ask_chosen, opened, propose, serve, shareable
from tests.browser.visitor import Site, Window
from tests.staff import Staff

pytestmark = pytest.mark.browser


@pytest.mark.parametrize("language", ["en", "ar"])
@pytest.mark.parametrize("width", [1280, 360])
def test_pages_of_referrals_and_agreements_are_for_everybody(
    site: Site, partner: Site, window: Callable[..., Window], width: int, language: str
) -> None:
    case = shareable(site, partner)
    ours = opened(window, site, Role.CASE_MANAGER, width, language)
    theirs = opened(window, partner, Role.CASE_MANAGER, width, language)
    ours.open(f"{case}/refer")
    ours.look("refer-without-agreement")
    ours.open("/intake/agreements")
    ours.look("agreements-none")
    ours.open("/intake/agreements/new")
    ours.look("agreement-new")
    ours.press()
    ours.look("agreement-new-refused")
    propose(ours, partner)
    ours.press()
    ours.look("agreement-proposed")
    agreement = ours.path.partition("?")[0]
    theirs.open("/intake/agreements")
    theirs.look("agreements")
    theirs.open(f"{agreement}/do/sign")
    theirs.look("agreement-sign")
    theirs.press()
    theirs.look("agreement-signed")
    theirs.open("/intake/referrals")
    theirs.look("referrals-none")
    ours.open(f"{case}/refer")
    ours.look("refer")
    ours.press()
    ours.look("refer-refused")
    ask(ours, partner)
    ours.press()
    ours.look("refer-preview")
    ours.page.locator('button[name="do"][value="send"]').click()
    ours.look("referral-sent")
    path = ours.path.partition("?")[0]
    ours.open("/intake/referrals?box=out")
    ours.look("referrals-sent")
    ours.open(case)
    ours.look("case-referred")
    theirs.open("/intake/referrals")
    theirs.look("referrals")
    theirs.open(path)
    theirs.look("referral-received")
    for name in ("acknowledge", "decline", "ask"):
        theirs.open(f"{path}/do/{name}")
        theirs.look(f"referral-{name}")
    theirs.press()
    theirs.look("referral-ask-refused")
    theirs.fill("text", "Does she need an interpreter?")
    theirs.press()
    ours.open(f"{path}/do/answer")
    ours.look("referral-answer")
    ours.fill("text", "Yes, for Tigrinya.")
    ours.press()
    ours.open(f"{path}/update")
    ours.look("referral-update")
    ours.press()
    ours.look("referral-update-preview")
    theirs.open(f"{path}/do/accept")
    ours.open(f"{path}/do/revoke")
    ours.choose("reason", "not_needed")
    ours.press()
    theirs.press()
    theirs.look("referral-changed-meanwhile")
    theirs.open(path)
    theirs.look("referral-over")
    ours.open("/intake/my-work")
    ours.look("my-work-referrals")
    ours.open(f"{agreement}/do/end")
    ours.look("agreement-end")
    assert ours.found_wrong + theirs.found_wrong == []


def test_a_case_is_referred_and_the_service_given_without_javascript(
    site: Site, partner: Site, window: Callable[..., Window]
) -> None:
    case = shareable(site, partner)
    serve(partner)
    worker = opened(window, site, Role.CASE_WORKER, scripts=False)
    manager = opened(window, site, Role.CASE_MANAGER, scripts=False)
    theirs = opened(window, partner, Role.CASE_MANAGER, scripts=False)
    manager.open("/intake/agreements")
    manager.page.get_by_role("button", name="Propose an agreement").click()
    propose(manager, partner)
    manager.press()
    theirs.open("/intake/my-work")
    theirs.follow("Data-sharing agreements to be signed")
    theirs.follow("Red Cross of Marenia")
    theirs.follow("Sign this agreement")
    theirs.press()
    worker.open(case)
    worker.follow("Refer to another organisation")
    worker.follow("Choose this service")
    ask_chosen(worker)
    worker.press()
    assert "Aster Tesfaye" not in worker.page.locator(".kb-frame").inner_text(), "a minor: initials"
    worker.press("Change it")
    assert worker.page.locator('[name="note"]').input_value() == "She comes on Monday, with her aunt."
    worker.press()
    shared = worker.page.locator(".kb-frame").inner_text()
    worker.press("Send it")
    path = worker.path.partition("?")[0]
    theirs.open("/intake/my-work")
    theirs.follow("Referrals")
    theirs.page.locator("tbody a").first.click()
    assert theirs.path == path
    assert theirs.page.locator(".kb-frame").inner_text() == shared, "what was looked at is what is seen"
    theirs.follow("Accept it")
    theirs.press()
    theirs.follow("Complete it")
    theirs.choose("reason", "service_given")
    theirs.press()
    worker.open(case)
    assert "Completed" in worker.page.locator("main").inner_text()


def test_the_keyboard_alone_sends_a_referral(site: Site, partner: Site, window: Callable[..., Window]) -> None:
    case = shareable(site, partner)
    manager = opened(window, site, Role.CASE_MANAGER)
    theirs = opened(window, partner, Role.CASE_MANAGER)
    manager.open("/intake/agreements/new")
    propose(manager, partner)
    manager.press()
    theirs.open(f"{manager.path.partition('?')[0]}/do/sign")
    theirs.press()
    manager.open(f"{case}/refer")
    ask(manager, partner)
    keyboard = manager.page.keyboard
    manager.page.locator('[name="note"]').focus()
    keyboard.press("Tab")
    keyboard.press("Enter")
    manager.page.wait_for_selector('button[value="send"]')
    for _ in range(30):
        keyboard.press("Tab")
        if manager.page.evaluate("document.activeElement.value") == "send":
            break
    keyboard.press("Enter")
    manager.page.wait_for_url("**/referrals/*done=offer")


@pytest.mark.parametrize("language", ["en", "ar"])
@pytest.mark.parametrize("width", [1280, 360])
def test_choosing_a_service_is_for_everybody(
    site: Site, partner: Site, window: Callable[..., Window], width: int, language: str
) -> None:
    case = shareable(site, partner)
    doubtful = serve(partner, days=100, title="عيادة الميناء", capacity="full", free_places=None)
    serve(partner, place="LY0203", title="Clinic at the old market")
    serve(Site(site.address, site.engine, Staff(site.engine, "kitchen", "Kitchen of Saint Anne")), category="food")
    manager, theirs = opened(window, site, Role.CASE_MANAGER), opened(window, partner, Role.CASE_MANAGER)
    manager.open("/intake/agreements/new")
    propose(manager, partner)
    manager.press()
    theirs.open(f"{manager.path.partition('?')[0]}/do/sign")
    theirs.press()
    ours = opened(window, site, Role.CASE_MANAGER, width, language)
    ours.open(f"{case}/refer/services")
    ours.look("refer-choose")
    ours.open(f"{case}/refer/services?category=food&age=18-49&language=de")
    ours.look("refer-choose-nothing")
    ours.open(f"{case}/refer?service_entry_id={doubtful.rpartition('/')[2]}")
    ours.look("refer-chosen")
    ask_chosen(ours)
    ours.press()
    ours.look("refer-chosen-preview")
    ours.page.locator('button[name="do"][value="send"]').click()
    ours.look("referral-chosen")
    ours.open("/intake/referrals?box=out")
    ours.look("referrals-chosen")
    ours.open(doubtful)
    ours.look("service-refer")
    ours.open(f"{doubtful}/refer?reference=nothing")
    ours.look("service-refer-refused")
    assert ours.found_wrong == []


@pytest.mark.parametrize("language", ["en", "ar"])
@pytest.mark.parametrize("width", [1280, 360])
def test_the_pages_of_a_link_are_for_everybody(
    site: Site, partner: Site, window: Callable[..., Window], width: int, language: str
) -> None:
    case = shareable(site, partner)
    manager = opened(window, site, Role.CASE_MANAGER)
    theirs = opened(window, partner, Role.CASE_MANAGER)
    manager.open("/intake/agreements/new")
    propose(manager, partner)
    manager.press()
    agreement = manager.path.partition("?")[0]
    theirs.open(f"{agreement}/do/sign")
    theirs.press()
    manager.open(f"{case}/refer")
    manager.choose("receiver_id", str(partner.staff.organisation_id))
    manager.choose("purpose", "assistance")
    manager.choose("service", "primary_health_care")
    manager.choose("country", "ITA")
    manager.choose("fields", "names")
    manager.press()
    manager.page.locator('button[name="do"][value="send"]').click()
    path = manager.path.partition("?")[0]
    ours, provider = opened(window, site, Role.CASE_WORKER, width, language), window(width, language)
    ours.open(f"{path}/link")
    ours.look("referral-link")
    ours.fill("days", "30")
    ours.press()
    ours.look("referral-link-refused")
    ours.fill("days", "3")
    ours.press()
    ours.look("referral-link-made")
    address = ours.page.locator(".kb-id").inner_text()
    provider.open("/" + address.partition("://")[2].partition("/")[2])
    provider.look("link")
    provider.press()
    provider.look("link-open")
    assert provider.page.locator(".kb-frame").count() == 1
    assert ours.found_wrong + provider.found_wrong == []
