"""Nobody answers: both sides are reminded, then it goes back."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session

from services.intake.casework.referrals import TIMES
from services.intake.commands.referrals.facts import fact_of_step
from services.intake.commands.referrals.rows import next_step
from services.intake.domain import Referral
from services.intake.queries.locking import due_rows
from shared.database import utc_now
from shared.events import Event
from shared.messaging.log import record

SWEPT = 200
"""Of what is due, in one transaction."""


def sweep_referrals(session: Session) -> int:
    """Remind of what nobody has looked at, and give back what nobody answered. A chore; returns how many."""
    return sweep_referrals_at(session, utc_now())


def sweep_referrals_at(session: Session, now: datetime) -> int:
    """The same, as of that moment."""
    rows = due_rows(session, Referral, now, SWEPT)
    facts: list[Event] = []
    for row in rows:
        if row.state == "offered" and not row.reminded:
            row.reminded, row.due_at = True, row.offered_at + TIMES[row.urgency].answer
            session.add(next_step(row, "remind", now))
            facts.append(fact_of_step(row, "remind"))
        else:
            row.state, row.due_at = "expired", None
            session.add(next_step(row, "expire", now))
            facts.append(fact_of_step(row, "expire"))
    record(session, *facts)
    return len(rows)
