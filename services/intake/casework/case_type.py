"""What a type of case is: its form, the people in it, its life cycle."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from services.intake.casework.forms import Form
from services.intake.casework.life_cycle import LifeCycle

Sharing = Literal["by_agreement", "with_consent"]
"""How a case may be shared with another organisation: as data-sharing agreements say, or only this one case, with the
consent of the person whom it is about."""


@dataclass(frozen=True)
class PersonRole:
    """How a person takes part in a case: how many there must and may be."""

    title: str
    least: int = 0
    most: int | None = None
    principal: bool = False
    """The person whom the case is about; others are third persons, masked when the case is shared."""


@dataclass(frozen=True)
class CaseType:
    """One type of case. `name` is what stands on the wire."""

    name: str
    title: str
    details: type[Form]
    life_cycle: LifeCycle
    facts: type[Form] | None = None
    """The form of what stands in a table of its own, and not in `details`: public facts, without personal data."""
    people: Mapping[str, PersonRole] = field(default_factory=dict)
    restricted: bool = False
    """Seen by case managers, child protection and data protection officers, its author, and whom it is assigned to
    (`queries.seen_by`), not by every case worker."""
    discreet: bool = False
    """Its states and moves, without their reasons, tell nobody where or how another person of the case is."""
    sharing: Sharing = "by_agreement"
    happened_on: str | None = None
    """The coded field of the day that lists and search go by."""
    place: str | None = None
    """The coded field of the place that search goes by."""

    @property
    def asked(self) -> type[Form]:
        """The form of what is asked about the case itself."""
        return self.facts or self.details

    def is_about_child(self, role: str) -> bool:
        """Whether a case of this type is about who has that role, and about a child."""
        return self.name == "child" and role in self.people and self.people[role].principal
