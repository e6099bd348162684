"""Starting a service: its database, and its web process, of which each `app.py` says what is in it."""

from __future__ import annotations

import threading

import uvicorn
from fastapi import FastAPI
from sqlalchemy import Engine, MetaData
from starlette.types import ASGIApp

from shared.crypto import KeyRing
from shared.database import open_engine
from shared.depot import open_depot
from shared.erasures import Erase, Journal, settle
from shared.garbage import calm_garbage_collector
from shared.logging import configure_logging
from shared.messaging.log import open_ledger
from shared.messaging.loops import Loops
from shared.migrations import migrate
from shared.operators.keys import check_keys
from shared.settings import WEB_PORTS, Settings
from shared.web import always_https


def open_service_engine(settings: Settings, service: str, erase: Erase, metadata: MetaData) -> tuple[Engine, KeyRing]:
    """The service's database, migrated and ready to record, and the installation's keys. Refused without a key that
    something in it is under.

    Whom a restored backup knows again although it was erased is erased with `erase` first.
    """
    configure_logging(settings.log_level)
    engine = open_engine(settings.database_url(service))
    if engine.dialect.name == "sqlite" and engine.url.database:
        settings.data_dir.mkdir(parents=True, exist_ok=True)
    keys = settings.key_ring()
    migrate(engine, service)
    check_keys(engine, service, metadata, keys)
    open_ledger(engine, service, keys)
    open_depot(engine, settings, service)
    settle(engine, Journal(settings.journal_file), erase)
    return engine, keys


def web_server(app: ASGIApp, host: str, port: int) -> uvicorn.Server:
    """A uvicorn server that logs nothing of requests."""
    return uvicorn.Server(
        uvicorn.Config(
            app, host=host, port=port, log_config=None, access_log=False, server_header=False, timeout_keep_alive=30
        )
    )


def serve_until(server: uvicorn.Server, stop: threading.Event) -> None:
    """Serve until `stop`; a port that is taken is an error like any other, and tried again."""

    def end() -> None:
        stop.wait()
        server.should_exit = True

    threading.Thread(target=end, daemon=True).start()
    try:
        server.run()
    except SystemExit as error:
        raise OSError("The port is taken.") from error


def serve_web(app: FastAPI, settings: Settings, service: str) -> None:
    """Serve a service's web process until asked to end."""
    calm_garbage_collector()
    if settings.https:
        always_https(app)
    measured = app if settings.metrics_port is None else _measured(app, settings, service)
    web_server(measured, settings.host, WEB_PORTS[service]).run()


def _measured(app: FastAPI, settings: Settings, service: str) -> ASGIApp:
    from shared.metrics import Measured, RequestTimes, new_registry, tell_metrics  # a start without them is quicker

    registry = new_registry()
    tell_metrics(registry, settings, Loops())
    return Measured(app, service, RequestTimes(registry))
