"""STOP, START and HELP are understood in every language, and nothing else is guessed."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.notify.wording import LANGUAGES, Meaning, meaning
from services.notify.wording.replies import WORDS, shown

EVERY_WORD = [(word, wanted) for means in WORDS.values() for wanted, words in means.items() for word in words]


def test_every_language_has_each_of_the_three() -> None:
    assert set(WORDS) == set(LANGUAGES)
    assert all(set(means) == {"stop", "start", "help"} and all(means.values()) for means in WORDS.values())


@pytest.mark.parametrize(("word", "wanted"), EVERY_WORD)
def test_no_word_means_two_things(word: str, wanted: Meaning) -> None:
    assert meaning(word) == wanted


@given(
    st.sampled_from(EVERY_WORD),
    st.text(st.sampled_from(" .,!?…-\"'«»\n\t\u200e\u200f\u202b\u2066\ufeff\u00a0🙏؟።၊。"), max_size=8),
    st.text(st.sampled_from(" .,!?…-\"'«»\n\t\u200e\u200f\u202b\u2066\ufeff\u00a0🙏؟።၊。"), max_size=8),
    st.sampled_from([str.lower, str.upper, str.title]),
)
def test_case_marks_and_invisible_characters_change_nothing(
    word: tuple[str, Meaning], before: str, after: str, written: object
) -> None:
    assert callable(written)
    assert meaning(before + written(word[0]) + after) == word[1]


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("ＳＴＯＰ", "stop"),
        ("s t o p", "stop"),
        ("S.T.O.P.", "stop"),
        ("arret", "stop"),
        ("Arrêt !", "stop"),
        ("قِفْ", "stop"),
        ("تـوقـف", "stop"),
        ("ایقاف", "stop"),
        ("ابدا", "start"),
        ("مساعده", "help"),
        ("ዓቁም", "stop"),
        ("Stop please", "stop"),
        ("СТОП пожалуйста", "stop"),
        ("ደው ኣብል", "stop"),
    ],
)
def test_words_are_understood_as_people_write_them(text: str, wanted: Meaning) -> None:
    assert meaning(text) == wanted


@pytest.mark.parametrize(
    "text",
    [
        "",
        " ",
        "🙏",
        "please do not stop",
        "Stop asking my brother",
        "don't stop",
        "start please",
        "help me",
        "yes",
        "I am safe",
        "I am not missing",
        "share with nobody",
        "fine",
        "nonstop",
        "stops",
        "non fermare",
        "STOP" * 30,
        "cancelar",
        "取消",
        "no",
    ],
)
def test_everything_else_goes_to_a_person(text: str) -> None:
    assert meaning(text) is None


@given(st.text(max_size=200))
def test_any_text_can_be_read(text: str) -> None:
    assert meaning(text) in {None, "stop", "start", "help"}


@pytest.mark.parametrize("tag", LANGUAGES)
def test_the_words_that_messages_name_are_understood(tag: str) -> None:
    assert [meaning(shown(tag, wanted)) for wanted in ("stop", "start", "help")] == ["stop", "start", "help"]
