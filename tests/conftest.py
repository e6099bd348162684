"""What every test stands on: databases, keys, facts; and no network, no settings of this machine."""

from __future__ import annotations

import os
import socket
from collections import Counter
from collections.abc import Iterator
from typing import Any

import hypothesis
import pytest

from shared.crypto import KeyRing
from shared.garbage import calm_garbage_collector
from tests.databases import BACKENDS, QUIET, Databases, PostgresCopies, SqliteCopies
from tests.factories import Factory
from tests.servers import OwnPostgres, fresh_folder, require_or_skip

KNOBS = ("KINBRIDGE_REQUIRE", "KINBRIDGE_TEST_")
LOOPBACK = ("127.", "::1", "localhost")
MASTER = bytes(range(32))

hypothesis.settings.register_profile(
    "repeatable", derandomize=True, deadline=None, database=None, suppress_health_check=list(hypothesis.HealthCheck)
)
hypothesis.settings.register_profile("exploring", deadline=None)
hypothesis.settings.load_profile("exploring" if os.environ.get("KINBRIDGE_TEST_EXPLORE") else "repeatable")


@pytest.fixture(scope="session", autouse=True)
def no_settings_of_this_machine() -> Iterator[None]:
    """Tests use their own servers and folders: no KINBRIDGE_* variable but the tests' own knobs is seen."""
    with pytest.MonkeyPatch.context() as patch:
        for name in [name for name in os.environ if name.startswith("KINBRIDGE_") and not name.startswith(KNOBS)]:
            patch.delenv(name)
        yield


@pytest.fixture(autouse=True)
def no_network(monkeypatch: pytest.MonkeyPatch) -> None:
    """A test speaks to this machine alone."""
    for name in ("connect", "connect_ex"):
        original = getattr(socket.socket, name)

        def guarded(self: socket.socket, address: Any, original: Any = original) -> Any:
            if self.family != socket.AF_UNIX and not str(address[0]).startswith(LOOPBACK):
                raise PermissionError("a test may connect to this machine alone")
            return original(self, address)

        monkeypatch.setattr(socket.socket, name, guarded)


@pytest.fixture(scope="session")
def sqlite_copies() -> SqliteCopies:
    return SqliteCopies(fresh_folder("sqlite"))


@pytest.fixture(scope="session")
def postgres_copies() -> Iterator[PostgresCopies]:
    require_or_skip("postgres", OwnPostgres.why_not())
    with OwnPostgres(settings=QUIET) as server:
        yield PostgresCopies(server)


@pytest.fixture(scope="session")
def keys() -> KeyRing:
    return KeyRing((MASTER,))


@pytest.fixture
def sqlite(sqlite_copies: SqliteCopies, keys: KeyRing) -> Iterator[Databases]:
    """Databases on SQLite alone."""
    yield from _opened(Databases(sqlite_copies, keys))


@pytest.fixture
def postgres(postgres_copies: PostgresCopies, keys: KeyRing) -> Iterator[Databases]:
    """Databases on PostgreSQL alone."""
    yield from _opened(Databases(postgres_copies, keys))


@pytest.fixture(params=BACKENDS)
def database(request: pytest.FixtureRequest) -> Databases:
    """`database("intake")` is a fresh database of that service; the test runs on SQLite and on PostgreSQL."""
    databases: Databases = request.getfixturevalue(request.param)
    return databases


@pytest.fixture
def factory() -> Factory:
    return Factory()


def _opened(databases: Databases) -> Iterator[Databases]:
    yield databases
    databases.close()


def pytest_collection_finish() -> None:
    """As after the start of any process of ours: what was imported stays, and is not looked at again and again."""
    calm_garbage_collector()


@pytest.hookimpl(trylast=True)
def pytest_terminal_summary(terminalreporter: Any) -> None:
    """Say at the end what was not tested, and how to have it tested."""
    reasons: Counter[str] = Counter()
    for report in terminalreporter.stats.get("skipped", ()):
        if isinstance(report.longrepr, tuple):
            reasons[str(report.longrepr[2]).removeprefix("Skipped: ")] += 1
    for item in terminalreporter.stats.get("deselected", ()):
        for mark in ("faults", "soak", "browser", "compose"):
            if item.get_closest_marker(mark):
                reasons[f"have a command of their own, `make {mark}`"] += 1
    spread = terminalreporter.config.getoption("numprocesses", None)
    if not reasons and not spread:
        return
    terminalreporter.section("not tested here")
    if spread:  # what several processes leave out, they do not tell
        terminalreporter.line(
            "Fault, browser, compose and soak tests: `make faults`, `make browser`, `make compose`, `make soak`."
        )
    for reason, count in sorted(reasons.items()):
        terminalreporter.line(f"{count:5} tests: {reason}")
    told = " ".join(reasons).lower()
    programs = [name for name in ("postgresql", "rabbitmq") if name in told]
    if programs:
        packages = " ".join({"rabbitmq": "rabbitmq-server"}.get(name, name) for name in programs)
        terminalreporter.line("")
        terminalreporter.line(f"To have them tested: `apt-get install {packages}`, or any package manager.")
        terminalreporter.line("Only the programs are needed, no running server: the tests start their own.")
    if "../shared/data" in told:
        terminalreporter.line("The sample data belongs in the folder ../shared/data, beside this repository.")
