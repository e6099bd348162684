"""What is written of a match, whoever acts on it: rows, facts, and entries in the two cases' timelines."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from services.intake.casework.matching import LINK, Side
from services.intake.commands.writing import RECORDED, write_change
from services.intake.domain import Case, Match, MatchStep
from services.intake.queries.locking import locked
from services.intake.queries.matches import SAID, key_of
from shared.access import Actor, unconfined
from shared.errors import Conflict
from shared.events import Event, MatchRejected, MatchWithdrawn


def next_step(
    session: Session,
    row: Match,
    what: str,
    now: datetime,
    *,
    side: Side | None = None,
    actor: Actor | None = None,
    reason: str | None = None,
    said: Mapping[str, Any] | None = None,
) -> None:
    """Write one step, which makes the match's next version. No side: the hub took it.

    Raises `Conflict` for something said of a match whose key is gone.
    """
    sealed = None
    if said:
        key = key_of(session, row)
        if key is None:
            raise Conflict("Somebody of this match was erased: nothing more is said about it.")
        sealed = key.encrypt(json.dumps(said, ensure_ascii=False).encode(), SAID)
    row.version += 1
    session.flush()
    session.add(
        MatchStep(
            match_id=row.id,
            number=row.version,
            sought_organisation_id=row.sought_organisation_id,
            found_organisation_id=row.found_organisation_id,
            told=row.released_at is not None,
            at=now,
            side=side,
            user_id=actor.user_id if actor is not None else None,
            what=what,
            reason=reason,
            said=sealed,
        )
    )
    session.flush()


def facts_of(row: Match, kind: type[Event], **more: Any) -> dict[UUID, Event]:
    """Case → the fact recorded in it: the holder's alone until the match is released, then each of the two."""
    about = {"match_id": row.id, "reference": row.reference, "band": row.band, **more}
    if kind in {MatchRejected, MatchWithdrawn}:
        about["after_release"] = row.released_at is not None
    found = {
        row.found_case_id: kind(
            organisation_id=row.found_organisation_id, case_id=row.found_case_id, side="holder", **about
        )
    }
    if row.released_at is not None and row.sought_case_id != row.found_case_id:
        found[row.sought_case_id] = kind(
            organisation_id=row.sought_organisation_id, case_id=row.sought_case_id, side="enquirer", **about
        )
    return found


def lock_cases(session: Session, row: Match) -> None:
    """Both cases stay as they are until the transaction ends: cases are locked before matches."""
    with unconfined(session):
        ids = select(Case.id).where(Case.id.in_((row.found_case_id, row.sought_case_id))).order_by(Case.id)
        session.execute(ids.with_for_update())


def write_on_cases(
    session: Session,
    actor: Actor | None,
    row: Match,
    what: str,
    facts: Mapping[UUID, Event],
    *,
    due_on: date | None = None,
) -> None:
    """Give each case that has a fact its next version, with an entry in its timeline.

    Staff stand in the timeline of their own organisation alone. `due_on`: by when something is to be done next.
    """
    with unconfined(session):
        for case_id in sorted(facts):
            case = session.scalar(locked(select(Case).where(Case.id == case_id)))
            if case is None or case.organisation_id != facts[case_id].organisation_id:
                continue
            by = actor if actor is not None and actor.organisation_id == case.organisation_id else None
            about = row.found_person_id if case_id == row.found_case_id else row.sought_person_id
            recorded = {"match": str(row.id), "reference": row.reference, "about": str(about)}
            told = facts[case_id]
            due: dict[str, Any] = {"due_on": min(due_on, case.due_on or due_on)} if due_on else {}
            write_change(
                session,
                by or Actor(case.organisation_id),
                case,
                what,
                told,
                announced=RECORDED,
                recorded=recorded,
                **due,
            )


def remind_holder(session: Session, actor: Actor, row: Match, what: str, due_on: date) -> None:
    """Have the holder's case due on that day, or earlier where it is already, and say so in its timeline alone."""
    case = session.scalars(locked(select(Case).where(Case.id == row.found_case_id))).one()
    recorded = {"match": str(row.id), "reference": row.reference, "about": str(row.found_person_id)}
    due_on = min(due_on, case.due_on or due_on)
    write_change(session, actor, case, what, announced=RECORDED, recorded=recorded, due_on=due_on)


def link_inside(session: Session, actor: Actor, row: Match, what: str = LINK) -> None:
    """Inside one organisation a confirmed match is a link in the tracing request: the person's own answers count."""
    if row.found_organisation_id != row.sought_organisation_id:
        return
    with unconfined(session):
        case = session.get_one(Case, row.sought_case_id)
        recorded = {"about": str(row.sought_person_id), "found_in": str(row.found_case_id), "match": str(row.id)}
        write_change(session, actor, case, what, announced=RECORDED, recorded=recorded)
