"""The words of a name, in any script."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable

from services.intake.matching.scripts import burmese, han, korean
from services.intake.matching.scripts.folding import UNKNOWN, script_of, script_of_letter
from services.intake.matching.scripts.ways import words

_MARKS = "\u0300-\u036f\u0730-\u07ff\u0900-\u0fff\u1000-\u109f\u1780-\u17ff\U0001e900-\U0001e95f\U00010d00-\U00010d3f"
"""Vowel signs and other marks, which are parts of words."""
_APART = re.compile(rf"[^\w{_MARKS}]|[_\d]")
_NO_ARTICLE = frozenset(
    words(
        "الله الهام الياس اليسا الينا الما الفت الماس الي الا اله الين اليف الهه البير الان اليا الكس الكسندر البرت "
        "الفريد اليزابيث الكساندرا اليكس الكساندر الفا الدو"
    )
)
"""Names that begin with the letters of the article."""
_ARTICLES = frozenset(words("al el ul ur il"))


def split(text: str) -> tuple[str, ...]:
    """The words of a folded name, in order; hyphens, dots and other marks part them.

    Names that are written without spaces are parted as their language does: Chinese and Korean ones into surname and
    given name, joined Burmese ones into syllables. The Arabic article, and *Abd al-*, stand apart in Arabic and in
    Latin letters alike.
    """
    return splits(text)[0]


def splits(text: str) -> tuple[tuple[str, ...], ...]:
    """The ways to part a name, the likeliest first: several for a Chinese or Korean name that stands alone."""
    pieces = [piece for word in _APART.sub(" ", text).split() for piece in _by_script(word)]
    ways = _ALONE.get(script_of(pieces[0])) if len(pieces) == 1 else None
    if ways:
        return ways(pieces[0])
    return (tuple(_merged(part for piece in pieces for part in _parted(piece))),)


_ALONE = {"Hang": korean.parted, "Hani": han.parted}


def _by_script(word: str) -> list[str]:
    """A word that mixes scripts, in pieces of one: kanji with kana stay together."""
    if word.isascii():
        return [word]
    pieces: list[str] = []
    last = UNKNOWN
    for letter in word:
        script = script_of_letter(letter) if not unicodedata.combining(letter) and letter != "ー" else UNKNOWN
        if {script, last} == {"Hani", "Kana"}:
            last = script
        if pieces and (script in (UNKNOWN, last) or last == UNKNOWN):
            pieces[-1] += letter
        else:
            pieces.append(letter)
        last = script if script != UNKNOWN else last
    return [piece for piece in pieces if script_of(piece) != UNKNOWN]


def _parted(word: str) -> tuple[str, ...]:
    script = script_of(word)
    if script == "Arab":
        return _without_article(word)
    return burmese.parted(word) if script == "Mymr" else (word,)


def _without_article(word: str) -> tuple[str, ...]:
    if word.startswith("عبدال") and len(word) > 6 and word != "عبدالله":
        return ("عبدال", word[5:])
    if word.startswith("ال") and len(word) > 4 and word not in _NO_ARTICLE:
        return ("ال", word[2:])
    return (word,)


def _merged(pieces: Iterable[str]) -> list[str]:
    """عبد + ال as one word, and so *abd al*; عبد الله is one name."""
    found: list[str] = []
    for piece in pieces:
        if found and piece in _AFTER_ABD.get(found[-1], ()):
            found[-1] += piece
        else:
            found.append(piece)
    return found


_AFTER_ABD = {"عبد": frozenset(words("ال الله")), "abd": _ARTICLES}
