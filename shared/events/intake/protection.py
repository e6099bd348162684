"""Facts about the protection of persons' data: ids and codes only. Protective ones overtake whatever is held.

Each is recorded once per case of the person, so that it is applied in the order of that case's other facts.
"""

from __future__ import annotations

from datetime import date
from typing import ClassVar, Literal
from uuid import UUID

from shared.events.envelope import Event

Purpose = Literal["tracing", "sharing", "notification", "reporting", "assistance"]
"""What personal data may be used for."""
BasisName = Literal["consent", "vital_interest", "public_interest", "legitimate_interest"]
"""Why it may be (ICRC, *Handbook on Data Protection in Humanitarian Action*, 2nd ed., chapter 3)."""


class _PersonFact(Event):
    SOURCES: ClassVar[tuple[str, ...]] = ("intake",)

    case_id: UUID
    person_id: UUID


class _PurposeFact(_PersonFact):
    """A fact about one purpose, and one recipient or none."""

    purpose: Purpose
    recipient_id: UUID | None = None

    @property
    def ends(self) -> tuple[str, ...]:
        whole = str(self.purpose)
        return (whole,) if self.recipient_id is None else (f"{whole}/{self.recipient_id}",)

    @property
    def serves(self) -> tuple[str, ...]:
        whole = str(self.purpose)
        return (whole,) if self.recipient_id is None else (whole, f"{whole}/{self.recipient_id}")


class LegalBasisRecorded(_PurposeFact):
    """Somebody assessed why this person's data may be used for a purpose, other than by consent."""

    TYPE: ClassVar[str] = "legal_basis.recorded"

    basis: BasisName
    expires_on: date | None = None
    """The last day on which it counts."""


class ConsentGiven(_PurposeFact):
    """The person agreed to a use. Ends an earlier withdrawal or objection to the same."""

    TYPE: ClassVar[str] = "consent.given"

    expires_on: date | None = None
    """The last day on which it counts."""


class ConsentWithdrawn(_PurposeFact):
    """The person takes its consent back; without a recipient, for every use of that purpose."""

    TYPE: ClassVar[str] = "consent.withdrawn"
    PROTECTIVE: ClassVar[bool] = True


class ObjectionRecorded(_PurposeFact):
    """The person objects to a use, whatever its legal basis; without a recipient, to every use of that purpose."""

    TYPE: ClassVar[str] = "objection.recorded"
    PROTECTIVE: ClassVar[bool] = True


class LegalBasesRestated(_PersonFact):
    """What was told of this person for this purpose in this case counts no longer; what is told after it does.

    Recorded where two records turned out to be of one person, or of two after all: then follows what stands.
    """

    TYPE: ClassVar[str] = "legal_bases.restated"

    purpose: Purpose

    @property
    def serves(self) -> tuple[str, ...]:
        return (str(self.purpose),)


class PersonErased(_PersonFact):
    """A person's data were erased from one case; every service erases its own and confirms. Recorded once per case."""

    TYPE: ClassVar[str] = "person.erased"
    PROTECTIVE: ClassVar[bool] = True
