"""May a person's data be used for a purpose, by this recipient, on this day? One rule, the same in every service."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Protocol
from uuid import UUID

OBJECTION, WITHDRAWAL = "objection", "withdrawal"
STOPS = frozenset({OBJECTION, WITHDRAWAL})
"""Words of the person that end a purpose; they stand beside the legal bases, in the order in which they came."""


class Ground(StrEnum):
    """Why something may be used, or not."""

    LEGAL_BASIS = "legal_basis"
    NO_LEGAL_BASIS = "no_legal_basis"
    EXPIRED = "expired"
    WITHDRAWN = "consent_withdrawn"
    OBJECTED = "objected"
    ERASED = "erased"
    SHARE_WITH_NOBODY = "share_with_nobody"
    AUTHORITY = "authority_recipient"
    HELD = "held"
    BLOCKED = "sending_blocked"


SENTENCES = {
    Ground.LEGAL_BASIS: "A legal basis for this is recorded.",
    Ground.NO_LEGAL_BASIS: "No legal basis is recorded for this purpose and recipient.",
    Ground.EXPIRED: "The legal basis for this has expired: assess it anew.",
    Ground.WITHDRAWN: "The person withdrew its consent to this.",
    Ground.OBJECTED: "The person objected to this.",
    Ground.ERASED: "The person was erased.",
    Ground.SHARE_WITH_NOBODY: "The person wishes that nothing is shared with anybody.",
    Ground.AUTHORITY: "Nothing is shared with authorities.",
    Ground.HELD: "The case is held: nothing is sent or shared for it until an operator has looked.",
    Ground.BLOCKED: "A withdrawal or erasure could not be applied here: nothing is sent until it is.",
}


class RecordedBasis(Protocol):
    """A legal basis, or a word that ends a purpose, as a service stores it."""

    @property
    def basis(self) -> str: ...
    @property
    def recipient_id(self) -> UUID | None: ...
    @property
    def expires_on(self) -> date | None: ...


@dataclass(frozen=True)
class Decision:
    """Yes or no, with the reason."""

    allowed: bool
    ground: Ground

    @property
    def sentence(self) -> str:
        """The reason, to the person who asked."""
        return SENTENCES[self.ground]


def refused(ground: Ground) -> Decision:
    return Decision(False, ground)


def decide(oldest_first: Iterable[RecordedBasis], recipient: UUID | None, on: date) -> Decision:
    """The decision from everything recorded for one person and one purpose, in the order in which it came.

    A basis counts for its own recipient alone (None: the organisation itself), up to and with `expires_on`; recorded
    again, the newer one counts. A
    withdrawal or objection without a recipient ends every use; only a later consent for this very recipient, or one
    for all where the stop was for all, lifts it: no other basis, however good, goes against the person's word.
    """
    stopped: Ground | None = None
    counts: dict[str, bool] = {}
    for one in oldest_first:
        if one.basis in STOPS:
            if one.recipient_id is None or one.recipient_id == recipient:
                stopped = Ground.OBJECTED if one.basis == OBJECTION else Ground.WITHDRAWN
                counts.clear()
        elif one.recipient_id == recipient and (stopped is None or one.basis == "consent"):
            stopped = None
            counts[one.basis] = one.expires_on is None or one.expires_on >= on
    if any(counts.values()):
        return Decision(True, Ground.LEGAL_BASIS)
    return refused(Ground.EXPIRED if counts else stopped or Ground.NO_LEGAL_BASIS)
