"""Processor time of processes, which a busy machine changes little: what a rate would be on an idle one."""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path

from tests.servers.processes import descendants

_TICKS = os.sysconf("SC_CLK_TCK")


def spent(pids: Iterable[int]) -> float:
    """Seconds that these processes, those they have and those they had took so far."""
    return sum(_one(pid) + sum(_one(child) for child, _ in descendants(pid)) for pid in pids)


def machine() -> tuple[float, float]:
    """(seconds of all processors, those of them that were idle) since the start."""
    ticks = [int(one) for one in Path("/proc/stat").read_text().splitlines()[0].split()[1:9]]
    return sum(ticks) / _TICKS, (ticks[3] + ticks[4]) / _TICKS


def _one(pid: int) -> float:
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except (FileNotFoundError, ProcessLookupError):
        return 0.0
    return sum(int(ticks) for ticks in fields[11:15]) / _TICKS
