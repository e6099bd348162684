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
            },
        },
    ],
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
    for name in ("names", "sex", "birth", "origin", "more", "sharing"):
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


def with_a_case(site: Site) -> str:
    """A tracing request on which somebody has worked."""
    worker, manager = site.staff.member(Role.CASE_WORKER), site.staff.member(Role.CASE_MANAGER)
    submitted = CASE_SHAPES["tracing_request"].validate_python(REQUEST)
    with transaction(site.engine) as session:
        made = commands.submit_case(session, worker.actor, submitted, idempotency_key=None, request=REQUEST)
    case_id = UUID(str(made["id"]))
    with transaction(site.engine) as session:
        commands.move_case(session, worker.actor, case_id, "accept")
        commands.assign_case(session, manager.actor, case_id, manager.user_id)
    return str(case_id)
