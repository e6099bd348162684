"""One match as somebody of one side may look at it: both records side by side, field by field, with what speaks for and
against one person.

The own record is shown in full; the other side's minimised, as cases are shared, of the fields that the agreement lets
through and no other: neither values nor evidence of any other. Of a found person who agreed to news alone, nothing
tells the enquirer's side where it is.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from services.intake.casework.life_cycle import CHILD_PROTECTION
from services.intake.casework.matching import (
    FIELDS,
    PASSES_AS,
    SHOWN_TO_OTHER,
    STANDING,
    Side,
    Step,
    steps_from,
)
from services.intake.casework.referrals import REFERRED
from services.intake.domain import Case, Match
from services.intake.queries import matches as found
from services.intake.queries import seen_by
from services.intake.queries.match_records import Values, in_full, minimised, record_of
from services.intake.queries.pairs import agreed, refused
from services.intake.queries.referrals import may_share
from services.intake.schemas.matches import FieldOut, TermOut
from shared.access import Act, Actor, unconfined
from shared.database import utc_now

NEWS_AND_CONTACT = "news_and_contact"
_STRONGEST = ("strong", "different", "partial", "unknown")


@dataclass(frozen=True)
class MatchView:
    """What the actor sees of a match."""

    match: Match
    sides: tuple[Side, ...]
    """Which sides the actor sees it from: both, where its organisation has both records and it may see both cases."""
    fields: tuple[FieldOut, ...]
    """Every field of `casework.matching.FIELDS`, in that order."""
    hidden_because: str | None
    """Why the other side's record is not shown: `over`, `refused` (somebody's word or the rules stand against it),
    `erased`; None while it is."""
    steps: tuple[Step, ...]
    """What the actor may do now."""
    history: tuple[found.Said, ...]
    looked_at: tuple[tuple[UUID, UUID], ...]
    """(the own case, a person whose data is in it): what is to be noted as seen."""


def match_view(session: Session, actor: Actor, match_id: UUID) -> MatchView:
    """A match with both records as they are now. Raises `NotFound`. The caller records the view: `look_at` does."""
    row = found.match(session, actor, match_id)
    sides = found.sides_of(session, row, actor)
    records, passing, hidden = _records(session, actor, row, sides, utc_now().date())
    own_case = row.found_case_id if "holder" in sides else row.sought_case_id
    seen = {"holder": row.found_person_id, "enquirer": row.sought_person_id}
    return MatchView(
        row,
        sides,
        tuple(_field(name, records, passing, _terms(session, row)) for name in FIELDS),
        hidden,
        steps_for(actor, row, sides),
        tuple(found.history(session, row, sides)),
        tuple((own_case, person) for side, person in seen.items() if side in records),
    )


def steps_for(actor: Actor, row: Match, sides: tuple[Side, ...]) -> tuple[Step, ...]:
    """What the actor may do now with a match that was read through `queries.matches.match`, from the sides that it
    sees. What a release still waits for is said when it is tried."""
    if actor.user_id is None or not actor.may(Act.CHANGE_CASES):
        return ()
    return tuple(
        step
        for side in sides
        for step in steps_from(row.state, side)
        if has_role(actor, row, step)
        and (step.name != "reconsider" or row.reason_side == side)
        and (step.name != "confirm" or row.released_by != actor.user_id)
    )


def has_role(actor: Actor, row: Match, step: Step) -> bool:
    """Whether the actor's role may take that step with this match."""
    roles = step.roles & CHILD_PROTECTION if step.of_child and row.child else step.roles
    return not actor.roles.isdisjoint(roles)


def reason_told(row: Match, sides: tuple[Side, ...]) -> str | None:
    """Why it was rejected or withdrawn, as far as these sides are told: a withdrawal's reason is its own side's."""
    if row.state == "withdrawn" and row.reason_side is not None and row.reason_side not in sides:
        return "no_longer_possible"
    return row.reason


Records = dict[Side, Values]


def _records(
    session: Session, actor: Actor, row: Match, sides: tuple[Side, ...], on: date
) -> tuple[Records, frozenset[str], str | None]:
    """(what each side's record says, the fields of the other one's that pass, why that one is not shown)."""
    everything = frozenset(REFERRED)
    records: Records = {}
    for side in sides:
        own = record_of(session, *_of(row, side))
        if own is not None:
            records[side] = in_full(own)
    if len(sides) == 2:
        return records, everything, None
    other: Side = "enquirer" if sides == ("holder",) else "holder"
    if row.state not in (STANDING if other == "enquirer" else SHOWN_TO_OTHER):
        return records, frozenset(), "over"
    with unconfined(session):
        passing = _passing(session, row, other, on)
        theirs = record_of(session, *_of(row, other)) if passing else None
        if theirs is not None:
            full = session.scalar(select(Case.id).where(Case.id == theirs.case.id, seen_by(actor))) is not None
            records[other] = in_full(theirs) if full else minimised(theirs, passing)
    if not passing:
        return records, frozenset(), "refused"
    if theirs is None or row.wrapped is None:
        return {side: values for side, values in records.items() if side != other}, frozenset(), "erased"
    return records, passing, None


def _passing(session: Session, row: Match, other: Side, on: date) -> frozenset[str]:
    """The fields of the other side's record that may be shown on that day; none where nothing may."""
    if refused(session, [(row.sought_person_id, row.found_person_id)], on):
        return frozenset()
    both = frozenset((row.sought_organisation_id, row.found_organisation_id))
    if len(both) == 1:
        return frozenset(REFERRED)
    if (
        other == "holder"
        and not may_share(session, row.found_person_id, row.sought_organisation_id, on, False)[0].allowed
    ):
        return frozenset()
    passing = agreed(session, {both}, on).get(both, frozenset())
    whereabouts = other == "enquirer" or row.agrees_to == NEWS_AND_CONTACT
    return passing if whereabouts else passing - PASSES_AS["place"]


def _of(row: Match, side: Side) -> tuple[UUID, UUID]:
    if side == "holder":
        return row.found_case_id, row.found_person_id
    return row.sought_case_id, row.sought_person_id


def _terms(session: Session, row: Match) -> Mapping[str, list[TermOut]]:
    key = found.key_of(session, row)
    terms: dict[str, list[TermOut]] = defaultdict(list)
    if key is not None and row.terms is not None:
        kept: list[list[Any]] = json.loads(key.decrypt(row.terms, found.TERMS))
        for field, evidence, reason, bits in kept:
            terms[field].append(TermOut(evidence=evidence, reason=reason, bits=bits))
    return terms


def _field(name: str, records: Records, passing: frozenset[str], terms: Mapping[str, list[TermOut]]) -> FieldOut:
    shown = not PASSES_AS[name].isdisjoint(passing)
    said = terms.get(name, []) if shown else []
    return FieldOut(
        field=name,
        sought=records.get("enquirer", {}).get(name, []),
        found=records.get("holder", {}).get(name, []),
        shown=shown,
        evidence=min((one.evidence for one in said), key=_STRONGEST.index, default="unknown") if shown else None,
        bits=sum(one.bits for one in said) if shown else None,
        terms=said,
    )
