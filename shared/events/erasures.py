"""What every service says when it has erased a person."""

from __future__ import annotations

from typing import ClassVar
from uuid import UUID

from shared.events.envelope import Event


class ErasureConfirmed(Event):
    """The publisher has destroyed its keys and rows of this person and this case, and blanked them in its log."""

    TYPE: ClassVar[str] = "erasure.confirmed"
    SOURCES: ClassVar[tuple[str, ...]] = ("notify", "reporting")

    case_id: UUID
    person_id: UUID
