"""The shapes that notify takes and answers."""

from __future__ import annotations

from datetime import datetime
from typing import Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from services.notify.domain.statuses import Status


class NotificationOut(BaseModel):
    """One message, and how far it has come. What a family is told is kept nowhere; `kind` and `about` (a case, an
    import, what passes between organisations) are null for whoever may not know of it."""

    model_config = ConfigDict(from_attributes=True)

    id: UUID
    to_family: bool
    kind: str | None
    about: UUID | None
    channel: str
    language: str | None
    subject: str | None
    text: str | None
    status: Status
    reason: str | None
    """A code: why it waits, or why it ended."""
    created_at: datetime
    next_attempt_at: datetime | None
    attempts: int
    maybe_twice: bool
    """It was sent again although an earlier attempt may have arrived."""


class NotificationList(BaseModel):
    """One page of messages, newest first. `next` is the `before` of the next page, null on the last."""

    items: list[NotificationOut]
    next: UUID | None


class ReceiptOut(BaseModel):
    """What the provider said of one segment, and how often; part 0 is the whole message."""

    model_config = ConfigDict(from_attributes=True)

    part: int
    result: str
    code: str | None
    times: int
    first_at: datetime


class AttemptOut(BaseModel):
    """One attempt: by which provider, and what is known of it. Without an outcome it is under way."""

    model_config = ConfigDict(from_attributes=True)

    id: UUID
    started_at: datetime
    finished_at: datetime | None
    outcome: str | None
    channel: str | None
    provider: str | None
    provider_id: str | None
    code: str | None
    parts: int
    contradictory: bool
    """The provider said both that it arrived and that it failed."""
    receipts: list[ReceiptOut]


class NotificationStoryOut(NotificationOut):
    """A message, and each attempt to deliver it, the oldest first."""

    tried: list[AttemptOut]


class ApprovalIn(BaseModel):
    """`digest` is that of the texts that were read, as `GET /languages/{tag}` gives it."""

    model_config = ConfigDict(extra="forbid", hide_input_in_errors=True)

    digest: str = Field(min_length=64, max_length=64, pattern="^[0-9a-f]{64}$")


class ApprovalOut(BaseModel):
    """Who approved a language's texts, and when. `in_force` is false once one of the texts has changed."""

    language: str
    digest: str
    reviewer_id: UUID
    approved_at: datetime
    in_force: bool


class LanguageOut(BaseModel):
    """A language of messages to families: only an `approved` one is sent. `name` is its own."""

    tag: str
    name: str
    direction: Literal["ltr", "rtl"]
    digest: str
    """Of its texts as they are now."""
    review: Literal["draft", "approved", "changed"]
    approval: ApprovalOut | None


class LanguageList(BaseModel):
    """Every language that has texts."""

    items: list[LanguageOut]


class TextOut(BaseModel):
    """One text as it goes out, filled with examples. `segments` counts those of an SMS."""

    kind: str
    channel: str
    subject: str
    text: str
    segments: int | None


class LanguageTextsOut(LanguageOut):
    """A language with every text of it."""

    texts: list[TextOut]
    pages: list[str]
    """What families read on their pages: part of what is approved."""


class PauseOut(BaseModel):
    """A channel by which nothing goes out to families."""

    model_config = ConfigDict(from_attributes=True)

    channel: str
    paused_by: UUID
    paused_at: datetime


class PauseList(BaseModel):
    """The organisation's pauses."""

    items: list[PauseOut]
