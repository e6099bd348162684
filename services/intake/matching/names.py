"""Names are compared: parts are heard against parts, and aligned whatever their order."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray
from rapidfuzz.distance import OSA, Indel
from rapidfuzz.process import cdist

from services.intake.matching.channels import heard_as
from services.intake.matching.prepared import Parts
from services.intake.matching.tokens import MOST_RARE, Part, chance_of, part
from services.intake.matching.weights import CHANNELS

LATIN, ROMANISED = "Latn", "Xlit"
"""Channels: for a word written in Latin letters, and for the romanisation of one of a script without its own."""
NOTHING_ALIKE = -25.0
"""Bits of two words that do not resemble each other at all, and the least that two words get."""
RESEMBLES = 0.3
"""How alike the consonants of two words must be, from 0 to 1, to be heard at all."""
ALIGNED = -5.0
"""Bits from which two words are aligned."""
VARIANT = 7.0
"""Bits of two words that are one name by `variants`."""
_ROMANISATIONS = 3
"""Of a word in another script, so many are heard."""
_INITIAL = 2.0
"""Bits of an initial and a name that begins with it."""
_JOINED_COSTS = 1.0
NEAR, MANY_EDITS = 0.85, 3
"""How alike names are that differ by a slip; letters between two words that are no slip any more."""
_CHILD_OF = frozenset({"ibn", "bin", "ben", "bint", "bent", "binti", "ould", "wuld", "walad"})
REPEATED = 8.0
"""Bits from which a part that is left is taken for one that was aligned, said twice."""
_REMEMBERED = 500_000


@dataclass(frozen=True, slots=True)
class Unit:
    """A part of a name, or two neighbours written as one word."""

    part: Part
    mask: int
    """A bit for each part of the name that it takes."""
    first: int
    joined: bool


@lru_cache(maxsize=50_000)
def units_of(parts: Parts) -> tuple[Unit, ...]:
    """Each part, and each two neighbours of one script as one."""
    joined = (
        Unit(part(left.source + right.source, left.script, (left.latin[0] + right.latin[0],)), 3 << at, at, True)
        for at, (left, right) in enumerate(pairwise(parts))
        if left.script == right.script
    )
    return (*(Unit(one, 1 << at, at, False) for at, one in enumerate(parts)), *joined)


@dataclass(frozen=True, slots=True)
class Aligned:
    """Two units that may be one name. `bits` as `Hearing` gives them."""

    bits: float
    one: Unit
    other: Unit


class Hearing:
    """Part × part → bits of evidence that both are one name, the same whichever comes first.

    log2 of P(the one is written so | it is the other) over P(it is written so at all). What is asked for is heard in
    one go by `listen`; what was heard is remembered.
    """

    def __init__(self) -> None:
        self._bits: dict[tuple[Part, Part], float] = {}

    def bits(self, one: Part, other: Part) -> float:
        """Of a pair that was listened to, in whichever order; `NOTHING_ALIKE` for others."""
        known = self._bits.get((one, other))
        return self._bits.get((other, one), NOTHING_ALIKE) if known is None else known

    def listen(self, ones: Iterable[Part], others: Iterable[Part]) -> None:
        """Hear each of these against each of those that resembles it."""
        if len(self._bits) > _REMEMBERED:
            self._bits.clear()
        known = self._bits
        pairs = [
            pair for pair in _resembling(list(dict.fromkeys(ones)), list(dict.fromkeys(others))) if pair not in known
        ]
        ways: list[_Way] = []
        ends = []
        for pair in pairs:
            if pair[0] is not pair[1]:
                ways += _ways(*pair)
            ends.append(len(ways))
        scores, begin = _scores_of(ways), 0
        for (one, other), end in zip(pairs, ends, strict=True):
            scored, begin = scores[begin:end], end
            if one is other:
                scored = [-one.chance]
            elif one.script == other.script:  # both ways round: their mean
                scored = [(there + back) / 2 for there, back in zip(scored[::2], scored[1::2], strict=True)]
            best = max(scored, default=NOTHING_ALIKE)
            if best < VARIANT and not one.groups.isdisjoint(other.groups):
                best = VARIANT
            known[one, other] = max(best, NOTHING_ALIKE)


_Way = tuple[str, str, str]
"""To hear a pair: (channel, source, Latin word)."""


def _scores_of(ways: Sequence[_Way]) -> list[float]:
    """Bits of each."""
    scores = np.zeros(len(ways))
    by_channel: dict[str, list[int]] = {}
    for at, way in enumerate(ways):
        by_channel.setdefault(way[0], []).append(at)
    for channel, places in by_channel.items():
        words = [ways[at][1:] for at in places]
        scores[places] = heard_as(CHANNELS[channel], words)
        scores[places] -= [chance_of(latin) for _, latin in words]
    found: list[float] = scores.tolist()
    return found


def likeness_of(ones: Sequence[Part], others: Sequence[Part]) -> NDArray[np.float32]:
    """How alike the consonants of each two parts are, from 0 to 1; 1 where they are variants. (ones, others)."""
    left = [bare for one in ones for bare in one.bare]
    right = [bare for one in others for bare in one.bare]
    alike = cdist(left, right, scorer=Indel.normalized_similarity, dtype=np.float32)
    rows = np.cumsum([0, *(len(one.bare) for one in ones)])[:-1]
    columns = np.cumsum([0, *(len(one.bare) for one in others)])[:-1]
    best: NDArray[np.float32] = np.maximum.reduceat(np.maximum.reduceat(alike, rows, axis=0), columns, axis=1)
    named = [at for at, one in enumerate(others) if one.groups]
    for at, one in enumerate(ones):
        if one.groups:
            for there in named:
                if not one.groups.isdisjoint(others[there].groups):
                    best[at, there] = 1.0
    return best


def _resembling(ones: Sequence[Part], others: Sequence[Part]) -> Iterator[tuple[Part, Part]]:
    if ones and others:
        here, there = np.nonzero(likeness_of(ones, others) >= RESEMBLES)
        for one, other in zip(here.tolist(), there.tolist(), strict=True):
            yield ones[one], others[other]


def _ways(one: Part, other: Part) -> list[_Way]:
    """The ways to hear a pair. Of one script: there and back, one after the other."""
    if one.script == other.script:
        return [
            way
            for left in one.latin[:2]
            for right in other.latin[:2]
            for way in ((LATIN, left, right), (LATIN, right, left))
        ]
    found = []
    for left, right in ((one, other), (other, one)):
        if left.script == LATIN:
            continue
        for word in right.latin[: 2 if right.script == LATIN else _ROMANISATIONS]:
            if left.script in CHANNELS:
                found.append((left.script, _letters(left), word))
            else:
                found += [(ROMANISED, romanised, word) for romanised in left.latin[:_ROMANISATIONS]]
    return found


def _letters(one: Part) -> str:
    return unicodedata.normalize("NFD", one.source) if one.script == "Hang" else one.source


def align(hearing: Hearing, ones: Parts, others: Parts) -> tuple[list[Aligned], list[Part], list[Part]]:
    """(the likeliest pairs of units, none of them twice, the best first; the parts that are left of each)."""
    likely = []
    for one in units_of(ones):
        for other in units_of(others):
            if one.joined and other.joined:
                continue
            bits = _bits(hearing, one.part, other.part)
            if one.joined or other.joined:
                bits -= _JOINED_COSTS
            if bits >= ALIGNED:
                likely.append((bits, one, other))
    likely.sort(key=_by_bits)
    aligned: list[Aligned] = []
    taken = theirs = 0
    for bits, one, other in likely:
        if not (taken & one.mask or theirs & other.mask):
            taken, theirs = taken | one.mask, theirs | other.mask
            aligned.append(Aligned(bits, one, other))
    left = [part for at, part in enumerate(ones) if not taken & (1 << at)]
    return aligned, left, [part for at, part in enumerate(others) if not theirs & (1 << at)]


def _by_bits(pair: tuple[float, Unit, Unit]) -> float:
    return -pair[0]


def _bits(hearing: Hearing, one: Part, other: Part) -> float:
    if one.initial != other.initial:
        initial, name = (one, other) if one.initial else (other, one)
        return _INITIAL if any(latin[:1] == initial.latin[0] for latin in name.latin) else NOTHING_ALIKE
    return hearing.bits(one, other)


FEATURES = (
    "heard", "evidence", "conflict", "conflicts", "extra", "extras", "cover_shorter", "cover_longer", "spelling",
    "spelled_worst", "turned_round", "initial", "one_part", "part_like_another", "weak",
    "letters_near", "edits_many", "patronym_turned", "first_left",
)  # fmt: skip
"""What is counted of an alignment."""


def features(
    hearing: Hearing, ones: Parts, others: Parts, rarity: Mapping[str, float]
) -> tuple[list[float], list[Aligned]]:
    """(`FEATURES` of two names, how they are aligned). `rarity`: skeleton → bits, for those known to be common."""
    aligned, left, theirs = align(hearing, ones, others)
    heard = evidence = agreed = losses = worst = weak = 0.0
    for pair in aligned:
        rare = min(rarity_of(pair.one.part, rarity), rarity_of(pair.other.part, rarity))
        weight = min(pair.one.part.weight, pair.other.part.weight)
        same = -(pair.one.part.chance + pair.other.part.chance) / 2
        share = max(0.0, min(1.0, pair.bits / max(same, 1.0)))
        heard += weight * min(pair.bits, 1.5 * rare)
        evidence += weight * rare * share
        agreed += weight * rare * min(1.0, 2 * share)
        if pair.one.part.initial == pair.other.part.initial:
            loss = min(15.0, max(0.0, same - pair.bits))
            losses += weight * loss
            worst = max(worst, loss)
            weak += weight * max(0.0, 0.5 - share) * 2
    bare, their_bare = [p for p in left if not p.light], [p for p in theirs if not p.light]
    conflict, extra = min(len(bare), len(their_bare)), abs(len(bare) - len(their_bare))
    whole, their_whole = _whole(ones, rarity), _whole(others, rarity)
    turned = any(
        (a.one.first - b.one.first) * (a.other.first - b.other.first) < 0
        for at, a in enumerate(aligned)
        for b in aligned[:at]
    )
    again = any(
        hearing.bits(part, pair.other.part) > REPEATED or hearing.bits(pair.one.part, part) > REPEATED
        for part in (*bare, *their_bare)
        for pair in aligned
    )
    return [
        heard,
        evidence,
        float(conflict),
        float(conflict > 0),
        float(min(extra, 4)),
        float(extra > 0),
        min(1.0, agreed / max(1.0, min(whole, their_whole))),
        min(1.0, agreed / max(1.0, whole, their_whole)),
        min(losses, 40.0),
        worst,
        float(turned),
        float(sum(pair.one.part.initial != pair.other.part.initial for pair in aligned)),
        float(min(len(ones), len(others)) == 1),
        float(again),
        weak,
        max(0.0, _letters_alike(ones, others) - NEAR),
        float(any(_edits(pair) >= MANY_EDITS for pair in aligned)),
        float(turned and _patronymic(ones) and _patronymic(others)),
        float((ones[0] in left) + (others[0] in theirs)),
    ], aligned


def _letters_alike(ones: Parts, others: Parts) -> float:
    """How alike two names are letter by letter, from 0 to 1: written without spaces, or with their parts sorted."""
    here, there = [one.latin[0] for one in ones], [one.latin[0] for one in others]
    return max(
        OSA.normalized_similarity("".join(here), "".join(there)),
        OSA.normalized_similarity(" ".join(sorted(here)), " ".join(sorted(there))),
    )


def _edits(pair: Aligned) -> int:
    return min(OSA.distance(a, b) for a in pair.one.part.latin[:2] for b in pair.other.part.latin[:2])


def _patronymic(parts: Parts) -> bool:
    """True for a name that says whose child somebody is: turned round, it is the father's."""
    return any(one.latin[0] in _CHILD_OF for one in parts)


def rarity_of(one: Part, rarity: Mapping[str, float]) -> float:
    """Bits that agreeing on a part says: few for a common one."""
    return min(one.rare, rarity.get(one.skeleton, MOST_RARE))


def _whole(parts: Parts, rarity: Mapping[str, float]) -> float:
    return sum(rarity_of(part, rarity) * part.weight for part in parts)
