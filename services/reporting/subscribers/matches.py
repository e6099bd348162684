"""What became of matches."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from services.reporting.domain import MatchFact
from services.reporting.subscribers.common import moment
from shared.database import put_row, table_of
from shared.events import Logged


def note_match(session: Session, told: Logged[Any]) -> None:
    """A match is counted as it stands now: the last word of the fact's type says how."""
    event, state = told.event, told.type.partition(".")[2]
    own = MatchFact.match_id == event.match_id, MatchFact.side == event.side
    known = session.execute(select(MatchFact.begun_at, MatchFact.released_at).where(*own)).one_or_none()
    put_row(
        session,
        table_of(MatchFact),
        match_id=event.match_id,
        side=event.side,
        organisation_id=event.organisation_id,
        band=event.band,
        begun_at=moment(told) if known is None else known.begun_at,
        released_at=moment(told) if state == "released" else known and known.released_at,
        state=state,
        rejected_for=getattr(event, "reason", None),
    )
