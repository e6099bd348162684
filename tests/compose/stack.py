"""docker-compose.yml as a project of its own: its own containers, volumes, secrets and ports, gone at the end."""

from __future__ import annotations

import base64
import json
import os
import shutil
import subprocess
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property, partial
from pathlib import Path
from typing import Any
from urllib.error import URLError
from urllib.request import urlopen

from sqlalchemy import Engine

from shared.crypto import KeyRing
from shared.database import open_engine
from tests.servers import free_port

ROOT = Path(__file__).parents[2]
FILES = (ROOT / "docker-compose.yml", ROOT / "tests" / "compose" / "published.yml")
WEB = {"intake": 8081, "notify": 8082, "reporting": 8083}
TAG = "test"
"""Of the images: those of an installation on this machine stay as they are."""


def compose_command() -> str | None:
    """`docker compose`, or the older `docker-compose`; None where there is neither."""
    if shutil.which("docker") and _quietly("docker", "compose", "version"):
        return "docker compose"
    return "docker-compose" if shutil.which("docker-compose") else None


def why_not() -> str | None:
    """Why no stack can be run here; None if it can."""
    if not shutil.which("docker") or not _quietly("docker", "info"):
        return "no Docker engine answers here"
    return None if compose_command() else "neither `docker compose` nor docker-compose is installed"


def _quietly(*command: str) -> bool:
    return subprocess.run(command, capture_output=True).returncode == 0


@dataclass
class Stack:
    """One project. `env_file` is made with deploy/make-env; nothing runs until `up`."""

    env_file: Path
    project: str = f"kinbridge-test-{os.getpid()}"
    ports: dict[str, int] = field(default_factory=lambda: {name: free_port() for name in (*WEB, "postgres")})

    def __post_init__(self) -> None:
        subprocess.run([ROOT / "deploy" / "make-env", self.env_file], check=True, capture_output=True)
        lines = [f"KINBRIDGE_{service.upper()}_PORT={self.ports[service]}" for service in WEB]
        lines += [f"KINBRIDGE_TEST_POSTGRES_PORT={self.ports['postgres']}", f"KINBRIDGE_TAG={TAG}"]
        with self.env_file.open("a") as stream:
            stream.write("\n".join(lines) + "\n")

    @property
    def base(self) -> str:
        """The compose command with this project's secrets, as pytest-docker takes it."""
        return f"{compose_command()} --env-file {self.env_file}"

    @cached_property
    def secrets(self) -> dict[str, str]:
        """What make-env wrote."""
        lines = [line for line in self.env_file.read_text().splitlines() if line and not line.startswith("#")]
        return dict(line.split("=", 1) for line in lines)

    def set_env(self, **changed: str) -> None:
        """Change the project's .env; `up` starts anew what it concerns."""
        lines = [line for line in self.env_file.read_text().splitlines() if line.partition("=")[0] not in changed]
        lines += [f"{name}={value}" for name, value in changed.items()]
        self.env_file.write_text("\n".join(lines) + "\n")
        self.__dict__.pop("secrets", None)

    @cached_property
    def keys(self) -> KeyRing:
        return KeyRing((base64.b64decode(self.secrets["KINBRIDGE_MASTER_KEY"]),))

    def compose(self, *words: str, timeout: float = 300, environment: Mapping[str, str] | None = None) -> str:
        """Run a compose command; raises with what it said when it fails."""
        files = [word for file in FILES for word in ("-f", str(file))]
        return run(*self.base.split(), *files, "-p", self.project, *words, timeout=timeout, environment=environment)

    def build(self, *services: str) -> None:
        """Make the images, or take them as they were made."""
        self.compose("build", *services, timeout=1500)

    def up(self, *words: str, environment: Mapping[str, str] | None = None) -> None:
        """Start what does not run as the file says."""
        self.compose("up", "-d", "--no-build", *words, environment=environment)

    def down(self) -> None:
        """Take containers, networks and volumes away."""
        self.compose("down", "-v", "-t", "3", "--remove-orphans")

    def container(self, service: str) -> str:
        """The id of a service's container, running or not."""
        found = run("docker", "ps", "-aq", *self._of_project(), "-f", f"label=com.docker.compose.service={service}")
        assert len(found.split()) == 1, f"{service}: {found.split()}"
        return found.strip()

    def containers(self) -> dict[str, dict[str, Any]]:
        """Service → what Docker knows of its container."""
        known = json.loads(run("docker", "inspect", *run("docker", "ps", "-aq", *self._of_project()).split()))
        return {one["Config"]["Labels"]["com.docker.compose.service"]: one for one in known}

    def _of_project(self) -> tuple[str, str]:
        return "-f", f"label=com.docker.compose.project={self.project}"

    def kill(self, service: str) -> None:
        """SIGKILL; Docker leaves it dead until it is started."""
        run("docker", "kill", "--signal", "KILL", self.container(service))

    def start(self, service: str) -> None:
        run("docker", "start", self.container(service))

    def execute(self, service: str, *words: str) -> str:
        """A command inside a running container."""
        return run("docker", "exec", self.container(service), *words)

    def address(self, service: str) -> str:
        """Where a service's web process is published."""
        return f"http://127.0.0.1:{self.ports[service]}"

    def engine(self, service: str) -> Engine:
        """A service's own database, opened as the service opens it."""
        password = self.secrets[f"KINBRIDGE_{service.upper()}_DATABASE_PASSWORD"]
        return open_engine(f"postgresql+psycopg://{service}:{password}@127.0.0.1:{self.ports['postgres']}/{service}")

    def metrics(self, service: str) -> str:
        """What a process tells a monitor, asked from within its container."""
        script = "import urllib.request as r; print(r.urlopen('http://127.0.0.1:9100/metrics').read().decode())"
        return self.execute(service, "python", "-c", script)

    def answers(self, service: str) -> bool:
        """True when a service's container does its work: it is published, or answers in its container."""
        name, _, process = service.partition("-")
        try:
            if process == "web":
                with urlopen(f"{self.address(name)}/{name}/health", timeout=5) as answer:
                    return bool(answer.status == 200)
            if service == "postgres":
                self.execute(service, "pg_isready", "-q", "-h", "127.0.0.1")
            elif service == "rabbitmq":
                self.execute(service, "bash", "-c", ": </dev/tcp/127.0.0.1/5672")
            else:
                self.execute(service, "python", "-m", "shared.alive", "http://127.0.0.1:9100/alive")
        except (URLError, OSError, AssertionError):
            return False
        return True

    def wait_ready(self, timeout: float = 300) -> None:
        """Return when every container answers."""
        for service in self.containers():
            wait_until(partial(self.answers, service), f"{service} does not answer", timeout)

    def wait_healthy(self, timeout: float = 300) -> None:
        """Return when Docker's own health checks say so of every container."""

        def healthy() -> bool:
            return {one["State"]["Health"]["Status"] for one in self.containers().values()} == {"healthy"}

        wait_until(healthy, "not every container is healthy", timeout)


def wait_until(true: Callable[[], bool], otherwise: str, timeout: float = 60.0, every: float = 0.2) -> None:
    """Return when it is true; an AssertionError says what is not."""
    until = time.monotonic() + timeout
    while not true():
        assert time.monotonic() < until, otherwise
        time.sleep(every)


def run(*command: str | Path, timeout: float = 300, environment: Mapping[str, str] | None = None) -> str:
    """Run a program; an AssertionError tells what it said when it fails. Returns its standard output."""
    done = subprocess.run(
        command, capture_output=True, text=True, timeout=timeout, cwd=ROOT, env={**os.environ, **(environment or {})}
    )
    assert done.returncode == 0, f"{' '.join(map(str, command))}:\n{done.stdout}\n{done.stderr}"
    return done.stdout
