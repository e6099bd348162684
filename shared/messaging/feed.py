"""The feed: a service's log by position. The broker may lose anything; the feed heals it."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from typing import Any, Protocol

from sqlalchemy import BigInteger, Engine, SmallInteger, bindparam, func, select, true
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Session

from shared.database import is_sqlite, reading
from shared.errors import KinbridgeError
from shared.events.envelope import GENESIS, Logged, Parts, Undecodable
from shared.messaging.log import PART_COLUMNS, parts_of
from shared.messaging.sequencer import Head, heads
from shared.messaging.tables import event_log, event_position

PAGE = 500


class FeedUnavailable(KinbridgeError):
    """The source's feed does not answer, or not with a feed; it is tried again."""


class Feed(Protocol):
    """What a consumer asks of a source."""

    source: str

    def heads(self) -> dict[int, Head]:
        """The head of every partition."""

    def page(self, partition: int, after: int, limit: int = PAGE) -> list[Logged[Any]]:
        """Up to `limit` events behind position `after`, in order, without gaps."""

    def of_subject(self, subject: str, partition: int, first: int, last: int) -> list[Logged[Any]]:
        """The subject's events with first <= position <= last, in order; 500 at most."""

    def hash_at(self, partition: int, position: int) -> bytes | None:
        """The hash at a position (genesis at 0); None where the source has no such position."""


_located = select(event_position.c.position, event_position.c.hash, *PART_COLUMNS).join(
    event_log, event_log.c.ordinal == event_position.c.ordinal
)
_page = (
    _located.where(
        event_position.c.partition == bindparam("partition"), event_position.c.position >= bindparam("start")
    )
    .order_by(event_position.c.position)
    .limit(bindparam("at_most"))
)
_starts = (
    func.unnest(bindparam("partitions", type_=ARRAY(SmallInteger)), bindparam("starts", type_=ARRAY(BigInteger)))
    .table_valued("partition", "start")
    .render_derived("asked")
)
_page_of_each = (
    _located.add_columns(event_position.c.partition)
    .where(event_position.c.partition == _starts.c.partition, event_position.c.position >= _starts.c.start)
    .order_by(event_position.c.position)
    .limit(bindparam("at_most"))
    .correlate(_starts)
    .lateral("page")
)
_pages = select(_page_of_each).select_from(_starts.join(_page_of_each, true()))
_hash = select(event_position.c.hash).where(
    event_position.c.partition == bindparam("partition"), event_position.c.position == bindparam("position")
)


def read_log(session: Session, source: str, partition: int, after: int, limit: int) -> list[Logged[Any]]:
    """Up to `limit` events of one partition behind a position, in order; none where there is no such position."""
    asked = {"partition": partition, "start": after, "at_most": limit + (after > 0)}
    return _linked(source, partition, after, list(session.execute(_page, asked)))


def read_logs(session: Session, source: str, after: Mapping[int, int], limit: int) -> list[Logged[Any]]:
    """The same for several partitions, given the position behind which each is read: one statement on PostgreSQL."""
    if is_sqlite(session):
        return [event for p, position in after.items() for event in read_log(session, source, p, position, limit)]
    asked = {"partitions": list(after), "starts": list(after.values()), "at_most": limit + 1}
    rows: dict[int, list[Any]] = {partition: [] for partition in after}
    for *row, partition in session.execute(_pages, asked):
        rows[partition].append(row)
    return [event for p, found in rows.items() for event in _linked(source, p, after[p], found)[:limit]]


def _linked(source: str, partition: int, after: int, rows: list[Any]) -> list[Logged[Any]]:
    """Rows of (position, hash, parts …), from position `after` on, as events that know the hash before their own."""
    before = GENESIS
    if after:
        if not rows or rows[0][0] != after:
            return []
        before = rows.pop(0)[1]
    events: list[Logged[Any]] = []
    for position, digest, *parts in rows:
        events.append(Logged(source, partition, position, before, digest, parts_of(tuple(parts))))
        before = digest
    return events


def _read_subject(session: Session, source: str, partition: int, subject: str, first: int, last: int) -> Any:
    before = event_position.alias()
    found = (
        _located.add_columns(before.c.hash)
        .outerjoin(
            before,
            (before.c.partition == event_position.c.partition) & (before.c.position == event_position.c.position - 1),
        )
        .where(
            event_log.c.subject == subject,
            event_position.c.partition == partition,
            event_position.c.position.between(first, last),
        )
    )
    rows = session.execute(found.order_by(event_position.c.position).limit(PAGE))
    return [
        Logged(source, partition, position, previous or GENESIS, digest, parts_of(tuple(parts)))
        for position, digest, *parts, previous in rows
    ]


def hash_at(session: Session, partition: int, position: int) -> bytes | None:
    """The hash at a position; genesis at 0; None where there is none."""
    if position == 0:
        return GENESIS
    return session.scalar(_hash, {"partition": partition, "position": position})


class LocalFeed:
    """The feed as a function: for a source whose database is in this process's reach."""

    def __init__(self, engine: Engine, source: str) -> None:
        self._engine = engine
        self.source = source

    def heads(self) -> dict[int, Head]:
        with reading(self._engine) as session:
            return heads(session)

    def page(self, partition: int, after: int, limit: int = PAGE) -> list[Logged[Any]]:
        with reading(self._engine) as session:
            return read_log(session, self.source, partition, after, min(limit, PAGE))

    def of_subject(self, subject: str, partition: int, first: int, last: int) -> list[Logged[Any]]:
        with reading(self._engine) as session:
            return list(_read_subject(session, self.source, partition, subject, first, last))

    def hash_at(self, partition: int, position: int) -> bytes | None:
        with reading(self._engine) as session:
            return hash_at(session, partition, position)


def to_feed(event: Logged[Any]) -> dict[str, Any]:
    """One event as the feed gives it: its place, its hashes, its bytes."""
    return {
        "position": event.position,
        "previous": event.previous_hash.hex(),
        "hash": event.hash.hex(),
        "event": base64.b64encode(event.parts.to_wire()).decode(),
    }


def from_feed(source: str, partition: int, item: dict[str, Any]) -> Logged[Any]:
    """The inverse of `to_feed`. Undecodable bytes keep their place, as an event that no handler can read."""
    try:
        parts = Parts.from_wire(base64.b64decode(item["event"]))
    except Undecodable:
        parts = Parts("{}", "{}", None, None, None, b"", b"")
    previous, digest = bytes.fromhex(item["previous"]), bytes.fromhex(item["hash"])
    return Logged(source, partition, int(item["position"]), previous, digest, parts)
