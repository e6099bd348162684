"""What a family meets and does at its pages."""

from __future__ import annotations

import re
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path

import pytest
from fastapi import FastAPI, Request

from services.notify.commands.family.replies import MOST_WRITTEN
from services.notify.commands.family.tries import CODES, COMPLAINTS, REPLIES
from services.notify.domain import Attempt, Notification
from services.notify.pages.family import visits
from services.notify.wording import LANGUAGES
from shared.database import reading, transaction, utc_now
from shared.pages import FormData
from tests.factories import ANOTHER_ORGANISATION, ORGANISATION
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


@pytest.mark.parametrize(
    ("chosen", "intent", "text"),
    [
        ("call", "reply", "Please call me."),
        ("reply", "reply", ""),
        ("safe", "safe", ""),
        ("not_missing", "not_missing", ""),
        ("share_with_nobody", "share_with_nobody", ""),
        ("change_contact", "change_contact", ""),
        ("something else", "reply", ""),
    ],
)
def test_a_reply_goes_sealed_to_the_case_worker(pages: Pages, chosen: str, intent: str, text: str) -> None:
    contact_id, code = pages.family()
    browser = pages.inside(code)
    assert browser.send("/reply", intent=chosen, text="I am at\r\nthe \x07port \0") == "/notify/f/case?done=written"
    ((fact, said),) = pages.told()
    contact = pages.contact(contact_id)
    assert (fact.TYPE, fact.intent, fact.channel) == ("family.replied", intent, "page")
    assert (fact.case_id, fact.person_id, fact.contact_id) == (contact.case_id, contact.person_id, contact_id)
    assert fact.sealed is None
    sealed = f"{text}\nI am at\nthe port \N{REPLACEMENT CHARACTER}".strip()
    assert said.decode() == '{"text":"' + sealed.replace("\n", "\\n") + '"}'


def test_a_reply_of_no_words_needs_a_choice_that_says_something(pages_on_both: Pages) -> None:
    pages = pages_on_both
    _, code = pages.family()
    browser = pages.inside(code)
    page = browser.send("/reply", 422, intent="reply", text=" \n ")
    assert 'href="#text">Please write your message.' in page
    assert re.search(r'<textarea [^>]*aria-invalid="true" aria-describedby="e" autofocus', page)
    assert 'value="reply" checked' in page
    kept = "x" * (MOST_WRITTEN + 1)
    assert kept in browser.send("/reply", 422, intent="safe", text=kept)
    assert pages.told() == []
    browser.send("/reply", intent="safe", text="")
    browser.send("/reply", intent="reply", text="y" * MOST_WRITTEN)
    assert len(pages.told()) == 2


def test_a_form_that_is_sent_twice_counts_once(pages_on_both: Pages) -> None:
    pages = pages_on_both
    _, code = pages.family()
    browser = pages.inside(code)
    (once,) = re.findall(r'name="once" value="([0-9a-f]+)"', browser.open("/reply"))
    for _ in range(2):
        assert browser.send("/reply", intent="safe", text="", once=once) == "/notify/f/case?done=written"
        assert browser.send("/complaint", about="staff", text="t", once=once) == "/notify/f/complaint?done=written"
    assert [fact.TYPE for fact, _ in pages.told()] == ["family.replied"]
    browser.send("/complaint", about="staff", text="t", once=once[::-1])
    assert [fact.TYPE for fact, _ in pages.told()] == ["family.replied", "complaint.received"]


def test_preferences_hold_at_once_and_never_change_where_a_family_is_reached(pages_on_both: Pages) -> None:
    pages = pages_on_both
    contact_id, code = pages.family(language="en", fallbacks="fr")
    browser = pages.inside(code)
    page = browser.open("/preferences")
    assert 'name="from" required value="21:00"' in page
    assert "?about=change_contact" in page
    sent = {"language": "am", "from": "٢٢:٣٠", "to": "7.15"}
    assert browser.send("/preferences", **sent, sealed="x", channels="email") == "/notify/f/case?done=saved"
    contact = pages.contact(contact_id)
    assert contact.languages == ("am", "en", "fr")
    assert (contact.quiet_from, contact.quiet_to) == (22 * 60 + 30, 7 * 60 + 15)
    assert (contact.sealed, contact.channels) == (b"sealed", "sms")
    assert 'value="change_contact" checked' in browser.open("/reply?about=change_contact")


@pytest.mark.parametrize(
    ("form", "field"),
    [
        ({"language": "xx", "from": "21:00", "to": "08:00"}, "language"),
        ({"language": "am", "from": "25:00", "to": "08:00"}, "from"),
        ({"language": "am", "from": "21:00", "to": "<b>"}, "to"),
    ],
)
def test_preferences_that_are_none_change_nothing(pages: Pages, form: dict[str, str], field: str) -> None:
    contact_id, code = pages.family()
    browser = pages.inside(code)
    assert f'href="#{field}"' in browser.send("/preferences", 422, **form)
    assert 'value="<b>"' not in browser.answer.text
    assert pages.contact(contact_id).language == "en"


def test_stop_is_immediate_cancels_what_waits_and_can_be_undone(pages_on_both: Pages) -> None:
    pages = pages_on_both
    contact_id, code = pages.family()
    waiting = [pages.message(contact_id, status=status) for status in ("created", "held", "temporary-failure")]
    gone = [
        pages.message(contact_id, status="sending", next_attempt_at=None),
        pages.message(contact_id, status="outcome-unknown"),
        pages.message(pages.family()[0]),
    ]
    browser = pages.inside(code)
    assert "Yes, stop messages" in browser.open("/stop")
    assert pages.told() == []
    for _ in range(2):
        assert browser.send("/stop") == "/notify/f/case"
    assert "You get no messages" in browser.open("/case")
    with reading(pages.engine) as session:
        ended = [session.get_one(Notification, one) for one in waiting]
        assert {(one.status, one.reason, one.next_attempt_at) for one in ended} == {("cancelled", "opted_out", None)}
        assert "cancelled" not in {session.get_one(Notification, one).status for one in gone}
    assert not pages.contact(contact_id).reachable
    for _ in range(2):
        assert browser.send("/start") == "/notify/f/case?done=saved"
    assert pages.contact(contact_id).reachable
    facts = [fact for fact, _ in pages.told()]
    assert [fact.TYPE for fact in facts] == [
        *["family_message.status_changed"] * 3,
        "family.opted_out",
        "family.opted_in",
    ]
    assert {fact.notification_id for fact in facts[:3]} == set(waiting)


def test_whether_a_message_is_genuine_is_told_without_opening_anything(pages_on_both: Pages) -> None:
    pages = pages_on_both
    _, code = pages.family()
    browser = pages.browser()
    assert "never ask for money" in browser.open("/genuine")
    assert "This code is ours" in browser.send("/genuine", 200, code=code)
    assert "set-cookie" not in browser.answer.headers
    assert "We do not know this code" in browser.send("/genuine", 200, code="7K4M-2QXD-9RTV")
    browser.open("/case", 303)


def test_a_complaint_reaches_the_organisation_of_the_code_and_names_the_request_only_where_asked(
    pages_on_both: Pages,
) -> None:
    pages = pages_on_both
    contact_id, code = pages.family()
    browser = pages.inside(code)
    browser.open("/complaint")
    browser.send("/complaint", about="staff", text="rude", inside="1")
    browser.send("/complaint", about="messages", text="late", inside="1", named="1")
    (first, rude), (second, _) = pages.told()
    assert (first.organisation_id, first.about, first.case_id) == (ORGANISATION, "staff", None)
    own = pages.contact(contact_id).case_id  # sealed: its workers do not read it, though it names no case
    assert rude.decode() == f'{{"text":"rude","not_for_workers_of":"{own}"}}'
    assert (second.about, second.case_id) == ("messages", pages.contact(contact_id).case_id)
    assert first.complaint_id != second.complaint_id


def test_a_complaint_without_a_code_is_never_turned_away_and_says_who_reads_it(pages_on_both: Pages) -> None:
    pages = pages_on_both
    browser = pages.browser()
    assert "every organisation that uses this page reads it" in browser.open("/complaint")
    assert browser.send("/complaint", about="nonsense", text="thanks") == "/notify/f/complaint?done=written"
    facts = [fact for fact, _ in pages.told()]
    assert {(one.organisation_id, one.about, one.case_id) for one in facts} == {
        (ORGANISATION, "other", None),
        (ANOTHER_ORGANISATION, "other", None),
    }
    assert len({one.complaint_id for one in facts}) == 2


def test_a_complaint_from_a_page_that_was_closed_meanwhile_is_shown_to_more_people_only_after_asking(
    pages: Pages,
) -> None:
    page = pages.browser().send("/complaint", 422, about="staff", text="about somebody", inside="1")
    assert "Look at who will read this" in page
    assert "every organisation that uses this page reads it" in page
    assert "about somebody" in page
    assert 'name="inside"' not in page
    assert pages.told() == []


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


def test_a_language_is_shown_only_where_it_was_approved(pages: Pages) -> None:
    _, code = pages.family(organisation_id=ANOTHER_ORGANISATION, language="fr", fallbacks="am")
    browser = pages.browser(language="fr")
    assert 'lang="fr"' in browser.open()
    browser.send(code=code)
    page = browser.open("/case")
    assert '<html lang="am"' in page
    assert set(re.findall(r'\?l=(\w+)"', page)) == {"en", "am"}
    assert '<html lang="am"' in browser.open("/case?l=fr")
    assert '<html lang="en"' in browser.open("/case?l=en")
    assert '<html lang="en"' in browser.open("/reply")
    browser.send("/preferences", 422, **{"language": "fr", "from": "1:00", "to": "2:00"})


def test_where_nothing_was_approved_nothing_but_one_sentence_is_shown(pages: Pages) -> None:
    nowhere = pages.factory.id()
    _, code = pages.family(organisation_id=nowhere)
    browser = pages.inside(code)
    assert "not available yet" in browser.open("/case", 503)
    assert "Your request" not in browser.text
    assert "<nav" not in browser.text
    pages.approve("de", organisation=nowhere, digest="of texts that have changed since")
    browser.open("/case", 503)


@pytest.mark.parametrize(
    ("asked", "accepted", "shown"),
    [
        ("my", "fr", "my"),
        ("", "am-ET,am;q=0.9", "am"),
        ("", "pt-BR", "pt"),
        ("xx", "zh-Hant-TW,zh", "zh"),
        ("", "", "en"),
    ],
)
def test_a_visitor_reads_its_language(pages: Pages, asked: str, accepted: str, shown: str) -> None:
    browser = pages.browser(language=accepted)
    page = browser.open(f"?l={asked}" if asked else "")
    assert f'<html lang="{shown}" dir="{LANGUAGES[shown].direction}">' in page
    assert browser.answer.headers["content-language"] == shown
    if asked in LANGUAGES:
        assert f'<html lang="{asked}"' in browser.open("/genuine")


def test_no_page_names_an_organisation_or_a_person(pages: Pages) -> None:
    contact_id, code = pages.family()
    browser, contact = pages.inside(code), pages.contact(contact_id)
    for path in ("/case", "/reply", "/preferences", "/stop", "/genuine", "/complaint"):
        page = browser.open(path)
        for one in (contact.id, contact.case_id, contact.person_id, contact.organisation_id):
            assert str(one) not in page
            assert one.hex not in page
        assert "Kinbridge" not in page


def test_what_a_family_writes_and_types_is_kept_nowhere(pages: Pages) -> None:
    _, code = pages.family()
    canary = "zebra canary 4711"
    browser = pages.inside(code)
    browser.send("/reply", intent="reply", text=canary)
    browser.send("/complaint", about="staff", text=canary, inside="1", named="1")
    pages.browser().send(status=422, code=canary)
    file = Path(str(pages.engine.url.database))
    kept = b"".join(one.read_bytes() for one in file.parent.glob(f"{file.name}*"))
    assert b"family.replied" in kept
    for one in (canary, "canary", code, code.replace("-", "")):
        assert one.encode() not in kept


def test_two_who_stop_at_once_are_one(pages_on_both: Pages) -> None:
    pages = pages_on_both
    contact_id, code = pages.family()
    message_id = pages.message(contact_id)
    browsers = [pages.inside(code) for _ in range(4)]
    with ThreadPoolExecutor(4) as threads:
        assert set(threads.map(lambda one: one.send("/stop"), browsers)) == {"/notify/f/case"}
    told = [(fact.TYPE, getattr(fact, "notification_id", None)) for fact, _ in pages.told()]
    assert told == [("family_message.status_changed", message_id), ("family.opted_out", None)]


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
