"""Celery's worker and scheduler in threads of this process, through memory."""

from __future__ import annotations

import threading
import time

from celery import Celery
from celery.beat import Scheduler, Service
from celery.worker import state
from sqlalchemy import Engine

from services.notify import queries
from shared.database import reading, utc_now

_ending: list[threading.Thread] = []


class JobThreads:
    """Runs the jobs of one service until ended."""

    def __init__(self, app: Celery) -> None:
        self._app = app
        self._worker = app.WorkController(pool_cls="solo", concurrency=1, without_gossip=True, without_mingle=True)
        self._beat = Service(app, max_interval=1, scheduler_cls=_InMemory)
        self._threads = [
            threading.Thread(target=self._work, name="celery worker", daemon=True),
            threading.Thread(
                target=self._beat.start, name="celery beat", daemon=True, kwargs={"embedded_process": False}
            ),
        ]

    def _work(self) -> None:
        self._app.set_current()  # for this thread: jobs are looked up in the current app
        self._worker.start()

    def start(self) -> None:
        """Start both threads, once those of an earlier system in this process are gone."""
        while _ending:
            _ending.pop().join()
        state.should_terminate = None
        for thread in self._threads:
            thread.start()

    def end(self) -> None:
        """Let a job under way finish, and both threads end soon; they are not waited for."""
        self._beat.stop()
        state.should_terminate = 0
        until = time.monotonic() + 5
        while state.active_requests and time.monotonic() < until:
            time.sleep(0.01)
        _ending.extend(thread for thread in self._threads if thread.is_alive())

    def idle(self, engine: Engine) -> bool:
        """True when no delivery is due or under way."""
        with reading(engine) as session:
            if queries.due(session, utc_now(), 1) or queries.broken_off(session, utc_now()):
                return False
            if queries.reports_under_way(session, utc_now()):
                return False
            return not queries.due_to_families(session, utc_now(), 1) and not queries.under_way(session)


class _InMemory(Scheduler):  # type: ignore[misc] # Celery has no types
    """Keeps its schedule in memory; claims of ticks are in the database."""
