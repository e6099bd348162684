"""A word of any script is written in a to z as registrars write it."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.intake.matching.scripts import fold, romanisations, spellings, split

FIRST = [
    ("Şahin", "sahin"),
    ("Łukasz", "lukasz"),
    ("Nguyễn", "nguyen"),
    ("محمد", "mohammed"),
    ("سليم", "salim"),
    ("حمدان", "hamdan"),
    ("صبيحة", "sabiha"),
    ("هاشمي", "hashimi"),
    ("Сергей", "sergey"),
    ("Олександр", "oleksandr"),
    ("Ђорђевић", "djordjevic"),
    ("Παπαδόπουλος", "papadopoulos"),
    ("გიორგი", "giorgi"),
    ("Արամ", "aram"),
    ("ተስፋይ", "tesfay"),
    ("ገብረ", "gebre"),
    ("ኪዳነ", "kidane"),
    ("ጎይቶም", "goytom"),
    ("অহনা", "ahna"),
    ("রহিমা", "rahima"),
    ("ইসলাম", "islam"),
    ("রহমান", "rahman"),
    ("মোহাম্মদ", "mohammad"),
    ("राहुल", "rahul"),
    ("शर्मा", "sharma"),
    ("ਸਿੰਘ", "singh"),
    ("အောင်", "aung"),
    ("ကျော်", "kyaw"),
    ("သန်း", "than"),
    ("ကြည်", "kyi"),
    ("ဝင်း", "win"),
    ("နိုင်", "naing"),
    ("မြင့်", "myint"),
    ("ဒေါ်", "daw"),
    ("ဦး", "u"),
    ("王", "wang"),
    ("曾", "zeng"),
    ("小明", "xiaoming"),
    ("김", "kim"),
    ("이", "lee"),
    ("최", "choi"),
    ("마이클", "maikl"),
    ("さくら", "sakura"),
    ("רחל", "rachel"),
    ("שמעון", "shimon"),
    ("สมชาย", "somchai"),
    ("สมพร", "somphon"),
    ("ทองคำ", "thongkham"),
    ("ธีรยุทธ", "thirayut"),
    ("จันทร์", "chan"),
    ("สวัสดิ์", "sawat"),
    ("เจริญ", "charoen"),
    ("แก้ว", "kaeo"),
    ("ธนากร", "thanakon"),
    ("ສົມຊາຍ", "somchai"),
    ("ג'מיל", "jamil"),
    ("ইয়াকুব", "yakub"),
    ("জয়ন্ত", "jayanta"),
    ("सिंह", "singh"),
    ("اميرعلي", "amirali"),
    ("吉田", "yoshida"),
    ("ئازاد", "azad"),
    ("𞤀𞤣𞤤𞤢𞤥", "adlam"),
]
AMONG = [
    ("Çelik", "chelik"),
    ("Müller", "mueller"),
    ("Đorđe", "djordje"),
    ("Szczepan", "shchepan"),
    ("جمال", "gamal"),
    ("قمر", "kamar"),
    ("رضا", "reza"),
    ("نصرالله", "nasrallah"),
    ("نورالدين", "nureddin"),
    ("فرناندو", "fernando"),
    ("بيتروف", "petrov"),
    ("Уладзімір", "vladimir"),
    ("Шаўчэнка", "shavchenko"),
    ("Сергій", "serhiy"),
    ("Шульц", "schulz"),
    ("ሃይማኖት", "haimanot"),
    ("ላቀው", "laqew"),
    ("ወልደ", "wolde"),
    ("ዮሐንስ", "yohanis"),
    ("জসিম", "zasim"),
    ("ထွန်း", "tun"),
    ("陈", "chan"),
    ("张", "chang"),
    ("小明", "hsiaoming"),
    ("박", "pak"),
    ("정", "chung"),
    ("영희", "younghee"),
    ("율리우스", "yulius"),
    ("ダニエル", "daniel"),
    ("ミラー", "mila"),
    ("スミス", "smith"),
    ("花子", "hanako"),
    ("彼得", "peter"),
    ("伊万", "ivan"),
    ("မိုး", "moe"),
    ("ဝေ", "wai"),
    ("ရာရှစ်", "rashid"),
    ("Հակոբյան", "akobyan"),
    ("Xasan", "hasan"),
    ("Cabdi", "abdi"),
    ("Dschafar", "jafar"),
    ("Soekarto", "sukarto"),
    ("กมล", "kamol"),
    ("พร", "porn"),
]


@pytest.mark.parametrize(("word", "written"), FIRST)
def test_the_usual_spelling_comes_first(word: str, written: str) -> None:
    assert romanisations(word)[0] == written


@pytest.mark.parametrize(("word", "written"), AMONG)
def test_another_usual_spelling_is_among_them(word: str, written: str) -> None:
    assert written in romanisations(word)


@pytest.mark.parametrize(
    ("one", "other"),
    [("أحمد", "احمد"), ("ሐረር", "ሀረር"), ("יוסף", "יוספ"), ("さくら", "サクラ"), ("陳", "陈"), ("ИВАН", "иван")],
)
def test_ways_to_type_one_word_are_romanised_alike(one: str, other: str) -> None:
    assert romanisations(one) == romanisations(other)


def test_spellings_say_every_usual_writing_of_a_chinese_word_or_a_burmese_syllable_and_nothing_of_others() -> None:
    assert {"zheng", "cheng", "tay"} <= spellings("郑", "Hani")
    assert "zhang" not in spellings("郑", "Hani")
    assert {"htet", "tet"} <= spellings("ထက်", "Mymr")
    assert "htut" not in spellings("ထက်", "Mymr")
    assert spellings("约翰", "Hani") == spellings("မိုဟာမက်", "Mymr") == spellings("محمد", "Arab") == frozenset()


@given(st.text(max_size=30))
def test_whatever_is_typed_becomes_a_few_words_of_a_to_z(text: str) -> None:
    for word in split(fold(text)):
        found = romanisations(word)
        assert len(found) <= 5
        assert len(set(found)) == len(found)
        assert all(latin.isascii() and latin.isalpha() and latin.islower() for latin in found)


def test_words_without_letters_have_none() -> None:
    assert romanisations("") == romanisations("12") == romanisations("’") == ()


def test_a_long_word_of_doubtful_letters_is_not_followed_every_way() -> None:
    started = time.process_time()
    romanisations("شوقي" * 20)
    romanisations("ብርሃን" * 20)
    assert time.process_time() - started < 0.5
