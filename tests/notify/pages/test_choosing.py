"""What a family chooses on its page: language, quiet hours, stop and its undo."""

from __future__ import annotations

import re
from concurrent.futures import ThreadPoolExecutor
from datetime import time

import pytest

from services.notify.domain import Notification
from services.notify.wording import LANGUAGES
from shared.database import reading
from tests.factories import ANOTHER_ORGANISATION
from tests.notify.pages.visiting import Pages

COOKIE = "family"


def without_forms_number(page: str) -> str:
    return re.sub(r'name="once" value="[0-9a-f]+"', "", page)


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
    ((fact, _),) = pages.told()
    assert (fact.contact_id, fact.language, fact.fallbacks) == (contact_id, "am", ("en", "fr"))
    assert (fact.quiet_from, fact.quiet_to) == (time(22, 30), time(7, 15))
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
        assert browser.send("/start") == "/notify/f/case?done=started"
    assert "You get messages from us again." in browser.open("/case?done=started")
    assert pages.contact(contact_id).reachable
    facts = [fact for fact, _ in pages.told()]
    assert [fact.TYPE for fact in facts] == [
        *["family_message.status_changed"] * 3,
        "family.opted_out",
        "family.opted_in",
    ]
    assert {fact.notification_id for fact in facts[:3]} == set(waiting)


def test_two_who_stop_at_once_are_one(pages_on_both: Pages) -> None:
    pages = pages_on_both
    contact_id, code = pages.family()
    message_id = pages.message(contact_id)
    browsers = [pages.inside(code) for _ in range(4)]
    with ThreadPoolExecutor(4) as threads:
        assert set(threads.map(lambda one: one.send("/stop"), browsers)) == {"/notify/f/case"}
    told = [(fact.TYPE, getattr(fact, "notification_id", None)) for fact, _ in pages.told()]
    assert told == [("family_message.status_changed", message_id), ("family.opted_out", None)]


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
