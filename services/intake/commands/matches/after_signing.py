"""Two organisations have signed an agreement: whoever one of them looks for may now be found at the other.

Signing only notes on the agreement that this is to be done. A chore marks the records, some at a time, and keeps on the
agreement how far it came: an organisation with a million of them makes nobody wait, and what breaks off goes on where
it was.
"""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import or_, select, update
from sqlalchemy.orm import Session

from services.intake.commands.match_index import MATCHING
from services.intake.domain import Agreement, MatchRecord
from services.intake.queries.compared import SOUGHT
from shared.database import utc_now
from shared.wakes import wake

FROM_THE_BEGINNING = 0
MARKED_AT_ONCE = 1000
"""Records in one transaction."""


def look_again_between(row: Agreement) -> None:
    """Note that everybody who is sought by either side is to be compared anew: by the chore, soon."""
    row.looked_again_to = FROM_THE_BEGINNING


def mark_after_signing(session: Session) -> int:
    """Mark the next records that an agreement lets be compared, the oldest signature first. A chore; returns how many.

    What is due already stays so. A record that comes meanwhile is compared under the agreement anyway.
    """
    waiting = select(Agreement).where(Agreement.looked_again_to.is_not(None))
    row = session.scalar(waiting.order_by(Agreement.signed_at, Agreement.id).limit(1).with_for_update(skip_locked=True))
    if row is None or row.looked_again_to is None:
        return 0
    numbers = _next(session, row, row.looked_again_to)
    now = utc_now()
    idle = or_(MatchRecord.next_attempt_at.is_(None), MatchRecord.next_attempt_at > now)
    locked = select(MatchRecord.number).where(MatchRecord.number.in_(numbers), idle).order_by(MatchRecord.person_id)
    marked = update(MatchRecord).where(MatchRecord.number.in_(session.scalars(locked.with_for_update()).all()))
    session.execute(marked.values(next_attempt_at=now, attempts=0).execution_options(synchronize_session=False))
    row.looked_again_to = numbers[-1] if len(numbers) == MARKED_AT_ONCE else None
    session.flush()
    wake(session, MATCHING)
    return len(numbers)


def _next(session: Session, row: Agreement, behind: int) -> Sequence[int]:
    """The numbers of the next records, from the lowest behind that one."""
    found: list[int] = []
    for organisation in (row.organisation_id, row.receiver_id):
        theirs = MatchRecord.side == SOUGHT, MatchRecord.organisation_id == organisation, MatchRecord.number > behind
        numbers = select(MatchRecord.number).where(*theirs).order_by(MatchRecord.number).limit(MARKED_AT_ONCE)
        found += session.scalars(numbers)
    return sorted(found)[:MARKED_AT_ONCE]
