"""How often somebody may try a code, write or complain in a quarter of an hour; kept in the database, so that it holds
for every process together."""

from __future__ import annotations

import hashlib
import hmac
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from sqlalchemy import case, delete, select
from sqlalchemy.orm import Session

from services.notify.domain.tries import FamilyTry
from shared.crypto import KeyRing
from shared.database import table_of, upsert
from shared.errors import DomainError

WINDOW = timedelta(minutes=15)
_MOST_FORGOTTEN = 100
"""At a time: whoever types a wrong code does not wait for more."""


@dataclass(frozen=True)
class Limit:
    """How often something is done in a window: by one (`each`), and by all together."""

    name: str
    each: int
    together: int


CODES = Limit("code", each=20, together=5_000)
"""Wrong codes. A camp may share one address. At 5,000 a window, one of a million living codes is met in 6,000 years."""
REPLIES = Limit("reply", each=20, together=50_000)
COMPLAINTS = Limit("complaint", each=10, together=500)


class TooManyTries(DomainError):
    """It was tried too often: again from `until` on."""

    code = "too_many_tries"

    def __init__(self, until: datetime) -> None:
        super().__init__("Too many attempts. Please wait 15 minutes, then try again.")
        self.until = until


def refuse_many(session: Session, keys: KeyRing, limit: Limit, who: str, now: datetime) -> None:
    """Raise `TooManyTries` where `who` (a client's address, a contact) or all together have used a limit up."""
    began, (own, all_) = _window(now), _digests(keys, limit, who)
    counted = select(FamilyTry.who, FamilyTry.times).where(FamilyTry.who.in_((own, all_)), FamilyTry.began_at == began)
    times = {found: number for found, number in session.execute(counted)}
    if times.get(own, 0) >= limit.each or times.get(all_, 0) >= limit.together:
        raise TooManyTries(began + WINDOW)


def count_try(session: Session, keys: KeyRing, limit: Limit, who: str, now: datetime) -> None:
    """Count one; what older windows counted is forgotten."""
    began, table = _window(now), table_of(FamilyTry)
    one = upsert(session, table)
    again = case((table.c.began_at == one.excluded.began_at, table.c.times + 1), else_=1)
    one = one.on_conflict_do_update(
        index_elements=[table.c.who], set_={"times": again, "began_at": one.excluded.began_at}
    )
    rows = [{"who": digest, "began_at": began, "times": 1} for digest in sorted(_digests(keys, limit, who))]
    session.execute(one, rows)
    old = (
        select(FamilyTry.who).where(FamilyTry.began_at < began).limit(_MOST_FORGOTTEN).with_for_update(skip_locked=True)
    )
    session.execute(delete(FamilyTry).where(FamilyTry.who.in_(old)))


def _window(now: datetime) -> datetime:
    seconds = int(WINDOW.total_seconds())
    return datetime.fromtimestamp(int(now.timestamp()) // seconds * seconds, UTC)


def _digests(keys: KeyRing, limit: Limit, who: str) -> tuple[bytes, bytes]:
    key = keys.derived("family tries")
    own, all_ = (hmac.digest(key, text.encode(), hashlib.sha256) for text in (f"{limit.name} {who}", limit.name))
    return own, all_
