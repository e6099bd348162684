"""Pairs that the matcher thinks likely become proposals, where they may be formed at all.

Called by a job, whose transaction sees every organisation's rows. What two records have in common is told to the holder
of the found person's record alone: nothing here touches the other case.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from services.intake.casework import CASE_TYPES
from services.intake.casework.matching import DECIDED_WITHIN, MAY_COME_AGAIN, OPEN, STANDING
from services.intake.commands.matches.rows import facts_of, next_step
from services.intake.domain import Agreement, Case, Match, Person
from services.intake.domain.reference import new_reference
from services.intake.matching import VERSION, Comparison, band_of
from services.intake.queries.locking import locked
from services.intake.queries.match_records import digest_of, record_of
from services.intake.queries.matches import COMPARED, TERMS, key_of
from services.intake.queries.pairs import ONE_PERSON, refused
from shared.database import table_of, upsert, utc_now, uuid7
from shared.events import Event, MatchProposed
from shared.messaging.log import record
from shared.vault import DataKey, vault_of

SOUGHT_IN = "tracing_request"
Pair = tuple[UUID, UUID]


@dataclass(frozen=True)
class Found:
    """A sought person and a found one who may be the same."""

    sought_person: UUID
    sought_case: UUID
    sought_organisation: UUID
    found_person: UUID
    found_case: UUID
    found_organisation: UUID
    comparison: Comparison

    @property
    def pair(self) -> Pair:
        return self.sought_person, self.found_person


def comparable(session: Session, person_id: UUID, others: Collection[UUID]) -> set[UUID]:
    """Of `others`, those with whom the person may be compared: a legal basis for tracing on both sides, an agreement
    between the two organisations or the same one, nobody who said no, wishes to share with nobody, was erased, is held
    or merged, and no authority. In two or three statements, however many. To be asked before anything is decrypted."""
    pairs = [(person_id, other) for other in others if other != person_id]
    without = refused(session, pairs, utc_now().date())
    return {other for _, other in pairs if (person_id, other) not in without}


def propose(session: Session, pairs: Sequence[Found], now: datetime) -> int:
    """Make proposals of these pairs where they may be formed, or score anew those that stand; never twice. Returns how
    many are new.

    A pair that was rejected stays so unless what is known of one of the two has changed since; then it is proposed
    again, as a new match. Records `match.proposed` on the holder's case alone.
    """
    asked = {one.pair: one for one in pairs if one.sought_person != one.found_person}
    if not asked:
        return 0
    _hold_still(session, asked)
    without = refused(session, asked, now.date())
    newest = _newest(session, asked)
    facts: list[Event] = []
    for pair in sorted(asked):
        if pair in without:
            continue
        compared = _compared(session, asked[pair])
        if compared is None:
            continue
        standing = newest.get(pair)
        if standing is None or _comes_again(session, standing, compared.digest):
            row = _propose(session, asked[pair], compared, standing, now)
            facts += facts_of(row, MatchProposed, again=standing is not None).values() if row is not None else ()
        elif standing.state in OPEN:
            _score_anew(session, standing, asked[pair], compared, now)
    record(session, *facts)
    return len(facts)


@dataclass(frozen=True)
class _Compared:
    """The two cases as they are worked on, and what was compared."""

    sought: Case
    found: Case
    digest: bytes
    child: bool

    @property
    def restricted(self) -> bool:
        return self.sought.restricted or self.found.restricted


def _hold_still(session: Session, asked: Collection[Pair]) -> None:
    """What these people have said, and the agreements, stay as they are until the transaction ends: somebody's no
    either stands before the proposal or finds it."""
    people = sorted({one for pair in asked for one in pair})
    inside = select(ONE_PERSON.c.id)
    whose = session.scalars(
        select(Person.organisation_id).where(Person.id.in_(inside)).order_by(Person.id).with_for_update(read=True),
        {"people": people},
    ).all()
    each = set(whose)
    if len(each) > 1:
        agreements = select(Agreement.id).where(Agreement.organisation_id.in_(each), Agreement.receiver_id.in_(each))
        session.execute(agreements.order_by(Agreement.id).with_for_update(read=True))


def _newest(session: Session, asked: Collection[Pair]) -> dict[Pair, Match]:
    """The newest match of each pair that had one, locked."""
    sought, found = ({pair[side] for pair in asked} for side in (0, 1))
    rows = session.scalars(
        locked(select(Match).where(Match.sought_person_id.in_(sought), Match.found_person_id.in_(found))).order_by(
            Match.id
        )
    )
    newest: dict[Pair, Match] = {}
    for row in sorted(rows, key=lambda one: one.round):
        newest[row.sought_person_id, row.found_person_id] = row
    return {pair: row for pair, row in newest.items() if pair in asked}


def _compared(session: Session, one: Found) -> _Compared | None:
    """None where one of the two cannot be matched as its case is now."""
    sought = record_of(session, one.sought_case, one.sought_person)
    found = record_of(session, one.found_case, one.found_person)
    if sought is None or found is None or sought.case.type != SOUGHT_IN or found.case.type == SOUGHT_IN:
        return None
    if sought.case.status in CASE_TYPES[SOUGHT_IN].life_cycle.closed or sought.person.role != "sought":
        return None
    role = CASE_TYPES[found.case.type].people.get(found.person.role)
    if role is None or not role.principal:
        return None
    child = sought.person.person.minor or found.person.person.minor or found.case.type == "child"
    return _Compared(sought.case, found.case, digest_of(sought, found), child)


def _comes_again(session: Session, row: Match, digest: bytes) -> bool:
    if row.state in STANDING:
        return False
    if row.state == "withdrawn" and row.reason in MAY_COME_AGAIN:
        return True
    return _facts_changed(session, row, digest)


def _facts_changed(session: Session, row: Match, digest: bytes) -> bool:
    """False also where nobody can tell any more: then it stays decided."""
    key = key_of(session, row)
    return key is not None and row.compared is not None and key.decrypt(row.compared, COMPARED) != digest


def _propose(session: Session, one: Found, compared: _Compared, earlier: Match | None, now: datetime) -> Match | None:
    """The new match; None where another transaction has just made it."""
    match_id = uuid7()
    opened, (key,) = vault_of(session).fresh([match_id], compared.found.organisation_id)
    values = {
        "id": match_id,
        "reference": new_reference(),
        "sought_person_id": one.sought_person,
        "sought_case_id": compared.sought.id,
        "sought_organisation_id": compared.sought.organisation_id,
        "found_person_id": one.found_person,
        "found_case_id": compared.found.id,
        "found_organisation_id": compared.found.organisation_id,
        "round": 1 if earlier is None else earlier.round + 1,
        "state": "proposed",
        "version": 0,
        "child": compared.child,
        "restricted": compared.restricted,
        "proposed_at": now,
        "due_at": now + DECIDED_WITHIN["proposed"],
        "reminded": False,
        "key_id": key["key_id"],
        "wrapped": key["wrapped"],
        **_scored(opened[match_id], one.comparison, compared.digest),
    }
    insert = upsert(session, table_of(Match)).values(**values).on_conflict_do_nothing().returning(Match.id)
    if session.scalar(insert) is None:
        return None
    row = session.get_one(Match, match_id)
    next_step(session, row, "propose" if earlier is None else "propose_again", now)
    return row


def _score_anew(session: Session, row: Match, one: Found, compared: _Compared, now: datetime) -> None:
    """What the matcher says now. Only changed facts make a next version: who decides looks again."""
    key = key_of(session, row)
    if key is None:
        return
    changed = _facts_changed(session, row, compared.digest)
    if changed or (row.score, row.weights_version) != (one.comparison.score, VERSION):
        for name, value in _scored(key, one.comparison, compared.digest).items():
            setattr(row, name, value)
    row.child, row.restricted = row.child or compared.child, row.restricted or compared.restricted
    if changed:
        next_step(session, row, "facts_changed", now)
    session.flush()


def _scored(key: DataKey, comparison: Comparison, digest: bytes) -> dict[str, Any]:
    terms = [[term.field, term.evidence, term.reason, term.bits] for term in comparison.terms]
    return {
        "score": comparison.score,
        "probability": comparison.probability,
        "band": band_of(comparison.probability),
        "weights_version": VERSION,
        "terms": key.encrypt(json.dumps(terms).encode(), TERMS),
        "compared": key.encrypt(digest, COMPARED),
    }
