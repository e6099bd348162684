"""From one script to another: a name in native letters is looked for among 100,000 names in Latin ones."""

from __future__ import annotations

import random
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import permutations
from typing import Any

from services.intake.matching.hearing import LATIN
from services.intake.matching.lab.evaluating import ranked_in
from services.intake.matching.lab.memory_index import MemoryIndex
from services.intake.matching.lab.samples import Tracing, held_out
from services.intake.matching.lab.words import alike
from services.intake.matching.prepared import Parts, Prepared, prepare
from services.intake.matching.records import Record
from services.intake.matching.tokens import parts_of

NAMES = 100_000
_SEED = 20_261_129
_ASKED = 400
"""Names asked for of a script, at the most."""
_MOST_PARTS = 5
"""Of a name whose other writings are known."""
Writings = Mapping[str, set[str]]
"""A part in native letters → what is written for it in Latin ones."""


def evaluate_scripts(
    tracing: Tracing, scripts: Sequence[str] = ("Arab", "Cyrl", "Ethi", "Beng", "Hani"), at_the_most: int = _ASKED
) -> dict[str, Any]:
    """`native Arab first`, `… first ten` and so on: the share of native names whose Latin form is found.

    Asked for: names of records that give both forms, the held-out fifth, where both forms are one name: as many parts,
    each written like one of the other. Looked in: every Latin name of the records, padded by names of their parts put
    together anew. Many of them are one name, written by others (*Szewczenko*, *Shevchenko*): whichever the records
    elsewhere write for the same native parts is right. `own writing`: only the record's own is.
    """
    asked: dict[str, list[tuple[str, str]]] = defaultdict(list)
    latin: dict[str, None] = {}
    writings: dict[str, set[str]] = defaultdict(set)
    for name, record in (*tracing.sought.items(), *tracing.registered.items()):
        latin |= dict.fromkeys(one for one in record.names if _script(one) == LATIN)
        for native, written in _both_forms(record):
            parts = list(alike(native, written))
            if len(parts) == len(_weighty(native)) == len(_weighty(written)):
                for one, other in parts:
                    writings[one.source].add(other.source)
                if held_out(name):
                    asked[_script(native)].append((native, written))
    _pad(latin)
    names = list(latin)
    place = {name: number for number, name in enumerate(names)}
    index = MemoryIndex([prepare(Record((name,))) for name in names])
    found: dict[str, Any] = {"Latin names": len(names)}
    for script in scripts:
        pairs = random.Random(_SEED).sample(asked[script], min(at_the_most, len(asked[script])))
        if pairs:
            found[f"native {script} asked"] = len(pairs)
            ranks = [_ranks(index, native, place[written], writings) for native, written in pairs]
            for title, of_kind in zip(("", ", own writing"), zip(*ranks, strict=True), strict=True):
                found[f"native {script} first{title}"] = sum(rank < 1 for rank in of_kind) / len(pairs)
                found[f"native {script} first ten{title}"] = sum(rank < 10 for rank in of_kind) / len(pairs)
    return found


def _both_forms(record: Record) -> Iterator[tuple[str, str]]:
    native = [one for one in record.names if _script(one) not in {LATIN, ""}]
    written = [one for one in record.names if _script(one) == LATIN]
    if native and written:
        yield native[0], written[0]


def _script(name: str) -> str:
    scripts = {part.script for part in parts_of(name)}
    return scripts.pop() if len(scripts) == 1 else ""


def _weighty(name: str) -> Parts:
    """Without particles and titles, unless nothing else is there."""
    parts = parts_of(name)
    return tuple(part for part in parts if not part.light) or parts


def _pad(latin: dict[str, None]) -> None:
    """Fill up to `NAMES` with names of the same parts, put together anew."""
    draw = random.Random(_SEED)
    words = sorted({word for name in latin for word in name.split()})
    while len(latin) < NAMES:
        latin[" ".join(draw.sample(words, draw.choice((2, 2, 3))))] = None


def _ranks(index: MemoryIndex, native: str, own: int, writings: Writings) -> tuple[int, int]:
    """The place, from 0, of the first right name; of the record's own writing."""
    scores = {one.id: one.comparison.score for one in ranked_in(index, prepare(Record((native,))))}
    parts = _weighty(native)
    return (
        _place(scores, lambda number: number == own or _writes(parts, index.records[number], writings)),
        _place(scores, lambda number: number == own),
    )


def _place(scores: Mapping[int, float], right: Callable[[int], bool]) -> int:
    """How many wrong ones score more than the best right one; `NAMES` where none is right."""
    hits = {number for number in scores if right(number)}
    best = max((scores[number] for number in hits), default=None)
    return NAMES if best is None else sum(score > best for number, score in scores.items() if number not in hits)


def _writes(native: Parts, record: Prepared, writings: Writings) -> bool:
    """Whether a Latin name has a known writing for each native part, in any order."""
    name = tuple(part for part in record.names[0] if not part.light) or record.names[0]
    if len(native) != len(name) or len(name) > _MOST_PARTS:
        return False
    return any(
        all(theirs.source in writings.get(mine.source, ()) for mine, theirs in zip(native, order, strict=True))
        for order in permutations(name)
    )
