"""The three services as separate processes see one another: a database each, feeds over HTTP, commands of their own."""

from __future__ import annotations

import base64
import json
import logging
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest
from sqlalchemy import Engine
from typer.testing import CliRunner

from services.intake.admin.service import OPERATED as INTAKE
from services.notify.admin.service import OPERATED as NOTIFY
from services.reporting.admin.service import OPERATED as REPORTING
from shared.crypto import KeyRing
from shared.database import transaction
from shared.messaging.consumer import Consumer
from shared.messaging.feed import LocalFeed
from shared.messaging.feed_server import feed_app
from shared.messaging.log import record
from shared.messaging.sequencer import Sequencer
from shared.operators.admin import operators_app
from shared.service import web_server
from shared.settings import SERVICES
from tests.conftest import MASTER
from tests.servers import free_port

OPERATED = {one.name: one for one in (INTAKE, NOTIFY, REPORTING)}


@dataclass
class Installation:
    """Databases, feeds, and what the listeners have read."""

    engines: dict[str, Engine]
    keys: KeyRing
    consumers: dict[str, Consumer] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for name, one in OPERATED.items():
            feeds = {source: LocalFeed(self.engines[source], source) for source in one.listens_to}
            self.consumers[name] = Consumer(name, self.engines[name], {**feeds}, one.subscriptions, self.keys)
            self.consumers[name].prepare()

    def tell(self, *events: Any) -> None:
        """Intake records facts, and every listener applies them."""
        with transaction(self.engines["intake"]) as session:
            record(session, *events)
        self.flow()

    def flow(self) -> None:
        """What was recorded gets its positions, and is read."""
        for engine in self.engines.values():
            Sequencer(engine).sequence()
        for name, one in OPERATED.items():
            for source in one.listens_to:
                for partition in range(8):
                    self.consumers[name].catch_up(source, partition)

    def run(self, service: str, *words: str, code: int = 0) -> Any:
        """The answer of one of a service's own commands, as JSON."""
        done = CliRunner().invoke(operators_app(OPERATED[service]), [*words, "--json"])
        if done.exception is not None and not isinstance(done.exception, SystemExit):
            raise done.exception
        assert done.exit_code == code, done.output
        return json.loads(done.stdout)

    def told(self, service: str, *words: str) -> str:
        """What a person reads."""
        return CliRunner().invoke(operators_app(OPERATED[service]), list(words)).output


@pytest.fixture
def installation(
    database: Callable[[str], Engine], keys: KeyRing, monkeypatch: pytest.MonkeyPatch, tmp_path: Any
) -> Iterator[Installation]:
    """Runs on both databases."""
    engines = {service: database(service) for service in SERVICES}
    monkeypatch.setenv("KINBRIDGE_DATA_DIR", str(tmp_path))
    monkeypatch.setenv("KINBRIDGE_MASTER_KEY", base64.b64encode(MASTER).decode())
    servers = []
    for service, engine in engines.items():
        port = free_port()
        monkeypatch.setenv(
            f"KINBRIDGE_{service.upper()}_DATABASE_URL", engine.url.render_as_string(hide_password=False)
        )
        monkeypatch.setenv(f"KINBRIDGE_{service.upper()}_FEED_URL", f"http://127.0.0.1:{port}")
        server = web_server(feed_app(LocalFeed(engine, service), keys, SERVICES), "127.0.0.1", port)
        threading.Thread(target=server.run, daemon=True).start()
        servers.append(server)
    yield Installation(engines, keys)
    for server in servers:
        server.should_exit = True


@pytest.fixture(autouse=True)
def logs_go_where_they_went() -> Iterator[None]:
    """A command sends the logs of its process to its own standard error, which ends with it."""
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    yield
    root.handlers[:] = handlers
    root.setLevel(level)
