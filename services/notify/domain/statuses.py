"""The statuses of a message, and the lattice on which they only rise, in whatever order receipts come.

GOV.UK Notify's names. What is known of one attempt is a *set* of results (one for each segment and each word of the
provider): its status is a function of that set alone, so doubled, late and contradictory receipts end the same. A
message's status is that of its newest attempt, unless an older one was delivered after all.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Literal

from shared.events.notify import NotificationStatus

Status = NotificationStatus
Result = Literal[
    "accepted", "delivered", "temporary-failure", "permanent-failure", "technical-failure", "outcome-unknown"
]
"""`accepted`: the provider has it, a receipt may follow. `temporary-failure`: it has it not; later it may.
`permanent-failure`: this address will never take it. `technical-failure`: our own mistake (account, settings, form).
`outcome-unknown`: it may or may not have it."""
FINAL = frozenset({"delivered", "permanent-failure", "technical-failure", "cancelled", "expired"})
"""From these no way leads on but to `delivered`, where a late receipt proves it."""
UNSENT = frozenset({"created", "held", "temporary-failure"})
"""It is to be sent, now or later; nobody has it."""
_HEIGHT: dict[str, int] = {
    "outcome-unknown": 1,
    "accepted": 2,
    "temporary-failure": 3,
    "technical-failure": 4,
    "permanent-failure": 5,
    "delivered": 6,
}
"""How much a provider's word tells: nothing is known, it was taken, it failed, it failed for good, it arrived. That it
arrived is believed over any other word: whoever writes again on the strength of the other one writes twice."""


def joined(results: Iterable[str]) -> str:
    """The highest of some results of one segment, in whatever order and however often they came."""
    return max(results, key=_HEIGHT.__getitem__)


def of_attempt(known: Iterable[tuple[int, str]], parts: int) -> str:
    """What is known of one attempt, from (segment, result) of everything that was ever said of it.

    Segment 0 is a word about the whole message, which counts for every segment that nothing else is known of. With
    several segments the message arrived when each of them did; one that failed for good fails it.
    """
    by_part: dict[int, list[str]] = {}
    for part, result in known:
        by_part.setdefault(part, []).append(result)
    whole = joined(by_part.pop(0, ["outcome-unknown"]))
    if not by_part or whole == "delivered":
        return whole
    told = [joined(results) for results in by_part.values()]
    if all(one == "delivered" for one in told) and len(told) >= parts:
        return "delivered"
    failed = [one for one in told if one not in ("delivered", "accepted", "outcome-unknown")]
    return joined([whole, *failed, *(["accepted"] if len(failed) < len(told) else [])])


def contradictory(known: Iterable[tuple[int, str]]) -> bool:
    """True where a provider said of one segment both that it arrived and that it failed."""
    by_part: dict[int, set[str]] = {}
    for part, result in known:
        by_part.setdefault(part, set()).add(result)
    failures = {"temporary-failure", "permanent-failure", "technical-failure"}
    return any("delivered" in results and results & failures for results in by_part.values())
