"""What the tests of referral pages stand on: a case that may be shared, and the forms filled in."""

from __future__ import annotations

import re
from typing import Any

from shared.access import Role
from tests.applications import intake_on
from tests.client import TestClient
from tests.intake.pages.conftest import Pages
from tests.intake.referrals.conftest import Hub
from tests.staff import Browser

AGREED: dict[str, Any] = {
    "purposes": ["assistance"],
    "fields": ["names", "sex", "marks", "facts", "third_persons"],
    "valid_from-day": "1",
    "valid_from-month": "1",
    "valid_from-year": "2020",
}


def hub_of(pages: Pages) -> Hub:
    """The same organisations, through the interface for programs."""
    client = TestClient(intake_on(pages.engine, pages.keys))
    return Hub(pages.engine, pages.keys, client, pages.own, pages.other, pages.other)


def asked(pages: Pages, **more: Any) -> dict[str, Any]:
    """The form of a referral to the other organisation."""
    return {
        "receiver_id": str(pages.other.organisation_id),
        "purpose": "assistance",
        "service": "primary_health_care",
        "urgency": "high",
        "fields": ["names", "sex", "marks"],
        **more,
    }


def hidden(browser: Browser, *names: str) -> dict[str, str]:
    """What stands in hidden fields of the page that is open."""
    found = {}
    for name in names:
        match = re.search(rf'name="{name}" value="([^"]*)"', browser.page)
        assert match, (name, browser.page[-3000:])
        found[name] = match[1]
    return found


def looked_at(browser: Browser, case: str, fields: dict[str, Any]) -> tuple[str, dict[str, Any]]:
    """(the page that shows what would be shared, the form that sends it)."""
    browser.open(f"{case}/refer")
    page = browser.send(f"{case}/refer", {**fields, **hidden(browser, "key")}, 200)
    return page, {**fields, **hidden(browser, "key", "seen"), "do": "send"}


def referred(pages: Pages, worker: Browser, case: str, **more: Any) -> str:
    """The path of a referral that a worker sends."""
    _, form = looked_at(worker, case, asked(pages, **more))
    return worker.send(f"{case}/refer", form).partition("?")[0]


def workers(pages: Pages) -> tuple[Browser, Browser]:
    """A case worker on each side."""
    return pages.browser(Role.CASE_WORKER), pages.browser(Role.CASE_WORKER, of=pages.other)
