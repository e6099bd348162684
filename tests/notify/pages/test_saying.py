"""What a family writes on its page: replies and complaints, sealed, once, to the right people."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from services.notify.commands.family.replies import MOST_WRITTEN
from tests.factories import ANOTHER_ORGANISATION, ORGANISATION
from tests.notify.pages.visiting import Pages

COOKIE = "family"


def without_forms_number(page: str) -> str:
    return re.sub(r'name="once" value="[0-9a-f]+"', "", page)


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


def test_nothing_is_chosen_beforehand_and_an_empty_form_asks_nobody_to_call(pages: Pages) -> None:
    _, code = pages.family()
    browser = pages.inside(code)
    assert " checked" not in browser.open("/reply")
    for form in ({}, {"text": " \n"}):
        assert 'href="#intent">Choose what you want to tell us, or write it.' in browser.send("/reply", 422, **form)
    assert pages.told() == []
    browser.send("/reply", text="I moved")
    ((fact, said),) = pages.told()
    assert (fact.intent, said.decode()) == ("reply", '{"text":"I moved"}')


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
