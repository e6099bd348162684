"""What of a batch continues the cursor, and what becomes of the batch."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum
from operator import attrgetter
from typing import Any

from shared.events.envelope import Logged
from shared.messaging.sequencer import Head


class Verdict(Enum):
    """What became of a batch."""

    APPLIED = "applied"
    GAP = "gap"
    MISFIT = "misfit"
    STOPPED = "stopped"


@dataclass(frozen=True)
class Outcome:
    """The verdict on a batch, and where the cursor stands after it."""

    verdict: Verdict
    at: Head


def fitting_of(at: Head, events: Sequence[Logged[Any]]) -> tuple[list[Logged[Any]], Verdict]:
    """The events that continue the cursor without a gap and whose hashes fit; duplicates fall away."""
    fitting: list[Logged[Any]] = []
    position, digest = at.position, at.hash
    for event in sorted(events, key=attrgetter("position")):
        if event.position <= position:
            if event.position == position and event.hash != digest:
                return fitting, Verdict.MISFIT
            continue
        if event.position > position + 1:
            return fitting, Verdict.GAP
        if not event.fits(digest):
            return fitting, Verdict.MISFIT
        fitting.append(event)
        position, digest = event.position, event.hash
    return fitting, Verdict.APPLIED
