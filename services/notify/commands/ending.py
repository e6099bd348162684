"""The end of a message to a family: the case is told how it ended, and a case worker is asked where that was no end."""

from __future__ import annotations

from datetime import datetime
from typing import get_args
from uuid import UUID

from sqlalchemy.orm import Session

from services.notify.domain import Notification
from services.notify.settings import CALL_WITHIN
from shared.events import AttentionRequested, Event, FamilyMessageStatusChanged
from shared.events.notify import AttentionReason, MessageReason
from shared.messaging.log import record


class Told:
    """The events to which a transaction leads, recorded together at its end."""

    def __init__(self, now: datetime) -> None:
        self.now = now
        self._ended: dict[UUID, Notification] = {}
        self._held: dict[UUID, Notification] = {}
        self._wanted: dict[UUID, tuple[Notification, AttentionReason]] = {}

    def ended(self, message: Notification) -> None:
        """It is over, or not any more: the case shows how."""
        self._ended[message.id] = message

    def waits(self, message: Notification) -> None:
        """It is held, for another reason than before, or goes on after that: the case shows so."""
        self._held[message.id] = message

    def attention(self, message: Notification, reason: AttentionReason) -> None:
        """A case worker must act."""
        self._wanted[message.id] = message, reason

    def record(self, session: Session, *more: Event) -> None:
        """Write what was changed, and record the events, with `more` that belong to the same change."""
        session.flush()
        wanted: list[Event] = [self._attention(*one) for one in self._wanted.values()]
        changed = self._held | {one.id: one for one in self._ended.values() if one.over}
        record(session, *(self._status(one) for one in changed.values()), *wanted, *more)

    def _status(self, message: Notification) -> FamilyMessageStatusChanged:
        return FamilyMessageStatusChanged(
            organisation_id=message.organisation_id,
            case_id=message.about,
            notification_id=message.id,
            channel=message.channel,
            status=message.status,
            reason=message.reason if message.reason in _REASONS else None,
        )

    def _attention(self, message: Notification, reason: AttentionReason) -> AttentionRequested:
        return AttentionRequested(
            organisation_id=message.organisation_id,
            case_id=message.about,
            request_id=message.id,
            reason=reason,
            due_by=self.now + CALL_WITHIN,
        )


_REASONS = frozenset(get_args(MessageReason))
_ATTENTION: dict[str, AttentionReason] = {
    "no_approved_language": "no_approved_language",
    "case_worker_calls": "call_the_family",
    "unverified": "unverified_contact",
    "past": "call_the_family",
    "opted_out": "no_way_to_reach",
    "no_legal_basis": "no_way_to_reach",
    "expired": "no_way_to_reach",
    "outcome_unknown": "outcome_unknown",
}


def give_up(message: Notification, status: str, reason: str, told: Told) -> None:
    """End a message that does not arrive, and ask a case worker to see to it."""
    message.end(status, reason)
    told.ended(message)
    told.attention(message, _ATTENTION.get(reason, "not_delivered"))
