"""What a family reads: the same for every outcome, never more than it may, in every language."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import get_args
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.notify.wording import (
    KINDS,
    LANGUAGES,
    OF_APPOINTMENTS,
    Appointment,
    Channel,
    ContactCheck,
    Digest,
    Envelope,
    HelpAnswer,
    Kind,
    News,
    OptInConfirmed,
    OptOutConfirmed,
    Receipt,
    UnknownSender,
    WithUs,
    clean_alias,
    count,
    render,
    samples,
    split,
)
from services.notify.wording.languages import when
from services.notify.wording.render import LONGEST, SAMPLE, SAMPLE_TIME
from services.notify.wording.replies import shown
from shared.errors import InvalidInput
from tests.notify.wording.words_never_said import EVERYWHERE, NEVER_SAID

CHANNELS: tuple[Channel, ...] = get_args(Channel)
TO_WHOEVER_HOLDS_IT = [kind for kind in KINDS.values() if not kind.HAS_CODE]
JOINED_SCRIPTS = ("ar", "fa", "zh", "my", "bn", "am", "ti")
"""Words take prefixes there, or are written without spaces between them."""


def aliases() -> st.SearchStrategy[str | None]:
    return st.one_of(st.none(), st.text(st.characters(categories=["L", "M", "Nd"]), max_size=20).filter(is_clean))


def kinds() -> st.SearchStrategy[Kind]:
    days = st.integers(-3000, 30000).map(lambda days: SAMPLE_TIME + timedelta(days))
    plain = st.sampled_from([kind() for kind in KINDS.values() if kind not in {Digest, *OF_APPOINTMENTS}])
    timed = [st.builds(kind, days) for kind in OF_APPOINTMENTS]
    return st.one_of(plain, st.builds(Digest, st.integers(1, 9999)), *timed)


def is_clean(text: str) -> bool:
    try:
        return clean_alias(text) == text
    except InvalidInput:
        return False


def codes() -> st.SearchStrategy[str]:
    return st.from_regex(r"[0-9A-Z]{4}-[0-9A-Z]{4}-[0-9A-Z]{4}", fullmatch=True)


@given(st.sampled_from(list(LANGUAGES)), st.sampled_from(CHANNELS), aliases(), codes())
def test_news_and_the_periodic_message_are_the_same_words(
    tag: str, channel: Channel, alias: str | None, code: str
) -> None:
    envelope = Envelope(alias, code, "news.example/f")
    assert render(News(), envelope, tag, channel) == render(WithUs(), envelope, tag, channel)


@given(st.sampled_from(list(LANGUAGES)), aliases(), codes(), codes())
def test_a_new_code_changes_neither_length_nor_segments_nor_another_word(
    tag: str, alias: str | None, code: str, other: str
) -> None:
    news = render(News(), Envelope(alias, code, "news.example/f"), tag, "sms")
    usual = render(WithUs(), Envelope(alias, other, "news.example/f"), tag, "sms")
    assert news.size == usual.size
    assert news.text.replace(code, other) == usual.text


@given(st.sampled_from(list(LANGUAGES)), kinds(), aliases())
def test_no_sms_takes_more_than_three_segments(tag: str, kind: Kind, alias: str | None) -> None:
    sent = render(kind, Envelope(alias, "W2W3-W4W5-W6W7", "w" * 40), tag, "sms")
    assert sent.size == count(sent.text)
    assert 1 <= sent.size.segments <= 3


@pytest.mark.parametrize("tag", LANGUAGES)
def test_an_appointment_fits_on_every_day_of_a_year(tag: str) -> None:
    year = [SAMPLE_TIME + timedelta(days) for days in range(366)]
    sizes = {count(when(at, tag)): at for at in year}
    assert all(size.units == len(when(at, tag)) for size, at in sizes.items()), "each character is one unit"
    for at in sizes.values():  # one day of each size: what else is said is the same on every day
        for envelope in LONGEST[-3:]:
            assert all(len(split(render(kind(at), envelope, tag, "sms").text)) <= 3 for kind in OF_APPOINTMENTS)


@pytest.mark.parametrize("tag", LANGUAGES)
def test_no_text_says_a_fate_an_agency_a_place_or_haste(tag: str) -> None:
    for name, channel, sample in samples(tag):
        said = f"{sample.subject}\n{sample.text}".replace(SAMPLE.page, "").casefold()
        assert not said_words(said, tag), (name, channel)


@pytest.mark.parametrize("tag", LANGUAGES)
def test_the_search_for_forbidden_words_finds_each_of_them(tag: str) -> None:
    for word in (*EVERYWHERE, *NEVER_SAID[tag]):
        assert said_words(f"Hodan: {word} x".casefold(), tag)


def said_words(said: str, tag: str) -> list[str]:
    stems = [word.casefold() for word in NEVER_SAID[tag]]
    start = "" if tag in JOINED_SCRIPTS else r"(?<!\w)"
    return [stem for stem in stems if re.search(start + re.escape(stem), said)] + [
        word for word in EVERYWHERE if re.search(rf"(?<!\w){re.escape(word)}(?!\w)", said)
    ]


@pytest.mark.parametrize("tag", LANGUAGES)
@pytest.mark.parametrize("channel", CHANNELS)
@pytest.mark.parametrize("kind", TO_WHOEVER_HOLDS_IT)
def test_whoever_holds_the_telephone_now_learns_neither_alias_nor_code(
    kind: type[Kind], channel: Channel, tag: str
) -> None:
    told = render(kind(), Envelope("Hodan", "A1B2-C3D4-E5F6", "news.example/f"), tag, channel)
    assert told == render(kind(), Envelope(None, None, "news.example/f"), tag, channel)
    assert "Hodan" not in told.text
    assert "A1B2" not in told.text


def test_a_contact_check_does_not_even_name_a_page() -> None:
    for tag in LANGUAGES:
        assert "news.example" not in render(ContactCheck(), Envelope(None, None, "news.example/f"), tag, "sms").text


@pytest.mark.parametrize("tag", LANGUAGES)
@pytest.mark.parametrize(
    "kind", [Receipt(), WithUs(), News(), Digest(3), *(kind(SAMPLE_TIME) for kind in OF_APPOINTMENTS)]
)
def test_personal_kinds_carry_alias_code_and_page_and_need_a_code(kind: Kind, tag: str) -> None:
    for channel in CHANNELS:
        text = render(kind, SAMPLE, tag, channel).text
        assert all(part in text for part in ("Hodan", "A1B2-C3D4-E5F6", "news.example/f"))
    with pytest.raises(ValueError, match="carries a code"):
        render(kind, Envelope("Hodan", None, "news.example/f"), tag, "sms")


@pytest.mark.parametrize("tag", LANGUAGES)
def test_the_address_of_the_page_stands_alone_on_its_line(tag: str) -> None:
    for _, _, sample in samples(tag):
        assert all(line == SAMPLE.page for line in sample.text.splitlines() if SAMPLE.page in line)


@pytest.mark.parametrize("tag", LANGUAGES)
def test_without_an_alias_a_message_begins_with_its_own_words(tag: str) -> None:
    with_alias = render(WithUs(), SAMPLE, tag, "sms").text
    without = render(WithUs(), Envelope(None, SAMPLE.code, SAMPLE.page), tag, "sms").text
    assert with_alias.endswith(without)
    assert "Hodan" in with_alias.removesuffix(without)


@pytest.mark.parametrize("tag", LANGUAGES)
def test_the_usual_message_says_that_nobody_asks_for_money(tag: str) -> None:
    promise = render(WithUs(), SAMPLE, tag, "voice").text.splitlines()[-1]
    assert render(WithUs(), SAMPLE, tag, "sms").text.endswith("\n" + promise)


@pytest.mark.parametrize("tag", LANGUAGES)
def test_the_subject_of_an_email_is_the_same_whatever_it_says(tag: str) -> None:
    assert len({sample.subject for _, channel, sample in samples(tag) if channel == "email"}) == 1
    assert {sample.subject for _, channel, sample in samples(tag) if channel in ("sms", "voice")} == {""}


@pytest.mark.parametrize("tag", LANGUAGES)
def test_answers_name_words_that_are_understood(tag: str) -> None:
    envelope = Envelope(None, None, "news.example/f")
    assert shown(tag, "start") in render(OptOutConfirmed(), envelope, tag, "sms").text
    assert shown(tag, "stop") in render(OptInConfirmed(), envelope, tag, "sms").text
    assert shown(tag, "stop") in render(HelpAnswer(), envelope, tag, "sms").text
    assert all(shown(tag, one) in render(ContactCheck(), envelope, tag, "sms").text for one in ("start", "stop"))


@pytest.mark.parametrize("tag", LANGUAGES)
def test_a_mail_asks_for_no_answer_by_a_word_unless_it_answers_one(tag: str) -> None:
    envelope = Envelope("Hodan", "A1B2-C3D4-E5F6", "news.example/f")
    for name, channel, sample in samples(tag):
        if channel == "email" and not KINDS[name].ANSWERS:
            assert not any(shown(tag, one) in sample.text for one in ("start", "stop")), (name, sample.text)
    assert render(ContactCheck(), envelope, tag, "email").text.splitlines()[1] == envelope.page


@pytest.mark.parametrize("tag", LANGUAGES)
def test_a_caller_asks_nobody_to_answer_with_a_word_for_machines(tag: str) -> None:
    envelope = Envelope(None, None, "news.example/f")
    for kind in (OptOutConfirmed, OptInConfirmed, HelpAnswer, ContactCheck):
        said = render(kind(), envelope, tag, "voice").text.split("\n\n")[1].splitlines()[0]
        assert not any(shown(tag, one) in said.split() for one in ("start", "stop")), said
        assert said != render(kind(), envelope, tag, "sms").text.splitlines()[0]


@pytest.mark.parametrize("tag", LANGUAGES)
def test_no_text_is_left_with_a_gap(tag: str) -> None:
    assert not [name for name, _, sample in samples(tag) if re.search(r"[{}%]", sample.text + sample.subject)]
    assert {name for name, _, _ in samples(tag)} == set(KINDS)


@pytest.mark.parametrize(
    ("tag", "text"),
    [
        ("en", "Wednesday, 4 September 2030, 09:30"),
        ("fr", "mercredi 4 septembre 2030, 09:30"),
        ("ar", "الأربعاء، 4 سبتمبر 2030، 09:30"),
        ("zh", "2030年9月4日星期三 09:30"),
        ("am", "ረቡዕ 4 ሴፕቴምበር 2030፣ ጥዋት 09:30"),
        ("ti", "ረቡዕ 4/9/2030፣ ቅ.ቀ. 09:30"),
    ],
)
def test_days_and_times_are_written_in_the_language(tag: str, text: str) -> None:
    assert when(SAMPLE_TIME, tag) == text


def test_a_time_is_told_in_the_zone_in_which_it_is_given() -> None:
    told = render(Appointment(SAMPLE_TIME.astimezone(ZoneInfo("Africa/Addis_Ababa"))), SAMPLE, "en", "sms")
    assert "4 September 2030, 12:30" in told.text


def test_counted_texts_follow_the_grammar() -> None:
    forms = {1: "1 сообщение ", 2: "2 сообщения ", 5: "5 сообщений ", 21: "21 сообщение ", 112: "112 сообщений "}
    for number, form in forms.items():
        assert form in render(Digest(number), SAMPLE, "ru", "sms").text


def test_the_answer_to_an_unknown_sender_is_one_for_all() -> None:
    assert (
        len({render(UnknownSender(), one, "en", "sms").text for one in (SAMPLE, Envelope(None, None, SAMPLE.page))})
        == 1
    )


def test_a_language_that_is_not_there_is_refused() -> None:
    with pytest.raises(KeyError):
        render(WithUs(), SAMPLE, "xx", "sms")


def test_a_printed_message_shows_neither_alias_nor_code() -> None:
    assert "Hodan" not in repr(render(WithUs(), SAMPLE, "en", "sms"))
    assert "A1B2" not in repr(render(WithUs(), SAMPLE, "en", "sms"))
