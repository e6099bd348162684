"""What is recorded so that a trail beside the log cannot be shortened unnoticed."""

from __future__ import annotations

from typing import ClassVar
from uuid import UUID

from shared.events.envelope import Event

VIEWS = UUID("7ea0f1e5-0000-8000-8000-000000000001")
"""The trail of who read whose data."""
INSTALLATION = UUID(int=0)
"""No organisation: the trail is of all of them."""


class TrailAnchored(Event):
    """How far a trail of this service had come, and the hash of its last place: what is cut off behind shows.

    Nobody needs to listen: whoever hears the source keeps the hash of the log that this stands in.
    """

    TYPE: ClassVar[str] = "trail.anchored"
    SOURCES: ClassVar[tuple[str, ...]] = ("intake",)
    SUBJECT: ClassVar[str] = "trail_id"

    organisation_id: UUID = INSTALLATION
    trail_id: UUID = VIEWS
    position: int
    digest: str
    """Hexadecimal."""
