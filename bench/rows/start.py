"""Row 7: `kinbridge up` on an empty folder: seconds until /health answers, and the memory it then holds."""

from __future__ import annotations

import subprocess
import sys
import tempfile
import time
from pathlib import Path

from bench.child import end_process
from bench.report import RUNS, Check, Row, medians
from bench.rows.submit import wait_for_answer
from bench.servers import Servers
from tests.servers import free_port

SETTLES = 1.0
"""Seconds after which the memory is read."""


def start() -> tuple[float, float]:
    """(seconds, MB of resident memory with all child processes)."""
    with tempfile.TemporaryDirectory() as folder:
        port = free_port()
        command = [
            sys.executable,
            "-m",
            "kinbridge",
            "up",
            "--port",
            str(port),
            "--data-dir",
            str(Path(folder) / "data"),
        ]
        began = time.perf_counter()
        system = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        try:
            wait_for_answer(f"http://127.0.0.1:{port}/health", timeout=60, every=0.01)
            ready = time.perf_counter() - began
            time.sleep(SETTLES)
            return ready, sum(resident(pid) for pid in family(system.pid))
        finally:
            end_process(system)


def family(pid: int) -> list[int]:
    """A process and its descendants."""
    children = " ".join(task.read_text() for task in Path(f"/proc/{pid}/task").glob("*/children"))
    return [pid, *(one for child in children.split() for one in family(int(child)))]


def resident(pid: int) -> float:
    """MB."""
    status = Path(f"/proc/{pid}/status").read_text()
    return int(status.partition("VmRSS:")[2].split()[0]) / 1024


def rows(_servers: Servers, _scale: float) -> list[Row]:
    found = [start() for _ in range(RUNS)]
    seconds, memory = {"seconds": [s for s, _ in found]}, {"memory": [m for _, m in found]}
    return [
        Row(
            "kinbridge up: ready",
            "empty folder, until GET /health answers",
            "s",
            seconds,
            [Check("ready", medians(seconds)["seconds"], 3, "s", at_most=True)],
        ),
        Row(
            "kinbridge up: memory",
            f"resident, {SETTLES:g} s after it is ready",
            "MB",
            memory,
            [Check("resident memory", medians(memory)["memory"], 250, "MB", at_most=True)],
        ),
    ]
