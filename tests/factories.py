"""Facts for tests, the same in every run: ids come from a counter, not from chance."""

from __future__ import annotations

import itertools
from datetime import date
from typing import Any, ClassVar
from uuid import UUID

from shared.events import (
    Event,
    IncidentCorrected,
    IncidentCounts,
    IncidentRecorded,
    OrganisationRegistered,
    PersonErased,
)
from shared.events.envelope import partition_of


class NoteTaken(Event):
    """A test's own fact about a case, perhaps about a person."""

    TYPE: ClassVar[str] = "test.note_taken"
    SOURCES: ClassVar[tuple[str, ...]] = ("intake",)

    case_id: UUID
    text: str
    person_id: UUID | None = None


class NoteTakenLater(NoteTaken):
    """The same in a version that consumers do not know."""

    VERSION: ClassVar[int] = 2


class NobodyListens(NoteTaken):
    """A type without a subscriber."""

    TYPE: ClassVar[str] = "test.nobody_listens"


class Factory:
    """Makes organisations, incidents, notes; every call gives new ids, in the same order in every run."""

    def __init__(self, seed: int = 1) -> None:
        self._ids = itertools.count(seed * 1_000_000)

    def id(self) -> UUID:
        """A new id, with a version and variant as RFC 9562 wants them."""
        return UUID(int=(next(self._ids) << 64) | (7 << 76) | (2 << 62))

    def organisation(self, **given: Any) -> OrganisationRegistered:
        fields = {"kind": "national_society", "name": "Red Cross of Examplia", "short_name": "RC Examplia"}
        return OrganisationRegistered(organisation_id=given.pop("organisation_id", None) or self.id(), **fields | given)

    def incident(self, **given: Any) -> IncidentRecorded:
        return IncidentRecorded(**self._incident() | given)

    def correction(self, **given: Any) -> IncidentCorrected:
        return IncidentCorrected(**self._incident() | given)

    def note(self, case: UUID, text: str = "note", **given: Any) -> NoteTaken:
        return NoteTaken(**{"organisation_id": ORGANISATION, "case_id": case, "text": text} | given)

    def erasure(self, case: UUID, person: UUID, **given: Any) -> PersonErased:
        return PersonErased(**{"organisation_id": ORGANISATION, "case_id": case, "person_id": person} | given)

    def cases(self, count: int, *, partition: int | None = None) -> list[UUID]:
        """New case ids, all of one partition if asked for."""
        fresh = iter(self.id, None)
        fitting = (case for case in fresh if partition is None or partition_of(f"case/{case}") == partition)
        return list(itertools.islice(fitting, count))

    def _incident(self) -> dict[str, Any]:
        return {
            "organisation_id": ORGANISATION,
            "case_id": self.id(),
            "counts": IncidentCounts(dead=3, missing=None, survivors=12),
            "occurred_from": date(2016, 4, 18),
            "occurred_to": date(2016, 4, 18),
            "route": "Central Mediterranean",
        }


ORGANISATION = UUID("01900000-0000-7000-8000-0000000000a1")
ANOTHER_ORGANISATION = UUID("01900000-0000-7000-8000-0000000000a2")
