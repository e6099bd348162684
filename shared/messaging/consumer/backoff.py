"""Back-off: a partition that fails for a reason outside its events is tried again, ever more slowly, with an alarm."""

from __future__ import annotations

import logging
import random
import threading
import time
from collections.abc import Callable, Collection

from sqlalchemy.exc import SQLAlchemyError

from shared.database import transaction
from shared.logging import describe_error
from shared.messaging import alarms
from shared.messaging.consumer.apply import Consumer
from shared.messaging.consumer.cursor import Place
from shared.messaging.feed import FeedUnavailable

log = logging.getLogger(__name__)

FIRST_PAUSE = 0.1
LONGEST_PAUSE = 15.0
"""Seconds."""


class BackOff:
    """Remembers which (source, partition) failed, and when it may be tried next. Shared by a consumer's threads."""

    def __init__(self, consumer: Consumer) -> None:
        self._consumer = consumer
        self._failures: dict[tuple[str, int], tuple[int, float]] = {}
        self._guard = threading.Lock()

    def is_well(self, key: tuple[str, int]) -> bool:
        """True when the last attempt did not fail, or none was made."""
        return self._failures.get(key, (0, 0.0)) == (0, 0.0)

    def succeeded(self, keys: Collection[tuple[str, int]]) -> None:
        """Tell of work that was done for partitions in which all was well."""
        first = [key for key in keys if key not in self._failures]
        if first:
            self._worked(first)

    def attempt(self, key: tuple[str, int], work: Callable[[], object]) -> bool:
        """Do the work unless its pause still lasts. Errors are logged, and pause it. True when it was done."""
        failures, not_before = self._failures.get(key, (0, 0.0))
        if time.monotonic() < not_before:
            return False
        try:
            work()
        except FeedUnavailable:
            self._failed(key, failures)
            log.warning("feed unavailable", extra={"source": key[0], "partition": key[1]})
            return False
        except Exception as error:  # noqa: BLE001 - the consumer decides here: retry, visibly
            self._failed(key, failures)
            log.warning("retrying", extra={"source": key[0], "partition": key[1], "error": describe_error(error)})
            self._alarm(key, error)
            return False
        if failures or key not in self._failures:
            self._worked([key])
        return True

    def _failed(self, key: tuple[str, int], failures: int) -> None:
        pause = min(FIRST_PAUSE * 2**failures, LONGEST_PAUSE) * random.uniform(0.5, 1.0)  # noqa: S311 - jitter
        with self._guard:
            self._failures[key] = (min(failures + 1, 20), time.monotonic() + pause)

    def _worked(self, keys: Collection[tuple[str, int]]) -> None:
        """Take `retrying` alarms back, also those from before a restart."""
        try:
            with transaction(self._consumer.engine) as session:
                for key in keys:
                    alarms.clear_alarm(session, alarms.RETRYING, Place(self._consumer.name, *key))
        except (SQLAlchemyError, OSError):
            return  # with the next event
        with self._guard:
            self._failures.update(dict.fromkeys(keys, (0, 0.0)))

    def _alarm(self, key: tuple[str, int], error: Exception) -> None:
        place = Place(self._consumer.name, *key)
        try:
            with transaction(self._consumer.engine) as session:
                alarms.raise_alarm(session, alarms.RETRYING, place, 0, error=error)
        except (SQLAlchemyError, OSError):
            log.exception("alarm not stored", extra={"source": key[0], "partition": key[1]})
