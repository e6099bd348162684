"""What an operator wants to know of a service: heads, cursors, lag, events without a position, holds, alarms."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import Engine, Row, select

from shared.database import reading
from shared.messaging.feed import FeedUnavailable
from shared.messaging.sequencer import heads, unsequenced
from shared.messaging.tables import alarm, held
from shared.operators.part import Part

Positions = Mapping[int, int]
"""Partition → the position of its newest event."""


def positions_of(engine: Engine) -> Positions:
    """Of a service's own log."""
    with reading(engine) as session:
        return {p: at.position for p, at in heads(session).items()}


def positions_by_feed(part: Part) -> dict[str, Positions | None]:
    """Of each source, by its feed; None where that does not answer."""
    found: dict[str, Positions | None] = {}
    for source, feed in part.consumer.feeds.items():
        try:
            found[source] = {p: at.position for p, at in feed.heads().items()}
        except FeedUnavailable:
            found[source] = None
    return found


def service_status(part: Part, own: Positions, sources: Mapping[str, Positions | None]) -> dict[str, Any]:
    """One service, as JSON. The lag behind a source that does not answer is unknown: None."""
    with reading(part.engine) as session:
        count, age = unsequenced(session)
        holds = [plain(row) for row in session.execute(select(held).where(held.c.consumer == part.name))]
        alarms = [plain(row) for row in session.execute(select(alarm).where(alarm.c.consumer == part.name))]
    cursors = {
        source: {p: at.position for p, at in part.consumer.cursors(source).items()} for source in part.consumer.feeds
    }
    return {
        "events": sum(own.values()),
        "heads": own,
        "cursors": cursors,
        "lag": {source: _lag(sources.get(source), at) for source, at in cursors.items()},
        "unsequenced": {"count": count, "oldest_seconds": round(age, 3)},
        "holds": holds,
        "alarms": alarms,
    }


def _lag(source: Positions | None, at: Positions) -> int | None:
    return None if source is None else sum(source.values()) - sum(at.values())


def plain(row: Row[Any]) -> dict[str, Any]:
    """A row as JSON."""
    return {
        key: value if isinstance(value, int | float | bool) or value is None else str(value)
        for key, value in row._mapping.items()
    }


def own_status(part: Part) -> dict[str, Any]:
    """The status of a service that sees the others by their feeds alone."""
    one = service_status(part, positions_of(part.engine), positions_by_feed(part))
    return {"healthy": is_healthy(one), "services": {part.name: one}}


def is_healthy(one: Mapping[str, Any]) -> bool:
    """True while nothing waits for an operator."""
    return not one["holds"] and not one["alarms"] and None not in one["lag"].values()
