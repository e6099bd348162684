"""What comes back by mail is a bounce with one meaning, an answer of somebody, or nothing of ours."""

from __future__ import annotations

from email.message import EmailMessage
from typing import Any
from uuid import UUID

import pytest

from services.notify.senders import Inbound, Receipt
from services.notify.senders.returned import understood
from tests.notify.letters import FAMILY, US, answer, bounce

ATTEMPT = UUID("0192f0c4-0000-5000-8000-000000000001")


def receipt(content: bytes) -> Receipt:
    found = understood(content, US)
    assert isinstance(found, Receipt)
    return found


def inbound(letter: EmailMessage) -> Inbound:
    found = understood(letter.as_bytes(), US)
    assert isinstance(found, Inbound)
    return found


@pytest.mark.parametrize(
    ("status", "diagnostic", "result", "code"),
    [
        ("5.1.1", "smtp; 550 5.1.1 User unknown", "permanent-failure", "5.1.1"),
        ("5.0.0", "smtp; 550-5.1.1 The email account does not exist", "permanent-failure", "5.1.1"),
        ("5.0.0", "smtp; 550 no such person at this address", "permanent-failure", "5.0.0"),
        ("5.0.0", "smtp; 554 rejected", "technical-failure", "5.0.0"),
        ("5.2.2", "smtp; 552 5.2.2 over quota", "temporary-failure", "5.2.2"),
        ("4.4.7", "smtp; 451 4.4.7 message expired", "temporary-failure", "4.4.7"),
        ("4.4.1", "x-postfix; no answer from host", "temporary-failure", "4.4.1"),
        ("5.7.1", "smtp; 550 5.7.1 not authorised", "technical-failure", "5.7.1"),
        ("5.1.99", "smtp; 550 5.1.99 new", "permanent-failure", "5.1.99"),
        ("5.9.9", "", "technical-failure", "5.9.9"),
    ],
)
def test_a_bounce_means_what_its_status_says(status: str, diagnostic: str, result: str, code: str) -> None:
    found = receipt(bounce(ATTEMPT, status=status, diagnostic=diagnostic))
    assert (found.provider, found.reference, found.result, found.code) == ("smtp", ATTEMPT, result, code)


@pytest.mark.parametrize(
    ("action", "result"), [("delayed", "accepted"), ("relayed", "accepted"), ("Delivered", "delivered")]
)
def test_what_is_no_failure_is_none(action: str, result: str) -> None:
    assert receipt(bounce(ATTEMPT, action=action, status="2.0.0")).result == result


@pytest.mark.parametrize("returned", ["text/rfc822-headers", "message/rfc822"])
def test_a_bounce_names_the_attempt_by_our_message_id_or_the_envelope_s(returned: str) -> None:
    assert receipt(bounce(ATTEMPT, returned=returned)).reference == ATTEMPT
    assert receipt(bounce(ATTEMPT, returned=returned, envelope_id=True)).reference == ATTEMPT


def test_a_bounce_of_somebody_else_s_message_is_not_ours() -> None:
    content = bounce(ATTEMPT).replace(f"<{ATTEMPT}@letters.example>".encode(), f"<{ATTEMPT}@other.example>".encode())
    assert understood(content, US) is None


@pytest.mark.parametrize("as_html", [False, True])
@pytest.mark.parametrize("text", ["STOP", "توقف", "My brother wrote to me.\nHe is well."])
def test_an_answer_is_what_was_written_without_what_is_quoted(text: str, as_html: bool) -> None:
    found = inbound(answer(text, to=ATTEMPT, as_html=as_html))
    assert (found.sender, found.text, found.channel, found.answers) == (FAMILY, text, "email", ATTEMPT)


def test_the_same_letter_has_the_same_name_however_it_came() -> None:
    one, other = answer("hello"), answer("hello")
    other["Received"] = "from another.example"
    assert inbound(one).provider_id == inbound(other).provider_id != inbound(answer("hello again")).provider_id


def test_a_picture_alone_has_no_text() -> None:
    letter = EmailMessage()
    letter["From"], letter["To"] = FAMILY, US
    letter.set_content(b"\xff\xd8\xff", "image", "jpeg")
    assert inbound(letter).text == ""


@pytest.mark.parametrize(
    "headers",
    [
        {"Auto_Submitted": "auto-replied"},
        {"Precedence": "bulk"},
        {"List_Id": "<news.example>"},
        {"Return_Path": "<>"},
        {"X_Autoreply": "yes"},
    ],
)
def test_what_a_machine_sent_is_no_answer(headers: dict[str, Any]) -> None:
    assert understood(answer("I am away until Monday", to=ATTEMPT, **headers).as_bytes(), US) is None


@pytest.mark.parametrize("sender", [US, "no address"])
def test_what_we_sent_ourselves_or_nobody_did_is_no_answer(sender: str) -> None:
    letter = answer("hello")
    del letter["From"]
    content = b"From: " + sender.encode() + b"\r\n" + letter.as_bytes()
    assert understood(content, US) is None


def test_a_letter_in_an_unknown_alphabet_is_read_as_well_as_it_can_be() -> None:
    content = answer("salut").as_bytes().replace(b'charset="utf-8"', b'charset="x-unheard-of"')
    found = understood(content, US)
    assert isinstance(found, Inbound)
    assert found.text == "salut"


def test_the_line_that_says_who_wrote_may_be_broken() -> None:
    letter = answer("x", to=ATTEMPT)
    letter.set_content(f"STOP\n\nOn Sun, 29 Nov 2026 at 12:00\n<{US}> wrote:\n\nYour request is with us.\n")
    assert inbound(letter).text == "STOP"
