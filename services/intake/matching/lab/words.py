"""Words of the samples that are one name: letters are learned from them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from rapidfuzz.distance import Indel

from services.intake.matching.lab.samples import NamePair, Tracing, held_out
from services.intake.matching.tokens import Part, parts_of

_ALIKE = 0.5
"""How alike two words are, from 0 to 1, that may be one name."""


def same_words(files: Mapping[str, Sequence[NamePair]], tracing: Tracing) -> Iterator[tuple[Part, Part]]:
    """Parts of names of one person that are alike enough to be one name."""
    named = [(pair.one, pair.other) for pairs in files.values() for pair in pairs if pair.match]
    named += _named_twice(tracing)
    for request, found in tracing.truth.items():
        if not held_out(request):
            theirs = [other for record in sorted(found) for other in tracing.registered[record].names]
            named += [(one, other) for one in tracing.sought[request].names for other in theirs]
    for one, other in named:
        yield from alike(one, other)


def _named_twice(tracing: Tracing) -> Iterator[tuple[str, str]]:
    """The two names of each record that has two, and neither is held out nor answers a request that is."""
    linked = {record for request, records in tracing.truth.items() if held_out(request) for record in records}
    for kept, records in ((held_out, tracing.sought), (linked.__contains__, tracing.registered)):
        for name, record in records.items():
            if len(record.names) > 1 and not kept(name):
                yield record.names[0], record.names[1]


def alike(one: str, other: str) -> Iterator[tuple[Part, Part]]:
    """The parts of two names that are written alike enough to be one name, each once, by their romanisations."""
    ones, others = parts_of(one), parts_of(other)
    if len(ones) == len(others) == 1:
        yield ones[0], others[0]
        return
    scored = sorted(
        ((_likeness(a, b), at, there) for at, a in enumerate(ones) for there, b in enumerate(others)),
        key=lambda found: (-found[0], found[1:]),
    )
    taken: set[int] = set()
    theirs: set[int] = set()
    for likeness, at, there in scored:
        if likeness >= _ALIKE and at not in taken and there not in theirs:
            taken.add(at)
            theirs.add(there)
            yield ones[at], others[there]


def _likeness(one: Part, other: Part) -> float:
    letters = max(Indel.normalized_similarity(a, b) for a in one.latin[:3] for b in other.latin[:3])
    return (letters + max(Indel.normalized_similarity(a, b) for a in one.bare for b in other.bare)) / 2
