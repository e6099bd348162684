"""Row 5: cases over HTTP, one and many at once, each with a token and an `Idempotency-Key`; and a file's import.

The floor (`sides/floor_intake.py`) writes the same rows in one transaction, each by a statement of its own. The load
comes from a process of its own; with two cores it shares them with the server and PostgreSQL, on both sides alike.
"""

from __future__ import annotations

import csv
import tempfile
import time
import urllib.request
from datetime import timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import func, select, text

from bench.child import child, until
from bench.facts import KEYS, incident
from bench.report import Check, Row, interleaved, medians
from bench.servers import Servers, plain
from kinbridge.embedded import EmbeddedSystem
from kinbridge.imports import import_incidents
from services.intake import commands, queries
from services.intake.domain import Case
from services.intake.settings import IMPORT_ROWS_PER_TRANSACTION
from shared.access import Actor, issue_token
from shared.database import reading, transaction
from shared.settings import Settings
from tests.servers import free_port

CONNECTIONS = 8
REQUESTS, BATCHES, ROWS = (1_500, 20_000), (10, 100), (3_000, 50_000)
"""(at least, at SCALE=1)."""
CASES_EACH = 500

_TABLES = 'accepted_request, incident, data_key, name_key, person, "case", event_log, event_subject'


class Submit:
    """Intake's database with an organisation and its token, and how to load a server on it."""

    def __init__(self, servers: Servers) -> None:
        self.servers = servers
        self.url, self.engine = servers.database("intake")
        with transaction(self.engine) as session:
            organisation = commands.register_organisation(session, short_name="bench", name="Bench", kind="ngo")
            actor = Actor(organisation.id, roles=queries.SYSTEM_ROLES)
        self.token = issue_token(KEYS, actor, life=timedelta(hours=2))

    def load(self, side: str, requests: int, cases_each: int = 0, *, people: bool = False) -> float:
        """Cases a second: incidents, or tracing requests with `people` in them."""
        with transaction(self.engine) as session:
            session.execute(text(f"TRUNCATE {_TABLES} CASCADE"))
        self.servers.settle()
        port = free_port()
        address = plain(self.url) if side == "floor_intake" else self.url
        path = "/intake/v1/cases/batch" if cases_each else "/intake/v1/cases"
        with child(side, database=address, port=port) as server:
            server.release()
            wait_for_answer(f"http://127.0.0.1:{port}/intake/health")
            self._send(port, path, 16, cases_each, "warm", people=people)
            begin = 16 * (cases_each or 1)
            seconds = self._send(port, path, requests, cases_each, "timed", people=people, begin=begin)
        expected = (requests + 16) * (cases_each or 1)
        with reading(self.engine) as session:
            assert session.scalar(select(func.count()).select_from(Case)) == expected
        return requests * (cases_each or 1) / seconds

    def _send(self, port: int, path: str, requests: int, cases_each: int, run: str, **more: Any) -> float:
        settings = {
            **more,
            "port": port,
            "path": path,
            "requests": requests,
            "connections": 2 if cases_each else CONNECTIONS,
            "cases_each": cases_each,
            "token": self.token,
            "run": run,
        }
        with child("load", **settings) as load:
            load.release()
            return float(load.answer())


def wait_for_answer(address: str, timeout: float = 30.0, every: float = 0.02) -> None:
    """Until the address answers 200."""

    def answers() -> bool:
        try:
            with urllib.request.urlopen(address, timeout=2) as answer:
                return bool(answer.status == 200)
        except OSError:
            return False

    until(answers, timeout=timeout, every=every)


def import_file(rows: int) -> float:
    """Rows a second, of a file that nobody has imported before, in a fresh embedded system on SQLite."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "incidents.csv"
        write_file(file, rows)
        with EmbeddedSystem(Settings(data_dir=Path(folder) / "data")) as system:
            with transaction(system.engine("intake")) as session:
                commands.register_organisation(session, short_name="bench", name="Bench", kind="ngo")
            began = time.perf_counter()
            told = list(import_incidents(system, str(file), "bench"))
            seconds = time.perf_counter() - began
            assert told[-1]["accepted"] == rows, told[-1]
    return rows / seconds


def write_file(file: Path, rows: int) -> None:
    """Invented incidents in the layout of IOM's Missing Migrants download."""
    columns = {
        "Incident Type": "kind",
        "Reported Date": "occurred_from",
        "Number of Dead": "dead",
        "Minimum Estimated Number of Missing": "missing",
        "Number of Survivors": "survivors",
        "Number of Females": "females",
        "Number of Males": "males",
        "Number of Children": "children",
        "Country of Origin": "countries_of_origin",
        "Region of Origin": "region_of_origin",
        "Cause of Death": "cause",
        "Location of death": "place",
        "Information Source": "source",
        "Migration route": "route",
        "Region of Incident": "region",
    }
    with file.open("w", newline="", encoding="utf-8") as stream:
        lines = csv.writer(stream)
        lines.writerow(columns)
        for number in range(rows):
            facts = {**incident(number), "kind": "Incident"}
            lines.writerow([facts[name] for name in columns.values()])


def rows(servers: Servers, scale: float) -> list[Row]:
    requests, batches, lines = (max(least, int(most * scale)) for least, most in (REQUESTS, BATCHES, ROWS))
    work = Submit(servers)
    figures = interleaved(
        {
            "kinbridge": lambda: work.load("kinbridge_intake", requests),
            "floor": lambda: work.load("floor_intake", requests),
            "batch": lambda: work.load("kinbridge_intake", batches, CASES_EACH),
            "import": lambda: import_file(lines),
        }
    )
    at = medians(figures)
    return [
        Row(
            "POST /intake/v1/cases",
            f"{requests:,} requests of one case over {CONNECTIONS} connections",
            "cases/s",
            {name: figures[name] for name in ("kinbridge", "floor")},
            [Check("of the floor", at["kinbridge"] / at["floor"], 0.4, "×")],
        ),
        Row(
            "POST /intake/v1/cases/batch",
            f"{batches} requests of {CASES_EACH} cases over 2 connections",
            "cases/s",
            {"kinbridge": figures["batch"]},
            [Check("cases a second", at["batch"], 3_000, "cases/s")],
        ),
        Row(
            "import",
            f"{lines:,} rows of a CSV file, {IMPORT_ROWS_PER_TRANSACTION} a transaction, embedded (SQLite)",
            "rows/s",
            {"kinbridge": figures["import"]},
            [Check("rows a second", at["import"], 2_000, "rows/s")],
        ),
    ]
