"""A name has one form, whoever typed it and however."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.intake.matching.scripts import fold, script_of

SAME = [
    ("MÜLLER", "Mu\u0308ller"),
    ("Strauß", "STRAUSS"),
    ("İsmail", "ismail"),
    ("O’Brien", "O'Brien"),
    ("Da'Meh", "Dameh"),
    ("ﬁona", "Fiona"),
    ("مُحَمَّد", "محمـــد"),
    ("أحمد", "احمد"),
    ("علی", "علي"),
    ("کریم", "كريم"),
    ("ﷲ", "الله"),
    ("שָׁלוֹם", "שלום"),
    ("יוסף", "יוספ"),
    ("ኃይለ ሥላሴ", "ሀይለ ስላሴ"),
    ("ዓለም", "አለም"),
    ("さくら", "サクラ"),
    ("ｶﾅ", "カナ"),
    ("김", "\u1100\u1175\u11b7"),
    ("ফাতেমা\u200d", "ফাতেমা"),
    ("ခိုင်", "ခုိင်"),
    ("Иванoв", "Иванов"),
    ("ئازاد", "ازاد"),
    ("ג׳ון", "ג'ון"),
]
KEPT_APART = [("й", "и"), ("ё", "е"), ("ى", "ي"), ("ö", "o"), ("ቀ", "ከ"), ("কি", "কী"), ("ג'ון", "גון")]


@pytest.mark.parametrize(("one", "other"), SAME)
def test_ways_to_type_one_name_fold_alike(one: str, other: str) -> None:
    assert fold(one) == fold(other)


@pytest.mark.parametrize(("one", "other"), KEPT_APART)
def test_what_tells_sounds_apart_is_kept(one: str, other: str) -> None:
    assert fold(one) != fold(other)


@given(st.text(max_size=40))
def test_folding_again_changes_nothing(text: str) -> None:
    assert fold(fold(text)) == fold(text)


def test_a_zero_width_non_joiner_parts_a_persian_compound_only() -> None:
    assert fold("محمد\u200cعلی") == fold("محمد علی")
    assert fold("क्\u200cष") == fold("क्ष")


@pytest.mark.parametrize(
    ("word", "script"),
    [
        ("Müller", "Latn"),
        ("محمد", "Arab"),
        ("Олена", "Cyrl"),
        ("ሃይማኖት", "Ethi"),
        ("רחל", "Hebr"),
        ("ইসলাম", "Beng"),
        ("အောင်", "Mymr"),
        ("王小明", "Hani"),
        ("김온아", "Hang"),
        ("さくら", "Hira"),
        ("マリア", "Kana"),
        ("मोहन", "Deva"),
        ("Γιώργος", "Grek"),
        ("გიორგი", "Geor"),
        ("Արամ", "Armn"),
        ("สมชาย", "Thai"),
        ("ܝܘܣܦ", "Syrc"),
        ("𞤀𞤣𞤤𞤢𞤥", "Adlm"),
        ("12-3", "Zyyy"),
        ("", "Zyyy"),
    ],
)
def test_the_script_of_a_word_is_that_of_most_letters(word: str, script: str) -> None:
    assert script_of(word) == script
