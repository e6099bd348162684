"""What a monitor is told of messages that wait."""

from __future__ import annotations

from collections.abc import Iterator

from prometheus_client import Metric
from sqlalchemy import Engine
from sqlalchemy.orm import Session

from services.notify import queries
from services.notify.settings import SERVICE
from shared.database import utc_now
from shared.metrics.figures import Figures, gauge


def message_figures(engine: Engine) -> Figures:
    """How many messages are not sent yet, and how old the oldest of them is."""
    return Figures(SERVICE, engine, _look)


def _look(session: Session) -> Iterator[Metric]:
    count, oldest = queries.waiting(session)
    waiting = gauge("kinbridge_unsent_messages", "Messages that wait for their first or next attempt.")
    waiting.add_metric([SERVICE], count)
    age = gauge("kinbridge_unsent_oldest_seconds", "The age of the oldest of them; 0 without any.")
    age.add_metric([SERVICE], max(0.0, (utc_now() - oldest).total_seconds()) if oldest else 0.0)
    yield from (waiting, age)
