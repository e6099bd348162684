"""What a family meets and does at its pages."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from fastapi import FastAPI, Request

from services.notify.commands.family.tries import CODES, COMPLAINTS, REPLIES
from services.notify.domain import Attempt, Notification
from services.notify.pages.family import visits
from shared.database import reading, transaction, utc_now
from shared.pages import FormData
from tests.notify.pages.visiting import Browser, Pages

COOKIE = "family"


def without_forms_number(page: str) -> str:
    return re.sub(r'name="once" value="[0-9a-f]+"', "", page)


def test_a_code_opens_the_page_and_stands_in_no_address(pages_on_both: Pages) -> None:
    _, code = pages_on_both.family()
    browser = pages_on_both.browser()
    assert "Enter your code" in browser.open()
    assert browser.send(code=code.lower().replace("-", " ")) == "/notify/f/case"
    kept = next(one for one in browser.answer.headers.get_list("set-cookie") if one.startswith(f"{COOKIE}="))
    assert "HttpOnly" in kept
    assert "SameSite=strict" in kept
    assert "Domain" not in kept
    assert "Max-Age" not in kept
    assert code.replace("-", "") not in kept
    browser.open("/case")
    assert browser.heading == "Your request is with us"
    assert code not in browser.text
    assert browser.answer.headers["cache-control"] == "no-store"
    assert browser.open("", 303) == ""
    assert browser.answer.headers["location"] == "/notify/f/case"


def test_where_people_come_by_https_the_cookies_say_so(pages: Pages) -> None:
    _, code = pages.family()
    browser = Browser(pages.site, address="https://help.test")
    browser.send(code=code)
    kept = browser.answer.headers["set-cookie"]
    assert kept.startswith("__Host-family=")
    assert "Secure" in kept
    assert "Path=/;" in kept


def test_whoever_leaves_leaves_nothing(pages: Pages) -> None:
    _, code = pages.family(language="am")
    browser = pages.inside(code)
    browser.open("/case?l=fr")
    browser.open("/leave", 303)
    assert browser.answer.headers["location"] == "/notify/f?closed=1"
    assert not browser.client.cookies
    for path in ("/case", "/reply", "/preferences", "/stop"):
        browser.open(path, 303)
    assert "Your page is closed" in browser.open("?closed=1")


@pytest.mark.parametrize("cookie", ["", "x", "AAAA", "A" * 76, "a" * 75])
def test_a_cookie_that_is_not_ours_opens_nothing(pages: Pages, cookie: str) -> None:
    browser = pages.browser(Cookie=f"{COOKIE}={cookie}")
    browser.open("/case", 303)
    browser.send("/stop")
    assert pages.told() == []


def test_a_visit_ends_after_a_quarter_of_an_hour_but_what_was_being_written_still_arrives(
    pages: Pages, monkeypatch: pytest.MonkeyPatch
) -> None:
    _, code = pages.family()
    browser, now = pages.inside(code), utc_now()
    monkeypatch.setattr(visits, "utc_now", lambda: now + timedelta(minutes=16))
    browser.open("/case", 303)
    assert browser.send("/reply", intent="reply", text="slowly written") == "/notify/f/case?done=written"
    assert "Thank you" in browser.open("/case?done=written")
    monkeypatch.setattr(visits, "utc_now", lambda: now + timedelta(minutes=90))
    assert browser.send("/reply", intent="reply", text="too late") == "/notify/f?closed=1"
    assert len(pages.told()) == 1


def test_a_contact_that_is_withdrawn_meanwhile_is_closed_at_once(pages: Pages) -> None:
    contact_id, code = pages.family()
    browser = pages.inside(code)
    pages.change(contact_id, withdrawn_at=utc_now())
    browser.open("/case", 303)


def test_the_page_is_the_same_whatever_became_of_the_case(pages_on_both: Pages) -> None:
    pages, shown = pages_on_both, set()
    sent_at = utc_now()
    for kind in ("news", "with_us", "receipt"):
        contact_id, code = pages.family(closed_at=utc_now() if kind == "news" else None)
        message_id = pages.message(contact_id, kind=kind)
        with transaction(pages.engine) as session:
            message = session.get_one(Notification, message_id)
            session.add(message.begin_attempt(sent_at, channel="sms", parts=1))
        browser = pages.inside(code)
        shown.add(browser.open("/case"))
        for path in ("/reply", "/preferences", "/stop"):
            shown.add(path + without_forms_number(browser.open(path)))
    assert len(shown) == 4


def test_the_page_tells_the_days_of_the_request_and_of_the_last_message(pages: Pages) -> None:
    contact_id, code = pages.family(language="de")
    assert "Unsere letzte Nachricht" not in pages.inside(code).open("/case")
    message_id = pages.message(contact_id)
    with transaction(pages.engine) as session:
        attempt = session.get_one(Notification, message_id).begin_attempt(utc_now(), channel="sms", parts=1)
        attempt.started_at = attempt.started_at.replace(year=2026, month=7, day=31, hour=22)
        session.add(attempt)
    page = pages.inside(code).open("/case")
    assert "5. März 2026" in page
    assert "Unsere letzte Nachricht: 1. August 2026" in page
    with reading(pages.engine) as session:
        assert session.get_one(Attempt, attempt.id).started_at.day == 31


def test_whether_a_message_is_genuine_is_told_without_opening_anything(pages_on_both: Pages) -> None:
    pages = pages_on_both
    _, code = pages.family()
    browser = pages.browser()
    assert "never ask for money" in browser.open("/genuine")
    assert "This code is ours" in browser.send("/genuine", 200, code=code)
    assert "set-cookie" not in browser.answer.headers
    assert "We do not know this code" in browser.send("/genuine", 200, code="7K4M-2QXD-9RTV")
    browser.open("/case", 303)


def test_too_many_of_anything_is_answered_with_when_to_try_again(pages: Pages) -> None:
    _, code = pages.family()
    browser = pages.browser()
    inside = pages.inside(code)
    for path, form, limit, sender in (
        ("", {"code": "wrong"}, CODES, browser),
        ("/complaint", {"text": "t"}, COMPLAINTS, browser),
        ("/reply", {"intent": "safe"}, REPLIES, inside),
    ):
        for _ in range(limit.each):
            sender.send(path, 422 if limit is CODES else 303, **form)
        assert "wait 15 minutes" in sender.send(path, 429, **form)
        assert 0 < int(sender.answer.headers["retry-after"]) <= 15 * 60
    assert "wait 15 minutes" in browser.send("/genuine", 429, code=code)
    assert "wait 15 minutes" in browser.send("", 429, code=code)


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "https://evil.example"},
        {"Sec-Fetch-Site": "cross-site"},
        {"Origin": "null", "Sec-Fetch-Site": "same-site"},
    ],
)
def test_a_form_from_another_site_does_nothing(pages: Pages, headers: dict[str, str]) -> None:
    contact_id, code = pages.family()
    browser = pages.inside(code)
    for path, form in (
        ("/reply", {"intent": "safe"}),
        ("/stop", {}),
        ("/preferences", {"language": "fr", "from": "1:00", "to": "2:00"}),
        ("/complaint", {"text": "t"}),
        ("/genuine", {"code": code}),
    ):
        browser.send(path, headers=headers, **form)
    assert pages.told() == []
    assert pages.contact(contact_id).language == "en"
    other = pages.browser()
    other.send(headers=headers, code=code)
    assert not other.client.cookies


def test_no_page_names_an_organisation_or_a_person(pages: Pages) -> None:
    contact_id, code = pages.family()
    browser, contact = pages.inside(code), pages.contact(contact_id)
    for path in ("/case", "/reply", "/preferences", "/stop", "/genuine", "/complaint"):
        page = browser.open(path)
        for one in (contact.id, contact.case_id, contact.person_id, contact.organisation_id):
            assert str(one) not in page
            assert one.hex not in page
        assert "Kinbridge" not in page


@pytest.mark.parametrize("path", ["/", "/case/", "/Case", "/%00", "/reply/x?text=secret"])
def test_an_address_that_was_typed_wrongly_leads_to_the_code(pages: Pages, path: str) -> None:
    browser = pages.browser()
    browser.open(path, 303)
    assert browser.answer.headers["location"] == "/notify/f"


@pytest.mark.parametrize("accepted", ["-", "_", "*", ",,;q=1", "en;q=x", "a" * 9_000, "und-Zzzz-x-1", "en-"])
def test_any_accept_language_is_borne(pages: Pages, accepted: str) -> None:
    assert '<html lang="en"' in pages.browser(language=accepted).open()


@pytest.mark.parametrize(
    "body", [b"", b"code=%ff%fe&code=x", b"code", b"\xff\xfe", b"&".join([b"code=x"] * 299), b"code=%ED%A0%80"]
)
def test_any_form_is_borne(pages: Pages, body: bytes) -> None:
    browser = pages.browser()
    headers = {"Content-Type": "application/x-www-form-urlencoded"}
    assert browser.client.post("/notify/f", content=body, headers=headers).status_code == 422


@pytest.mark.parametrize(
    ("host", "client"),
    [
        ("203.0.113.7", "203.0.113.7"),
        ("2001:db8:1:2:3::4", "2001:db8:1:2::/64"),
        ("2001:db8:1:2:ffff::1", "2001:db8:1:2::/64"),
        ("socket", "socket"),
    ],
)
def test_who_asks_is_told_by_address_and_in_new_networks_by_household(host: str, client: str) -> None:
    request = Request(
        {"type": "http", "headers": [], "client": (host, 1), "scheme": "http", "path": "/", "app": FastAPI()}
    )
    assert visits.Visit(request, FormData()).client == client
