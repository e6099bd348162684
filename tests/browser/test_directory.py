"""The service directory at a browser: for everybody, at two widths, in both directions of writing."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest

from services.intake.casework.service_directory import ServiceIn
from services.intake.commands.directory import add_service, withdraw_service
from services.intake.domain import ServiceEntry
from shared.access import Role
from shared.database import transaction, utc_now
from tests.browser.visitor import Site, Window
from tests.intake.directory.entries import CLINIC
from tests.staff import Staff

pytestmark = pytest.mark.browser

SERVICES = "/intake/services"


def entry(site: Site, days: int, **changed: object) -> ServiceEntry:
    """An entry that a manager confirmed so many days ago."""
    manager = site.staff.member(Role.CASE_MANAGER).actor
    with transaction(site.engine) as session:
        service = ServiceIn.model_validate({**CLINIC, **changed})
        return add_service(session, manager, service, now=utc_now() - timedelta(days=days))


@pytest.mark.parametrize("language", ["en", "ar"])
@pytest.mark.parametrize("width", [1280, 360])
def test_the_directory_is_for_everybody(site: Site, window: Callable[..., Window], width: int, language: str) -> None:
    shelter = Staff(site.engine, "night-shelter", "Night shelter of the harbour")
    entry(site, 2, title="عيادة الميناء", capacity="open")
    due = entry(site, 45, provider_id=str(shelter.organisation_id))
    stale = entry(site, 120, title="Shelter " + "x" * 60, capacity="full", free_places=None)
    withdrawn = entry(site, 5)
    keeper = site.staff.member(Role.CASE_MANAGER).actor
    with transaction(site.engine) as session:
        withdraw_service(session, keeper, withdrawn.id, None)
    manager, worker = window(width, language), window(width, language)
    worker.enter(Role.CASE_WORKER)
    worker.open(f"{SERVICES}/{stale.id}")
    worker.look("service-stale")
    worker.open(f"{SERVICES}?place=ZZZ")
    worker.look("services-none")
    manager.enter(Role.CASE_MANAGER)
    for name, path in (
        ("my-work-with-services", "/intake/my-work"),
        ("services", SERVICES),
        ("service", f"{SERVICES}/{due.id}"),
        ("service-withdrawn", f"{SERVICES}/{withdrawn.id}"),
        ("service-change", f"{SERVICES}/{due.id}/change"),
        ("service-withdraw", f"{SERVICES}/{due.id}/withdraw"),
        ("service-new", f"{SERVICES}/new"),
    ):
        manager.open(path)
        manager.look(name)
    manager.fill("hours.0.opens", "noon")
    manager.fill("age_from", "x")
    manager.press()
    manager.look("service-refused")
    assert manager.path == f"{SERVICES}/new"
    assert manager.found_wrong + worker.found_wrong == []


def test_a_service_is_written_found_and_confirmed_with_javascript_off(
    site: Site, window: Callable[..., Window]
) -> None:
    waiting = entry(site, 45, title="Waits for somebody")
    manager = window(scripts=False)
    manager.enter(Role.CASE_MANAGER)
    manager.open("/intake/my-work")
    manager.press("Still right")
    assert manager.path == "/intake/my-work#services"
    assert "Every service that your organisation keeps is confirmed." in manager.page.locator("main").inner_text()
    manager.follow("Services")
    assert "Waits for somebody" in manager.page.locator("main").inner_text()
    manager.follow("Add a service")
    manager.choose("category", "food")
    manager.fill("title", "Warm meals")
    manager.choose("free_of_charge", "yes")
    manager.fill("place", "LY0203")
    manager.choose("hours.0.days", "mo")
    manager.fill("hours.0.opens", "11")
    manager.fill("hours.0.closes", "14:30")
    manager.choose("capacity", "open")
    manager.fill("how_to_refer", "Nobody needs to be referred.")
    manager.press()
    assert manager.heading == "Warm meals"
    assert "Monday: from 11:00 to 14:30" in manager.page.locator("main").inner_text()
    manager.follow("Withdraw it")
    manager.press()
    manager.press("Bring it back")
    assert "The service is in the directory again." in manager.page.locator("main").inner_text()
    assert waiting.version == 1
