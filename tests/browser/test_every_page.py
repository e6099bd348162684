"""Every page, at two widths, in both directions of writing: for everybody, and within its edges."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import UUID

import pytest

from services.intake import commands
from services.intake.schemas import CASE_SHAPES
from shared.access import Role
from shared.database import transaction
from tests.browser.visitor import Site, Window

pytestmark = pytest.mark.browser

REQUEST: dict[str, Any] = {
    "type": "tracing_request",
    "details": {
        "relationship": "parent",
        "how_contact_was_lost": "shipwreck",
        "last_contact_on": "2025-03-02",
        "last_known_country": "LBY",
        "last_known_place": "LY0203",
        "route": "central_mediterranean",
        "circumstances": "She called from a beach in the evening.\nThe line broke off.",
    },
    "people": [
        {"role": "enquirer", "person": {"names": [{"full": "أمينة الحسن"}], "sex": "female", "languages": ["ar"]}},
        {
            "role": "sought",
            "person": {
                "names": [{"full": "አስቴር ተስፋዬ"}, {"full": "Aster Tesfaye", "kind": "other_spelling"}],
                "sex": "female",
                "birth": {"year": 2010, "month": 5},
                "nationality": "ETH",
                "marks": "A scar on the left hand",
                "disability": {"walking": 3},
            },
        },
    ],
    "relations": [{"person": 0, "other": 1, "kind": "parent"}],
}
INCIDENT: dict[str, Any] = {
    "type": "mass_incident",
    "incident": {"occurred_from": "2025-05-03", "occurred_to": "2025-05-04", "dead": 2, "place": "North of Zuwara"},
}


@pytest.mark.parametrize("language", ["en", "ar"])
@pytest.mark.parametrize("width", [1280, 360])
def test_every_page_is_for_everybody(site: Site, window: Callable[..., Window], width: int, language: str) -> None:
    case_id = with_a_case(site)
    invitation = site.staff.invite(Role.CHILD_PROTECTION_OFFICER, "jonas@example.org")
    new = window(width, language)
    new.open(f"/intake/invitation/{invitation.secret}")
    new.look("invitation")
    new.press()
    new.look("invitation-refused")
    new.fill("password", "blue lamp 4 fish tin")
    new.fill("again", "blue lamp 4 fish tin")
    new.press()
    new.look("second-step-set-up")
    new.open("/intake/sign-in")
    new.look("sign-in")
    new.press()
    new.look("sign-in-refused")
    new.open("/intake/nowhere")
    new.look("not-found")
    visitor = window(width, language)
    visitor.enter(Role.CASE_MANAGER)
    for name, path in (
        ("my-work", "/intake/my-work"),
        ("cases", "/intake/cases"),
        ("cases-none", "/intake/cases?place=SYR&from-day=1&from-month=2&from-year=2020"),
        ("cases-refused", "/intake/cases?reference=KB-1&to-day=99"),
        ("new", "/intake/new"),
        ("case", f"/intake/cases/{case_id}?submitted=1"),
        ("move", f"/intake/cases/{case_id}/do/close"),
        ("deed", f"/intake/cases/{case_id}/do/record_answer"),
        ("deed-moment", f"/intake/cases/{case_id}/do/set_appointment"),
        ("assign", f"/intake/cases/{case_id}/assign"),
        ("by-name", "/intake/cases/by-name"),
    ):
        visitor.open(path)
        visitor.look(name)
    visitor.fill("name", "Aster Tesfay")
    visitor.press()
    visitor.look("by-name-found")
    visitor.open(f"/intake/cases/{case_id}/do/record_answer")
    visitor.press()
    visitor.look("deed-refused")
    visitor.open("/intake/new")
    visitor.choose("type", "tracing_request")
    visitor.press()
    draft = visitor.path
    visitor.look("draft")
    for name in ("names", "sex", "birth", "origin", "more", "use", "sharing"):
        visitor.open(f"{draft}/people/2/{name}")
        visitor.look(f"person-{name}")
    for name in ("relationship", "last_contact_on", "last_known_country", "circumstances"):
        visitor.open(f"{draft}/details/{name}")
        visitor.look(f"question-{name}")
    visitor.open(f"{draft}/check")
    visitor.press()
    visitor.look("check-refused")
    visitor.open(f"{draft}/remove")
    visitor.look("remove")
    assert new.found_wrong + visitor.found_wrong == []


@pytest.mark.parametrize("language", ["en", "ar"])
@pytest.mark.parametrize("width", [1280, 360])
def test_pages_of_protection_duplicates_and_incidents_are_for_everybody(
    site: Site, window: Callable[..., Window], width: int, language: str
) -> None:
    first, second = with_a_case(site), submit(site, REQUEST)
    incident = submit(site, INCIDENT)
    manager, officer = window(width, language), window(width, language)
    manager.enter(Role.CASE_MANAGER)
    officer.enter(Role.DATA_PROTECTION_OFFICER)
    officer.open("/intake/my-work")
    officer.look("my-work-of-the-officer")
    officer.open("/intake/protection")
    officer.look("waiting-none")
    manager.open(f"/intake/cases/{second}")
    manager.look("case-alike")
    protection = manager.page.locator(".kb-below a").nth(1).get_attribute("href")
    manager.open("/intake/duplicates")
    manager.look("duplicates")
    manager.open(f"/intake/cases/{second}/duplicates/{first}")
    manager.look("compare")
    manager.press()
    manager.look("compare-refused")
    manager.choose("decision", "other")
    manager.choose("reason", "two_enquirers")
    manager.press()
    manager.look("case-merged-here")
    manager.open(f"/intake/cases/{second}")
    manager.look("case-merged")
    manager.open(f"/intake/cases/{second}/undo-merge")
    manager.look("undo-merge")
    manager.choose("reason", "not_the_same")
    manager.press()
    manager.open(str(protection))
    manager.look("protection-none")
    for name in ("basis", "withdrawal", "wish", "request", "hold", "erasure"):
        manager.open(f"{protection}/{name}")
        manager.look(f"protection-{name}")
    manager.open(f"{protection}/basis")
    manager.press()
    manager.look("protection-basis-refused")
    told: dict[str, dict[str, str]] = {
        "basis": {"purpose": "tracing", "basis": "consent"},
        "objection": {"purpose": "sharing"},
        "wish": {"wish": "yes"},
        "request": {"kind": "erase"},
        "erasure": {"reason": "subject_request"},
    }
    for name, answers in told.items():
        manager.open(f"{protection}/{name}")
        for field, answer in answers.items():
            manager.choose(field, answer)
        manager.press()
    manager.look("protection")
    officer.open("/intake/protection")
    officer.look("waiting")
    officer.page.locator('a[href*="/requests/"]').click()
    officer.look("answer")
    officer.open("/intake/protection")
    officer.page.locator('a[href*="/erasures/"]').click()
    officer.look("erasure")
    officer.choose("decision", "approve")
    officer.press()
    officer.look("erasure-done")
    officer.open(str(protection))
    officer.look("protection-erased")
    manager.open(f"/intake/cases/{incident}")
    manager.look("incident")
    manager.open(f"/intake/cases/{incident}/correct")
    manager.look("incident-correct")
    manager.open(f"/intake/cases/{incident}/do/assess_source")
    manager.look("incident-deed")
    for type_ in ("mass_incident", "tracing_request"):
        manager.open("/intake/new")
        manager.choose("type", type_)
        manager.press()
        draft = manager.path
        if type_ == "mass_incident":
            manager.look("incident-draft")
            for name in ("occurred_from", "dead", "kind", "latitude"):
                manager.open(f"{draft}/details/{name}")
                manager.look(f"incident-{name}")
            manager.open(f"{draft}/check")
            manager.look("incident-check")
    manager.open(f"{draft}/people/2/disability")
    manager.look("person-disability")
    manager.open(f"{draft}/relations")
    manager.press()
    manager.look("relations-refused")
    for name, value in (("person", "1"), ("kind", "parent"), ("other", "2")):
        manager.choose(name, value)
    manager.press()
    manager.look("relations")
    assert manager.found_wrong + officer.found_wrong == []


def submit(site: Site, body: dict[str, Any]) -> str:
    """A case that a case worker submits."""
    submitted = CASE_SHAPES[body["type"]].validate_python(body)
    worker = site.staff.member(Role.CASE_WORKER)
    with transaction(site.engine) as session:
        made = commands.submit_case(session, worker.actor, submitted, idempotency_key=None, request=body)
    return str(made["id"])


def with_a_case(site: Site) -> str:
    """A tracing request on which somebody has worked."""
    worker, manager = site.staff.member(Role.CASE_WORKER), site.staff.member(Role.CASE_MANAGER)
    case_id = UUID(submit(site, REQUEST))
    with transaction(site.engine) as session:
        commands.move_case(session, worker.actor, case_id, "accept")
        commands.assign_case(session, manager.actor, case_id, manager.user_id)
    return str(case_id)
