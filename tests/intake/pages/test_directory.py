"""The service directory on the pages: a manager keeps it, everybody reads it."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from services.intake.casework.service_categories import CATEGORIES
from services.intake.casework.service_directory import SECTIONS, ServiceIn
from services.intake.commands import directory
from services.intake.domain import ServiceEntry
from services.intake.pages.directory import sectors
from shared.access import Role
from shared.database import reading, transaction, utc_now
from tests.intake.directory.entries import CLINIC
from tests.intake.pages.conftest import Pages
from tests.staff import NAMES, Browser, Staff

SERVICES = "/intake/services"
ANSWERS: dict[str, Any] = {
    "category": "primary_health_care",
    "title": "Clinic at the harbour",
    "free_of_charge": "yes",
    "place": "ly0203",
    "languages": ["ar", "fr", ""],
    "hours.0.days": ["mo", "tu", "we", "sa"],
    "hours.0.opens": "9",
    "hours.0.closes": "١٢:٣٠",
    "hours.2.days": "su",
    "hours.2.opens": "20.00",
    "hours.2.closes": "8:00",
    "open_to": ["women", "children"],
    "capacity": "limited",
    "how_to_refer": "Call the desk",
}


def kept(pages: Pages, of: Staff | None = None, *, days: int = 0, **changed: Any) -> str:
    """The address of an entry that a manager confirmed so many days ago."""
    manager = (of or pages.own).member(Role.CASE_MANAGER).actor
    with transaction(pages.engine) as session:
        now = utc_now() - timedelta(days=days)
        service = ServiceIn.model_validate({**CLINIC, **changed})
        return f"{SERVICES}/{directory.add_service(session, manager, service, now=now).id}"


def stored(pages: Pages, path: str) -> ServiceEntry:
    with reading(pages.engine) as session:
        return session.get_one(ServiceEntry, UUID(path.rpartition("/")[2].partition("?")[0]))


def text_of(page: str) -> str:
    """What is read on it, without the marks that keep a name's direction to itself."""
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", re.sub("[\u2068\u2069]", "", page.partition("<main")[2])))


def test_a_service_is_added_shown_and_found(pages_on_both: Pages) -> None:
    pages = pages_on_both
    manager = pages.browser(Role.CASE_MANAGER)
    manager.open(f"{SERVICES}/new")
    path = manager.send(f"{SERVICES}/new", ANSWERS)
    shown = text_of(manager.open(path))
    for told in (
        "The service stands in the directory.",
        "Monday to Wednesday, Saturday: from 09:00 to 12:30",
        "Sunday: from 20:00 to 08:00 the next morning",
        "LY0203",
        "Arabic, French",
        f"by {NAMES[Role.CASE_MANAGER]}, Red Cross-A",
    ):
        assert told in shown
    worker = pages.browser(Role.CASE_WORKER, of=pages.other)
    listed = text_of(worker.open(f"{SERVICES}?place=lby&language=ar&capacity=limited&category=primary_health_care"))
    assert "Clinic at the harbour" in listed
    for nothing in ("place=LY03", "language=es", "capacity=open", "category=food", f"provider={path[17:53]}"):
        assert "No service fits all of that" in worker.open(f"{SERVICES}?{nothing}")


def test_other_organisations_see_the_role_of_who_confirmed_it_and_no_name(pages: Pages) -> None:
    path = kept(pages)
    for role in (Role.CASE_WORKER, Role.CASE_MANAGER, Role.ADMINISTRATOR):
        browser = pages.browser(role, of=pages.other)
        for page in (browser.open(path), browser.open(SERVICES)):
            assert not [name for name in NAMES.values() if name in page.partition("<main")[2]]
        assert "by a case manager, Red Cross-A" in text_of(browser.open(path))
        for act in ("change", "withdraw"):
            browser.open(f"{path}/{act}", 403 if role is Role.CASE_WORKER else 404)


def test_what_is_wrong_is_told_and_what_was_typed_stays(pages: Pages) -> None:
    manager = pages.browser(Role.CASE_MANAGER)
    manager.open(f"{SERVICES}/new")
    assert "Answer this question." in manager.send(f"{SERVICES}/new", {}, 422)
    wrong = {
        "hours.0.opens": "noon",
        "hours.2.closes": "20:00",
        "age_from": "9",
        "age_to": "8",
        "capacity": "full",
        "free_places": "3",
        "provider_id": "x",
        "languages": ["ar", "x!", *["fr"] * 30],
    }
    page = manager.send(f"{SERVICES}/new", {**ANSWERS, **wrong}, 422)
    for sentence in ("Give a time of day", "two different times", "The highest age is below", "has no free places"):
        assert sentence in page
    assert 'value="noon"' in page
    authority = {**ANSWERS, "provider_id": str(UUID(int=7))}
    assert "Choose an organisation of this hub." in manager.send(f"{SERVICES}/new", authority, 422)


def test_a_change_keeps_what_it_does_not_touch(pages: Pages) -> None:
    tags = ["ar", "fr", "ti", "am", "so", "ar-SY", "en", "ps"]
    path = kept(pages, provider_id=str(pages.other.organisation_id), languages=tags)
    before = stored(pages, path)
    manager = pages.browser(Role.CASE_MANAGER)
    page = manager.open(f"{path}/change")
    manager.send(f"{path}/change", fields_of(page) | {"title": "Clinic at the station"})
    after = stored(pages, path)
    names = set(ServiceIn.model_fields)
    assert {name for name in names if getattr(before, name) != getattr(after, name)} == {"title"}
    assert after.version == 2
    assert "keeps this entry on behalf of Red Crescent-B" in text_of(manager.open(path))


def fields_of(page: str) -> dict[str, list[str]]:
    """What a browser would send of the form of a page, as it stands."""
    form = page.partition("<main")[2]
    found: dict[str, list[str]] = {}
    for tag in re.findall(r"<input [^>]*>", form):
        known = dict(re.findall(r'([\w-]+)="([^"]*)"', tag))
        if known["type"] not in {"radio", "checkbox"} or re.search(r"\schecked", tag):
            found.setdefault(known["name"], []).append(known.get("value", ""))
    for name, inner in re.findall(r'<textarea [^>]*name="([^"]+)"[^>]*>([^<]*)</textarea>', form):
        found.setdefault(name, []).append(inner)
    for name, inner in re.findall(r'<select [^>]*name="([^"]+)"[^>]*>(.*?)</select>', form, re.DOTALL):
        found.setdefault(name, []).extend(re.findall(r'value="([^"]*)"\s+selected', inner))
    return found


def test_one_click_where_the_day_begins_confirms_a_service(pages: Pages) -> None:
    path, fresh = kept(pages, days=31), kept(pages, title="Fresh enough")
    kept(pages, pages.other, days=40, title="Another's")
    manager = pages.browser(Role.CASE_MANAGER)
    shown = text_of(manager.open("/intake/my-work"))
    assert "Services to confirm 1" in shown
    assert "Fresh enough" not in shown
    assert "Another" not in shown
    assert manager.send(f"{path}/confirm", {"then": "work"}) == "/intake/my-work#services"
    assert "Services to confirm 0" in text_of(manager.open("/intake/my-work"))
    assert stored(pages, path).version == 2
    assert stored(pages, fresh).version == 1
    assert "Services to confirm" not in pages.browser(Role.CASE_WORKER).open("/intake/my-work")


def test_an_administrator_without_cases_keeps_the_directory_too(pages: Pages) -> None:
    path = kept(pages, days=31)
    administrator = pages.browser(Role.ADMINISTRATOR)
    shown = administrator.open("/intake/my-work")
    assert "Services to confirm" in shown
    assert "It reads the service directory." in shown
    administrator.send(f"{path}/confirm")
    auditor = pages.browser(Role.AUDITOR)
    assert "It reads the service directory." in auditor.open("/intake/my-work")
    assert "Still right" not in auditor.open(path)
    auditor.send(f"{path}/confirm", status=403)


def test_a_stale_service_comes_last_under_a_heading_and_warns(pages: Pages) -> None:
    stale, due = kept(pages, days=91, title="Old one"), kept(pages, days=60, title="Waiting one")
    kept(pages, title="New one")
    worker = pages.browser(Role.CASE_WORKER, of=pages.other)
    shown = text_of(worker.open(SERVICES))
    order = ["New one", "Waiting one", "To be confirmed", "Not confirmed for more than 90 days", "Old one", "Stale"]
    assert sorted(order, key=shown.index) == order
    warning = "Nobody has confirmed this for more than 90 days."
    assert warning in worker.open(stale)
    assert warning not in worker.open(due)


def test_a_service_is_withdrawn_and_brought_back(pages: Pages) -> None:
    path, manager = kept(pages), pages.browser(Role.CASE_MANAGER)
    manager.open(f"{path}/withdraw")
    assert manager.send(f"{path}/withdraw") == f"{path}?done=withdraw"
    assert "choose another" in manager.open(f"{path}?done=withdraw")
    assert "The directory has no services yet." in manager.open(SERVICES)
    assert "Clinic at the harbour" in manager.open(f"{SERVICES}?show=withdrawn")
    manager.open(path)
    told = manager.send(f"{path}/change", ANSWERS, 409)
    assert "bring it back first" in told
    assert stored(pages, path).place == CLINIC["place"]
    manager.open(path)
    manager.send(f"{path}/bring-back")
    assert "Clinic at the harbour" in manager.open(SERVICES)


@pytest.mark.parametrize("act", ["change", "confirm", "withdraw", "bring-back"])
def test_what_changed_meanwhile_is_shown_and_nothing_is_done(pages: Pages, act: str) -> None:
    path, manager = kept(pages), pages.browser(Role.CASE_MANAGER)
    manager.open(path)
    manager.send(f"{path}/confirm")
    before = stored(pages, path)
    assert "was changed since you opened it" in manager.send(f"{path}/{act}", {**ANSWERS, "version": "1"}, 412)
    assert stored(pages, path).version == before.version == 2


def test_the_list_goes_on_page_by_page_and_a_foreign_place_is_refused(pages: Pages) -> None:
    for number in range(27):
        kept(pages, days=number, title=f"Service {number:02}")
    worker = pages.browser(Role.CASE_WORKER)
    first = worker.open(f"{SERVICES}?capacity=limited")
    following = re.findall(r'rel="next" href="([^"]+)"', first)[0].replace("&amp;", "&")
    second = worker.open(following)
    numbers = re.findall(r"Service (\d\d)</bdi>", first + second)
    assert numbers == [f"{number:02}" for number in range(27)]
    assert "First page" in second
    assert "show it anew" in worker.open(f"{SERVICES}?after=WyJ4IiwgMV0", 422)


def test_whatever_somebody_typed_is_text(pages: Pages) -> None:
    hostile = "<script>alert('CANARY')</script>"
    path = kept(pages, title=hostile, address=hostile, how_to_refer=hostile)
    browser = pages.browser(Role.CASE_MANAGER)
    for page in (path, SERVICES, f"{path}/change", f"{path}/withdraw"):
        assert "<script" not in raw(browser, page)


def raw(browser: Browser, path: str) -> str:
    browser.open(path)
    return browser.page


def test_every_question_stands_under_a_heading_and_every_category_in_a_sector() -> None:
    assert {name for names in SECTIONS.values() for name in names} == set(ServiceIn.model_fields)
    assert {code for offered in sectors().values() for code in offered} == set(CATEGORIES)
