"""Facts that notify publishes."""

from __future__ import annotations

from typing import ClassVar, Literal
from uuid import UUID

from shared.events.envelope import Event

NotificationStatus = Literal[
    "created",
    "held",
    "sending",
    "delivered",
    "temporary-failure",
    "permanent-failure",
    "technical-failure",
    "outcome-unknown",
    "cancelled",
    "expired",
]


class ImportMessageStatusChanged(Event):
    """How far the message about a finished import has come. Its subject is the import."""

    TYPE: ClassVar[str] = "notification.status_changed"
    SOURCES: ClassVar[tuple[str, ...]] = ("notify",)
    SUBJECT: ClassVar[str] = "import_id"

    import_id: UUID
    notification_id: UUID
    channel: str
    status: NotificationStatus
