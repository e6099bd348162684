"""Events from sources in this process: the embedded way, handed over behind the commit that gave them positions."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from functools import partial
from typing import Any

from shared.events.envelope import Logged
from shared.messaging.consumer.apply import Consumer
from shared.messaging.consumer.backoff import BackOff
from shared.messaging.feed import PAGE
from shared.messaging.sequencer import News

Tell = Callable[[str, News], None]
"""Takes the word that a source has new positions."""
KEPT = PAGE
"""Events kept for one partition; where more wait, they are pulled."""
PASSED_BY_EVERY = 0.1
"""Seconds between two partitions in which there is nothing but events without a handler here."""
QUIET = 0.02
"""Seconds without a word, after which they follow one another at once."""
LONGEST_WAIT = 1.0


class Nearby:
    """A consumer's ear on the sources in its process. A word is a hint: the feed and the cursor say what is true.

    Events that no handler waits for only move the cursor. That is not urgent, and many of them cost as much as one.
    """

    def __init__(self, consumer: Consumer, partitions: range) -> None:
        self._consumer = consumer
        self._partitions = partitions
        self._brought: dict[tuple[str, int], list[Logged[Any]]] = {}
        self._wanted: set[tuple[str, int]] = set()
        self._last_word = 0.0
        self._next_passed_by = 0.0
        self._there = threading.Condition()
        self._ended = False

    def tell(self, source: str, news: News) -> None:
        """Called behind the commit in which the source gave positions."""
        if source not in self._consumer.feeds:
            return
        with self._there:
            nothing_waited = not self._brought
            for event in news.events:
                if event.partition in self._partitions:
                    self._keep((source, event.partition), event)
            self._last_word = time.monotonic()
            if self._wanted or nothing_waited:
                self._there.notify()

    def follow(self, stop: threading.Event, backoff: BackOff) -> None:
        """Apply what was told, until `stop`."""
        while not stop.is_set():
            for (source, partition), events in self.due().items():
                work = partial(self._consumer.receive, source, partition, events)
                backoff.attempt((source, partition), work)

    def end(self) -> None:
        """Nobody waits here any more."""
        with self._there:
            self._ended = True
            self._there.notify_all()

    def due(self) -> dict[tuple[str, int], list[Logged[Any]]]:
        """Wait for a word, or for the turn of what nobody waits for. Returns what is to be applied now."""
        with self._there:
            if not self._wanted and not self._ended:
                self._there.wait(self._patience())
            places = self._wanted | self._passed_by()
            self._wanted = set()
            return {place: self._brought.pop(place) for place in places}

    def _keep(self, place: tuple[str, int], event: Logged[Any]) -> None:
        events = self._brought.setdefault(place, [])
        if len(events) >= KEPT:
            events.clear()  # what follows shows the gap, and the feed fills it
        events.append(event)
        if self._consumer.subscriptions.listens_to(event.type):
            self._wanted.add(place)

    def _patience(self) -> float:
        if not self._brought:
            return LONGEST_WAIT
        return max(0.0, min(self._next_passed_by, self._last_word + QUIET) - time.monotonic())

    def _passed_by(self) -> set[tuple[str, int]]:
        """Of the partitions without a wanted event the one whose turn it is, if any: soon when it is quiet."""
        now = time.monotonic()
        if not self._brought or now < min(self._next_passed_by, self._last_word + QUIET):
            return set()
        self._next_passed_by = now + PASSED_BY_EVERY
        return {next(iter(self._brought))}
