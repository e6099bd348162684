"""Blocking keys: what a record is found by. Each joins sounds of a name with another sound or attribute.

After Christen, *Data Matching* (2012), ch. 4: many narrow keys, weighted by how rare each is, instead of one wide one.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date
from itertools import combinations, pairwise

from services.intake.matching.prepared import Parts, Prepared
from services.intake.matching.sounds import skeleton, skeletons
from services.intake.matching.tokens import Part

KINDS = ("part", "pair", "joined", "years", "place", "country", "father", "mother", "parent", "where", "slip")
"""What a key joins; the first word of each."""
YEARS = 3
"""Of birth, in one bucket; a record is in each bucket that a year before or after would be in."""
_OF_PART, _OF_PAIR = 4, 2
"""Skeletons of a part, alone and in a pair."""
SHORTEST_SLIP = 3
LONG_WORD = 9
"""Letters of a part that may be two that were written as one."""


def blocking_keys(prepared: Prepared) -> tuple[str, ...]:
    """The keys of a record in the clear, each once: stored as keyed digests alone. Their order means nothing."""
    parts = [_weighty(name) for name in prepared.names]
    heard = [[_skeletons(part, _OF_PART) for part in name] for name in parts]
    alone = sorted({bare for name in heard for part in name for bare in part})
    parents = [(kind, _skeletons(parent[0], _OF_PAIR)) for kind, parent in _parents(prepared)]
    buckets, places, country = _buckets(prepared), _places(prepared), prepared.nationality
    keys = {f"part {bare}" for bare in alone}
    keys |= {f"joined {one}" for name in parts for one in _joined(name)}
    for name in heard:
        keys |= {f"pair {_two(a, b)}" for x, y in combinations(name, 2) for a in x[:_OF_PAIR] for b in y[:_OF_PAIR]}
    keys |= {key for bare in alone for key in _with(bare, buckets, places, country, parents)}
    keys |= {
        f"parent {kind} {parent} {with_}"
        for kind, theirs in parents
        for parent in theirs
        for with_ in (*buckets, *places)
    }
    around = {*((bucket, place) for bucket in buckets for place in places)}
    if country:
        around |= {(one, country) for one in (*buckets, *places)}
    keys |= {f"where {one} {other} {prepared.sex[0]}" for one, other in around}
    return tuple(sorted(keys))


def _with(
    bare: str,
    buckets: Sequence[str],
    places: Sequence[str],
    country: str | None,
    parents: Sequence[tuple[str, Sequence[str]]],
) -> Iterable[str]:
    """One skeleton of a name with everything else that is known."""
    yield from (f"years {bare} {bucket}" for bucket in buckets)
    yield from (f"slip {slipped} {bucket}" for slipped in _slips(bare) for bucket in buckets)
    yield from (f"place {bare} {place}" for place in places)
    if country:
        yield f"country {bare} {country}"
    for kind, theirs in parents:
        yield from (f"{kind} {bare} {parent}" for parent in theirs)
        if kind == "father":
            yield from (f"pair {_two(bare, parent)}" for parent in theirs)


def _skeletons(part: Part, most: int) -> tuple[str, ...]:
    return skeletons(part.latin, most, written=part.script == "Latn")


def kind_of(key: str) -> str:
    """One of `KINDS`."""
    return key.partition(" ")[0]


def _weighty(name: Parts) -> Sequence[Part]:
    """Without particles, titles and initials, unless nothing else is there."""
    return [part for part in name if not part.light and not part.initial] or name


def _two(one: str, other: str) -> str:
    return f"{one} {other}" if one <= other else f"{other} {one}"


def _joined(parts: Sequence[Part]) -> Iterable[str]:
    """What two neighbours, in either order, or a long part alone, would sound like as one word."""
    for left, right in pairwise(parts):
        yield skeleton(left.latin[0] + right.latin[0])
        yield skeleton(right.latin[0] + left.latin[0])
    for part in parts:
        if len(part.latin[0]) >= LONG_WORD or len(parts) == 1:
            yield skeleton(part.latin[0])


def _slips(bare: str) -> Iterable[str]:
    if len(bare) >= SHORTEST_SLIP:
        yield bare
        yield from {bare[:at] + bare[at + 1 :] for at in range(len(bare))}


def _buckets(prepared: Prepared) -> Sequence[str]:
    if prepared.born is None:
        return ()
    first, last = (date.fromordinal(day).year for day in prepared.born)
    if last - first > 2 * YEARS:
        return ()
    return sorted({f"y{year // YEARS}" for year in range(first - 1, last + 2)})


def _places(prepared: Prepared) -> Sequence[str]:
    found: dict[str, None] = {}
    for place in prepared.places:
        if place.parts:
            longest = max(place.parts, key=lambda part: len(part.latin[0]))
            found |= dict.fromkeys(f"p{one}" for one in _skeletons(longest, _OF_PAIR))
        if place.code:
            found[f"c{place.code}"] = None
    return list(found)[:4]


def _parents(prepared: Prepared) -> Iterable[tuple[str, Parts]]:
    for kind, parent in (("father", prepared.father), ("mother", prepared.mother)):
        if parent:
            yield kind, parent
