"""An import on the embedded system is killed again and again; started again, it goes on to exact totals."""

from __future__ import annotations

import csv
import json
import random
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, func, select

from services.intake.domain import Import, ImportedRow, Incident
from services.reporting.domain import IncidentFact
from shared.crypto import KeyRing
from shared.database import open_engine, reading
from shared.settings import Settings
from tests.faults.account import Account
from tests.faults.fleet import ROOT, environment_without_settings
from tests.servers import fresh_folder

pytestmark = [pytest.mark.faults, pytest.mark.timeout(600)]
ROWS, REFUSED_EVERY = 6_000, 100
KILLS = 9
FIGURES = ("dead", "missing", "survivors")


def written(file: Path) -> dict[str, int]:
    """A file of incidents, one row of a hundred with a figure that is none. Returns its totals."""
    chance, totals = random.Random(7), dict.fromkeys(FIGURES, 0)
    with file.open("w", newline="") as stream:
        rows = csv.writer(stream)
        rows.writerow(["occurred_from", "occurred_to", *FIGURES, "place"])
        for number in range(ROWS):
            figures = [chance.randrange(50) for _ in FIGURES]
            if number % REFUSED_EVERY == 0:
                rows.writerow(["2021-03-01", "2021-03-31", "many", *figures[1:], f"place {number}"])
                continue
            rows.writerow(["2021-03-01", "2021-03-31", *figures, f"place {number}"])
            for name, figure in zip(FIGURES, figures, strict=True):
                totals[name] += figure
    return totals


class Run:
    """One process that imports the file."""

    def __init__(self, folder: Path, file: Path, log: Path) -> None:
        with log.open("a") as errors:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "tests.faults.import_run", str(folder), str(file)],
                cwd=ROOT,
                stdout=subprocess.PIPE,
                stderr=errors,
                text=True,
                env=environment_without_settings(),
            )
        self.said: list[dict[str, Any]] = []
        self._listener = threading.Thread(target=self._listen)
        self._listener.start()

    def _listen(self) -> None:
        assert self._process.stdout is not None
        for line in self._process.stdout:
            self.said.append(json.loads(line))
        self._process.stdout.close()

    def kill_after(self, steps: int, seconds: float) -> None:
        """SIGKILL some seconds after it said so many steps, if it still runs."""
        while len(self.said) < steps and self._process.poll() is None:
            time.sleep(0.002)
        time.sleep(seconds)
        self._process.send_signal(signal.SIGKILL)
        self.end()

    def end(self) -> int:
        code = self._process.wait(240)
        self._listener.join(10)
        return code


def counted(run: Run) -> dict[str, Any]:
    return next(step for step in run.said if step["kind"] == "counted")


def sums(engine: Engine, table: Any) -> dict[str, int]:
    with reading(engine) as session:
        row = session.execute(select(*(func.sum(getattr(table, name)) for name in FIGURES))).one()
    return dict(zip(FIGURES, map(int, row), strict=True))


def test_an_import_that_is_killed_at_any_moment_goes_on_to_exact_totals_and_one_message() -> None:
    base = fresh_folder("import")
    folder, file, log = base / "data", base / "incidents.csv", base / "log"
    totals = written(file)
    chance, killed_in = random.Random(20), []
    for number in range(KILLS):
        run = Run(folder, file, log)
        steps = (0, 1)[number % 2] if number < 3 else chance.randint(2, 7)
        run.kill_after(steps, chance.uniform(0.0, 0.3))
        killed_in.append(len(run.said))
        assert not any(step["kind"] in ("arrived", "not arrived") for step in run.said), "it was not killed in time"
    last = Run(folder, file, log)
    assert last.end() == 0, log.read_text()[-2000:]
    refused = ROWS // REFUSED_EVERY
    expected = {"rows": ROWS, "accepted": ROWS - refused, "unchanged": 0, "refused": refused}
    assert {name: counted(last)[name] for name in expected} == expected
    assert last.said[-1]["kind"] == "arrived"
    check(folder, totals, expected)

    before = {path: path.read_bytes() for path in (folder / "outbox").rglob("*.txt")}
    again = Run(folder, file, log)
    assert again.end() == 0, log.read_text()[-2000:]
    assert counted(again)["again"] is True
    check(folder, totals, expected)
    assert {path: path.read_bytes() for path in (folder / "outbox").rglob("*.txt")} == before


def check(folder: Path, totals: dict[str, int], expected: dict[str, int]) -> None:
    """Totals in both services, the rows of the import, one message, and the account of all events."""
    settings = Settings(data_dir=folder)
    keys: KeyRing = settings.key_ring()
    intake, reporting = (open_engine(settings.database_url(service)) for service in ("intake", "reporting"))
    assert sums(intake, Incident) == totals
    assert sums(reporting, IncidentFact) == totals
    with reading(intake) as session:
        assert session.scalar(select(func.count()).select_from(Import)) == 1
        assert session.scalar(select(func.count()).select_from(ImportedRow)) == expected["rows"]
    account = Account.of(intake)
    account.facts(reporting, keys).arrived(reporting, "reporting").close()
    kinds = [event.type for event in account.log]
    assert kinds.count("import.finished") == 1
    assert kinds.count("import.row_refused") == expected["refused"]
    assert kinds.count("incident.recorded") == expected["accepted"]
    messages = list((folder / "outbox").rglob("*"))
    assert [path.suffix for path in messages if path.is_file()] == [".txt"], messages
    intake.dispose()
    reporting.dispose()
