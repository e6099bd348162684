"""The command line as a person runs it, in a process of its own."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

REPOSITORY = Path(__file__).parents[2]


class Kinbridge:
    """`kinbridge` on one data folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def run(self, *words: str, code: int = 0) -> subprocess.CompletedProcess[str]:
        """Run a command and check its exit code."""
        done = subprocess.run(
            [*self.command(*words)],
            capture_output=True,
            text=True,
            timeout=120,
            cwd=REPOSITORY,
            env=clean_environment(),
        )
        assert done.returncode == code, done.stdout + done.stderr
        return done

    def json(self, *words: str, code: int = 0) -> Any:
        """Run with `--json`: standard output holds the document alone."""
        return json.loads(self.run(*words, "--json", code=code).stdout)

    def command(self, *words: str) -> list[str]:
        return [sys.executable, "-m", "kinbridge", *words, "--data-dir", str(self.folder)]


def clean_environment() -> dict[str, str]:
    """This process's environment without settings of this machine."""
    return {name: value for name, value in os.environ.items() if not name.startswith("KINBRIDGE_")}


@pytest.fixture
def kinbridge(tmp_path: Path) -> Kinbridge:
    return Kinbridge(tmp_path / "data")


@pytest.fixture
def write_csv(tmp_path: Path) -> Callable[[str, str], Path]:
    """Write a file of incidents in our own layout."""

    def write(name: str, rows: str) -> Path:
        path = tmp_path / name
        path.write_text(
            "occurred_from,occurred_to,dead,missing,survivors,females,males,children,route,region,cause\n" + rows
        )
        return path

    return write
