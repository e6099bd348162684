"""Facts that any service publishes about its own holds. Ids only."""

from __future__ import annotations

from typing import ClassVar
from uuid import UUID

from shared.events.envelope import Event


class _HoldOfCase(Event):
    SOURCES: ClassVar[tuple[str, ...]] = ("intake", "notify", "reporting")

    case_id: UUID
    held_source: str
    """Whose event is held."""
    first_position: int


class CaseHeld(_HoldOfCase):
    """The publishing service stopped applying, sending and sharing for this case; an operator is asked to look."""

    TYPE: ClassVar[str] = "case.held"


class CaseHoldEnded(_HoldOfCase):
    """The publishing service has applied everything of this case again."""

    TYPE: ClassVar[str] = "case.hold_ended"
