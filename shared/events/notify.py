"""Facts that notify publishes."""

from __future__ import annotations

from datetime import datetime, time
from typing import ClassVar, Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

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


MessageReason = Literal[
    "quiet_hours",
    "paused",
    "provider_rests",
    "unverified",
    "case_held",
    "withdrawn",
    "erased",
    "opted_out",
    "no_legal_basis",
    "expired",
    "consent_withdrawn",
    "objected",
    "no_approved_language",
    "case_worker_calls",
    "overtaken",
    "shared_phone",
    "past",
    "nobody_answered",
    "cannot_be_written",
    "outcome_unknown",
]
"""Why a message to a family is held, was not sent or was given up: codes that say nothing of the case's outcome. What
a provider calls a failure is none of them."""


class FamilyMessageStatusChanged(Event):
    """How far a message to a family has come. Its kind is none of the event's business: it would tell of the case.

    Told are holds, what became of them, and every end.
    """

    TYPE: ClassVar[str] = "family_message.status_changed"
    SOURCES: ClassVar[tuple[str, ...]] = ("notify",)

    case_id: UUID
    notification_id: UUID
    channel: str
    status: NotificationStatus
    reason: MessageReason | None = None


ReplyIntent = Literal["reply", "safe", "not_missing", "share_with_nobody", "change_contact"]
"""What a family says it wants; `safe` and the next two are the subject's own words, which a case worker checks."""


class ReplyText(BaseModel):
    """What only intake may read."""

    model_config = ConfigDict(frozen=True, hide_input_in_errors=True)

    text: str = Field(repr=False)


class ComplaintText(ReplyText):
    """Likewise."""

    not_for_workers_of: UUID | None = None
    """The case whose workers do not read it although it does not say which case it is about."""


class FamilyReplied(Event):
    """A family wrote back. A case worker reads it."""

    TYPE: ClassVar[str] = "family.replied"
    SOURCES: ClassVar[tuple[str, ...]] = ("notify",)
    SEALED_TO: ClassVar[str | None] = "intake"

    case_id: UUID
    person_id: UUID
    contact_id: UUID
    reply_id: UUID
    channel: Literal["sms", "email", "page"]
    intent: ReplyIntent = "reply"
    sealed: ReplyText | None = Field(None, repr=False)


class ComplaintReceived(Event):
    """Somebody complained, or said what was good, perhaps without a name. Its subject is the organisation: who works on
    a case is not told of a complaint about it."""

    TYPE: ClassVar[str] = "complaint.received"
    SOURCES: ClassVar[tuple[str, ...]] = ("notify",)
    SUBJECT: ClassVar[str] = "organisation_id"
    SEALED_TO: ClassVar[str | None] = "intake"

    complaint_id: UUID
    about: Literal["staff", "messages", "service", "other"]
    case_id: UUID | None = None
    """None: anonymous, or about no case."""
    sealed: ComplaintText | None = Field(None, repr=False)


class _OptFact(Event):
    SOURCES: ClassVar[tuple[str, ...]] = ("notify",)
    PURPOSES: ClassVar[tuple[str, ...]] = ("notification",)

    case_id: UUID
    person_id: UUID
    contact_id: UUID


class FamilyOptedOut(_OptFact):
    """The family wants no messages by this contact any more."""

    TYPE: ClassVar[str] = "family.opted_out"
    PROTECTIVE: ClassVar[bool] = True


class FamilyOptedIn(_OptFact):
    """The family wants messages by this contact again."""

    TYPE: ClassVar[str] = "family.opted_in"


class FamilyPreferencesChosen(Event):
    """The family chose, on its page, in which language and when it is written to. It holds whatever is said later by
    others."""

    TYPE: ClassVar[str] = "family.preferences_chosen"
    SOURCES: ClassVar[tuple[str, ...]] = ("notify",)

    case_id: UUID
    person_id: UUID
    contact_id: UUID
    language: str
    """BCP 47."""
    fallbacks: tuple[str, ...] = ()
    """Best first."""
    quiet_from: time
    quiet_to: time
    """Of the family's day; twice the same: no hour is quiet."""


AttentionReason = Literal[
    "no_approved_language",
    "no_way_to_reach",
    "not_delivered",
    "outcome_unknown",
    "call_the_family",
    "unverified_contact",
]
"""Why a person must act: codes that say nothing of the case's outcome."""


class AttentionRequested(Event):
    """Notify cannot go on by itself: a case worker must act."""

    TYPE: ClassVar[str] = "attention.requested"
    SOURCES: ClassVar[tuple[str, ...]] = ("notify",)

    case_id: UUID
    request_id: UUID
    reason: AttentionReason
    due_by: datetime
