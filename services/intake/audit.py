"""The audit of reads: who saw whom, as a tamper-evident trail of its own.

A read writes its row in the transaction that reads (`note_view`). A chore gives the rows their places in the chain a
moment after their commit: 1, 2, 3 … in the order in which it comes upon them, so a late commit breaks nothing. Now
and then the place that was reached is recorded in the event log (`anchor_views`): the newest views cannot be taken off
the end and the chain still look whole (decision 18).
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from weakref import WeakKeyDictionary

from sqlalchemy import Engine, Row, bindparam, exists, func, select, text
from sqlalchemy.orm import Session

from services.intake.domain import PersonViewed, ViewChained
from shared.database import is_sqlite, reading, table_of, utc_now
from shared.events import Logged, TrailAnchored
from shared.events.envelope import GENESIS
from shared.events.intake.trail import VIEWS
from shared.messaging.log import PART_COLUMNS, ledger_of, parts_of, record
from shared.messaging.settling import OLDEST_TRANSACTION, Settling
from shared.messaging.tables import event_log
from shared.rows import insert_rows

AT_ONCE = 2000
CHAINED_WITHIN = timedelta(minutes=10)
"""A view that is older and has no place in the chain is a fault."""
_views, _chain = table_of(PersonViewed), table_of(ViewChained)
_COLUMNS = tuple(_views.c)
_ALONE = text("SELECT pg_try_advisory_xact_lock(hashtext('kinbridge view chain'))")
_unchained = ~exists().where(_chain.c.ordinal == _views.c.ordinal)


@dataclass
class _Seen:
    """What this process knows of one database: up to `floor` every transaction has ended."""

    settling: Settling
    floor: int = 0


_OLDEST = text(f"SELECT {OLDEST_TRANSACTION}")
_seen: WeakKeyDictionary[Engine, _Seen] = WeakKeyDictionary()


@dataclass(frozen=True)
class ViewFault:
    """One place at which the trail is not what was recorded."""

    position: int
    what: str


@dataclass(frozen=True)
class ViewsVerified:
    """What was found. The trail is whole when there is no fault."""

    views: int
    faults: tuple[ViewFault, ...]


def chain_views(session: Session) -> int:
    """Give committed views their places. Returns how many; 0 also while another process is at it."""
    alone = is_sqlite(session) or session.scalar(_ALONE)
    if not alone:
        return 0
    seen = _seen_by(session)
    if not is_sqlite(session):
        seen.floor = max(seen.floor, seen.settling.settled(session.scalar(_OLDEST)))
    head = session.execute(select(_chain).order_by(_chain.c.position.desc()).limit(1)).one_or_none()
    position, previous, begin = (head.position, head.hash, head.floor) if head is not None else (0, GENESIS, 0)
    rows = session.execute(
        select(*_COLUMNS).where(_views.c.ordinal > begin, _unchained).order_by(_views.c.ordinal).limit(AT_ONCE)
    ).all()
    if not rows:
        return 0
    floor = begin
    if is_sqlite(session):
        floor = rows[-1].ordinal  # one writer at a time draws its ordinals in the order of commits
    else:
        seen.settling.note(session)
        if len(rows) < AT_ONCE:
            floor = max(begin, seen.floor)
    places: list[dict[str, Any]] = []
    for number, row in enumerate(rows, start=position + 1):
        previous = hash_of(previous, row)
        places.append({"position": number, "ordinal": row.ordinal, "hash": previous, "floor": floor})
    insert_rows(session, _chain, places)
    return len(places)


def anchor_views(session: Session) -> bool:
    """Record in the event log how far the trail has come, if it has moved. Twice at once does no harm."""
    head = session.execute(select(_chain).order_by(_chain.c.position.desc()).limit(1)).one_or_none()
    last = next(_anchors(session, newest_first=True), None)
    if head is None or (last is not None and last.position >= head.position):
        return False
    record(session, TrailAnchored(position=head.position, digest=head.hash.hex()))
    return True


def _anchors(session: Session, *, newest_first: bool = False) -> Iterator[TrailAnchored]:
    keys, columns = ledger_of(session).keys, event_log.c
    order = columns.seq.desc() if newest_first else columns.seq
    statement = select(*PART_COLUMNS).where(columns.subject == f"trail/{VIEWS}").order_by(order)
    for parts in session.execute(statement.limit(1) if newest_first else statement):
        yield Logged("intake", 0, 0, GENESIS, b"", parts_of(tuple(parts)), keys, TrailAnchored).event


def _seen_by(session: Session) -> _Seen:
    return _seen.setdefault(session.get_bind().engine, _Seen(Settling("person_viewed_ordinal_seq")))


def hash_of(previous: bytes, row: Row[Any]) -> bytes:
    """sha256(previous ‖ row): the row as its columns in their order, each on a line."""
    moment = row.at.isoformat()
    parts = (row.ordinal, row.organisation_id, moment, row.user_id, row.case_id, row.person_id, row.purpose)
    return hashlib.sha256(previous + "\n".join("" if part is None else str(part) for part in parts).encode()).digest()


def verify_views(engine: Engine) -> ViewsVerified:
    """Check the trail: places without gaps, each hash from the row and the hash before, no view left out, every place
    that the event log knows."""
    faults: list[ViewFault] = []
    previous, expected = GENESIS, 1
    for place in _walk(engine):
        if place.position != expected:
            faults.append(ViewFault(expected, "places are missing here"))
        if place.at is None:
            faults.append(ViewFault(place.position, "the view is gone"))
        elif hash_of(previous, place) != place.hash:
            faults.append(ViewFault(place.position, "the hash does not fit: this view or its place was changed"))
        previous, expected = place.hash, place.position + 1
    with reading(engine) as session:
        forgotten = session.scalar(
            select(func.count()).select_from(_views).where(_unchained, _views.c.at < utc_now() - CHAINED_WITHIN)
        )
        hash_at = select(_chain.c.hash).where(_chain.c.position == bindparam("position"))
        for anchor in _anchors(session):
            digest = session.scalar(hash_at, {"position": anchor.position})
            if digest is None or digest.hex() != anchor.digest:
                faults.append(ViewFault(anchor.position, "the event log knows this place otherwise: it was cut off"))
    if forgotten:
        faults.append(ViewFault(0, f"{forgotten} old views have no place in the chain"))
    return ViewsVerified(expected - 1, tuple(faults))


def _walk(engine: Engine) -> Iterator[Row[Any]]:
    after = 0
    statement = (
        select(_chain.c.position, _chain.c.hash, _chain.c.ordinal, *(c for c in _COLUMNS if c.name != "ordinal"))
        .outerjoin(_views, _views.c.ordinal == _chain.c.ordinal)
        .order_by(_chain.c.position)
        .limit(AT_ONCE)
    )
    while True:
        with reading(engine) as session:
            rows = session.execute(statement.where(_chain.c.position > after)).all()
        yield from rows
        if len(rows) < AT_ONCE:
            return
        after = rows[-1].position
