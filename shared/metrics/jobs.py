"""How long a service's Celery jobs take, and how they end."""

from __future__ import annotations

import time
from typing import Any

from celery.signals import task_postrun, task_prerun
from prometheus_client import CollectorRegistry, Histogram

SECONDS = (0.005, 0.02, 0.1, 0.5, 1, 5, 30, 120, 600)
"""Upper ends of the histogram's bins."""


class JobTimes:
    """Times every job that this process runs."""

    def __init__(self, registry: CollectorRegistry, service: str) -> None:
        self._service = service
        self._began: dict[str, float] = {}
        self._seconds = Histogram(
            "kinbridge_job_seconds",
            "Time from the start of a job to its end; `outcome` is Celery's word.",
            ("service", "job", "outcome"),
            buckets=SECONDS,
            registry=registry,
        )
        task_prerun.connect(self._begin, weak=False)
        task_postrun.connect(self._end, weak=False)

    def _begin(self, task_id: str, **_: Any) -> None:
        self._began[task_id] = time.perf_counter()

    def _end(self, task_id: str, task: Any, state: str | None, **_: Any) -> None:
        seconds = time.perf_counter() - self._began.pop(task_id)
        self._seconds.labels(self._service, task.name, (state or "unknown").lower()).observe(seconds)
