"""The processes of a storm: forked by a zygote, recorded by pid and birth, and killed by that record alone."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Protocol, Self

from tests.servers import NotOurs
from tests.servers.processes import Identity, birth, tail

ROOT = Path(__file__).resolve().parents[2]


@dataclass(frozen=True)
class Worker:
    """One forked process."""

    role: str
    name: str
    identity: Identity
    log: Path
    log_begins: int

    def alive(self) -> bool:
        return self.identity.alive()

    def ready(self) -> bool:
        """True once it has said that it is."""
        with self.log.open("rb") as log:
            log.seek(self.log_begins)
            return b'"worker ready"' in log.read()


class Home(Protocol):
    """An installation: where its logs lie, and what its processes are told."""

    folder: Path

    def environment(self) -> dict[str, str]:
        """The settings of every process of it."""
        ...


class Fleet:
    """Starts workers of one installation, kills them, and counts what it killed."""

    def __init__(self, hub: Home) -> None:
        self._hub = hub
        self._guard = threading.Lock()
        self._mark = str(hub.folder)
        self._zygote: subprocess.Popen[str] | None = None
        self.killed: Counter[str] = Counter()
        self.workers: dict[str, Worker] = {}

    def __enter__(self) -> Self:
        command = [sys.executable, "-m", "tests.faults.zygote", self._mark]
        self._zygote = subprocess.Popen(
            command,
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env=environment_without_settings(),
        )
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for name in list(self.workers):
            self._end(name)
        if self._zygote is not None:
            assert self._zygote.stdin is not None
            assert self._zygote.stdout is not None
            self._zygote.stdin.close()
            self._zygote.wait(30)
            self._zygote.stdout.close()

    def start(self, role: str, name: str | None = None, **environment: str) -> Worker:
        """Start a worker under a name, by default its role. `environment` adds to the installation's settings."""
        name = name or role
        log = self._hub.folder / f"{name}.log"
        log.touch()
        log_begins = log.stat().st_size
        asked = {
            "role": role,
            "environment": self._hub.environment() | environment,
            "log": str(log),
        }
        with self._guard:
            assert self._zygote is not None
            assert self._zygote.stdin is not None
            assert self._zygote.stdout is not None
            self._zygote.stdin.write(json.dumps(asked) + "\n")
            self._zygote.stdin.flush()
            pid = json.loads(self._zygote.stdout.readline())["pid"]
        worker = Worker(role, name, Identity(pid, birth(pid) or 0, self._mark), log, log_begins)
        self.workers[name] = worker
        return worker

    def wait_ready(self, name: str, patience: float = 60.0) -> None:
        """Return when the worker is ready, or has ended."""
        worker, until = self.workers[name], time.monotonic() + patience
        while worker.alive() and not worker.ready():
            assert time.monotonic() < until, f"{name} does not become ready:\n{tail(worker.log)}"
            time.sleep(0.02)

    def kill(self, name: str) -> None:
        """SIGKILL, and return when the process is gone."""
        if self._end(name):
            self.killed[name.partition(" ")[0]] += 1

    def running(self, name: str) -> bool:
        worker = self.workers.get(name)
        return worker is not None and worker.alive()

    def must_run(self, name: str) -> None:
        """Raise an AssertionError, with the end of its log, where a process ended that nobody killed."""
        worker = self.workers[name]
        assert worker.alive(), f"{name} ended by itself:\n{tail(worker.log)}"

    def logs(self, lines: int = 15) -> str:
        """The end of every process's log, for whoever wonders why something does not happen."""
        logs = sorted(self._hub.folder.glob("*.log"))
        return "".join(f"\n--- {log.name}\n{tail(log, lines)}" for log in logs)

    def _end(self, name: str) -> bool:
        worker = self.workers.pop(name, None)
        if worker is None or not worker.alive():
            return False
        try:
            worker.identity.prove()
            os.kill(worker.identity.pid, signal.SIGKILL)
        except (NotOurs, ProcessLookupError):
            if worker.alive():
                raise
            return False
        while worker.alive():
            time.sleep(0.002)
        return True


def environment_without_settings() -> dict[str, str]:
    """This process's environment without any setting of an installation."""
    return {name: value for name, value in os.environ.items() if not name.startswith("KINBRIDGE_")}
