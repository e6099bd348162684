"""The command line as a person runs it, each command in a process of its own; and places that are searched for what
nobody may read."""

from __future__ import annotations

import contextlib
import itertools
import json
import logging
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from shared.logging import JsonLines
from tests.journeys.places import Place, embedded_place, server_place

REPOSITORY = Path(__file__).parents[2]


class Zygote:
    """Processes that are forked from one that has read the program already."""

    def __init__(self) -> None:
        self._parent = subprocess.Popen(
            [sys.executable, "-m", "tests.journeys.zygote"],
            cwd=REPOSITORY,
            env=clean_environment(),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def start(self, words: list[str], told: Path, complained: Path) -> int:
        """Start `kinbridge` with these words; returns its process id."""
        place = {"cwd": str(REPOSITORY), "environment": clean_environment()}
        asked = {"words": words, "told": str(told), "complained": str(complained), **place}
        return int(self._asked(asked)["pid"])

    def code_of(self, pid: int) -> int:
        """Wait for the end of a process that was started here; returns its exit code."""
        return int(self._asked({"end of": pid})["code"])

    def end(self) -> None:
        self._parent.communicate(timeout=30)

    def _asked(self, asked: dict[str, Any]) -> dict[str, Any]:
        assert self._parent.stdin is not None
        assert self._parent.stdout is not None
        self._parent.stdin.write(json.dumps(asked) + "\n")
        self._parent.stdin.flush()
        answer: dict[str, Any] = json.loads(self._parent.stdout.readline())
        return answer


class Kinbridge:
    """`kinbridge` on one data folder."""

    def __init__(self, folder: Path, zygote: Zygote) -> None:
        self.folder = folder
        self._zygote = zygote
        self._numbers = itertools.count(1)

    def run(self, *words: str, code: int = 0) -> subprocess.CompletedProcess[str]:
        """Run a command and check its exit code."""
        asked = [*words, "--data-dir", str(self.folder)]
        number = next(self._numbers)
        told, complained = (self.folder.with_name(f"{self.folder.name}-{number}.{one}") for one in ("out", "err"))
        found = self._zygote.code_of(self._zygote.start(asked, told, complained))
        done = subprocess.CompletedProcess(asked, found, told.read_text(), complained.read_text())
        assert done.returncode == code, done.stdout + done.stderr
        return done

    def json(self, *words: str, code: int = 0) -> Any:
        """Run with `--json`: standard output holds the document alone."""
        return json.loads(self.run(*words, "--json", code=code).stdout)

    def command(self, *words: str) -> list[str]:
        """The command as a person starts it, for a process that is no fork."""
        return [sys.executable, "-m", "kinbridge", *words, "--data-dir", str(self.folder)]


def clean_environment() -> dict[str, str]:
    """This process's environment without settings of this machine."""
    return {name: value for name, value in os.environ.items() if not name.startswith("KINBRIDGE_")}


@pytest.fixture(scope="session")
def zygote() -> Iterator[Zygote]:
    made = Zygote()
    yield made
    made.end()


@pytest.fixture
def kinbridge(tmp_path: Path, zygote: Zygote) -> Kinbridge:
    return Kinbridge(tmp_path / "data", zygote)


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


@pytest.fixture(params=["embedded", "servers"])
def place(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Place]:
    """The whole system, embedded on SQLite, and on PostgreSQL with the broker; everything that it logs is kept."""
    with contextlib.ExitStack() as stack:
        made = embedded_place(tmp_path) if request.param == "embedded" else server_place(tmp_path, stack)
        handler = logging.StreamHandler(made.told)
        handler.setFormatter(JsonLines())
        handler.addFilter(lambda record: not record.name.startswith("httpx"))  # the test's own client, aloud
        root, before = logging.getLogger(), logging.getLogger().level
        root.addHandler(handler)
        root.setLevel(logging.DEBUG)
        stack.callback(root.removeHandler, handler)
        stack.callback(root.setLevel, before)
        yield made
