"""The rows of issue "donor reports": facts counted as they arrive, a quarter's report over a short and a long history,
the same figures by DuckDB and pandas, and a long PDF.

A longer history is as dense as a short one: what a report costs must not grow with the years behind it. DuckDB and
pandas hold the same facts in memory, without an index on people; ours are on PostgreSQL's disk.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable
from contextlib import ExitStack
from datetime import UTC, date, datetime
from decimal import Decimal
from functools import partial
from statistics import median

import psycopg
from sqlalchemy import Engine
from sqlalchemy.orm import Session

from bench.child import child
from bench.report import RUNS, Check, Row, interleaved, medians
from bench.report_facts import ORGANISATIONS, QUARTER, fill, grant_of
from bench.report_log import record_services
from bench.servers import Servers, plain
from bench.sides.report_frames import Frames, Tables
from services.reporting.domain import Donor, Grant, Target
from services.reporting.drafting import draft_issue
from services.reporting.drafting.figures import scope_of
from services.reporting.indicators import INDICATORS
from services.reporting.queries import figures
from services.reporting.rendering import RENDERINGS
from services.reporting.rendering.issue import Cell, Column, Issue, Table, TableRow
from shared.database import reading, transaction, uuid7

ARRIVING = (20_000, 200_000)
SHORT, LONG = (10_000, 1_000_000), (100_000, 10_000_000)
"""(at least, at SCALE=1) facts."""
WANTED, MOST_SECONDS, MOST_OF_SHORT = 4_000, 2.0, 1.15
"""Facts a second; seconds of a report; how much slower noise may make a long history look than a short one."""
PDF_ROWS, PDF_SECONDS = 3_000, 10.0
CONSUMERS = 2
"""Processes: as many as processors, `--partitions` in operation."""
REPORTS = 5
GROWN = 1_000_000
"""Facts from which on a scan of everything should have lost; below it is shown, not judged."""
CODES = (
    "people.reached",
    "services.delivered",
    "3w.food",
    "3w.shelter",
    "3w.health",
    "rfl.rcm_collected",
    "rfl.phone_calls",
)
_NOW = datetime(2026, 10, 5, tzinfo=UTC)


def rows(servers: Servers, scale: float) -> list[Row]:
    short, long = (max(least, int(most * scale)) for least, most in (SHORT, LONG))
    return [arriving(servers, scale), *quarters(servers, short, long), pdf()]


def arriving(servers: Servers, scale: float) -> Row:
    """Services delivered, from intake's log to facts, tokens and rollups, batch by batch with cursors."""
    count = max(ARRIVING[0], int(ARRIVING[1] * scale))
    log_url, log = servers.database("intake")
    record_services(log, count)
    one, several = "1 consumer", f"{CONSUMERS} consumers"
    found = interleaved(
        {
            one: lambda: counted_by(servers, log_url, count, 1),
            several: lambda: counted_by(servers, log_url, count, CONSUMERS),
        }
    )
    log.dispose()
    return Row(
        "reports: facts counted",
        f"{count:,} services delivered, each to a person who is known; processes that share the partitions of the feed",
        "/s",
        found,
        [Check("counted", medians(found)[one], WANTED, "/s")],
    )


def counted_by(servers: Servers, log_url: str, count: int, consumers: int) -> float:
    """Facts a second, by so many processes on one database."""
    url, engine = servers.database("reporting")
    settings = {"database": url, "log": log_url, "every": consumers}
    with ExitStack() as open_:
        sides = [open_.enter_context(child("report_consumer", first=first, **settings)) for first in range(consumers)]
        servers.settle()
        for side in sides:
            side.release()
        told = [json.loads(side.answer()) for side in sides]
    assert servers.ask(engine, "SELECT count(*), 0 FROM served_fact")[0] == count
    engine.dispose()
    took: float = max(side["ended"] for side in told) - min(side["began"] for side in told)
    return count / took


def quarters(servers: Servers, short: int, long: int) -> list[Row]:
    """A quarter's report over a short history, over one ten times as long; and the same figures by others."""
    drafted: dict[str, list[float]] = {}
    compared: dict[str, list[float]] = {}
    for count in (short, long):
        began = time.monotonic()
        engine = filled(servers, count, short)
        print(f"reports: {count:,} facts in {time.monotonic() - began:.0f} s", file=sys.stderr, flush=True)
        grant = granted(engine)
        drafted[f"{count:,} facts"] = [timed(partial(drafted_once, engine, grant)) for _ in range(REPORTS)]
        if count == long:
            compared = others(engine, grant, count, short)
        engine.dispose()
    at = medians(drafted)
    first, last = at[f"{short:,} facts"], at[f"{long:,} facts"]
    ours = medians(compared)
    return [
        Row(
            "reports: a quarter's report",
            f"{len(CODES)} indicators, people by sex, age, disability and where from; whole drafts, {REPORTS} times",
            "s",
            drafted,
            [
                Check("longest history", last, MOST_SECONDS, "s", at_most=True),
                Check("of the short one", last / first, MOST_OF_SHORT, "×", at_most=True),
            ],
        ),
        Row(
            "reports: the same figures",
            f"{len(CODES)} indicators of one quarter and grant, {long:,} facts; DuckDB and pandas hold them in memory",
            "s",
            compared,
            [Check("of DuckDB", ours["Kinbridge"] / ours["DuckDB"], 1.0, "×", at_most=True)] if long >= GROWN else [],
        ),
    ]


def filled(servers: Servers, count: int, a_year: int) -> Engine:
    _, engine = servers.database("reporting")
    with psycopg.connect(plain(servers.postgres.url(str(engine.url.database))), autocommit=True) as server:
        fill(server, count, a_year)
    return engine


def granted(engine: Engine) -> Grant:
    """A grant of the first organisation that began three quarters before, with its targets."""
    whose = {"organisation_id": ORGANISATIONS[0]}
    donor = Donor(
        id=uuid7(), name="Ministry", donor_group="", kind="government", country="SWE", version=1, made_at=_NOW, **whose
    )
    told = {
        "number": grant_of(0),
        "title": "Families",
        "donor_id": donor.id,
        "donor_organisation_id": None,
        "kind": "grant",
    }
    lists: dict[str, list[str]] = {"themes": [], "countries": [], "frameworks": [], "sections": []}
    terms = {"starts_on": date(2026, 1, 1), "ends_on": date(2027, 12, 31), "time_zone": "Africa/Addis_Ababa"}
    grant = Grant(
        id=uuid7(), currency="EUR", age_scheme="unhcr", version=1, made_at=_NOW, **whose, **told, **lists, **terms
    )
    with transaction(engine) as session:
        session.add(donor)
        session.flush()
        session.add(grant)
        session.flush()
        session.add_all(
            Target(grant_id=grant.id, indicator=code, baseline=None, target=Decimal(1000), order=order, **whose)
            for order, code in enumerate(CODES)
        )
        session.flush()
        session.expunge_all()
    return grant


def drafted_once(engine: Engine, grant: Grant) -> Issue:
    with reading(engine, snapshot=True) as session:
        return draft_issue(session, grant, *QUARTER, narrative=(), now=_NOW)


def others(engine: Engine, grant: Grant, count: int, a_year: int) -> dict[str, list[float]]:
    """Seconds for the same figures; all three agree on them."""
    asked = [INDICATORS[code] for code in CODES]

    def ours() -> dict[str, int]:
        with reading(engine, snapshot=True) as session:
            return counted(session, grant)

    def counted(session: Session, grant: Grant) -> dict[str, int]:
        cells = figures.count(session, scope_of(grant), *QUARTER, asked)
        return {code: int(one.total or 0) for code, one in cells.items()}

    frames, tables = Frames(count, a_year), Tables(count, a_year)
    sides = {"Kinbridge": ours, "DuckDB": tables.figures, "pandas": frames.figures}
    answers = {name: side() for name, side in sides.items()}
    assert answers["DuckDB"] == answers["pandas"] == answers["Kinbridge"], answers
    found: dict[str, list[float]] = {name: [] for name in sides}
    for _ in range(REPORTS):
        for name, side in sides.items():
            found[name].append(timed(side))
    return found


def pdf() -> Row:
    """A table of so many rows, as PDF."""
    table = Table(
        key="long",
        title="A long table",
        about="services",
        columns=(
            Column(key="what", label="Service", kind="text"),
            Column(key="services", label="Services", unit="services"),
            Column(key="amount", label="Amount", kind="money", unit="EUR"),
        ),
        rows=tuple(
            TableRow(
                key=f"r{n}", cells=(Cell(value=f"Service point {n}"), Cell(value=n * 7), Cell(value=f"{n * 3}.50"))
            )
            for n in range(PDF_ROWS)
        ),
    )
    issue = Issue(
        report="grant",
        title="A long report",
        organisation="Red Cross of Xy",
        date_from=QUARTER[0],
        date_to=QUARTER[1],
        made_at=_NOW,
        tables=(table,),
    )
    found = {"PDF": [timed(lambda: RENDERINGS["pdf"].render(issue)) for _ in range(RUNS)]}
    return Row(
        "reports: a long PDF",
        f"{PDF_ROWS:,} rows of 3 cells, tagged",
        "s",
        found,
        [Check("PDF", median(found["PDF"]), PDF_SECONDS, "s", at_most=True)],
    )


def timed(work: Callable[[], object]) -> float:
    began = time.perf_counter()
    work()
    return time.perf_counter() - began
