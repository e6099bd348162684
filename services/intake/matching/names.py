"""Names are compared: their parts are heard, and aligned whatever their order."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise

from rapidfuzz.distance import OSA

from services.intake.matching.hearing import NOTHING_ALIKE, Hearing
from services.intake.matching.prepared import Parts
from services.intake.matching.tokens import MOST_RARE, Part, part

ALIGNED = -5.0
"""Bits from which two words are aligned."""
VARIANT_LOSS = 8.0
"""Bits that two forms of one name are counted to differ by at the most."""
_INITIAL = 2.0
"""Bits of an initial and a name that begins with it."""
_JOINED_COSTS = 1.0
NEAR, MANY_EDITS = 0.85, 3
"""How alike names are that differ by a slip; letters between two words that are no slip any more."""
_CHILD_OF = frozenset({"ibn", "bin", "ben", "bint", "bent", "binti", "ould", "wuld", "walad"})
REPEATED = 8.0
"""Bits from which a part that is left is taken for one that was aligned, said twice."""


@dataclass(frozen=True, slots=True)
class Unit:
    """A part of a name, or two neighbours written as one word."""

    part: Part
    mask: int
    """A bit for each part of the name that it takes."""
    first: int
    joined: bool
    parts: Parts
    """What it is made of."""


@lru_cache(maxsize=50_000)
def units_of(parts: Parts) -> tuple[Unit, ...]:
    """Each part, and each two neighbours of one script as one."""
    joined = (
        Unit(
            part(left.source + right.source, left.script, (left.latin[0] + right.latin[0],)),
            3 << at,
            at,
            True,
            (left, right),
        )
        for at, (left, right) in enumerate(pairwise(parts))
        if left.script == right.script
    )
    return (*(Unit(one, 1 << at, at, False, (one,)) for at, one in enumerate(parts)), *joined)


@dataclass(frozen=True, slots=True)
class Aligned:
    """Two units that may be one name. `bits` as `Hearing` gives them."""

    bits: float
    one: Unit
    other: Unit


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
        rare = min(rarity_of_unit(pair.one, rarity), rarity_of_unit(pair.other, rarity))
        weight = min(pair.one.part.weight, pair.other.part.weight)
        same = -(pair.one.part.chance + pair.other.part.chance) / 2
        share = max(0.0, min(1.0, pair.bits / max(same, 1.0)))
        heard += weight * min(pair.bits, 1.5 * rare)
        evidence += weight * rare * share
        agreed += weight * rare * min(1.0, 2 * share)
        if pair.one.part.initial == pair.other.part.initial:
            variants = not pair.one.part.groups.isdisjoint(pair.other.part.groups)
            loss = min(VARIANT_LOSS if variants else 15.0, max(0.0, same - pair.bits))
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
        float(any(_edits(pair) >= MANY_EDITS for pair in aligned if not _light(pair))),
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
    if not pair.one.part.groups.isdisjoint(pair.other.part.groups):
        return 0
    return min(OSA.distance(a, b) for a in pair.one.part.latin[:2] for b in pair.other.part.latin[:2])


def _light(pair: Aligned) -> bool:
    return pair.one.part.light or pair.other.part.light


def _patronymic(parts: Parts) -> bool:
    """True for a name that says whose child somebody is: turned round, it is the father's."""
    return any(one.latin[0] in _CHILD_OF for one in parts)


def rarity_of(one: Part, rarity: Mapping[str, float]) -> float:
    """Bits that agreeing on a part says: few for a common one."""
    return min(one.rare, rarity.get(one.skeleton, MOST_RARE))


def rarity_of_unit(unit: Unit, rarity: Mapping[str, float]) -> float:
    """Of two joined parts: no more than of both, however rare they are as one word."""
    said = rarity_of(unit.part, rarity)
    return min(said, _whole(unit.parts, rarity)) if unit.joined else said


def _whole(parts: Parts, rarity: Mapping[str, float]) -> float:
    return sum(rarity_of(part, rarity) * part.weight for part in parts)
