"""Records get their turns in the matcher's index: marked as due with whatever changes them, taken by a worker, written,
done with; and forgotten.

Whoever changes something only marks. A worker's turn is several transactions (`services.intake.pairing`), and its
claim is the proof: what it writes is written only while nobody has marked the record anew, or erased it. In each of
these transactions the record is locked last, so that nobody waits for it in a circle.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, delete, literal, or_, select, tuple_
from sqlalchemy.orm import Session

from services.intake.domain import Case, CasePerson, MatchKey, MatchRecord, Person
from services.intake.matching import VERSION, Prepared, blocking_keys, traits_of
from services.intake.queries.compared import SIDES, SOUGHT
from services.intake.queries.match_index import (
    SEALED,
    behind,
    digests_of,
    holder_of,
    index_key_ids,
    opened,
    packed,
    records,
    unpacked,
)
from shared.database import table_of, upsert, utc_now
from shared.rows import insert_rows
from shared.vault import vault_of
from shared.wakes import wake

MATCHING = "intake.matching"
"""Woken after a commit with which a record became due."""
FIRST_PAUSE = timedelta(minutes=1)
LONGEST_PAUSE = timedelta(hours=6)
LOOKED_FOR_AGAIN = timedelta(days=7)
"""A sought person is looked for anew: agreements begin on a day, and legal bases end."""


@dataclass(frozen=True)
class Turn:
    """A worker's claim on a record."""

    number: int
    person_id: UUID
    organisation_id: UUID
    until: datetime
    """`next_attempt_at` while the claim holds: it ends when somebody marks the record anew, or this moment comes."""


def due_row(organisation_id: UUID, person_id: UUID, now: datetime) -> dict[str, Any]:
    """The row of somebody about to be known, to be inserted with the person."""
    return {"person_id": person_id, "organisation_id": organisation_id, "next_attempt_at": now}


def is_compared(case_type: str, role: str) -> bool:
    """Whether somebody in that role of such a case has a place in the index."""
    return (case_type, role) in SIDES


def mark_due(session: Session, case_ids: Collection[UUID]) -> None:
    """What is known of these cases, or who may be compared, has changed: all their people are due. One statement."""
    _mark(session, or_(Case.id.in_(case_ids), Case.merged_into.in_(case_ids)))


def mark_people_due(session: Session, people: Collection[UUID]) -> None:
    """The same of these people, whatever cases they stand in."""
    _mark(session, CasePerson.person_id.in_(people))


def _mark(session: Session, which: ColumnElement[bool]) -> None:
    table, now = table_of(MatchRecord), utc_now()
    whose = (
        select(CasePerson.person_id, Person.organisation_id, literal(now, table.c.next_attempt_at.type))
        .join(Case, Case.id == CasePerson.case_id)
        .join(Person, Person.id == CasePerson.person_id)
        .outerjoin(MatchRecord, MatchRecord.person_id == CasePerson.person_id)
        .where(
            which,
            or_(MatchRecord.number.is_not(None), tuple_(Case.type, CasePerson.role).in_(sorted(SIDES))),
            Person.erased_at.is_(None),
        )
        .order_by(CasePerson.person_id)
        .distinct()
    )
    statement = upsert(session, table).from_select(["person_id", "organisation_id", "next_attempt_at"], whose)
    session.execute(
        statement.on_conflict_do_update(index_elements=["person_id"], set_={"next_attempt_at": now, "attempts": 0})
    )
    wake(session, MATCHING)


def take_turn(session: Session, now: datetime) -> Turn | None:
    """Claim the record that became due last (so a surge keeps nobody back who comes after it), or else one that an
    older version prepared. A claim ends by itself, each time later: a record that fails again and again, or kills its
    worker, costs ever less."""
    due = select(MatchRecord.number).where(MatchRecord.next_attempt_at <= now)
    for candidates in (due.order_by(MatchRecord.next_attempt_at.desc()), behind()):
        number = session.scalar(candidates.limit(1).with_for_update(skip_locked=True))
        if number is not None:
            row = session.get_one(MatchRecord, number)
            row.attempts += 1
            row.next_attempt_at = until = now + min(FIRST_PAUSE * 2 ** min(row.attempts - 1, 10), LONGEST_PAUSE)
            session.flush()
            return Turn(number, row.person_id, row.organisation_id, until)
    return None


def write_record(session: Session, turn: Turn, side: str, case_id: UUID, prepared: Prepared) -> bool:
    """Put a record into the index as it is now. False, and nothing done, where the claim has ended."""
    digests = digests_of(session, side, blocking_keys(prepared))
    key = vault_of(session).open(session, [turn.person_id]).get(turn.person_id)
    row = _claimed(session, turn)
    if row is None or key is None:
        return False
    _write_keys(session, row, digests, traits_of(prepared))
    row.side, row.case_id, row.version = side, case_id, VERSION
    row.sealed = key.encrypt(prepared.to_bytes(), SEALED)
    session.flush()
    return True


def take_out(session: Session, turn: Turn) -> None:
    """The person is not compared now: nothing of it stays in the index. Ends the turn."""
    row = _claimed(session, turn)
    if row is not None:
        _empty(session, row)
        row.next_attempt_at, row.attempts = None, 0
        session.flush()


def end_turn(session: Session, turn: Turn, side: str, now: datetime) -> None:
    """The record was compared with everything that there was. Nothing is done where the claim has ended."""
    row = _claimed(session, turn)
    if row is not None:
        row.next_attempt_at = now + LOOKED_FOR_AGAIN if side == SOUGHT else None
        row.attempts = 0
        session.flush()


def forget_records(session: Session, people: Collection[UUID], case_ids: Collection[UUID]) -> None:
    """These people are erased: their records go. Those of everybody else of their cases named them among relatives:
    they are emptied, and made anew."""
    of_cases = select(CasePerson.person_id).where(CasePerson.case_id.in_(case_ids))
    rows = session.scalars(
        select(MatchRecord)
        .where(or_(MatchRecord.person_id.in_(people), MatchRecord.person_id.in_(of_cases)))
        .order_by(MatchRecord.person_id)
        .with_for_update()
    ).all()
    for row in rows:
        _empty(session, row)
        row.next_attempt_at, row.attempts = utc_now(), 0
    session.flush()
    session.execute(delete(MatchRecord).where(MatchRecord.person_id.in_(people)))
    wake(session, MATCHING)


def renew_digests(session: Session, limit: int) -> tuple[int, bool]:
    """Digests of the next records that are under an older master key, made anew under the current one. Returns (how
    many were, whether any is left): what somebody works on just now is passed over. What does not open by this version
    is emptied and becomes due, so that nothing stays under the older key.
    """
    current = index_key_ids(session)[0]
    stale = select(MatchRecord).where(MatchRecord.index_key != current)
    rows = session.scalars(stale.order_by(MatchRecord.number).limit(limit).with_for_update(skip_locked=True)).all()
    prepared: dict[int, Prepared] = {}
    for side in {row.side for row in rows if row.side is not None}:
        numbers = [row.number for row in rows if row.side == side]
        prepared |= opened(session, records(session, side, numbers))
    for row in rows:
        if row.number in prepared and row.side is not None:
            one = prepared[row.number]
            _write_keys(session, row, digests_of(session, row.side, blocking_keys(one)), traits_of(one))
        else:
            _empty(session, row)
            row.next_attempt_at, row.attempts = utc_now(), 0
    session.flush()
    return len(rows), session.scalar(stale.with_only_columns(MatchRecord.number).limit(1)) is not None


def _claimed(session: Session, turn: Turn) -> MatchRecord | None:
    return session.scalar(
        select(MatchRecord)
        .where(MatchRecord.number == turn.number, MatchRecord.next_attempt_at == turn.until)
        .with_for_update()
        .execution_options(populate_existing=True)
    )


def _write_keys(session: Session, row: MatchRecord, digests: Collection[int], traits: int) -> None:
    """Only what has changed is written; with other traits every key has."""
    stays = set(unpacked(row.digests)) & set(digests) if row.traits == traits else frozenset[int]()
    _delete_keys(session, row, stays)
    holder = holder_of(row.number, traits)
    new = [{"digest": one, "holder": holder} for one in digests if one not in stays]
    insert_rows(session, table_of(MatchKey), new)
    row.digests, row.traits, row.index_key = packed(digests), traits, index_key_ids(session)[0]


def _delete_keys(session: Session, row: MatchRecord, stays: Collection[int] = ()) -> None:
    gone = set(unpacked(row.digests)).difference(stays)
    if gone and row.traits is not None:
        session.execute(
            delete(MatchKey)
            .where(MatchKey.digest.in_(sorted(gone)), MatchKey.holder == holder_of(row.number, row.traits))
            .execution_options(synchronize_session=False)
        )


def _empty(session: Session, row: MatchRecord) -> None:
    _delete_keys(session, row)
    row.side = row.case_id = row.version = row.sealed = row.index_key = row.digests = row.traits = None
