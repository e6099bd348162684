"""What other services learn of each step of a referral or transfer."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from services.intake.domain import Referral
from shared import events
from shared.events import Event

Names = Mapping[str, type[Event]]

_REFERRAL: Names = {
    "offer": events.ReferralOffered,
    "acknowledge": events.ReferralAcknowledged,
    "accept": events.ReferralAccepted,
    "decline": events.ReferralDeclined,
    "ask": events.ReferralInformationRequested,
    "answer": events.ReferralInformationGiven,
    "hand_over": events.ReferralHandedOver,
    "complete": events.ReferralCompleted,
    "revoke": events.ReferralRevoked,
    "update": events.ReferralUpdated,
    "remind": events.ReferralOverdue,
    "expire": events.ReferralExpired,
}
_TRANSFER: Names = {
    "offer": events.TransferOffered,
    "acknowledge": events.TransferAcknowledged,
    "accept": events.TransferAccepted,
    "decline": events.TransferDeclined,
    "ask": events.TransferInformationRequested,
    "answer": events.TransferInformationGiven,
    "hand_over": events.TransferHandedOver,
    "complete": events.TransferCompleted,
    "revoke": events.TransferRevoked,
    "update": events.TransferUpdated,
    "remind": events.TransferOverdue,
    "expire": events.TransferExpired,
}
_OF_KIND: Mapping[str, Names] = {"referral": _REFERRAL, "transfer": _TRANSFER}


def fact_of_step(row: Referral, step: str, **more: Any) -> Event:
    """The fact of one step that was just taken. Its subject is the case, its organisation the sender."""
    about: dict[str, Any] = {
        "organisation_id": row.organisation_id,
        "case_id": row.case_id,
        f"{row.kind}_id": row.id,
        "receiver_id": row.receiver_id,
        "reference": row.reference,
    }
    if step in {"decline", "complete", "revoke"}:
        about["reason"] = row.reason or ""
    if step == "answer":
        about["answer_by"] = row.due_at or row.offered_at
    return _OF_KIND[row.kind][step](**about, **more)
