"""Facts about transfers: who hands which case to whom, until when it is answered, and how it ended. Never of whom.

The subject is the case. `transfer.accepted` is where it goes over: what is recorded of the case before it is the
sender's, what comes after it the receiver's.
"""

from __future__ import annotations

from datetime import datetime
from typing import ClassVar
from uuid import UUID

from shared.events.envelope import Event


class _TransferFact(Event):
    """`organisation_id` is the sender."""

    SOURCES: ClassVar[tuple[str, ...]] = ("intake",)

    case_id: UUID
    transfer_id: UUID
    receiver_id: UUID
    reference: str
    """What both sides call the transfer on the phone. It tells nothing of whom it is about."""


class TransferOffered(_TransferFact):
    """Another organisation was asked to take the case over."""

    TYPE: ClassVar[str] = "transfer.offered"

    why: str
    """A code: person_moved, family_lives_there, their_mandate, person_asks, office_closes."""
    purpose: str
    urgency: str
    acknowledge_by: datetime
    answer_by: datetime


class TransferAcknowledged(_TransferFact):
    """The receiver has seen it."""

    TYPE: ClassVar[str] = "transfer.acknowledged"


class TransferInformationRequested(_TransferFact):
    """The receiver must know more before it answers."""

    TYPE: ClassVar[str] = "transfer.information_requested"


class TransferInformationGiven(_TransferFact):
    """The sender answered, and the receiver's time begins anew."""

    TYPE: ClassVar[str] = "transfer.information_given"

    answer_by: datetime


class TransferAccepted(_TransferFact):
    """The receiver took the case over, and is responsible for it from here on."""

    TYPE: ClassVar[str] = "transfer.accepted"


class TransferDeclined(_TransferFact):
    """The receiver does not take it over, for a stated reason."""

    TYPE: ClassVar[str] = "transfer.declined"

    reason: str


class TransferHandedOver(_TransferFact):
    """Papers and contacts were handed over too."""

    TYPE: ClassVar[str] = "transfer.handed_over"


class TransferCompleted(_TransferFact):
    """The people of the case know who is responsible now, or could not be reached."""

    TYPE: ClassVar[str] = "transfer.completed"

    reason: str


class TransferUpdated(_TransferFact):
    """What the receiver is shown while it decides was brought up to date."""

    TYPE: ClassVar[str] = "transfer.updated"


class TransferRevoked(_TransferFact):
    """The sender took it back before it was accepted."""

    TYPE: ClassVar[str] = "transfer.revoked"

    reason: str


class TransferOverdue(_TransferFact):
    """Nobody has looked at it in time: the managers of both sides see it."""

    TYPE: ClassVar[str] = "transfer.overdue"


class TransferExpired(_TransferFact):
    """Nobody answered in time: the case stays with the sender."""

    TYPE: ClassVar[str] = "transfer.expired"
