"""What every channel to families looks like: hand a message over, look it up, understand what comes back.

A sender never raises for what a provider or the network does; a receiver raises `Refused` or `BadSignature` alone.
No address and no text ever stands in a `repr`, an error or a log line.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Literal, Protocol
from uuid import UUID

from services.notify.domain.statuses import Result
from shared.errors import DomainError, NotAuthenticated

Channel = Literal["sms", "email", "voice", "file"]


@dataclass(frozen=True)
class Attachment:
    """A file in a mail."""

    name: str
    """ASCII."""
    media_type: str
    content: bytes = field(repr=False)


@dataclass(frozen=True)
class Outgoing:
    """One message to one address. `reference` is the attempt's id: the same when the same attempt is looked up."""

    reference: UUID
    to: str = field(repr=False)
    """An E.164 number or an e-mail address."""
    subject: str = field(repr=False)
    text: str = field(repr=False)
    language: str
    """BCP 47."""
    attachments: Sequence[Attachment] = ()
    """Of a mail alone."""
    unsubscribe: str | None = field(default=None, repr=False)
    """Likewise: the address at which whoever gets such mails ends them (RFC 2369, RFC 8058)."""


@dataclass(frozen=True)
class Handed:
    """What came of handing a message over.

    `code` is the provider's own, for operators; `retry_after` is set where the provider told how long to wait;
    `parts` counts the segments, where the provider tells.
    """

    result: Result
    provider_id: str | None = None
    code: str | None = None
    retry_after: timedelta | None = None
    parts: int = 1


class FamilySender(Protocol):
    """One channel by one provider; used from several threads at once."""

    name: str
    channel: Channel
    per_second: float
    """How many messages a second the provider takes of us."""
    takes_reference: bool
    """True where handing over the same reference twice is one message at the provider."""

    def send(self, outgoing: Outgoing) -> Handed:
        """Hand one message over. Never raises for what the provider or the network does."""
        ...

    def look_up(self, reference: UUID, provider_id: str | None) -> Handed | None:
        """What the provider knows of an earlier attempt; None where it cannot tell."""
        ...


@dataclass(frozen=True)
class Receipt:
    """One delivery receipt, possibly of one segment: number `part` of `parts`."""

    provider: str
    provider_id: str | None
    reference: UUID | None
    result: Result
    code: str | None
    part: int = 1
    parts: int = 1


@dataclass(frozen=True)
class Inbound:
    """What somebody wrote to us. `sender` is as the provider gives it: an E.164 number where it has one, or an e-mail
    address. The text is empty where nothing but a picture or a sound came."""

    provider: str
    provider_id: str
    sender: str = field(repr=False)
    text: str = field(repr=False)
    channel: Literal["sms", "email"] = "sms"
    answers: UUID | None = None
    """The attempt whose message it answers, where it says so."""


@dataclass(frozen=True)
class Arrived:
    """A request as it reached us, its `url` as the provider called it (with the public host and the query)."""

    method: str
    url: str = field(repr=False)
    headers: Mapping[str, str] = field(repr=False)
    body: bytes = field(repr=False)


class Refused(DomainError):
    """What a provider sent has not the form its documents declare. Never says the value."""

    code = "refused_request"


class BadSignature(NotAuthenticated):
    """What came is not signed by the provider, or not with our secret."""


class Receiver(Protocol):
    """Understands what one provider sends us. Raises `Refused` and `BadSignature`, nothing else."""

    name: str

    def receipts(self, request: Arrived) -> Sequence[Receipt]:
        """The delivery receipts in a request."""
        ...

    def inbound(self, request: Arrived) -> Sequence[Inbound]:
        """The messages in a request."""
        ...
