"""`log verify`: a service's log, and whether what it has read of others is still what they say."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from sqlalchemy import Engine

from shared.messaging.consumer import Consumer
from shared.messaging.feed import FeedUnavailable
from shared.messaging.verify import Fault, known_otherwise, verify_log
from shared.operators.part import Part


def verify_own_log(engine: Engine, otherwise: Iterable[Fault] = ()) -> dict[str, Any]:
    """A service's own log: positions, hashes, and what is `known_otherwise` of it."""
    found = verify_log(engine)
    faults = [vars(one) for one in (*found.faults, *otherwise)]
    return {"events": found.events, "erased": found.erased, "faults": faults}


def verify_read(consumer: Consumer) -> dict[str, dict[str, Any]]:
    """Source → where its log is not the one that this service has read. Its end is known here too, in another
    database, so that the newest events cannot be taken off a log unnoticed."""
    found: dict[str, dict[str, Any]] = {}
    for source, feed in consumer.feeds.items():
        try:
            faults = known_otherwise(feed, consumer.cursors(source))
            found[source] = {"answered": True, "faults": [vars(one) for one in faults]}
        except FeedUnavailable:
            found[source] = {"answered": False, "faults": []}
    return found


def verify_part(part: Part) -> dict[str, Any]:
    """Both, where a service sees the others by their feeds alone."""
    logs, read = {part.name: verify_own_log(part.engine)}, verify_read(part.consumer)
    whole = not any(one["faults"] for one in (*logs.values(), *read.values()))
    return {"whole": whole, "logs": logs, "read": read}
