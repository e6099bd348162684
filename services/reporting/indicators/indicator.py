"""What an indicator is: declared as data, counted by `queries.figures`, shown with its definition and its source."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Unit = Literal["people", "services", "cases", "events", "places", "money", "hours", "days", "per_cent"]
Formula = Literal["sum", "max", "average", "latest", "unique"]
"""How figures of several periods become one. `unique`: people counted once over the whole period, never added up.
`latest`: as it stands at the period's end. `max`: of the month in which it was highest. `average`: over what is
measured (answers, closures), not over periods."""
Dimension = Literal[
    "sex",
    "age",
    "disability",
    "sex_age_disability",
    "nationality",
    "place",
    "legal_status",
    "modality",
    "route",
    "source_quality",
]
OF_PEOPLE: tuple[Dimension, ...] = ("sex_age_disability", "sex", "age", "disability", "nationality", "legal_status")


@dataclass(frozen=True)
class Services:
    """Services delivered, of these categories (empty: of all). `people`: people served at each delivery, or with
    formula `unique` once; `services`: deliveries; `places`: different places."""

    what: Literal["quantity", "people", "services", "places"]
    categories: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Cases:
    """Cases of these types (empty: of all) in the grant's scope. `days_to_close`: of those closed in the period.
    `closure_rate`: closed in the period, of those open at its begin or opened in it."""

    what: Literal["opened", "closed", "open_at_end", "days_to_close", "closure_rate"]
    types: frozenset[str] = frozenset()
    reasons: frozenset[str] = frozenset()
    """Of closure; empty: whichever."""
    other_reasons: bool = False
    """True: all reasons but `reasons`."""


@dataclass(frozen=True)
class Incidents:
    """Incidents that lie wholly in the period. Missing people are never counted as dead."""

    what: Literal["incidents", "dead", "missing", "survivors"]


@dataclass(frozen=True)
class Referrals:
    """Referrals that the organisation received (`answered` in the period) or sent (`offered` in it)."""

    what: Literal["sent", "received", "accepted", "answer_hours"]


@dataclass(frozen=True)
class Told:
    """News released in the period, and whether the family was told by the end of the next day (`family.told` carries a
    day, no hour: within 24 h is counted as on the day of the release or the one after)."""

    what: Literal["released", "told_in_time", "share_told_in_time"]


Measure = Services | Cases | Incidents | Referrals | Told


@dataclass(frozen=True)
class Indicator:
    """One indicator. `code` is stable: targets and earlier issues name it."""

    code: str
    group: str
    label: str
    unit: Unit
    formula: Formula
    measure: Measure
    definition: str
    source: str
    tags: tuple[str, ...] = ()
    dimensions: tuple[Dimension, ...] = ()
    sensitive: bool = False
    """Detention, unaccompanied children, mental health: the threshold of 10."""
    part_of: str = ""
    """The code of the indicator of which it counts a part: the rest is a figure about people too."""

    @property
    def of_people(self) -> bool:
        """Whether its figures stand for people who were served, so that small ones are withheld. Places and incidents
        do not; a rate or a mean stands for as many people as it has facts."""
        return self.unit not in ("places", "money") and not isinstance(self.measure, Incidents)
