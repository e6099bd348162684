"""Processes that a row starts: made ready first, then released, so that imports cost no side anything."""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any


class Child:
    """A running side. `release()` lets it begin and returns the moment (Unix time)."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self._process = process
        self.pid = process.pid

    def release(self) -> float:
        assert self._process.stdin is not None
        moment = time.time()
        self._process.stdin.write("go\n")
        self._process.stdin.flush()
        return moment

    def answer(self) -> str:
        """The next line that the side prints."""
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        if not line:
            raise RuntimeError("a side of the bench ended before its time")
        return line.strip()

    def running(self) -> bool:
        return self._process.poll() is None


@contextmanager
def child(module: str, **settings: Any) -> Iterator[Child]:
    """`python -m bench.sides.<module>` with its settings as JSON, when it is ready; ended with the block."""
    with tempfile.TemporaryFile("w+") as errors:
        process = subprocess.Popen(
            [sys.executable, "-m", f"bench.sides.{module}", json.dumps(settings)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=errors,
            text=True,
        )
        side = Child(process)
        try:
            if side.answer() != "ready":
                raise RuntimeError(f"{module} did not come up")
            yield side
        except Exception:
            errors.seek(0)
            sys.stderr.write(errors.read()[-4000:])
            raise
        finally:
            end_process(process)
            for stream in (process.stdin, process.stdout):
                if stream is not None:
                    stream.close()


def end_process(process: subprocess.Popen[Any]) -> None:
    """Ask a process that we started to end; kill it when it does not."""
    process.terminate()
    try:
        process.wait(30)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def settings_of_child() -> dict[str, Any]:
    """In the child: what `child()` was given."""
    found: dict[str, Any] = json.loads(sys.argv[1])
    return found


def wait_for_release() -> None:
    """In the child: say that it is ready, and wait."""
    print("ready", flush=True)
    if not sys.stdin.readline():
        raise SystemExit(0)


def until(done: Callable[[], bool], *, timeout: float, every: float = 0.25) -> None:
    """Wait for `done`; raises `TimeoutError`."""
    end = time.monotonic() + timeout
    while not done():
        if time.monotonic() > end:
            raise TimeoutError("a side of the bench did not finish")
        time.sleep(every)
