"""The shapes of photos and documents."""

from __future__ import annotations

from datetime import datetime
from typing import Literal
from uuid import UUID

from pydantic import BaseModel


class AttachmentOut(BaseModel):
    """A photo or document of a case. `media_type` and `size` are of what is kept, made anew from what came."""

    id: UUID
    case_id: UUID
    person_id: UUID | None
    kind: Literal["photo", "document"]
    media_type: str
    size: int
    title: str
    added_at: datetime


class AttachmentAdded(AttachmentOut):
    """One that was added, and the case's version with it."""

    version: int
