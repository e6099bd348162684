"""Possible matches on the pages, in two browsers: who holds the found person's record, and who looks for the person."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

import pytest

from shared.access import Role
from tests.applications import intake_on
from tests.client import TestClient
from tests.intake.matching.proposals.conftest import WORKER, Hub, Kept
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
