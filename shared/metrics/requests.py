"""How long requests take, by route template, method and class of status."""

from __future__ import annotations

import time
from collections.abc import MutableMapping
from typing import Any

from prometheus_client import CollectorRegistry, Histogram
from starlette.types import ASGIApp, Message, Receive, Scope, Send

OTHER = "other"
"""Whatever nobody declared: a path that is no route, a method that is none. A visitor cannot make labels."""
METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
SECONDS = (0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10)
"""Upper ends of the histogram's bins."""


class RequestTimes:
    """The histogram of a process; its services share it."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self.seconds = Histogram(
            "kinbridge_request_seconds",
            "Time from a request to the end of its answer.",
            ("service", "method", "route", "status"),
            buckets=SECONDS,
            registry=registry,
        )


class Measured:
    """Stands before a service's application and times each request; whatever fails unseen counts as `5xx`."""

    def __init__(self, app: ASGIApp, service: str, times: RequestTimes) -> None:
        self._app = app
        self._service = service
        self._times = times

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        status = 500

        async def noted(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        began = time.perf_counter()
        try:
            await self._app(scope, receive, noted)
        finally:
            method = scope["method"] if scope["method"] in METHODS else OTHER
            labels = self._service, method, _template(scope), f"{status // 100}xx"
            self._times.seconds.labels(*labels).observe(time.perf_counter() - began)


def _template(scope: MutableMapping[str, Any]) -> str:
    """The declared path of the route that answered, such as `/intake/v1/cases/{case_id}`."""
    path = getattr(scope.get("route"), "path", None)
    return path if isinstance(path, str) and path else OTHER
