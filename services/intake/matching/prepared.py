"""What is compared of a record, made once."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache

from services.intake.matching.records import Record
from services.intake.matching.tokens import Part, part, parts_of
from services.intake.matching.weights import VERSION

Parts = tuple[Part, ...]
_SEXES = ("unknown", "female", "male", "other")
LONGEST_MARKS = 40
"""Words of distinguishing marks that are compared."""
MOST_NAMES, MOST_PLACES, MOST_RELATIVES = 6, 6, 12


@dataclass(frozen=True, slots=True)
class PreparedPlace:
    """A place: its parts in letters, and where and when it is."""

    parts: Parts
    code: str | None
    country: str | None
    day: int | None
    """Proleptic ordinal."""
    at: tuple[float, float] | None
    origin: bool


@dataclass(frozen=True, slots=True)
class Prepared:
    """A record made ready: encrypted at rest as `to_bytes` gives it, decrypted in memory only."""

    names: tuple[Parts, ...]
    sex: str
    born: tuple[int, int] | None
    """Ordinals of the first and last day on which the person may have been born."""
    stated_age: bool
    nationality: str | None
    places: tuple[PreparedPlace, ...]
    father: Parts
    mother: Parts
    relatives: tuple[tuple[str, Parts], ...]
    marks: tuple[str, ...]

    def to_bytes(self) -> bytes:
        """A JSON document."""
        document = [
            VERSION,
            [_parts_out(name) for name in self.names],
            _SEXES.index(self.sex),
            self.born,
            int(self.stated_age),
            self.nationality,
            [[_parts_out(p.parts), p.code, p.country, p.day, p.at, int(p.origin)] for p in self.places],
            _parts_out(self.father),
            _parts_out(self.mother),
            [[relation, _parts_out(name)] for relation, name in self.relatives],
            self.marks,
        ]
        return json.dumps(document, ensure_ascii=False, separators=(",", ":")).encode()

    @classmethod
    def from_bytes(cls, document: bytes) -> Prepared:
        """Of what `to_bytes` made. Raises `ValueError` for anything else, and for what another version made."""
        try:
            version, *fields = json.loads(document)
        except (TypeError, ValueError):
            raise ValueError("this is no prepared record") from None
        if version != VERSION:
            raise ValueError("the record was prepared by another version")
        try:
            names, sex, born, stated, nationality, places, father, mother, relatives, marks = fields
            return cls(
                tuple(map(_parts_in, names)),
                _SEXES[sex],
                born and (born[0], born[1]),
                bool(stated),
                nationality,
                tuple(
                    PreparedPlace(_parts_in(parts), code, country, day, at and (at[0], at[1]), bool(origin))
                    for parts, code, country, day, at, origin in places
                ),
                _parts_in(father),
                _parts_in(mother),
                tuple((relation, _parts_in(name)) for relation, name in relatives),
                tuple(marks),
            )
        except (TypeError, ValueError, LookupError, AttributeError):
            raise ValueError("this is no prepared record") from None


def prepare(record: Record) -> Prepared:
    """Make a record ready. Costs milliseconds for a new name in some scripts: done once, by a job, and kept."""
    names = dict.fromkeys(parts for name in record.names[:MOST_NAMES] if (parts := parts_of(name)))
    known = record.born_from is not None and record.born_to is not None
    return Prepared(
        tuple(names),
        record.sex if record.sex in _SEXES else "unknown",
        (_ordinal(record.born_from), _ordinal(record.born_to)) if known else None,
        record.stated_age,
        record.nationality,
        tuple(
            PreparedPlace(
                parts_of(place.name or ""),
                place.code,
                place.country,
                place.day.toordinal() if place.day else None,
                place.at,
                place.origin,
            )
            for place in record.places[:MOST_PLACES]
        ),
        parts_of(record.father or ""),
        parts_of(record.mother or ""),
        tuple(_relatives(record)),
        tuple(dict.fromkeys(word.latin[0] for word in parts_of(record.marks or "", LONGEST_MARKS))),
    )


def _relatives(record: Record) -> Iterable[tuple[str, Parts]]:
    for relative in record.relatives[:MOST_RELATIVES]:
        for name in relative.names[:1]:
            parts = parts_of(name)
            if parts:
                yield relative.relation, parts


def _ordinal(day: date | None) -> int:
    return day.toordinal() if day else 0


def _parts_out(parts: Sequence[Part]) -> str:
    """`latin|latin` for each part, and `source|Script|latin|latin` for one that is not in Latin letters."""
    return " ".join("|".join(_letters_out(part)) for part in parts)


def _letters_out(one: Part) -> Sequence[str]:
    return one.latin if one.script == "Latn" else (one.source, one.script, *one.latin)


@lru_cache(maxsize=200_000)
def _parts_in(stored: str) -> Parts:
    return tuple(map(_part_in, stored.split()))


@lru_cache(maxsize=50_000)  # whole names are new again and again; the words that they are made of come again
def _part_in(stored: str) -> Part:
    first, *others = stored.split("|")
    if others and others[0][:1].isupper():  # a script: Latin letters are a to z
        return part(first, others[0], tuple(others[1:]))
    return part(first, "Latn", (first, *others))
