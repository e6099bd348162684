"""The shapes that notify answers."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from pydantic import BaseModel, ConfigDict


class NotificationOut(BaseModel):
    """One message to the organisation, and how far it has come."""

    model_config = ConfigDict(from_attributes=True)

    id: UUID
    kind: str
    about: UUID
    channel: str
    subject: str
    text: str
    status: str
    created_at: datetime
    next_attempt_at: datetime | None
    attempts: int


class NotificationList(BaseModel):
    """The organisation's messages, newest first."""

    items: list[NotificationOut]
