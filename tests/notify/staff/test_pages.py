"""Staff's pages: messages, languages, pauses, the mailbox; opened by intake's token, and by nothing else."""

from __future__ import annotations

import re
from datetime import timedelta
from uuid import uuid4

import pytest
from sqlalchemy import select

from services.notify.domain import StaffDeed
from services.notify.pages.staff.visits import TOKEN
from services.notify.queries import staff
from services.notify.senders import Outgoing
from services.notify.wording import LANGUAGES
from shared.access import Actor, Role, issue_token
from shared.crypto import KeyRing
from shared.database import reading, utc_now
from shared.pages import HEADERS
from tests.notify.staff.conftest import Office

PAGES = (
    "/notify/messages",
    "/notify/languages",
    "/notify/languages/am",
    "/notify/pauses",
    "/notify/mailbox",
    "/notify/reports",
)


def test_intakes_token_opens_the_pages_and_stands_in_no_address(office: Office) -> None:
    token = issue_token(office.keys, office.actor())
    came = office.client.get(f"/notify/open?token={token}&to=/notify/pauses", follow_redirects=False)
    assert (came.status_code, came.headers["location"]) == (303, "/notify/pauses")
    cookie = came.headers["set-cookie"].lower()
    assert cookie.startswith(f"{TOKEN}={token}".lower())
    assert "httponly" in cookie
    assert "domain" not in cookie


@pytest.mark.parametrize("to", ["https://evil.example", "//evil.example", "/notify//evil", "/intake/x", "/notify/v1/x"])
def test_nobody_is_led_astray_by_the_address_that_opens_the_pages(office: Office, to: str) -> None:
    token = issue_token(office.keys, office.actor())
    came = office.client.get("/notify/open", params={"token": token, "to": to}, follow_redirects=False)
    assert came.headers["location"] == "/notify/messages"


def test_whoever_is_not_signed_in_is_sent_to_intake_and_back_to_the_page(office: Office) -> None:
    for path in PAGES:
        answer = office.client.get(path, follow_redirects=False)
        assert (answer.status_code, answer.headers["location"]) == (303, f"/intake/messages?to={path}")
    assert office.client.post("/notify/pauses/sms/pause", data={}).status_code == 401


def test_a_token_that_is_over_or_not_ours_opens_nothing(office: Office) -> None:
    over = issue_token(office.keys, office.actor(), now=utc_now() - timedelta(minutes=11))
    forged = issue_token(KeyRing((bytes(32),)), office.actor())
    for token in (over, forged):
        assert office.client.get(f"/notify/open?token={token}", follow_redirects=False).status_code == 401
        answer = office.client.get("/notify/messages", headers={"Cookie": f"{TOKEN}={token}"}, follow_redirects=False)
        assert answer.status_code == 303
        assert answer.headers["location"].startswith("/intake/messages")


def test_every_page_keeps_to_itself(office: Office) -> None:
    visitor = office.visitor()
    for path in PAGES:
        answer = visitor._ask("GET", path)
        assert answer.status_code == 200
        assert answer.headers["cache-control"] == "no-store"
        assert {name: answer.headers[name] for name in HEADERS} == HEADERS


def test_a_form_can_be_sent_under_the_next_token_and_not_by_somebody_else(office: Office) -> None:
    manager, colleague = office.visitor(), office.visitor()
    manager.open("/notify/pauses")
    colleague.page = manager.page
    colleague.send("/notify/pauses/sms/pause", status=403)
    manager.moment = utc_now() + timedelta(seconds=5)
    assert manager.send("/notify/pauses/sms/pause") == "/notify/pauses?done=paused"


def test_a_form_that_another_page_made_changes_nothing(office: Office) -> None:
    visitor = office.visitor()
    visitor.open("/notify/pauses")
    assert "You may not do this" in visitor.send("/notify/pauses/sms/pause", {"form_token": "0" * 64}, 403)
    assert "Resume" not in visitor.open("/notify/pauses")


def test_the_list_shows_how_messages_fare_in_words_and_never_what_they_say(office: Office) -> None:
    message = office.message(status="held", reason="quiet_hours")
    office.message(other=True, status="expired")
    page = office.visitor().open("/notify/messages")
    for words in ("Held back", "quiet hours", "French", "Text message", f"/intake/cases/{message.about}"):
        assert words in page
    assert "Given up" not in page
    told = office.visitor(Role.ADMINISTRATOR).open("/notify/messages")
    assert "Held back" in told
    assert "News" not in told
    assert str(message.about) not in told
    assert "News" not in office.visitor(Role.CASE_WORKER).open("/notify/messages", 403)


def test_the_list_goes_on_page_by_page_within_a_status(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(staff.messages, "__kwdefaults__", {"status": None, "before": None, "limit": 2})
    made = [office.message(minutes=number, status="held") for number in range(3)]
    office.message(minutes=9)
    visitor = office.visitor()
    first = visitor.open("/notify/messages?status=held")
    assert [str(one.id) in first for one in made] == [False, True, True]
    second = visitor.open(f"/notify/messages?status=held&before={made[1].id}")
    assert [str(one.id) in second for one in made] == [True, False, False]
    assert f"status=held&amp;before={made[1].id}" in first
    assert "No message has this status" in visitor.open("/notify/messages?status=cancelled")
    visitor.open("/notify/messages?status=lost", 404)
    visitor.open(f"/notify/messages?before={uuid4()}", 404)


def test_counts_stop_at_a_thousand(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(staff, "MOST_COUNTED", 2)
    for number in range(4):
        office.message(minutes=number, status="held" if number else "delivered")
    page = office.visitor().open("/notify/messages")
    assert "more than 2" in page
    assert '<span class="kb-count">1</span>' in page


def test_the_story_of_a_message_says_what_was_odd(office: Office) -> None:
    message = office.message(maybe_twice=True)
    office.attempt(message, (1, "delivered", 2), (2, "permanent-failure", 1), contradictory=True, code="30005")
    page = office.visitor().open(f"/notify/messages/{message.id}")
    for words in ("Contradictory", "Doubled", "2 times", "30005", "twilio", "Perhaps sent twice", "segment 2"):
        assert words in page
    foreign = office.message(other=True)
    office.visitor().open(f"/notify/messages/{foreign.id}", 404)
    office.visitor().open("/notify/messages/nothing", 404)


def test_every_text_is_read_before_a_language_is_approved(office: Office) -> None:
    manager = office.visitor()
    page = manager.open("/notify/languages/fr")
    assert page.index("segments:") < page.index("/approve")
    assert manager.send("/notify/languages/fr/approve") == "/notify/languages/fr?done=approved"
    assert "messages go out in this language" in manager.open("/notify/languages/fr?done=approved")
    assert "by you" in manager.open("/notify/languages").replace("\n", " ")
    seen = office.visitor(Role.ADMINISTRATOR).open("/notify/languages/fr")
    assert f"…{str(manager.actor.user_id)[-8:]}" in seen
    assert "/approve" not in seen
    manager.open("/notify/languages/fr")
    assert manager.send("/notify/languages/fr/withdraw") == "/notify/languages/fr?done=withdrawn"
    assert "nothing goes out in this language" in manager.open("/notify/languages/fr?done=withdrawn")


def test_texts_that_changed_while_they_were_read_are_not_approved(office: Office) -> None:
    manager = office.visitor()
    manager.open("/notify/languages/fr")
    answer = manager.send("/notify/languages/fr/approve", {"digest": "0" * 64}, 409)
    assert "The texts changed while you read" in answer
    assert "/withdraw" not in answer


def test_who_may_not_approve_finds_no_button_and_gets_no_further_without_it(office: Office) -> None:
    office.message()
    reader = office.visitor(Role.CHILD_PROTECTION_OFFICER)
    assert "/approve" not in reader.open("/notify/languages/fr")
    reader.page = office.visitor().open("/notify/languages/fr")
    reader.send("/notify/languages/fr/approve", {"form_token": "0" * 64}, 403)
    system = Actor(office.own, roles=frozenset({Role.CASE_MANAGER}))
    assert office.asks("PUT", "pauses/sms", system).status_code == 403


def test_all_sixteen_languages_can_be_read(office: Office) -> None:
    visitor = office.visitor()
    listed = visitor.open("/notify/languages")
    for tag, language in LANGUAGES.items():
        assert language.name in listed
        assert f'lang="{tag}" dir="{language.direction}"' in visitor.open(f"/notify/languages/{tag}")
    visitor.open("/notify/languages/tlh", 404)


def test_a_channel_is_paused_and_resumed_on_the_page(office: Office) -> None:
    manager = office.visitor()
    manager.open("/notify/pauses")
    assert manager.send("/notify/pauses/sms/pause") == "/notify/pauses?done=paused"
    assert "what would go out is held back" in manager.open("/notify/pauses?done=paused")
    assert manager.send("/notify/pauses/sms/resume") == "/notify/pauses?done=resumed"
    assert ">Resume<" not in manager.open("/notify/pauses")


def test_the_mailbox_shows_the_own_organisations_messages_and_says_that_nobody_gets_them(office: Office) -> None:
    for other, text in ((False, "Your request is with us."), (True, "Foreign words.")):
        reference = uuid4()
        office.attempt(office.message(other=other), provider="file", provider_id=str(reference))
        office.mailbox.send(Outgoing(reference, "+491701234567", "", text, "en"))
    page = office.visitor().open("/notify/mailbox")
    assert "not sent to anybody" in page
    assert "Your request is with us." in page
    assert "Foreign words." not in page
    assert "is with us" not in office.visitor(Role.ADMINISTRATOR).open("/notify/mailbox", 403)


def test_the_pages_speak_the_visitors_language(office: Office) -> None:
    page = office.visitor(language="ar").open("/notify/messages")
    assert 'lang="ar" dir="rtl"' in page
    chosen = office.client.get("/notify/language/fr", follow_redirects=False)
    assert "kinbridge_language=fr" in chosen.headers["set-cookie"]
    assert chosen.headers["location"] == "/notify/messages"


def test_who_withdrew_an_approval_and_who_resumed_a_channel_stays_on_the_page(office: Office) -> None:
    first, second = office.visitor(), office.visitor()
    for who, sent in (
        (first, "languages/fr/approve"),
        (second, "languages/fr/withdraw"),
        (first, "pauses/sms/pause"),
        (second, "pauses/sms/resume"),
    ):
        who.open(f"/notify/{sent.rpartition('/')[0] if 'languages' in sent else 'pauses'}")
        who.send(f"/notify/{sent}")
    languages, pauses = first.open("/notify/languages/fr"), first.open("/notify/pauses")
    colleague = f"…{str(second.actor.user_id)[-8:]}"
    assert languages.index("Approval withdrawn") < languages.index(colleague) < languages.index("by you")
    assert pauses.index("Resumed: Text message") < pauses.index(colleague) < pauses.index("by you")
    assert "Who did what" not in office.visitor(other=True).open("/notify/pauses")


def test_what_changes_nothing_is_no_deed(office: Office) -> None:
    manager = office.visitor()
    manager.open("/notify/pauses")
    manager.send("/notify/pauses/sms/pause")
    manager.open("/notify/pauses")
    manager.send("/notify/pauses/sms/pause")
    manager.open("/notify/pauses")
    manager.send("/notify/pauses/email/resume")
    with reading(office.engine) as session:
        assert [one.deed for one in session.scalars(select(StaffDeed))] == ["paused"]


def test_the_english_text_stands_beside_each_translated_one(office: Office) -> None:
    page = office.visitor().open("/notify/languages/am")
    assert page.count('lang="am"') > page.count('class="govuk-body kb-lines kb-role" lang="en"') > 60
    assert "Your request is with us" in page
    assert "kb-role" not in office.visitor().open("/notify/languages/en")


def test_one_signs_out_of_these_pages(office: Office) -> None:
    manager = office.visitor()
    assert 'action="/notify/sign-out"' in manager.open("/notify/messages")
    token = re.search(r'name="form_token" value="([0-9a-f]+)"', manager.page)
    assert token is not None
    cookies = f"{TOKEN}={issue_token(office.keys, manager.actor)}"
    answer = office.client.post("/notify/sign-out", data={"form_token": token[1]}, headers={"Cookie": cookies})
    assert "Signed out of messages" in answer.text
    assert f'{TOKEN}="";' in answer.headers["set-cookie"]
    assert "Max-Age=0" in answer.headers["set-cookie"]


def test_another_page_signs_nobody_out(office: Office) -> None:
    manager = office.visitor()
    manager.open("/notify/messages")
    manager.send("/notify/sign-out", {"form_token": "0" * 64}, 403)
    manager.open("/notify/messages")


def test_a_data_protection_officer_learns_why_the_mailbox_is_closed_and_where_to_look(office: Office) -> None:
    page = office.visitor(Role.DATA_PROTECTION_OFFICER).open("/notify/mailbox", 403)
    assert page.count("The mailbox is for case managers") == 2, "the title, and the heading"
    assert "a data protection officer decides no case" in page
    assert 'href="/notify/messages"' in page
