"""The loops that run beside a service: each in its own thread, restarted after an error, stopped together."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from sqlalchemy import Engine, text

from shared.database import is_sqlite
from shared.logging import describe_error

log = logging.getLogger(__name__)

PAUSE_AFTER_ERROR = 0.2
LONGEST_PAUSE = 5.0
LEADER_RETRY = 1.0
"""Seconds."""


class Loops:
    """A set of threads with one common end."""

    def __init__(self) -> None:
        self.stop = threading.Event()
        self._threads: list[threading.Thread] = []
        self._wakes: list[Callable[[], None]] = []

    def run(self, name: str, work: Callable[[], None]) -> None:
        """Run `work` in a thread, again and again until the end; an error is logged and paused after."""

        def guarded() -> None:
            pause = PAUSE_AFTER_ERROR
            while not self.stop.is_set():
                try:
                    work()
                    pause = PAUSE_AFTER_ERROR
                except Exception as error:  # noqa: BLE001 - a loop goes on whatever happens; it says what
                    log.warning("loop restarts", extra={"loop": name, "error": describe_error(error)})
                    self.stop.wait(pause)
                    pause = min(pause * 2, LONGEST_PAUSE)

        thread = threading.Thread(target=guarded, name=name, daemon=True)
        self._threads.append(thread)
        thread.start()

    def at_end(self, wake: Callable[[], None]) -> None:
        """Have `wake()` called once `stop` is set: for a loop that waits for something else."""
        self._wakes.append(wake)

    def end(self, timeout: float = 10.0) -> None:
        """Ask every loop to end and wait for it."""
        self.stop.set()
        for wake in self._wakes:
            wake()
        for thread in self._threads:
            thread.join(timeout)


@contextmanager
def leading(engine: Engine, what: str, stop: threading.Event) -> Iterator[bool]:
    """Wait to be the only one who does `what` on this database. It saves work; correctness does not rest on it.

    Gives False when `stop` came first. On SQLite the data folder has one owner already.
    """
    if is_sqlite(engine):
        yield True
        return
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.detach()  # closed at the end, not pooled: the lock ends with it, also after an error
        key = {"what": f"kinbridge {what}"}
        while not stop.is_set():
            if connection.scalar(text("SELECT pg_try_advisory_lock(hashtext(:what))"), key):
                yield True
                return
            stop.wait(LEADER_RETRY)
        yield False
