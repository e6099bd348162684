"""Nobody decides: the managers of whoever should are told. Silence decides nothing."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session

from services.intake.commands.matches.rows import next_step
from services.intake.domain import Match
from services.intake.queries.locking import due_rows
from shared.database import utc_now

SWEPT = 200
"""Of what is due, in one transaction."""


def sweep_matches(session: Session) -> int:
    """Tell the managers of what waits for too long. A chore; returns how many."""
    return sweep_matches_at(session, utc_now())


def sweep_matches_at(session: Session, now: datetime) -> int:
    """The same, as of that moment."""
    rows = due_rows(session, Match, now, SWEPT)
    for row in rows:
        row.reminded, row.due_at = True, None
        next_step(session, row, "remind", now)
    return len(rows)
