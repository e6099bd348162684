"""An alias can neither break a message nor become a link in it."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.notify.wording import Envelope, clean_alias
from services.notify.wording.envelope import in_order, opening
from shared.errors import InvalidInput


@pytest.mark.parametrize(
    "text",
    [
        "http://x.example",
        "x.example",
        "evil.com",
        "10.0.0.1",
        "www.x",
        "a@b",
        "a/b",
        "x．example",
        "x。example",
        "x․example",
        "0612345678",
        "12 34",
        "٠٦١٢",
        "a\nb",
        "a\rb",
        "a\tb",
        "a\u2028b",
        "a\x00",
        "a\u202eb",
        "a\u2066b",
        "a\u200e",
        "a\u200bb",
        "\ufeffa",
        "a\xadb",
        "",
        "  ",
        "a" * 21,
        "𞤀" * 11,
        "́a",
        "-a",
        "{alias}",
        "a{b}",
        "%s",
        "😀",
        "a_b",
        "a:b",
        "a ．com",
        ".com",
        "a..",
        "a .b",
        "�",
    ],
)
def test_what_could_mislead_is_refused_without_being_repeated(text: str) -> None:
    with pytest.raises(InvalidInput) as refusal:
        clean_alias(text)
    assert [one.field for one in refusal.value.fields] == ["#/alias"]
    assert len(text) < 4 or text not in str(refusal.value)


@pytest.mark.parametrize(
    "text",
    [
        "Hodan",
        "A. B.",
        "Anne-Marie",
        "O'Neill",
        "D’Arcy",
        "አበበ",
        "محمد",
        "مه\u200cسا",
        "মোঃ রহিম",
        "မမ",
        "小王",
        "𞤀𞤣𞤢𞤥",
        "Sam 2",
    ],
)
def test_aliases_of_every_script_are_kept_as_they_are(text: str) -> None:
    assert clean_alias(text) == unicodedata.normalize("NFC", text)


def test_spaces_are_made_single_and_letters_composed() -> None:
    assert clean_alias("  Rene\u0301   B ") == "René B"


@given(st.text(max_size=30))
def test_a_clean_alias_is_short_visible_and_stays_as_it_is(text: str) -> None:
    try:
        clean = clean_alias(text)
    except InvalidInput:
        return
    assert clean_alias(clean) == clean
    assert 1 <= len(clean.encode("utf-16-be")) // 2 <= 20
    assert not {unicodedata.category(one) for one in clean if one not in "\u200c\u200d"} & {
        "Cc",
        "Cf",
        "Zl",
        "Zp",
        "Sm",
    }


@pytest.mark.parametrize(
    ("alias", "code", "page"),
    [
        (" a", None, "news.example/f"),
        ("a\n", None, "news.example/f"),
        (None, "abcd-efgh-jklm", "news.example/f"),
        (None, "AAAA-AAAA-AAAA-AAAA", "news.example/f"),
        (None, "AAAA-AAAA-AAAA\n", "news.example/f"),
        (None, None, "w" * 41),
        (None, None, "a b"),
        (None, None, ""),
        (None, None, "ñ.example"),
        (None, None, "a.example\n"),
    ],
)
def test_a_malformed_envelope_is_refused(alias: str | None, code: str | None, page: str) -> None:
    with pytest.raises(InvalidInput):
        Envelope(alias, code, page)


def test_alias_and_code_are_not_shown_where_an_envelope_is_printed() -> None:
    assert "Hodan" not in repr(Envelope("Hodan", "AAAA-BBBB-CCCC", "a.example"))
    assert "BBBB" not in repr(Envelope("Hodan", "AAAA-BBBB-CCCC", "a.example"))


def test_an_alias_of_the_other_direction_does_not_turn_the_message() -> None:
    assert opening("Hodan", "ltr") == "Hodan"
    assert opening("محمد", "rtl") == "محمد"
    assert opening("Hodan", "rtl") == "\u200fHodan"
    assert opening("محمد", "ltr") == "\u200eمحمد"


def test_a_code_keeps_its_order_after_arabic_letters() -> None:
    assert in_order("1234-5678-9999", "rtl") == "\u200e1234-5678-9999"
    assert in_order("1234-5678-9999", "ltr") == "1234-5678-9999"
