"""One service as an operator's command sees it."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Engine

from shared.errors import NotFound
from shared.messaging.consumer import Consumer
from shared.messaging.feed import Feed


@dataclass(frozen=True)
class Part:
    """One service: its database, and its consumer with the feeds of its sources. No loop runs."""

    name: str
    engine: Engine
    consumer: Consumer


def feed_of(part: Part, source: str) -> Feed:
    """The feed of one of its sources; raises `NotFound` for another."""
    if source not in part.consumer.feeds:
        raise NotFound(f"{part.name} does not listen to that source: choose {', '.join(part.consumer.feeds)}.")
    return part.consumer.feeds[source]
