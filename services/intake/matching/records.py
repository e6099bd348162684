"""What the matcher is given: a person as a record tells of it, from whichever side."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True, slots=True)
class Place:
    """Where somebody comes from, was seen last, or is."""

    name: str | None = None
    """As it is written, in any script."""
    code: str | None = None
    """Admin p-code: the longer a common beginning, the nearer."""
    country: str | None = None
    """ISO 3166-1 alpha-3."""
    day: date | None = None
    """When the person was there, where that is known."""
    at: tuple[float, float] | None = None
    """Latitude and longitude in degrees."""
    origin: bool = False
    """True for where the person comes from; false for a place along its way."""


@dataclass(frozen=True, slots=True)
class Relative:
    """Somebody of the person's family, or a companion, whom the same record names."""

    relation: str
    """What the relative is to the person: a code of `casework.people.RELATIONS`."""
    names: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Record:
    """A person as one record tells of it. What is not known is left out, and says nothing for or against."""

    names: tuple[str, ...]
    """As they are written, in any script; the main one first."""
    sex: str = "unknown"
    """`female`, `male`, `other`, `unknown`."""
    born_from: date | None = None
    """The first day on which the person may have been born."""
    born_to: date | None = None
    """The last such day."""
    stated_age: bool = False
    """True where the birth was worked out from an age that somebody stated, or is an estimate."""
    nationality: str | None = None
    """ISO 3166-1 alpha-3."""
    places: tuple[Place, ...] = ()
    father: str | None = None
    mother: str | None = None
    relatives: tuple[Relative, ...] = ()
    marks: str | None = None
    """Distinguishing marks, in words."""
