"""Records to match, the same on every side and in every run: of the sample data, or invented where that is missing."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date
from itertools import count
from pathlib import Path
from random import Random

from bench.facts import name
from services.intake.matching import Record
from services.intake.matching.lab.samples import Tracing, held_out, read_tracing
from tests.samples import FOLDER, REPOSITORY

_SEED = 20_261_129


def samples() -> Path:
    """Where the sample data is, if it is there."""
    return (REPOSITORY / FOLDER).resolve()


def tracing_samples() -> Tracing | None:
    folder = samples() / "tracing"
    return read_tracing(folder) if folder.exists() else None


def registered(tracing: Tracing | None) -> Iterator[Record]:
    """Records to look in, as many as are taken: those given, then words of their names put together anew, each drawn
    as often as it is there."""
    given = list(tracing.registered.values()) if tracing else []
    yield from given
    draw = Random(_SEED)
    words = [word for record in given for word in record.names[0].split()]
    for number in count(1):
        yield _anew(draw, given, words) if given else invented(number)


def requests(tracing: Tracing | None, most: int) -> list[Record]:
    """Whom to look for, each once: requests of the held-out fifth."""
    if tracing is None:
        return [invented(-number) for number in range(1, most + 1)]
    return [record for request, record in tracing.sought.items() if held_out(request)][:most]


def invented(number: int) -> Record:
    """Somebody of whom everything is known but a day."""
    year = 1950 + number % 65
    return Record(
        (name(number),),
        ("female", "male")[number % 2],
        date(year, 1, 1),
        date(year, 12, 31),
        nationality=("ETH", "ERI", "SOM", "SDN", "SYR")[number % 5],
        father=name(number + 1),
        mother=name(number + 2),
    )


def _anew(draw: Random, given: Sequence[Record], words: Sequence[str]) -> Record:
    like, other, year = draw.choice(given), draw.choice(given), draw.randint(1950, 2015)
    return Record(
        (" ".join(draw.choice(words) for _ in range(max(2, len(like.names[0].split())))),),
        like.sex,
        date(year, 1, 1),
        date(year, 12, 31),
        nationality=like.nationality,
        places=other.places,
        father=like.father,
        mother=other.mother,
    )
