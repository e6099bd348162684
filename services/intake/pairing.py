"""Each record's turn: it is prepared, put into the matcher's index, and compared with whoever shares keys on the other
side. What is likely enough becomes a proposal.

A turn is a claim and then three short transactions; the work between them holds no lock, so nobody waits for it. Its
keys are committed before it looks for others, and so are theirs: of two that arrive at once, whichever looks later sees
the other. A turn that breaks off anywhere comes again, and proposes nothing twice.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field

from sqlalchemy import Engine
from sqlalchemy.orm import Session

from services.intake.commands.match_index import (
    MATCHING,
    Turn,
    end_turn,
    take_out,
    take_turn,
    write_record,
)
from services.intake.commands.matches.proposing import Found, comparable, propose
from services.intake.matching import (
    COMPARED,
    LEAST_COMPARED,
    PROPOSE_AT,
    Candidate,
    Likely,
    Prepared,
    blocking_keys,
    likely_candidates,
    prepare,
    rank,
    rarity_in,
)
from services.intake.queries import match_index as index
from services.intake.queries.compared import OTHER_SIDE, SOUGHT, Compared, compared
from shared.database import reading, transaction, utc_now
from shared.logging import describe_error
from shared.messaging.holds import EVENTS_OWN_ERRORS
from shared.messaging.loops import Loops
from shared.wakes import bind_wake

log = logging.getLogger(__name__)

LOOK_EVERY = 1.0
"""Seconds between two looks for what is due, where no commit of this process says so."""
COUNTED_EVERY = 600.0
SMALL = 10_000
"""Records of a side; fewer are counted at each look, and say nothing of how rare a name is."""
ROUNDS = 4
"""Candidates are asked for in so many lots at most, of `COMPARED` at most, until enough may be compared."""


@dataclass(frozen=True)
class Ranked:
    """What one look found: candidates, the likest first, and whose they are."""

    candidates: Sequence[Candidate[int]]
    held: dict[int, index.Held]
    standing: set[int]


@dataclass
class Pairing:
    """The matcher's work on one database. Several, in threads or processes, share it."""

    engine: Engine
    soon: threading.Event = field(default_factory=threading.Event)
    _counted: dict[str, tuple[float, int]] = field(default_factory=dict)

    def run(self, stop: threading.Event) -> None:
        """Take turns until `stop`."""
        while not stop.is_set():
            self.soon.clear()
            if not self.turn():
                self.soon.wait(LOOK_EVERY)

    def turn(self) -> bool:
        """One record's turn; False where none is due. A record whose own fault breaks it off waits and comes again."""
        now = utc_now()
        with reading(self.engine) as session:
            if not index.waiting(session, now):
                return False
        with transaction(self.engine) as session:
            claim = take_turn(session, now)
        if claim is None:
            return False
        try:
            self._take(claim)
        except EVENTS_OWN_ERRORS as error:
            about = {"person_id": str(claim.person_id), "until": claim.until.isoformat()}
            log.warning("record not matched", extra={**about, "error": describe_error(error)})
        return True

    def _take(self, claim: Turn) -> None:
        with reading(self.engine) as session:
            found = compared(session, claim.person_id)
        if found is None:
            with transaction(self.engine) as session:
                take_out(session, claim)
            return
        prepared = prepare(found.record)
        with transaction(self.engine) as session:
            written = write_record(session, claim, found.side, found.case_id, prepared)
        if not written:
            return
        self._propose(claim, found, prepared)
        with transaction(self.engine) as session:
            end_turn(session, claim, found.side, utc_now())

    def _propose(self, claim: Turn, found: Compared, prepared: Prepared) -> None:
        with reading(self.engine) as session:
            ranked = self.look(session, claim, found.side, prepared)
        pairs = [
            _pair(claim, found, ranked.held[one.id], one)
            for one in ranked.candidates
            if one.comparison.probability >= PROPOSE_AT or one.id in ranked.standing
        ]
        if pairs:
            with transaction(self.engine) as session:
                propose(session, pairs, utc_now())

    def look(self, session: Session, claim: Turn, side: str, prepared: Prepared) -> Ranked:
        """Whoever of the other side shares keys with a record of this one, and may be compared with it, ranked."""
        other = OTHER_SIDE[side]
        holders = index.holders(session, other, blocking_keys(prepared))
        population = max(self._population(session, other), 1)
        standing = index.standing(session, side, claim.person_id)
        likely = likely_candidates(prepared, holders, population, COMPARED * ROUNDS)
        held = _comparable_among(session, claim, other, likely, standing)
        candidates = index.opened(session, held.values())
        rarity = rarity_in(holders, population) if population >= SMALL else None
        return Ranked(rank(prepared, candidates, rarity, standing), held, standing)

    def _population(self, session: Session, side: str) -> int:
        at, count = self._counted.get(side, (0.0, 0))
        if count < SMALL or time.monotonic() - at > COUNTED_EVERY:
            count = index.population(session, side)
            self._counted[side] = time.monotonic(), count
        return count


def start_pairing(engine: Engine, loops: Loops) -> None:
    """Have records get their turns beside a service, at once where a commit of this process makes them due."""
    pairing = Pairing(engine)
    bind_wake(engine, MATCHING, pairing.soon.set)
    loops.at_end(pairing.soon.set)
    loops.run("matching", lambda: pairing.run(loops.stop))


def _comparable_among(
    session: Session, claim: Turn, side: str, likely: Likely, standing: Collection[int]
) -> dict[int, index.Held]:
    """Those of the likely, and all of `standing`, with whom the record may be compared; the likeliest first. Who is
    worth opening is measured by the likeliest of them, not by somebody whom nobody may open."""
    held = _comparable(session, claim, index.records(session, side, standing)) if standing else {}
    begin, numbers, best = 0, likely.numbers.tolist(), 0
    for _ in range(ROUNDS):
        end = max(likely.worth_opening(best), begin + LEAST_COMPARED if len(held) < LEAST_COMPARED else 0)
        if end <= begin or begin >= len(numbers) or len(held) >= COMPARED:
            break
        held |= _comparable(session, claim, index.records(session, side, numbers[begin:end]))
        begin = end
        best = next((at for at, number in enumerate(numbers) if number in held), min(begin, len(numbers) - 1))
    return {number: held[number] for number in (*numbers, *standing) if number in held}


def _comparable(session: Session, claim: Turn, found: Sequence[index.Held]) -> dict[int, index.Held]:
    allowed = comparable(session, claim.person_id, {one.person_id for one in found})
    return {one.number: one for one in found if one.person_id in allowed}


def _pair(claim: Turn, found: Compared, other: index.Held, candidate: Candidate[int]) -> Found:
    own = claim.person_id, found.case_id, claim.organisation_id
    theirs = other.person_id, other.case_id, other.organisation_id
    sought, found_one = (own, theirs) if found.side == SOUGHT else (theirs, own)
    return Found(*sought, *found_one, comparison=candidate.comparison)
