"""What waits for an operator in one service, and what to do about it. Each returns its answer, as JSON."""

from __future__ import annotations

from typing import Any

from sqlalchemy import ColumnElement, Table, select

from shared.database import reading
from shared.errors import InvalidInput, NotFound
from shared.events.envelope import PARTITIONS
from shared.messaging import replay
from shared.messaging.tables import alarm, held
from shared.operators.part import Part, feed_of
from shared.operators.status import plain

Answer = dict[str, Any]
NOT_HELD = "This subject is not held there; `held list` shows what is."


def waiting(part: Part) -> Answer:
    """Every hold and alarm."""
    found = {name: _rows(part, table) for name, table in (("holds", held), ("alarms", alarm))}
    return {name: [{"service": part.name, **row} for row in rows] for name, rows in found.items()}


def _rows(part: Part, table: Table, *conditions: ColumnElement[bool]) -> list[Answer]:
    with reading(part.engine) as session:
        rows = session.execute(select(table).where(table.c.consumer == part.name, *conditions)).all()
    return [plain(row) for row in rows]


def show(part: Part, source: str, subject: str) -> Answer:
    """One hold and the events that wait in it: ids and types, never contents."""
    found = _rows(part, held, held.c.source == source, held.c.subject == subject)
    if not found:
        raise NotFound(NOT_HELD)
    (hold,) = found
    behind = feed_of(part, source).of_subject(subject, hold["partition"], hold["first_position"], hold["last_position"])
    events = [{"position": e.position, "type": e.type, "id": str(e.id), "time": e.time} for e in behind]
    return {"hold": hold, "events": events}


def replay_held(part: Part, source: str, subject: str) -> Answer:
    """Apply a held subject's events again."""
    feed_of(part, source)
    return {"outcome": replay.replay(part.consumer, source, subject)}


def discard(part: Part, source: str, subject: str, *, by: str, reason: str) -> Answer:
    """Skip the one event a subject is held at, and replay the rest."""
    feed_of(part, source)
    return {"outcome": replay.discard(part.consumer, source, subject, by=by, reason=reason)}


def resume(part: Part, source: str, partition: int) -> Answer:
    """Let a stopped partition go on."""
    feed_of(part, source)
    if not 0 <= partition < PARTITIONS:
        raise InvalidInput(f"Partitions are 0 to {PARTITIONS - 1}.")
    replay.resume(part.consumer, source, partition)
    still = _rows(part, alarm, alarm.c.source == source, alarm.c.partition == partition)
    return {"outcome": "stopped again" if still else "resumed", "alarms": still}
