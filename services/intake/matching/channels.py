"""How letters travel: with which Latin letters a registrar writes a sound, learned letter by letter.

A *channel* is a table for one script: letter of the source → Latin letters (none to three) → log2 of how likely they
are. A word is heard letter by letter, and the likeliest way through is its score (Viterbi; Brill & Moore, *An improved
error model for noisy channel spelling correction*, ACL 2000; Knight & Graehl, *Machine transliteration*, 1998). What
remains after subtracting how likely the written word is at all is the weight of evidence that both are one word.

Every pair is scored by itself: it does not matter what else is in the batch.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

Scores = NDArray[np.float32]
Codes = NDArray[np.int32]
LETTERS = 27
"""a to z, and 0 for none."""
WIDTH = LETTERS**3
LONGEST = 24
"""Letters of a word, on either side: what comes after is not compared."""
FLOOR = 1e-4
"""How likely letters are that training never saw for a letter, each further one a fifth of that."""
START, END = "^", "$"
_NEVER = np.float32(-1e9)


@dataclass(frozen=True)
class Channel:
    """The table of one script, ready for look-ups; letters that it does not know have the row 0."""

    row_of: Mapping[str, int]
    table: Scores
    """Flat: row × `WIDTH` + code of the Latin letters → log2 probability."""

    @classmethod
    def of(cls, letters: Mapping[str, Mapping[str, float]]) -> Channel:
        """`letters`: letter → Latin letters → probability."""
        floors = np.full(WIDTH, FLOOR, np.float32)
        codes = np.arange(WIDTH)
        floors[codes >= LETTERS] = FLOOR / 5
        floors[codes >= LETTERS**2] = FLOOR / 25
        table = np.repeat(floors[None, :], len(letters) + 1, axis=0)
        rows = {letter: row for row, letter in enumerate(letters, start=1)}
        for letter, heard in letters.items():
            for latin, probability in heard.items():
                table[rows[letter], code_of(latin)] += probability
        return cls(rows, np.log2(table).ravel())


def code_of(latin: str) -> int:
    """Up to three Latin letters as a number below `WIDTH`."""
    code = 0
    for letter in latin:
        code = code * LETTERS + ord(letter) - 96
    return code


@lru_cache(maxsize=200_000)
def _latin_codes(latin: str) -> tuple[tuple[int, ...], tuple[int, ...], tuple[int, ...]]:
    """The codes of the one, two and three letters that begin at each place."""
    ones = [ord(letter) - 96 for letter in latin]
    twos = [left * LETTERS + right for left, right in pairwise(ones)]
    threes = [left * LETTERS + right for left, right in zip(twos, ones[2:], strict=False)]
    return tuple(ones), tuple(twos), tuple(threes)


def heard_as(channel: Channel, pairs: Sequence[tuple[str, str]]) -> Scores:
    """log2 P(the Latin word | the source word), for each (source word, Latin word of a–z)."""
    if not pairs:
        return np.zeros(0, np.float32)
    count = len(pairs)
    longest_source = min(LONGEST, max(len(source) for source, _ in pairs)) + 2
    longest_latin = min(LONGEST, max(len(latin) for _, latin in pairs))
    rows = np.zeros((count, longest_source), np.int64)
    ends = np.zeros(count, np.int64)
    latin_ends = np.zeros(count, np.int64)
    grams = [np.zeros((count, longest_latin), np.int64) for _ in range(3)]
    row_of = channel.row_of
    for at, (source, latin) in enumerate(pairs):
        letters = START + source[:LONGEST] + END
        rows[at, : len(letters)] = [row_of.get(letter, 0) for letter in letters]
        ends[at] = len(letters)
        latin = latin[:LONGEST]
        latin_ends[at] = len(latin)
        for gram, codes in zip(grams, _latin_codes(latin), strict=True):
            gram[at, : len(codes)] = codes
    best = np.full((count, longest_latin + 1), _NEVER, np.float32)
    best[:, 0] = 0
    found = np.zeros(count, np.float32)
    every = np.arange(count)
    for step in range(longest_source):
        base = rows[:, step] * WIDTH
        following = best + channel.table[base][:, None]
        for length in (1, 2, 3):
            if longest_latin >= length:
                gram = grams[length - 1][:, : longest_latin - length + 1]
                given = channel.table[base[:, None] + gram]
                np.maximum(
                    following[:, length:], best[:, : longest_latin - length + 1] + given, out=following[:, length:]
                )
        best = following
        over = ends == step + 1
        found[over] = best[every[over], latin_ends[over]]
    return found
