"""Nobody decides: the managers of whoever should are told. Silence decides nothing."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from services.intake.commands.matches.rows import next_step
from services.intake.domain import Match
from shared.database import utc_now

SWEPT = 200
"""Of what is due, in one transaction."""


def sweep_matches(session: Session) -> int:
    """Tell the managers of what waits for too long. A chore; returns how many."""
    return sweep_matches_at(session, utc_now())


def sweep_matches_at(session: Session, now: datetime) -> int:
    """The same, as of that moment."""
    rows = session.scalars(
        select(Match)
        .where(Match.due_at <= now)
        .order_by(Match.due_at, Match.id)
        .limit(SWEPT)
        .with_for_update(skip_locked=True)
    ).all()
    for row in rows:
        row.reminded, row.due_at = True, None
        next_step(session, row, "remind", now)
    return len(rows)
