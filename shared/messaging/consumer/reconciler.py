"""The reconciler: compares the sources' heads and hashes with the cursors, and pulls what no message brought."""

from __future__ import annotations

import logging
from functools import partial

from shared.messaging import replay
from shared.messaging.consumer.apply import Consumer
from shared.messaging.consumer.backoff import BackOff
from shared.messaging.feed import FeedUnavailable
from shared.messaging.sequencer import Head

log = logging.getLogger(__name__)


class Reconciler:
    """Walks over every source and partition. With no broker at all, it is what keeps events going."""

    def __init__(self, consumer: Consumer, backoff: BackOff, partitions: range) -> None:
        self._consumer = consumer
        self._backoff = backoff
        self._partitions = partitions
        self._seen: dict[tuple[str, int], Head] = {}

    def reconcile(self, *, patient: bool = True) -> None:
        """One walk. `patient` leaves a partition alone as long as its cursor moves: messages are on their way."""
        for source, feed in self._consumer.feeds.items():
            try:
                heads = feed.heads()
            except FeedUnavailable:
                log.warning("feed unavailable", extra={"source": source})
                continue
            cursors = self._consumer.cursors(source)
            for partition in self._partitions:
                self._compare(source, partition, heads[partition], cursors[partition], patient=patient)
        self._backoff.attempt(("replay", -1), self._retry_holds)

    def _compare(self, source: str, partition: int, head: Head, at: Head, *, patient: bool) -> None:
        still = self._seen.get((source, partition), at) == at  # at the first walk too: one may not live for a second
        self._seen[source, partition] = at
        if head.position == at.position and head.hash == at.hash:
            return
        if head.position <= at.position or still or not patient:
            self._backoff.attempt((source, partition), partial(self._consumer.catch_up, source, partition))

    def _retry_holds(self) -> None:
        replay.retry_protective(self._consumer)
        replay.retry_due(self._consumer)
