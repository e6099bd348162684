"""From one script to another: a name in native letters is looked for among 100,000 names in Latin ones."""

from __future__ import annotations

import random
from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any

from services.intake.matching.comparing import same_name_bits
from services.intake.matching.lab.evaluating import ranked_in
from services.intake.matching.lab.memory_index import MemoryIndex
from services.intake.matching.lab.samples import Tracing, held_out
from services.intake.matching.names import LATIN
from services.intake.matching.prepared import Prepared, prepare
from services.intake.matching.records import Record
from services.intake.matching.tokens import parts_of

NAMES = 100_000
_SEED = 20_261_129
_ASKED = 400
"""Names asked for of a script, at the most."""


def evaluate_scripts(
    tracing: Tracing, scripts: Sequence[str] = ("Arab", "Cyrl", "Ethi", "Beng", "Hani"), at_the_most: int = _ASKED
) -> dict[str, Any]:
    """`native Arab first`, `… first ten` and so on: the share of native names whose own Latin form is found.

    Asked for: names of records that give both forms, the held-out fifth. Looked in: every Latin name of the records,
    padded by names of their parts put together anew; a name that has the same parts counts as the same.
    """
    asked: dict[str, list[tuple[str, str]]] = defaultdict(list)
    latin: dict[str, None] = {}
    for name, record in (*tracing.sought.items(), *tracing.registered.items()):
        native = [one for one in record.names if _script(one) not in {LATIN, ""}]
        written = [one for one in record.names if _script(one) == LATIN]
        latin |= dict.fromkeys(written)
        if native and written and held_out(name):
            asked[_script(native[0])].append((native[0], written[0]))
    _pad(latin)
    names = list(latin)
    place = {name: number for number, name in enumerate(names)}
    index = MemoryIndex([prepare(Record((name,))) for name in names])
    found: dict[str, Any] = {"Latin names": len(names)}
    for script in scripts:
        pairs = random.Random(_SEED).sample(asked[script], min(at_the_most, len(asked[script])))
        if pairs:
            ranks = [_rank(index, prepare(Record((native,))), place[written]) for native, written in pairs]
            found[f"native {script} asked"] = len(ranks)
            found[f"native {script} first"] = sum(rank < 1 for rank in ranks) / len(ranks)
            found[f"native {script} first ten"] = sum(rank < 10 for rank in ranks) / len(ranks)
    return found


def _script(name: str) -> str:
    scripts = {part.script for part in parts_of(name)}
    return scripts.pop() if len(scripts) == 1 else ""


def _pad(latin: dict[str, None]) -> None:
    """Fill up to `NAMES` with names of the same parts, put together anew."""
    draw = random.Random(_SEED)
    words = sorted({word for name in latin for word in name.split()})
    while len(latin) < NAMES:
        latin[" ".join(draw.sample(words, draw.choice((2, 2, 3))))] = None


def _rank(index: MemoryIndex, asked: Prepared, true: int) -> int:
    """The place of the true name, from 0: those count before it that score more and are written otherwise."""
    scores: Mapping[int, float] = {
        one.id: max(same_name_bits(asked.names[0], index.records[one.id].names[0]), -99.0)
        for one in ranked_in(index, asked)
    }
    if true not in scores:
        return NAMES
    return sum(score > scores[true] + 1e-9 for score in scores.values())
