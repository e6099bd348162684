"""What an operator wants to know: per service heads, cursors, lag, unsequenced events, holds, alarms."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import select

from shared.database import reading
from shared.messaging.sequencer import heads, unsequenced
from shared.messaging.tables import alarm, held

if TYPE_CHECKING:
    from kinbridge.embedded import EmbeddedSystem, Part


def system_status(system: EmbeddedSystem) -> dict[str, Any]:
    """The status of every service, as JSON."""
    positions: dict[str, dict[int, int]] = {}
    for part in system.parts.values():
        with reading(part.engine) as session:
            positions[part.name] = {p: at.position for p, at in heads(session).items()}
    services = {part.name: _service_status(part, positions) for part in system.parts.values()}
    healthy = all(not s["holds"] and not s["alarms"] for s in services.values())
    return {"healthy": healthy, "services": services}


def _service_status(part: Part, positions: dict[str, dict[int, int]]) -> dict[str, Any]:
    with reading(part.engine) as session:
        count, age = unsequenced(session)
        holds = [dict(row._mapping) for row in session.execute(select(held).where(held.c.consumer == part.name))]
        alarms = [dict(row._mapping) for row in session.execute(select(alarm).where(alarm.c.consumer == part.name))]
    cursors = {
        source: {p: at.position for p, at in part.consumer.cursors(source).items()} for source in part.consumer.feeds
    }
    lag = {source: sum(positions[source].values()) - sum(at.values()) for source, at in cursors.items()}
    return {
        "events": sum(positions[part.name].values()),
        "heads": positions[part.name],
        "cursors": cursors,
        "lag": lag,
        "unsequenced": {"count": count, "oldest_seconds": round(age, 3)},
        "holds": [_plain(row) for row in holds],
        "alarms": [_plain(row) for row in alarms],
    }


def _plain(row: dict[str, Any]) -> dict[str, Any]:
    return {
        key: value if isinstance(value, int | float | bool) or value is None else str(value)
        for key, value in row.items()
    }
