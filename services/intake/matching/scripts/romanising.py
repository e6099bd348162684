"""A word of any script in a to z."""

from __future__ import annotations

import re
from functools import lru_cache

from anyascii import anyascii

from services.intake.matching.scripts import (
    alphabets,
    arabic,
    burmese,
    cyrillic,
    ethiopic,
    han,
    hebrew,
    indic,
    kana,
    korean,
    latin,
    thai,
)  # fmt: skip
from services.intake.matching.scripts.folding import fold, script_of
from services.intake.matching.scripts.ways import MOST

_NO_LETTER = re.compile("[^a-z]")
_BY_SCRIPT = {
    "Arab": arabic.romanisations,
    "Cyrl": cyrillic.romanisations,
    "Ethi": ethiopic.romanisations,
    "Hang": korean.romanisations,
    "Hani": han.romanisations,
    "Hebr": hebrew.romanisations,
    "Hira": kana.romanisations,
    "Kana": kana.romanisations,
    "Laoo": thai.romanisations,
    "Latn": latin.romanisations,
    "Mymr": burmese.romanisations,
    "Syrc": hebrew.romanisations,
    "Thai": thai.romanisations,
}
_LONGEST = 40
"""Letters of a word: what comes after is not read."""


@lru_cache(maxsize=100_000)
def romanisations(word: str) -> tuple[str, ...]:
    """One to five ways to write a word in a–z, the likeliest first; none for a word without letters.

    The word need not be folded. Where no rules are known for a script, letter by letter (`anyascii`).
    """
    folded = fold(word)[:_LONGEST]
    script = script_of(folded)
    found: tuple[str, ...] = ()
    if script in _BY_SCRIPT:
        found = _BY_SCRIPT[script](folded)
    elif script in indic.SCRIPTS:
        found = indic.romanisations(folded, script)
    elif script in alphabets.SCRIPTS:
        found = alphabets.romanisations(folded, script)
    plain = dict.fromkeys(bare for bare in (_NO_LETTER.sub("", latin) for latin in found) if bare)
    if not plain:
        plain = dict.fromkeys(bare for bare in [_NO_LETTER.sub("", anyascii(folded).lower())] if bare)
    return tuple(plain)[:MOST]


_SPELLINGS = {"Hani": han.spellings, "Mymr": burmese.spellings}


@lru_cache(maxsize=100_000)
def spellings(word: str, script: str) -> frozenset[str]:
    """Every usual way to write a folded word in a–z, where a system says them all: Chinese words, Burmese syllables.

    Empty where writers are free. Doubled letters are single (*Linn*, *Lin*).
    """
    known = _SPELLINGS.get(script)
    return frozenset(map(undoubled, known(word))) if known else frozenset()


def undoubled(latin: str) -> str:
    """Each letter that is written twice once."""
    return _DOUBLED.sub(r"\1", latin)


_DOUBLED = re.compile(r"(.)\1+")
