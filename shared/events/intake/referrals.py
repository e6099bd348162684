"""Facts about referrals: who asks whom for which service, until when, and how it ended. Never of whom, or what is told.

The subject is the sender's case, which stays its own.
"""

from __future__ import annotations

from datetime import datetime
from typing import ClassVar
from uuid import UUID

from shared.events.envelope import Event


class _ReferralFact(Event):
    SOURCES: ClassVar[tuple[str, ...]] = ("intake",)

    case_id: UUID
    referral_id: UUID
    receiver_id: UUID
    reference: str | None = None
    """What both sides call it on the phone. None: recorded before it was carried."""


class ReferralOffered(_ReferralFact):
    """A service was asked of another organisation."""

    TYPE: ClassVar[str] = "referral.offered"

    service: str
    """A category of 3W or of Restoring Family Links."""
    purpose: str
    urgency: str
    acknowledge_by: datetime
    answer_by: datetime
    service_entry_id: UUID | None = None
    """The entry of the receiver's service directory that was chosen. None: none was."""


class ReferralAcknowledged(_ReferralFact):
    """The receiver has seen it."""

    TYPE: ClassVar[str] = "referral.acknowledged"


class ReferralInformationRequested(_ReferralFact):
    """The receiver must know more before it answers."""

    TYPE: ClassVar[str] = "referral.information_requested"


class ReferralInformationGiven(_ReferralFact):
    """The sender answered, and the receiver's time begins anew."""

    TYPE: ClassVar[str] = "referral.information_given"

    answer_by: datetime


class ReferralAccepted(_ReferralFact):
    """The receiver gives the service. The case stays with the sender."""

    TYPE: ClassVar[str] = "referral.accepted"


class ReferralDeclined(_ReferralFact):
    """The receiver does not, for a stated reason."""

    TYPE: ClassVar[str] = "referral.declined"

    reason: str


class ReferralHandedOver(_ReferralFact):
    """The person came to the receiver."""

    TYPE: ClassVar[str] = "referral.handed_over"


class ReferralCompleted(_ReferralFact):
    """The receiver has done what it was asked for, or says why not."""

    TYPE: ClassVar[str] = "referral.completed"

    reason: str


class ReferralUpdated(_ReferralFact):
    """What the receiver is shown was brought up to date."""

    TYPE: ClassVar[str] = "referral.updated"


class ReferralRevoked(_ReferralFact):
    """The sender took it back."""

    TYPE: ClassVar[str] = "referral.revoked"

    reason: str


class ReferralOverdue(_ReferralFact):
    """Nobody has looked at it in time: the managers of both sides see it."""

    TYPE: ClassVar[str] = "referral.overdue"


class ReferralExpired(_ReferralFact):
    """Nobody answered in time: it went back to the sender."""

    TYPE: ClassVar[str] = "referral.expired"
