"""The shapes that reporting answers, beside its renderings."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime

from pydantic import BaseModel

from services.reporting.rendering import Covered


class PassedFigures(BaseModel):
    """What became of what was offered in the period. `offered` is the sum of `accepted`, `declined`,
    `returned_unanswered`, `taken_back` and `waiting`."""

    offered: int
    accepted: int
    declined: int
    declined_for: Mapping[str, int]
    """Reason → how many of `declined`."""
    returned_unanswered: int
    taken_back: int
    """By the sender, before there was an answer."""
    waiting: int
    """For an answer, still."""
    completed: int
    """Of `accepted`."""
    answer_seconds_median: int | None
    """From the offer to the answer, of what was answered; None where nothing was. By nearest rank, as the next."""
    answer_seconds_p90: int | None


class PassedSide(BaseModel):
    """What one side did, in all and by service."""

    total: PassedFigures
    by_service: Mapping[str, PassedFigures]
    """Empty of transfers, which ask for no service."""


class MatchFigures(BaseModel):
    """What became of the matches that one side learnt of in the period. `begun` is the sum of `confirmed`, `rejected`,
    `withdrawn` and `waiting`."""

    begun: int
    """Proposed to the holder; released to the enquirer's organisation."""
    released: int
    confirmed: int
    rejected: int
    rejected_for: Mapping[str, int]
    """Reason → how many of `rejected`."""
    withdrawn: int
    waiting: int
    """For a decision of either side, still."""
    by_band: Mapping[str, int]
    """How alike the two records are → how many of `begun`."""


class MatchReport(BaseModel):
    """How matches went, for the organisation itself: not for publication."""

    organisation: str
    date_from: date
    date_to: date
    generated_at: datetime
    as_holder: MatchFigures
    """Of found people whose record it holds."""
    as_enquirer: MatchFigures
    """Of its tracing requests."""
    covers: tuple[Covered, ...]


class ReferralReport(BaseModel):
    """How referrals and transfers went, for the organisation itself: not for publication."""

    organisation: str
    date_from: date
    date_to: date
    generated_at: datetime
    sent: PassedSide
    """Referrals alone, as `received`."""
    received: PassedSide
    transfers_sent: PassedSide
    """Cases that were offered to others, to be theirs."""
    transfers_received: PassedSide
    covers: tuple[Covered, ...]
