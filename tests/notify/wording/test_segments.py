"""A text is counted and divided as telephones do."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.notify.wording import Size, count, split
from services.notify.wording.segments import DEFAULT_ALPHABET, EXTENSION, JOINED, SINGLE

GSM = st.text(st.sampled_from(sorted(DEFAULT_ALPHABET | EXTENSION)), max_size=500)
WIDE = st.text(st.one_of(st.characters(codec="utf-8"), st.sampled_from("aé€😀ሀ")), max_size=300)


def measured(part: str, encoding: str) -> int:
    if encoding == "ucs2":
        return len(part.encode("utf-16-be")) // 2
    return len(part) + sum(part.count(one) for one in EXTENSION)


@pytest.mark.parametrize(
    ("text", "size"),
    [
        ("", Size("gsm7", 0, 0)),
        ("a" * 160, Size("gsm7", 160, 1)),
        ("a" * 161, Size("gsm7", 161, 2)),
        ("a" * 306, Size("gsm7", 306, 2)),
        ("a" * 307, Size("gsm7", 307, 3)),
        ("€" * 80, Size("gsm7", 160, 1)),
        ("€" * 81, Size("gsm7", 162, 2)),
        ("a" * 152 + "€" + "a" * 152, Size("gsm7", 306, 3)),
        ("ሀ" * 70, Size("ucs2", 70, 1)),
        ("ሀ" * 71, Size("ucs2", 71, 2)),
        ("ሀ" * 201, Size("ucs2", 201, 3)),
        ("ሀ" * 202, Size("ucs2", 202, 4)),
        ("😀" * 35, Size("ucs2", 70, 1)),
        ("😀" * 66, Size("ucs2", 132, 2)),
        ("😀" * 67, Size("ucs2", 134, 3)),
        ("ç", Size("ucs2", 1, 1)),
        ("Ç", Size("gsm7", 1, 1)),
        ("\x1b", Size("ucs2", 1, 1)),
    ],
)
def test_sizes_are_those_of_the_standard(text: str, size: Size) -> None:
    assert count(text) == size


def test_the_tables_are_complete() -> None:
    assert (len(DEFAULT_ALPHABET), len(EXTENSION)) == (127, 10)
    assert not DEFAULT_ALPHABET & EXTENSION


def test_no_pair_is_divided_at_a_segments_end() -> None:
    assert split("a" * 152 + "€" + "a" * 10) == ["a" * 152, "€" + "a" * 10]
    assert split("ሀ" * 66 + "😀" + "ሀ" * 10) == ["ሀ" * 66, "😀" + "ሀ" * 10]


@given(st.one_of(GSM, WIDE))
def test_parts_joined_are_the_text_each_fits_and_the_counts_agree(text: str) -> None:
    size, parts = count(text), split(text)
    assert "".join(parts) == text
    assert size.segments == len(parts)
    assert size.units == sum(measured(part, size.encoding) for part in parts) == measured(text, size.encoding)
    room = (SINGLE if len(parts) < 2 else JOINED)[size.encoding]
    assert all(0 < measured(part, size.encoding) <= room for part in parts)


@given(st.one_of(GSM, WIDE))
def test_no_segment_could_take_the_next_character_too(text: str) -> None:
    size, parts = count(text), split(text)
    for part, following in pairwise(parts):
        assert measured(part + following[0], size.encoding) > JOINED[size.encoding]


@given(GSM)
def test_the_default_alphabet_and_its_extension_are_never_sent_wide(text: str) -> None:
    assert count(text).encoding == "gsm7"
