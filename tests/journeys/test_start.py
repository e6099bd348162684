"""A start reads nothing that only some commands need: people wait for it, and a restart is an outage."""

from __future__ import annotations

import subprocess
import sys

ONLY_SOMETIMES = {"alembic", "httpx2", "zxcvbn"}
"""For a migration, a command that finds a server, a new password."""


def test_a_start_reads_nothing_that_only_some_commands_need() -> None:
    told = "import sys, kinbridge.__main__; print(*{name.partition('.')[0] for name in sys.modules})"
    read = subprocess.run([sys.executable, "-c", told], check=True, capture_output=True, text=True).stdout.split()
    assert "kinbridge" in read
    assert ONLY_SOMETIMES.isdisjoint(read)
