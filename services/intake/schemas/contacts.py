"""The shapes of telling families: contacts, messages, replies, tasks. What is sent in is in `casework.contacts`."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from pydantic import BaseModel, ConfigDict

from services.intake.casework.contacts import ContactKept


class FamilyContactRef(BaseModel):
    """A contact that was written."""

    model_config = ConfigDict(from_attributes=True)

    id: UUID
    version: int
    person_id: UUID


class FamilyContactOut(FamilyContactRef):
    """A contact, as its holder sees it. No address is kept here."""

    made_at: datetime
    changed_at: datetime
    withdrawn_at: datetime | None
    opted_out_at: datetime | None
    chosen_at: datetime | None
    """Since then language and quiet hours are the family's own choice, which no change touches."""
    contact: ContactKept | None
    """Null once it was withdrawn or the person erased."""


class FamilyMessageOut(BaseModel):
    """How far a message to the family has come; never which."""

    model_config = ConfigDict(from_attributes=True)

    id: UUID
    channel: str
    status: str
    reason: str | None
    """Why it is held, was not sent or was given up."""
    changed_at: datetime


class TaskOut(BaseModel):
    """Something that waits for a case worker."""

    model_config = ConfigDict(from_attributes=True)

    id: UUID
    due_by: datetime
    overdue: bool
    done_at: datetime | None
    done_by: UUID | None


class AttentionOut(TaskOut):
    """What a case worker must do so that the family is told."""

    reason: str
    asked_at: datetime


class FamilyReplyRef(TaskOut):
    """A reply, without its text."""

    person_id: UUID
    contact_id: UUID
    channel: str
    intent: str
    received_at: datetime


class FamilyReplyOut(FamilyReplyRef):
    """What the family wrote."""

    text: str | None
    """Null once erased."""
