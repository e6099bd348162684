"""`log verify`: the log as a tamper-evident trail."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from sqlalchemy import Engine, func, select

from shared.database import reading
from shared.events.envelope import GENESIS, PARTITIONS, Parts, partition_of, payload_digest, sealed_digest
from shared.messaging.feed import Feed
from shared.messaging.log import PART_COLUMNS, parts_of
from shared.messaging.sequencer import Head
from shared.messaging.tables import event_log, event_position

CHUNK = 2000


@dataclass(frozen=True)
class Fault:
    """One place at which the log is not what was recorded."""

    partition: int
    position: int
    what: str


@dataclass(frozen=True)
class Verified:
    """What was found. The log is whole when there is no fault."""

    events: int
    erased: int
    faults: tuple[Fault, ...]


def verify_log(engine: Engine) -> Verified:
    """Check every partition: positions without gaps, each hash from the bytes and the hash before, one subject one
    partition. An erased event is checked by its digests."""
    events = erased = 0
    faults: list[Fault] = []
    for partition in range(PARTITIONS):
        previous, expected = GENESIS, 1
        for position, digest, subject, parts in _walk(engine, partition):
            faults += [Fault(partition, position, what) for what in _faults(parts, subject, partition)]
            if position != expected:
                faults.append(Fault(partition, expected, "positions are missing here"))
            if parts.hash_after(previous) != digest:
                faults.append(Fault(partition, position, "the hash does not fit: this event or its place was changed"))
            events += 1
            erased += parts.payload is None
            previous, expected = digest, position + 1
    faults += _orphans(engine)
    return Verified(events, erased, tuple(faults))


def known_otherwise(feed: Feed, read: Mapping[int, Head]) -> tuple[Fault, ...]:
    """Where a source's log is not the one that a listener has read: `read` are its cursors, taken before this call.

    They lie in another service's database, so the newest events cannot be taken off a log unnoticed.
    """
    return tuple(
        Fault(partition, at.position, "a listener has read another event here, or more")
        for partition, at in read.items()
        if at.position and feed.hash_at(partition, at.position) != at.hash
    )


def _walk(engine: Engine, partition: int) -> Iterator[tuple[int, bytes, str | None, Parts]]:
    after = 0
    statement = (
        select(event_position.c.position, event_position.c.hash, event_log.c.subject, *PART_COLUMNS)
        .outerjoin(event_log, event_log.c.ordinal == event_position.c.ordinal)
        .where(event_position.c.partition == partition)
        .order_by(event_position.c.position)
        .limit(CHUNK)
    )
    while True:
        with reading(engine) as session:
            rows = session.execute(statement.where(event_position.c.position > after)).all()
        for position, digest, subject, *parts in rows:
            yield position, digest, subject, _whole(parts_of(tuple(parts)))
        if len(rows) < CHUNK:
            return
        after = rows[-1].position


def _whole(parts: Parts) -> Parts:
    """A position without its event still has a place to name."""
    return parts if parts.header is not None else Parts("", "", None, None, None, b"", b"")


def _faults(parts: Parts, subject: str | None, partition: int) -> Iterator[str]:
    if subject is None:
        yield "the event is gone"
        return
    if partition_of(subject) != partition:
        yield "the event lies in a partition that is not its subject's"
    if parts.payload is None or parts.nonce is None:
        return
    if payload_digest(parts.nonce, parts.payload) != parts.payload_digest:
        yield "the payload was changed"
    if sealed_digest(parts.sealed) != parts.sealed_digest:
        yield "the sealed part was changed"


def _orphans(engine: Engine) -> Iterator[Fault]:
    """Subjects whose events are not numbered 1, 2, 3 …: an event was deleted before it had a position."""
    with reading(engine) as session:
        broken = session.execute(
            select(event_log.c.subject, func.min(event_log.c.partition))
            .group_by(event_log.c.subject)
            .having((func.max(event_log.c.seq) != func.count()) | (func.min(event_log.c.seq) != 1))
            .limit(100)
        ).all()
    for _subject, partition in broken:
        yield Fault(partition, 0, "a subject lacks one of its events")
