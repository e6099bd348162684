"""A start reads nothing that only some commands need: people wait for it, and a restart is an outage."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

ONLY_SOMETIMES = {"alembic", "httpx2", "zxcvbn"}
"""For a migration, a command that finds a server, a new password."""
START = """
import sys
from pathlib import Path
import kinbridge.__main__
from kinbridge.server import Server
from shared.settings import Settings
with Server(Settings(data_dir=Path(sys.argv[1]), port=0)):
    print(*{name.partition(".")[0] for name in sys.modules})
"""


def read_by_a_start(folder: Path) -> list[str]:
    return subprocess.run(
        [sys.executable, "-c", START, str(folder)], check=True, capture_output=True, text=True
    ).stdout.split()


def test_a_start_reads_nothing_that_only_some_commands_need(tmp_path: Path) -> None:
    assert "alembic" in read_by_a_start(tmp_path), "the first start migrates"
    read = read_by_a_start(tmp_path)
    assert "kinbridge" in read
    assert ONLY_SOMETIMES.isdisjoint(read)
