"""One stack for all tests here, brought up by pytest-docker; and an organisation with a system that submits cases."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest

from tests.compose.books import Books
from tests.compose.sender import Sender
from tests.compose.stack import FILES, Stack, why_not
from tests.servers import require_or_skip


@pytest.fixture(scope="session")
def project(tmp_path_factory: pytest.TempPathFactory) -> Stack:
    """The project's secrets and images; nothing runs yet."""
    require_or_skip("docker", why_not())
    stack = Stack(tmp_path_factory.mktemp("compose") / "env")
    stack.build()
    return stack


@pytest.fixture(scope="session")
def docker_compose_command(project: Stack) -> str:
    return project.base


@pytest.fixture(scope="session")
def docker_compose_file() -> list[str]:
    return [str(file) for file in FILES]


@pytest.fixture(scope="session")
def docker_compose_project_name(project: Stack) -> str:
    return project.project


@pytest.fixture(scope="session")
def docker_setup() -> list[str]:
    return ["up -d --no-build"]


@pytest.fixture(scope="session")
def docker_cleanup() -> list[str]:
    return ["down -v -t 3 --remove-orphans"]


@pytest.fixture(scope="session")
def stack(project: Stack, docker_services: Any) -> Stack:
    """It runs, and every container answers."""
    project.wait_ready()
    return project


@dataclass
class Hub:
    """The running stack with its first organisation."""

    stack: Stack
    organisation: str
    client_id: str
    secret: str

    def sender(self) -> Sender:
        """The organisation's system; in a `with` block it submits all the time."""
        return Sender(self.stack.address("intake"), self.client_id, self.secret)

    def admin(self, *words: str) -> Any:
        """What the installation's owner does."""
        return self.operate("intake", *words)

    def operate(self, service: str, *words: str) -> Any:
        """What an operator does with one service, in its container; an AssertionError where it is not done."""
        command = ("python", "-m", f"services.{service}.admin", *words, "--json")
        return json.loads(self.stack.execute(f"{service}-web", *command))


@pytest.fixture(scope="session")
def hub(stack: Stack) -> Hub:
    hub = Hub(stack, "red-cross-marenia", "", "")
    hub.admin("org", "add", hub.organisation, "Red Cross of Marenia", "--kind", "national_society")
    client = hub.admin("client", "add", hub.organisation)
    hub.client_id, hub.secret = client["client_id"], client["client_secret"]
    return hub


@pytest.fixture(scope="session")
def books(hub: Hub) -> Iterator[Books]:
    books = Books(hub.stack, hub.organisation)
    yield books
    for engine in books.engines.values():
        engine.dispose()
