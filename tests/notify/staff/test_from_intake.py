"""From intake's menu to notify's pages: whoever is signed in there comes in here, and leaves both at once."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from urllib.parse import parse_qs, urlsplit

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import Engine

from services.intake import app
from shared.access import Role, read_token
from shared.crypto import KeyRing
from tests.staff import Browser, Staff


@pytest.fixture
def intake(sqlite: Callable[[str], Engine], keys: KeyRing) -> Iterator[tuple[TestClient, Staff]]:
    engine = sqlite("intake")
    with TestClient(app.build(engine, keys)) as client:
        yield client, Staff(engine, "red-cross-marenia", "Red Cross of Marenia")


def test_a_manager_finds_messages_in_the_menu_and_is_led_there_with_a_token(
    intake: tuple[TestClient, Staff], keys: KeyRing
) -> None:
    client, staff = intake
    browser, manager = Browser(client), staff.member(Role.CASE_MANAGER)
    browser.sign_in(manager)
    assert 'href="/intake/messages"' in browser.open("/intake/my-work")
    goal = urlsplit(browser.open("/intake/messages?to=/notify/pauses", 303))
    asked = parse_qs(goal.query)
    assert (goal.netloc, goal.path, asked["to"]) == ("", "/notify/open", ["/notify/pauses"])
    actor = read_token(keys, asked["token"][0])
    assert (actor.organisation_id, actor.user_id) == (staff.organisation_id, manager.user_id)
    assert actor.roles == {Role.CASE_MANAGER}
    assert "to=%2Fnotify%2Fmessages" in browser.open("/intake/messages?to=https://evil.example", 303)


def test_where_notify_is_elsewhere_a_page_leads_on(intake: tuple[TestClient, Staff]) -> None:
    client, staff = intake
    client.app.state.notify_address = "https://messages.example"  # type: ignore[attr-defined] # FastAPI's
    browser = Browser(client)
    browser.sign_in(staff.member(Role.CASE_MANAGER))
    page = browser.open("/intake/messages")
    assert browser.answer.headers["refresh"].startswith("0; url=https://messages.example/notify/open?token=")
    assert browser.answer.headers["cache-control"] == "no-store"
    assert 'href="https://messages.example/notify/open?token=' in page


def test_a_case_worker_finds_no_messages(intake: tuple[TestClient, Staff]) -> None:
    client, staff = intake
    browser = Browser(client)
    browser.sign_in(staff.member(Role.CASE_WORKER))
    assert "/intake/messages" not in browser.open("/intake/my-work")
    browser.open("/intake/messages", 403)


def test_a_finance_officer_is_led_to_reports_by_mail_and_to_no_messages(intake: tuple[TestClient, Staff]) -> None:
    client, staff = intake
    browser = Browser(client)
    browser.sign_in(staff.member(Role.FINANCE_OFFICER))
    goal = urlsplit(browser.open("/intake/messages?to=/notify/reports%3Fgrant_id%3D1", 303))
    assert parse_qs(goal.query)["to"] == ["/notify/reports?grant_id=1"]
    browser.open("/intake/messages", 403)


def test_whoever_signs_out_of_intake_is_out_of_messages_too(intake: tuple[TestClient, Staff]) -> None:
    client, staff = intake
    browser = Browser(client)
    assert browser.open("/intake/messages", 303).startswith("/intake/sign-in?next=/intake/messages")
    browser.sign_in(staff.member(Role.CASE_MANAGER))
    browser.open("/intake/my-work")
    browser.send("/intake/sign-out")
    assert 'kinbridge_notify=""' in "".join(browser.answer.headers.get_list("set-cookie"))
