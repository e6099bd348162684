"""Figures of the backbone: what waits in a service's log, how far it is behind each source, what it holds."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from functools import partial

from prometheus_client import Metric
from prometheus_client.registry import Collector
from sqlalchemy import Engine, func, select
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from shared.database import utc_now
from shared.messaging import alarms
from shared.messaging.consumer import Consumer
from shared.messaging.consumer.cursor import read_cursors
from shared.messaging.feed import Feed, FeedUnavailable
from shared.messaging.sequencer import Head, heads, unsequenced
from shared.messaging.tables import alarm, event_log, event_position, head, held
from shared.metrics.figures import Figures, gauge


class LogFigures(Figures):
    """A service's own log: events without a position, and, where there is a broker, events it has not confirmed."""

    def __init__(self, service: str, engine: Engine, *, published: bool) -> None:
        super().__init__(service, engine, self._found)
        self._published = published

    def _found(self, session: Session) -> Iterator[Metric]:
        count, age = unsequenced(session)
        waiting = gauge("kinbridge_unsequenced_events", "Recorded events that have no position yet.")
        waiting.add_metric([self._service], count)
        oldest = gauge("kinbridge_unsequenced_oldest_seconds", "The age of the oldest of them; 0 without any.")
        oldest.add_metric([self._service], age)
        recorded = gauge("kinbridge_log_events", "Events with a position.", ("partition",))
        at = heads(session)
        for partition, newest in at.items():
            recorded.add_metric([self._service, str(partition)], newest.position)
        yield from (waiting, oldest, recorded)
        if self._published:
            yield from self._unpublished(session, {partition: newest.position for partition, newest in at.items()})

    def _unpublished(self, session: Session, at: dict[int, int]) -> Iterator[Metric]:
        published = {p: position for p, position in session.execute(select(head.c.partition, head.c.published))}
        unsent = gauge("kinbridge_unpublished_events", "Events the broker has not confirmed.", ("partition",))
        for partition, position in at.items():
            unsent.add_metric([self._service, str(partition)], max(0, position - published.get(partition, 0)))
        yield unsent
        oldest = gauge("kinbridge_unpublished_oldest_seconds", "The age of the oldest of them; 0 without any.")
        since = session.scalar(_oldest_unpublished)
        oldest.add_metric([self._service], max(0.0, (utc_now() - since).total_seconds()) if since else 0.0)
        yield oldest


_oldest_unpublished = (
    select(func.min(event_log.c.recorded_at))
    .join(event_position, event_position.c.ordinal == event_log.c.ordinal)
    .join(head, (head.c.partition == event_position.c.partition) & (event_position.c.position == head.c.published + 1))
)


class ReadingFigures(Collector):
    """A consumer: its lag in each partition of each source, what it holds, and its alarms.

    The heads are asked of the sources' feeds at that moment. A source that does not answer has no lag, which nobody
    knows then, and `kinbridge_source_answers` 0.
    """

    def __init__(self, consumer: Consumer, partitions: Collection[int]) -> None:
        self._consumer = consumer
        self._partitions = partitions

    def describe(self) -> tuple[Metric, ...]:
        """Nothing: see `Figures`."""
        return ()

    def collect(self) -> Iterator[Metric]:
        """The figures of this moment."""
        newest = {source: heads for source, feed in self._consumer.feeds.items() if (heads := _heads_of(feed))}
        answers = gauge("kinbridge_source_answers", "1 where the source's feed answers, else 0.", ("source",))
        for source in self._consumer.feeds:
            answers.add_metric([self._consumer.name, source], source in newest)
        yield answers
        yield from Figures(self._consumer.name, self._consumer.engine, partial(self._found, newest)).collect()

    def _found(self, newest: Mapping[str, Mapping[int, Head]], session: Session) -> Iterator[Metric]:
        name = self._consumer.name
        lag = gauge("kinbridge_lag_events", "Events of a source not applied here yet.", ("source", "partition"))
        for source, at in newest.items():
            for partition, cursor in read_cursors(session, name, source, self._partitions).items():
                lag.add_metric([name, source, str(partition)], max(0, at[partition].position - cursor.position))
        yield lag
        yield from self._held_and_alarms(session)

    def _held_and_alarms(self, session: Session) -> Iterator[Metric]:
        of_source = select(held.c.source, func.count()).where(held.c.consumer == self._consumer.name)
        of_kind = select(alarm.c.kind, func.count()).where(alarm.c.consumer == self._consumer.name)
        holds = dict.fromkeys(self._consumer.feeds, 0)
        holds |= {source: count for source, count in session.execute(of_source.group_by(held.c.source))}
        waiting = gauge("kinbridge_held_subjects", "Cases and others whose events wait in a hold.", ("source",))
        for source, count in holds.items():
            waiting.add_metric([self._consumer.name, source], count)
        raised = gauge("kinbridge_alarms", "Alarms that an operator must see.", ("kind",))
        kinds = dict.fromkeys(alarms.KINDS, 0)
        kinds |= {kind: count for kind, count in session.execute(of_kind.group_by(alarm.c.kind))}
        for kind, count in kinds.items():
            raised.add_metric([self._consumer.name, kind], count)
        yield from (waiting, raised)


def _heads_of(feed: Feed) -> dict[int, Head] | None:
    try:
        return feed.heads()
    except (FeedUnavailable, SQLAlchemyError):
        return None  # `kinbridge_source_answers` says so
