"""Cases: opened, closed, opened again, merged, handed to another organisation."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import bindparam, case, or_, select, update
from sqlalchemy.orm import InstrumentedAttribute, Session

from services.reporting.domain import CaseFact, CaseTurn
from services.reporting.domain.rollup import UNKNOWN
from services.reporting.subscribers.common import Row, counted_before, moment, opened, place_of
from shared.database import table_of
from shared.events import (
    CaseClosed,
    CaseMerged,
    CaseMergeUndone,
    CaseStatusChanged,
    CaseSubmitted,
    CaseUpdated,
    Logged,
    PersonFigures,
    TransferAccepted,
)
from shared.rows import insert_rows

FACT, TURN = table_of(CaseFact), table_of(CaseTurn)
REOPEN = "reopen"
"""The move by which intake opens a closed case again, in every life cycle."""
PRINCIPAL: Mapping[str, str] = {
    "tracing_request": "sought",
    "registration": "registered",
    "child": "child",
    "detention": "detainee",
    "protection_incident": "survivor",
    "assistance": "assisted",
    "red_cross_message": "sender",
}
"""Type of case → role of the person whom it is about, by whom it is counted. With several: by the first."""


def open_cases(session: Session, submitted: Sequence[Logged[CaseSubmitted]]) -> None:
    """Each case begins to be counted, open."""
    before = counted_before(session, FACT, [one for one in submitted if one.erased])
    facts = [(before.get((one.partition, one.position)) or [_fact(one)])[0] for one in submitted]
    insert_rows(session, FACT, facts)
    turns = zip(submitted, facts, strict=True)
    insert_rows(session, TURN, [_turn(one, "open", begun_on=fact["submitted_on"]) for one, fact in turns])


def update_cases(session: Session, updated: Sequence[Logged[CaseUpdated]]) -> None:
    """Where it is, and whom it is about, as they are now."""
    for one in opened(updated):
        changed = _changed(one.event)
        if changed:
            session.execute(update(CaseFact).where(CaseFact.case_id == one.event.case_id).values(**changed))


def close_cases(session: Session, closed: Sequence[Logged[CaseClosed]]) -> None:
    """Work on each has ended, for whatever reason."""
    turns = []
    for one in closed:
        day = moment(one).date() if one.erased else one.event.closed_on
        reason = None if one.erased else one.event.reason
        turns.append(_turn(one, "closed", begun_on=day, closed_on=day, reason=reason))
    _add_turns(session, turns)


def reopen_cases(session: Session, changed: Sequence[Logged[CaseStatusChanged]]) -> None:
    """A closed case is worked on again. Other moves change no figure."""
    again = [one for one in opened(changed) if one.event.move == REOPEN]
    _add_turns(session, [_turn(one, "open", begun_at=moment(one)) for one in again])


def merge_cases(session: Session, merged: Sequence[Logged[CaseMerged]]) -> None:
    """A duplicate counts no more."""
    _add_turns(session, [_turn(one, "merged", begun_at=moment(one)) for one in merged])


def part_case(session: Session, undone: Logged[CaseMergeUndone]) -> None:
    """It is a case of its own after all, as it was before."""
    _continue(session, undone, CaseTurn.state != "merged", organisation_id=undone.organisation_id)


def hand_over_case(session: Session, accepted: Logged[TransferAccepted]) -> None:
    """It goes on in the same way, as the receiver's."""
    if not accepted.erased:
        _continue(session, accepted, CaseTurn.state.is_not(None), organisation_id=accepted.event.receiver_id)


def _fact(submitted: Logged[CaseSubmitted]) -> Row:
    told = {
        "case_type": UNKNOWN,
        "submitted_on": moment(submitted).date(),
        "place": None,
        **_principal(UNKNOWN, ()),
    }
    if not submitted.erased:
        event = submitted.event
        told = {"case_type": event.case_type, "submitted_on": event.submitted_on, "place": event.place}
        told |= _principal(event.case_type, event.people)
    return {"case_id": submitted.subject_id, "organisation_id": submitted.organisation_id} | told | place_of(submitted)


def _changed(event: CaseUpdated) -> Row:
    place = {"place": event.place} if event.what == "update" else {}
    return place | (_principal(event.case_type, event.people) if event.people is not None else {})


def _principal(case_type: str, people: Sequence[PersonFigures]) -> Row:
    about = next((one for one in people if one.role == PRINCIPAL.get(case_type)), PersonFigures(role=UNKNOWN))
    return {"sex": about.sex, "age_band": about.age_band, "nationality": about.nationality}


def _turn(logged: Logged[Any], state: str, **known: Any) -> Row:
    empty = dict.fromkeys(("begun_on", "begun_at", "ended_on", "ended_at", "closed_on", "reason"))
    about = {"case_id": logged.subject_id, "seq": logged.seq, "organisation_id": logged.organisation_id}
    return about | {"state": state} | empty | known | place_of(logged)


def _continue(session: Session, logged: Logged[Any], which: Any, organisation_id: Any) -> None:
    """A turn like the case's newest one of these; nothing for a case that is not known."""
    columns = CaseTurn.state, CaseTurn.closed_on, CaseTurn.reason
    newest = select(*columns).where(CaseTurn.case_id == logged.subject_id, which).order_by(CaseTurn.seq.desc())
    row = session.execute(newest.limit(1)).mappings().one_or_none()
    if row is not None:
        _add_turns(session, [_turn(logged, begun_at=moment(logged), **row) | {"organisation_id": organisation_id}])


def _add_turns(session: Session, turns: Sequence[Row]) -> None:
    """Later turns end earlier ones, by their days."""
    if not turns:
        return
    insert_rows(session, TURN, turns)
    for began, ends in ((CaseTurn.begun_on, CaseTurn.ended_on), (CaseTurn.begun_at, CaseTurn.ended_at)):
        ended = [
            {"of_case": turn["case_id"], "before_seq": turn["seq"], "ended": turn[began.key]}
            for turn in turns
            if turn[began.key] is not None
        ]
        if ended:
            session.connection().execute(_ending(ends), ended)


def _ending(column: InstrumentedAttribute[Any]) -> Any:
    """Earlier turns of the case end when the new one begins, where they do not end before."""
    ended = bindparam("ended", type_=column.type)
    sooner = or_(column.is_(None), column > ended)
    earlier = CaseTurn.case_id == bindparam("of_case"), CaseTurn.seq < bindparam("before_seq")
    return update(TURN).where(*earlier).values({column.key: case((sooner, ended), else_=column)})
