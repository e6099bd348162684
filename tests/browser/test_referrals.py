"""Referrals in two windows side by side: who asks for a service, and who gives it; every page for everybody."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from services.intake.casework.service_directory import ServiceIn
from services.intake.commands.directory import add_service
from services.intake.commands.protection import record_legal_basis
from services.intake.domain import CasePerson
from shared.access import Role
from shared.database import transaction, utc_now
from tests.browser.test_every_page import REQUEST, submit
from tests.browser.visitor import Site, Window
from tests.intake.directory.entries import CLINIC
from tests.staff import Staff

pytestmark = pytest.mark.browser


@pytest.fixture
def partner(site: Site) -> Site:
    """The same pages, for the staff of a second organisation."""
    return Site(site.address, site.engine, Staff(site.engine, "harbour-clinic", "Clinic of the Harbour"))


def shareable(site: Site, partner: Site) -> str:
    """The address of a case whose sought person agrees to be shared with the partner."""
    case_id = UUID(submit(site, REQUEST))
    manager = site.staff.member(Role.CASE_MANAGER).actor
    with transaction(site.engine) as session:
        people = session.query(CasePerson.person_id).filter(CasePerson.case_id == case_id)
        for (one,) in people.all():
            record_legal_basis(
                session, manager, one, purpose="sharing", basis="consent", recipient_id=partner.staff.organisation_id
            )
    return f"/intake/cases/{case_id}"


def serve(partner: Site, *, days: int = 0, **changed: Any) -> str:
    """The address of a service in Italy, confirmed by the partner so many days ago."""
    keeper = partner.staff.member(Role.CASE_MANAGER).actor
    service = ServiceIn.model_validate({**CLINIC, "place": "ITA", **changed})
    with transaction(partner.engine) as session:
        entry = add_service(session, keeper, service, now=utc_now() - timedelta(days=days))
        return f"/intake/services/{entry.id}"


def opened(window: Callable[..., Window], site: Site, role: Role, *size: Any, **more: Any) -> Window:
    """A window of somebody of that organisation."""
    made = window(*size, **more)
    made.site = site
    made.enter(role)
    return made


def propose(manager: Window, partner: Site) -> None:
    """Fill in the proposal of an agreement."""
    manager.choose("partner_id", str(partner.staff.organisation_id))
    manager.choose("purposes", "assistance")
    for name in ("names", "sex", "birth", "marks", "nationality", "facts", "third_persons"):
        manager.choose("fields", name)
    manager.page.locator("#countries").select_option("ITA")


def ask(worker: Window, partner: Site) -> None:
    """Fill in what is asked of the partner."""
    worker.choose("receiver_id", str(partner.staff.organisation_id))
    worker.choose("service", "primary_health_care")
    ask_chosen(worker)


def ask_chosen(worker: Window) -> None:
    """The rest of the form: all of it where a service of the directory was chosen."""
    worker.choose("purpose", "assistance")
    worker.choose("country", "ITA")
    worker.choose("urgency", "high")
    for name in ("names", "sex", "birth", "marks", "facts"):
        worker.choose("fields", name)
    worker.fill("note", "She comes on Monday, with her aunt.")


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


@pytest.mark.parametrize(("width", "language"), [(1280, "en"), (360, "ar")])
def test_a_case_is_handed_over_in_two_windows(
    site: Site, partner: Site, window: Callable[..., Window], width: int, language: str
) -> None:
    case = shareable(site, partner)
    ours = opened(window, site, Role.CASE_MANAGER, width, language)
    theirs = opened(window, partner, Role.CASE_MANAGER, width, language)
    ours.open(f"{case}/transfer")
    ours.look("transfer-without-agreement")
    ours.open("/intake/agreements/new")
    propose(ours, partner)
    ours.choose("fields", "whole_file")
    ours.press()
    agreement = ours.path.partition("?")[0]
    theirs.open(f"{agreement}/do/sign")
    theirs.press()
    ours.open(f"{case}/transfer")
    ours.look("transfer")
    ours.press()
    ours.look("transfer-refused")
    ours.choose("receiver_id", str(partner.staff.organisation_id))
    ours.choose("why", "family_lives_there")
    ours.choose("purpose", "assistance")
    ours.choose("country", "ITA")
    for name in ("names", "sex", "facts"):
        ours.choose("fields", name)
    ours.press()
    ours.look("transfer-preview")
    ours.page.locator('button[name="do"][value="send"]').click()
    ours.look("transfer-offered")
    path = ours.path.partition("?")[0]
    theirs.open("/intake/referrals")
    theirs.look("referrals-with-transfer")
    theirs.open(path)
    theirs.look("transfer-received")
    theirs.open(f"{path}/do/accept")
    theirs.look("transfer-accept")
    theirs.press()
    theirs.look("transfer-taken-over")
    theirs.open(case)
    theirs.look("case-taken-over")
    ours.open(case)
    assert ours.path.partition("?")[0] == path, "the case is where it went"
    ours.look("transfer-gone")
    ours.open(f"{path}/do/hand_over")
    ours.press()
    theirs.open(f"{path}/do/complete")
    theirs.look("transfer-complete")
