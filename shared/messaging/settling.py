"""Up to which number of a PostgreSQL sequence nothing can appear any more: numbers are drawn in one order and committed
in another."""

from __future__ import annotations

from collections import deque

from sqlalchemy import text
from sqlalchemy.orm import Session

KEPT = 1000
_own_transaction = text("SELECT pg_current_xact_id()::text::bigint")
OLDEST_TRANSACTION = "pg_snapshot_xmin(pg_current_snapshot())::text::bigint"
"""The oldest transaction still in progress."""


class Settling:
    """Watches one sequence, whose numbers are drawn only by transactions that have their transaction id already
    (`insert_rows(settled=True)`)."""

    def __init__(self, sequence: str) -> None:
        self._drawn = text(f"SELECT CASE WHEN is_called THEN last_value ELSE 0 END FROM {sequence}")  # noqa: S608
        self._noted: deque[tuple[int, int]] = deque()

    def note(self, session: Session) -> None:
        """Remember the last number drawn, and a transaction id above those of all who drew up to it: our own.

        First thing in its transaction, which has no id before. (The end of a snapshot is no such bound: it says
        nothing of transactions in progress that are younger than the last one that ended.)
        """
        drawn = session.scalar(self._drawn)
        own = session.scalar(_own_transaction)
        if len(self._noted) >= KEPT:
            self._noted[-1] = (drawn, own)
        elif not self._noted or self._noted[-1][0] < drawn:
            self._noted.append((drawn, own))

    def settled(self, oldest: int) -> int:
        """A number up to which every transaction has ended: what is not visible there was rolled back. `oldest` is
        `OLDEST_TRANSACTION`, asked before what is visible is read.

        The last number drawn is read first, and a transaction id is taken after it: so all numbers up to the former
        belong to transactions before the latter. Once no transaction before it is in progress, nothing below can
        appear any more.
        """
        settled = 0
        while self._noted and self._noted[0][1] <= oldest:
            settled = self._noted.popleft()[0]
        return settled
