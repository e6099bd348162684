"""What a contact may be: each refusal names the field, and never what stood in it."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import TypeAdapter

from services.intake.casework.contacts import AskContact, FamilyContactIn, hint_of
from shared.errors import InvalidInput
from shared.web import validated
from tests.intake.contacts.conftest import CONTACT

CONTACT_IN = TypeAdapter(FamilyContactIn)


def address(channel: str, typed: str) -> str:
    given = {**CONTACT, "addresses": [{"channel": channel, "address": typed}]}
    found: FamilyContactIn = validated(CONTACT_IN, given)
    return found.addresses[0].address


def refusal(**changed: Any) -> list[tuple[str, str]]:
    with pytest.raises(InvalidInput) as refused:
        validated(CONTACT_IN, {**CONTACT, **changed})
    assert "secret" not in str(refused.value) + repr(refused.value.fields)
    return [(one.field, one.code) for one in refused.value.fields]


@pytest.mark.parametrize(
    "typed",
    [
        "+218 91 773 1442",
        "+218-(91)-773.1442",
        " +218917731442 ",
        "+٢١٨٩١٧٧٣١٤٤٢",
        "+۲۱۸۹۱۷۷۳۱۴۴۲",
        "+২১৮৯১৭৭৩১৪৪২",
        "+၂၁၈၉၁၇၇၃၁၄၄၂",
        "\u202d+218 91\u00a0773 1442\u202c",
        "+218917731442",
    ],
)
def test_a_number_is_one_however_it_is_typed(typed: str) -> None:
    assert address("sms", typed) == "+218917731442"
    assert address("voice", typed) == "+218917731442"


@pytest.mark.parametrize(
    "typed", ["0917731442", "218917731442", "+0917731442", "+2189177", "+2189177314421234", "+21891773144x", "+", ""]
)
def test_what_is_no_international_number_is_refused(typed: str) -> None:
    assert refusal(addresses=[{"channel": "sms", "address": typed}])[0][0] == "#/addresses/0/address"


def test_a_mailbox_has_its_domain_in_small_letters() -> None:
    assert address("email", " Amina.O'Neil+x@Mail.EXAMPLE.org ") == "Amina.O'Neil+x@mail.example.org"
    assert address("email", f"a@{'b' * 60}.org") == f"a@{'b' * 60}.org"


@pytest.mark.parametrize(
    "typed",
    [
        "secret",
        "secret@localhost",
        "@example.org",
        "secret@example.org\nBcc: x@example.org",
        "secret@-example.org",
        "two secret@example.org",
        ".secret@example.org",
        f"{'s' * 65}@example.org",
        f"secret@{'e' * 60}.{'e' * 60}.{'e' * 60}.{'e' * 60}.example.org",
        "secret@example.org, other@example.org",
    ],
)
def test_what_is_no_mailbox_is_refused(typed: str) -> None:
    assert refusal(addresses=[{"channel": "email", "address": typed}]) == [("#/addresses/0/address", "email_form")]


@pytest.mark.parametrize(
    "alias",
    ["secret.example", "https://secret", "10.0.0.7", "me@secret", "www.secret", "secret\nline", "\u202esecret", "a/b"],
)
def test_an_alias_is_no_link_and_no_trick(alias: str) -> None:
    assert refusal(alias=alias)[0][0] == "#/alias"


def test_an_alias_in_any_script_has_twenty_characters_at_most() -> None:
    for alias in ("ابن العم طارق", "ዘመድ", "J. R.", "မိသားစု", "می\u200cخواهم"):
        assert validated(CONTACT_IN, {**CONTACT, "alias": alias}).alias == alias
    assert refusal(alias="s" * 21) == [("#/alias", "string_too_long")]


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("language", "xx"),
        ("fallbacks", ["en", "xx"]),
        ("time_zone", "Secret/Place"),
        ("quiet_from", "25:00"),
        ("shared_phone", "secret"),
        ("spoken_word", "secret\nword"),
        ("addresses", []),
        ("addresses", [CONTACT["addresses"][0]] * 6),
    ],
)
def test_each_other_field_is_refused_by_its_name(field: str, value: Any) -> None:
    assert refusal(**{field: value})[0][0].startswith(f"#/{field}")


def test_a_language_is_understood_once() -> None:
    found = validated(CONTACT_IN, {**CONTACT, "language": "ar", "fallbacks": ["fr", "ar", "fr"]})
    assert found.fallbacks == ("fr",)


def test_a_hint_tells_little() -> None:
    assert hint_of("sms", "+218917731442") == "…42"
    assert hint_of("email", "amina@example.org") == "a…@e…"


def test_nothing_that_is_told_shows_when_a_form_is_printed() -> None:
    assert "773" not in repr(validated(CONTACT_IN, CONTACT))
    assert "Tamarisk" not in repr(validated(CONTACT_IN, CONTACT))


def test_a_page_tries_first_what_is_to_be_tried_first() -> None:
    wishes = {name: value for name, value in CONTACT.items() if name != "addresses"}
    asked = {**wishes, "person_id": "0192f0c1-2b3c-7d4e-8f50-617283940a1b", "sms": "+218917731442"}
    told = validated(TypeAdapter(AskContact), {**asked, "voice": "+218917731443", "first": "voice"}).contact()
    assert [one.channel for one in told.addresses] == ["voice", "sms"]
    with pytest.raises(InvalidInput) as refused:
        validated(TypeAdapter(AskContact), {**asked, "sms": None})
    assert [(one.field, one.code) for one in refused.value.fields] == [("#/sms", "no_address")]
