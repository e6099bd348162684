"""Scripts that leave short vowels out: where one is heard follows from the run of consonants between two vowels."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from services.intake.matching.scripts.ways import Ways


@dataclass(frozen=True, slots=True)
class Heard:
    """A letter of a word, as a consonant or as a vowel."""

    letter: str
    ways: Ways
    vowel: bool = False


@dataclass(frozen=True, slots=True)
class Vowels:
    """The short vowels of a language, by their place."""

    first: Ways
    """After the consonant that begins a word."""
    before_last: Ways
    """Before the consonant that ends a word."""
    in_three: Ways
    """Before the last of three consonants that are the whole word: *Fahd*, but *Hasan*."""
    after_long: Ways
    """Between the last two consonants, after a long *a*: *Khalid*, *Fatima*."""
    after_long_before_i: Ways
    """So, where an ending *-i* follows: *Hashemi*, but *Farsi*."""
    between: Ways
    """Between two consonants that belong to two syllables: mostly none."""
    inserted: Ways
    """Before the last of three consonants or more, where a vowel follows."""


def with_vowels(word: Sequence[Heard], vowels: Vowels, ending: str = "") -> list[Ways]:
    """The ways of each letter, and of what is heard between them. `ending`: with what the ending after it begins."""
    slots: list[Ways] = []
    for run, before, after in _runs(word, ending):
        if run[0].vowel:
            slots.append(run[0].ways)
            continue
        between = _between(run, before, after, vowels)
        for at, heard in enumerate(run):
            slots.append(heard.ways)
            if at in between:
                slots.append(between[at])
    return slots


def _runs(word: Sequence[Heard], ending: str) -> Iterator[tuple[Sequence[Heard], str, str]]:
    """Each vowel, and each run of consonants, with the vowels before and after it."""
    at = 0
    while at < len(word):
        end = at + 1
        while not word[at].vowel and end < len(word) and not word[end].vowel:
            end += 1
        yield word[at:end], word[at - 1].letter if at else "", word[end].letter if end < len(word) else ending
        at = end


_NASAL_AND_STOP = frozenset(a + b for a in "نمرل" for b in "دتكجسزبڤفغگقخ")
"""Clusters that end a syllable where names come from elsewhere: *Roland*, *Mark*."""
_FEMININE = "ةه"
_NISBA = "ي"


def _between(run: Sequence[Heard], before: str, after: str, vowels: Vowels) -> dict[int, Ways]:
    """Position in the run → what is heard after that consonant: after every second one, and before a last one."""
    count = len(run)
    if count == 1:
        return {}
    after_long = before in {"ا", "א"}
    if count == 2 and before and after:
        if after_long and after in _FEMININE:
            return {0: vowels.after_long}
        return {
            0: vowels.after_long_before_i if after_long and after in _NISBA and not _closes(run) else vowels.between
        }
    first = 1 if before else 0
    found = dict.fromkeys(range(first, count - 1, 2), vowels.inserted)
    if not before:
        found[0] = vowels.first
    for at in range(first + 1, count - 1, 2):
        found[at] = vowels.between
    if not after:
        found[count - 2] = _in_final(run, before, after_long, vowels)
    return found


def _in_final(run: Sequence[Heard], before: str, after_long: bool, vowels: Vowels) -> Ways:
    if (not before and len(run) == 3) or (_closes(run) and (run[-2].letter == "ن" or not after_long)):
        return vowels.in_three
    if not before and len(run) == 2:
        return vowels.first
    return vowels.after_long if len(run) == 2 and after_long else vowels.before_last


def _closes(run: Sequence[Heard]) -> bool:
    return run[-2].letter + run[-1].letter in _NASAL_AND_STOP
