"""Letters are learned: which Latin letters stand for which, from pairs of words that are one name.

Expectation maximisation over all ways through each pair (Dempster, Laird & Rubin 1977; for letters, Ristad & Yianilos,
*Learning string-edit distance*, 1998).
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from math import log2

from services.intake.matching.channels import END, FLOOR, LONGEST, START

Heard = dict[str, dict[str, float]]
_ROUNDS, _MOST_LETTERS = 5, 3
_WORTH_KEEPING = 0.0008
_FIRST_GUESS = (0.15, 0.5, 0.05, 0.005)
_AT_ENDS = (0.9, 0.05, 0.01, 0.001)


def learn_channel(pairs: Sequence[tuple[str, str]]) -> Heard:
    """Letter of the source → Latin letters → probability. `pairs`: (source word, Latin word of a–z)."""
    heard: Heard | None = None
    for _ in range(_ROUNDS):
        counts: Mapping[str, dict[str, float]] = defaultdict(lambda: defaultdict(float))
        for source, latin in pairs:
            _count(heard, counts, START + source[:LONGEST] + END, latin[:LONGEST])
        heard = {
            letter: {written: share / (sum(found.values()) + 2) for written, share in found.items() if share > 0.05}
            for letter, found in counts.items()
        }
    return {
        letter: {
            written: round(share, 5)
            for written, share in sorted(found.items(), key=lambda one: (-one[1], one[0]))
            if share > _WORTH_KEEPING
        }
        for letter, found in sorted((heard or {}).items())
    }


def _count(heard: Heard | None, counts: Mapping[str, dict[str, float]], source: str, latin: str) -> None:
    """Add, for each letter, how likely each piece of the Latin word stands for it (forward and backward)."""
    end = len(latin)
    pieces = [
        [latin[at : at + length] for at in range(end - length + 1)] for length in range(min(_MOST_LETTERS, end) + 1)
    ]
    tables = [[[_chance(heard, letter, piece) for piece in row] for row in pieces] for letter in source]
    forward = _forward(tables, end)
    whole = forward[-1][end]
    if whole <= 1e-250:
        return
    backward = [0.0] * (end + 1)
    backward[end] = 1.0
    for step in range(len(source) - 1, -1, -1):
        table, here, found = tables[step], forward[step], counts[source[step]]
        before = [0.0] * (end + 1)
        for at in range(end + 1):
            for length, row in enumerate(table[: end - at + 1]):
                onward = row[at] * backward[at + length]
                before[at] += onward
                share = here[at] * onward / whole
                if share > 1e-5:
                    found[pieces[length][at]] += share
        backward = before


def _forward(tables: Sequence[Sequence[Sequence[float]]], end: int) -> list[list[float]]:
    """How likely it is to have come so far: (letters of the source, letters of the Latin word)."""
    reached = [[1.0] + [0.0] * end]
    for table in tables:
        following = [0.0] * (end + 1)
        for at, here in enumerate(reached[-1]):
            if here:
                for length, row in enumerate(table[: end - at + 1]):
                    following[at + length] += here * row[at]
        reached.append(following)
    return reached


def _chance(heard: Heard | None, letter: str, piece: str) -> float:
    if heard is not None:
        return heard.get(letter, {}).get(piece, 0.0) + FLOOR * 0.2 ** max(0, len(piece) - 1)
    if letter in START + END:
        return _AT_ENDS[len(piece)]
    return _FIRST_GUESS[len(piece)] * (3.0 if not piece or piece[0] == letter else 1.0)


def learn_pairs_of_letters(words: Iterable[str]) -> dict[str, float]:
    """Two neighbouring letters → log2 of how likely the second follows the first, over each word once."""
    pairs: Counter[str] = Counter()
    first: Counter[str] = Counter()
    for word in dict.fromkeys(words):
        written = f"{START}{word}{END}"
        for at in range(len(written) - 1):
            pairs[written[at : at + 2]] += 1
            first[written[at]] += 1
    return {pair: round(log2((count + 0.5) / (first[pair[0]] + 14)), 3) for pair, count in sorted(pairs.items())}
