"""Facts about matches: a sought person and a found one may be the same. Never who, or how they fare.

Before the release the subject is the holder's case alone: nothing of the tracing request's changes, not even its seq.
From the release on, each fact is recorded once per case; `side` says whose case it is.
"""

from __future__ import annotations

from typing import ClassVar
from uuid import UUID

from shared.events.envelope import Event


class _MatchFact(Event):
    SOURCES: ClassVar[tuple[str, ...]] = ("intake",)

    case_id: UUID
    match_id: UUID
    reference: str
    """What both sides call it on the phone."""
    side: str
    """holder: the case of the found person; enquirer: the tracing request."""
    band: str
    """How alike the two records are: strong, likely, possible."""


class MatchProposed(_MatchFact):
    """The matcher proposes a pair to the holder of the found person's record."""

    TYPE: ClassVar[str] = "match.proposed"

    again: bool = False
    """It was decided before, and is to be decided anew."""


class MatchReleased(_MatchFact):
    """The holder released it to the enquirer's organisation."""

    TYPE: ClassVar[str] = "match.released"


class MatchConfirmed(_MatchFact):
    """The enquirer's organisation confirmed it."""

    TYPE: ClassVar[str] = "match.confirmed"


class MatchRejected(_MatchFact):
    """They are two people, or nothing may come of it."""

    TYPE: ClassVar[str] = "match.rejected"

    reason: str
    after_release: bool


class MatchWithdrawn(_MatchFact):
    """Somebody's word, or the rules, stand against it."""

    TYPE: ClassVar[str] = "match.withdrawn"

    after_release: bool
