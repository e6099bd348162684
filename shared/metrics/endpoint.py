"""The listener: `/metrics` for Prometheus, `/alive` for a health check that must not wait for a database."""

from __future__ import annotations

from prometheus_client import CollectorRegistry, GCCollector, ProcessCollector, generate_latest
from prometheus_client.exposition import CONTENT_TYPE_LATEST
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from shared.messaging.loops import Loops
from shared.service import serve_until, web_server
from shared.settings import Settings


def new_registry() -> CollectorRegistry:
    """A registry that tells of the process itself: its memory, processor time, open files and garbage."""
    registry = CollectorRegistry()
    ProcessCollector(registry=registry)
    GCCollector(registry=registry)
    return registry


def metrics_app(registry: CollectorRegistry) -> Starlette:
    """The application behind the listener. It asks nobody who they are: what it tells concerns no person."""

    def metrics(_request: Request) -> Response:
        return Response(generate_latest(registry), media_type=CONTENT_TYPE_LATEST)

    def alive(_request: Request) -> Response:
        return PlainTextResponse("alive\n")

    return Starlette(routes=[Route("/metrics", metrics), Route("/alive", alive)])


def tell_metrics(registry: CollectorRegistry, settings: Settings, loops: Loops) -> None:
    """Serve a process's figures where the settings say, as long as the loops run; without a port, nowhere."""
    port = settings.metrics_port
    if port is not None:
        loops.run(
            "metrics", lambda: serve_until(web_server(metrics_app(registry), settings.metrics_host, port), loops.stop)
        )
