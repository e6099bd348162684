"""Facts about how a family wishes to be reached. What reaches it is sealed to notify, which alone keeps it."""

from __future__ import annotations

from datetime import datetime, time
from typing import ClassVar, Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from shared.events.envelope import Event

FamilyChannel = Literal["sms", "email", "voice"]


class ContactAddress(BaseModel):
    """One way to reach somebody."""

    model_config = ConfigDict(frozen=True, hide_input_in_errors=True)

    channel: FamilyChannel
    address: str = Field(repr=False)
    """A number in E.164 (`sms`, `voice`), or an e-mail address."""


class ContactDetails(BaseModel):
    """What only notify may read."""

    model_config = ConfigDict(frozen=True, hide_input_in_errors=True)

    addresses: tuple[ContactAddress, ...] = Field(repr=False)
    """In the order in which they are tried."""
    alias: str | None = Field(None, repr=False)
    """The name under which the family wishes to be written to: its own choice, not its name."""
    spoken_word: str | None = Field(None, repr=False)
    """What a caller says first, so that the family knows that the call is genuine."""


class _ContactFact(Event):
    SOURCES: ClassVar[tuple[str, ...]] = ("intake",)
    PURPOSES: ClassVar[tuple[str, ...]] = ("notification",)

    case_id: UUID
    person_id: UUID
    """Who is reached: the enquirer, or whoever asked."""
    contact_id: UUID


class _ContactGiven(_ContactFact):
    SEALED_TO: ClassVar[str | None] = "notify"

    language: str
    """BCP 47."""
    fallbacks: tuple[str, ...] = ()
    """Languages that are understood as well, best first."""
    time_zone: str = "UTC"
    """IANA's name of the zone in which the family lives."""
    quiet_from: time = time(21)
    quiet_to: time = time(8)
    """Between the two, in the family's zone, no message arrives; equal: at no time."""
    shared_phone: bool = False
    """Others read what arrives there."""
    sealed: ContactDetails | None = Field(None, repr=False)


class FamilyContactRegistered(_ContactGiven):
    """A family said how it wishes to be reached about a case."""

    TYPE: ClassVar[str] = "family_contact.registered"

    appointments: tuple[datetime, ...] = ()
    """Those of the case that were set before and still lie ahead, the earliest first: it was told of none of them."""


class FamilyContactChanged(_ContactGiven):
    """The same contact, as it is now; all of it."""

    TYPE: ClassVar[str] = "family_contact.changed"


class FamilyContactWithdrawn(_ContactFact):
    """Nobody is reached by this contact any more."""

    TYPE: ClassVar[str] = "family_contact.withdrawn"
