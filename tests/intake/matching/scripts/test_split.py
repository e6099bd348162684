"""A name falls into its words, in any script."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.intake.matching.scripts import fold, script_of, split, splits


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("Jean-Pierre Dupont", ("jean", "pierre", "dupont")),
        ("J.-C. Juncker", ("j", "c", "juncker")),
        ("Abd al-Rahman El-Sayed", ("abdal", "rahman", "el", "sayed")),
        ("عبد الرحمن السيد", ("عبدال", "رحمن", "ال", "سيد")),
        ("عبدالرحمن", ("عبدال", "رحمن")),
        ("عبد الله", ("عبدالله",)),
        ("إلهام", ("الهام",)),
        ("md করিম", ("md", "করিম")),
        ("李·Smith", ("李", "smith")),
        ("王小明", ("王", "小明")),
        ("王芳", ("王", "芳")),
        ("欧阳小明", ("欧阳", "小明")),
        ("小明王", ("小明", "王")),
        ("田中花子", ("田中", "花子")),
        ("김민수", ("김", "민수")),
        ("남궁민수", ("남궁", "민수")),
        ("크리스", ("크리스",)),
        ("はな子", ("ハナ子",)),
        ("အောင်ဆန်းစုကြည်", ("အောင်", "ဆန်း", "စု", "ကြည်")),
        ("မိုဟာမတ်", ("မိုဟာမတ်",)),
        ("အောင်ကျော်မိုး", ("အောင်", "ကျော်", "မိုး")),
        ("ယုယုမော်", ("ယု", "ယု", "မော်")),
        ("小林茂", ("小林", "茂")),
        ("阿卜杜拉", ("阿卜杜拉",)),
        ("ሃይለ ሥላሴ", ("ሀይለ", "ስላሴ")),
        ("", ()),
        ("– 7 –", ()),
    ],
)
def test_names_fall_into_their_words(name: str, words: tuple[str, ...]) -> None:
    assert split(fold(name)) == words


def test_a_name_that_may_be_parted_in_several_ways_has_them_all() -> None:
    assert splits("남궁민") == (("남궁", "민"), ("남", "궁민"), ("남궁민",))
    assert ("王", "小明") in splits("王小明")


@given(st.text(max_size=40))
def test_no_letter_gets_lost_or_moved(text: str) -> None:
    folded = fold(text)
    assert [letter for word in split(folded) for letter in word if letter.isalpha() and letter < "က"] == [
        letter for letter in folded if letter.isalpha() and letter < "က" and script_of(letter) != "Zyyy"
    ]
