"""Who let messages go out, and who stopped them: kept, also once it was undone."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from sqlalchemy.orm import Session

from services.notify.domain import StaffDeed
from shared.access import Actor
from shared.database import uuid7

Deed = Literal["approved", "withdrawn", "paused", "resumed"]


def note_deed(session: Session, actor: Actor, deed: Deed, about: str, now: datetime) -> None:
    """Note what the actor did about a language or a channel of its organisation."""
    of = {"organisation_id": actor.organisation_id, "user_id": actor.user_id}
    session.add(StaffDeed(id=uuid7(), deed=deed, about=about, at=now, **of))
