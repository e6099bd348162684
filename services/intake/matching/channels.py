"""How letters travel: with which Latin letters a registrar writes a sound, learned letter by letter.

A *channel* is a table for one script: letter of the source → Latin letters (none to three) → log2 of how likely they
are. A word is heard letter by letter, and the likeliest way through is its score (Viterbi; Brill & Moore, *An improved
error model for noisy channel spelling correction*, ACL 2000; Knight & Graehl, *Machine transliteration*, 1998). What
remains after subtracting how likely the written word is at all is the weight of evidence that both are one word.

Every pair is scored by itself: it does not matter what else is in the batch.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Scores = NDArray[np.float32]
Codes = NDArray[np.int64]
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

    letters: Codes
    """Code points, in order, and one that is none's."""
    rows: Codes
    """Of each."""
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
        ordered = sorted(rows)
        return cls(
            np.array([*map(ord, ordered), 0x110000]),
            np.array([*(rows[letter] for letter in ordered), 0]),
            np.log2(table).ravel(),
        )


def code_of(latin: str) -> int:
    """Up to three Latin letters as a number below `WIDTH`."""
    code = 0
    for letter in latin:
        code = code * LETTERS + ord(letter) - 96
    return code


def heard_as(channel: Channel, pairs: Sequence[tuple[str, str]]) -> Scores:
    """log2 P(the Latin word | the source word), for each (source word, Latin word of a–z)."""
    if not pairs:
        return np.zeros(0, np.float32)
    sources: dict[str, int] = {}
    latins: dict[str, int] = {}
    asked = [(sources.setdefault(s, len(sources)), latins.setdefault(w, len(latins))) for s, w in pairs]
    rows, ends = _rows_of(channel, sources)
    grams, latin_ends = _grams_of(latins)
    source_at, latin_at = np.array(asked).T
    order = np.argsort(-ends[source_at], kind="stable")  # the longest first: whatever has ended is behind
    source_at, latin_at = source_at[order], latin_at[order]
    letters, last = rows[source_at] * WIDTH, latin_ends[latin_at]
    under_way = np.searchsorted(-ends[source_at], -np.arange(1, letters.shape[1] + 1), side="right")
    grams = [gram[latin_at] for gram in grams]
    found = np.zeros(len(pairs), np.float32)
    best = np.full((len(pairs), grams[0].shape[1] + 1), _NEVER, np.float32)
    best[:, 0] = 0
    for step, count in enumerate(under_way):
        best = _heard(channel, best[:count], letters[:count, step], grams)
        going_on = under_way[step + 1] if step + 1 < len(under_way) else 0
        found[going_on:count] = best[np.arange(going_on, count), last[going_on:count]]
    scores = np.empty_like(found)
    scores[order] = found
    return scores


def _heard(channel: Channel, best: Scores, letter: Codes, grams: Sequence[Codes]) -> Scores:
    """One letter further: (pairs, letters of the Latin word that are accounted for) → log2 of the likeliest way."""
    count, places = len(best), grams[0].shape[1]
    following: Scores = best + channel.table.take(letter)[:, None]
    for length, gram in enumerate(grams, start=1):
        reached = places - length + 1
        if reached > 0:
            given = channel.table.take(letter[:, None] + gram[:count, :reached])
            given += best[:, :reached]
            np.maximum(following[:, length:], given, out=following[:, length:])
    return following


def _rows_of(channel: Channel, sources: Iterable[str]) -> tuple[Codes, Codes]:
    """(the rows of each word's letters, between its ends; how many they are)."""
    letters, ends = _written([START + source[:LONGEST] + END for source in sources])
    at = np.searchsorted(channel.letters, letters)
    return np.where(channel.letters[at] == letters, channel.rows[at], 0), ends


def _grams_of(latins: Iterable[str]) -> tuple[list[Codes], Codes]:
    """(the codes of the one, two and three letters that begin at each place of each word; how long each is). Those that
    reach over a word's end lead nowhere that is looked at."""
    letters, ends = _written([latin[:LONGEST] for latin in latins])
    ones = np.maximum(letters - 96, 0)
    twos, threes = ones.copy(), ones.copy()
    twos[:, :-1] = ones[:, :-1] * LETTERS + ones[:, 1:]
    threes[:, :-2] = twos[:, :-2] * LETTERS + ones[:, 2:]
    return [ones, twos, threes], ends


def _written(words: Sequence[str]) -> tuple[Codes, Codes]:
    """(the code points of each word, filled up with 0; how many they are)."""
    ends = np.array([len(word) for word in words])
    width = max(1, ends.max())
    points = np.array(words, dtype=f"<U{width}").view(np.uint32).reshape(-1, width)
    return points.astype(np.int64), ends
