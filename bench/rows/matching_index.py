"""The matcher's index on PostgreSQL as it grows: how large it is, and how long one request takes from its blocking keys
to ranked, explained candidates.

Everybody may be compared: there are a legal basis for each person and an agreement between the two organisations. All
records are truly prepared and sealed; they are copied in, and their keys are indexed at the end.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from itertools import islice
from uuid import UUID

import numpy as np
import psycopg
from sqlalchemy import Engine

from bench.child import child
from bench.facts import KEYS
from bench.match_facts import registered
from bench.report import Check, Row, medians
from bench.servers import Servers, plain
from bench.sides.match_looks import WHOLE, Took
from services.intake import commands
from services.intake.casework.matching import PURPOSE
from services.intake.domain import Agreement, LegalBasis, Person
from services.intake.matching import VERSION, Prepared, Record, blocking_keys, prepare, traits_of
from services.intake.matching.lab.samples import Tracing
from services.intake.queries import match_index as index
from services.intake.queries.compared import FOUND
from shared.crypto import key_id
from shared.database import reading, transaction, utc_now, uuid7
from shared.vault import vault_of

SIZES = (10_000, 100_000, 1_000_000)
"""Those up to a million times SCALE, and always the first."""
REQUESTS, WARMING = 200, 50
LOT = 10_000
"""Records that are prepared and written at once."""
P50, P95 = 10, 40
"""Milliseconds."""
_LINE = np.dtype([("columns", ">i2"), ("long", ">i4"), ("digest", ">i8"), ("long_too", ">i4"), ("holder", ">i8")])
"""A row of `match_key` as COPY takes it in binary."""
_HEAD, _TAIL = b"PGCOPY\n\xff\r\n\0" + bytes(8), b"\xff\xff"


@dataclass
class Index:
    """One database of intake, filled as far as was asked."""

    engine: Engine
    server: psycopg.Connection
    """The superuser's: COPY writes no table that has row-level security."""
    records: Iterator[Record]
    holder: UUID = field(init=False)
    enquirer: UUID = field(init=False)
    asked: UUID = field(init=False)
    """The person for whom every look-up is."""
    size: int = 0

    def __post_init__(self) -> None:
        now = utc_now()
        with transaction(self.engine) as session:
            self.holder, self.enquirer = (
                commands.register_organisation(session, short_name=one, name=one, kind="national_society").id
                for one in ("holder", "enquirer")
            )
            row = Person(organisation_id=self.enquirer, sex="male", age_band="18-49", minor=False, created_at=now)
            row.id = self.asked = uuid7()
            session.add(row)
            session.flush()
            session.add(_agreement(self.holder, self.enquirer))
            basis = LegalBasis(id=uuid7(), organisation_id=self.enquirer, person_id=row.id, purpose=PURPOSE)
            basis.basis, basis.recorded_at = "consent", now
            session.add(basis)

    def fill(self, size: int) -> None:
        """Up to so many records."""
        self.server.execute("ALTER TABLE match_key DROP CONSTRAINT IF EXISTS pk_match_key")
        while self.size < size:
            self._write([prepare(one) for one in islice(self.records, min(LOT, size - self.size))])
        self.server.execute("ALTER TABLE match_key ADD CONSTRAINT pk_match_key PRIMARY KEY (digest, holder)")
        self.server.execute("VACUUM ANALYZE")

    def _write(self, lot: Sequence[Prepared]) -> None:
        now, people = utc_now(), [uuid7() for _ in lot]
        with reading(self.engine) as session:
            opened, keys = vault_of(session).fresh(people, self.holder)
            digests = [index.digests_of(session, FOUND, blocking_keys(one)) for one in lot]
        self._copy(
            "person (id, organisation_id, sex, age_band, minor, created_at)",
            ((one, self.holder, "male", "18-49", False, now) for one in people),
        )
        self._copy(
            "legal_basis (id, organisation_id, person_id, purpose, basis, recorded_at)",
            ((uuid7(), self.holder, one, PURPOSE, "consent", now) for one in people),
        )
        self._copy(
            "data_key (owner_id, organisation_id, key_id, wrapped, made_at)",
            ((one["owner_id"], self.holder, one["key_id"], one["wrapped"], now) for one in keys),
        )
        under, numbered = key_id(KEYS.masters[0]), list(enumerate(lot, start=self.size + 1))
        self._copy(
            "match_record "
            "(number, person_id, case_id, organisation_id, side, version, index_key, traits, digests, sealed)",
            (
                (number, person, person, self.holder, FOUND, VERSION, under, traits_of(one), index.packed(theirs),
                 opened[person].encrypt(one.to_bytes(), index.SEALED))
                for (number, one), person, theirs in zip(numbered, people, digests, strict=True)
            ),
        )  # fmt: skip
        holders = [index.holder_of(number, traits_of(one)) for number, one in numbered]
        with self.server.cursor().copy("COPY match_key (digest, holder) FROM STDIN (FORMAT BINARY)") as copy:
            copy.write(_lines(digests, holders))
        self.size += len(lot)

    def _copy(self, table: str, rows: Iterable[Sequence[object]]) -> None:
        with self.server.cursor().copy(f"COPY {table} FROM STDIN".encode()) as copy:
            for row in rows:
                copy.write_row(row)

    def megabytes(self, table: str) -> float:
        """Of a table with its indexes."""
        row = self.server.execute("SELECT pg_total_relation_size(%s)", [table]).fetchone()
        assert row is not None
        return float(row[0]) / 2**20

    def looks(self) -> Took:
        """By a process of its own, so that nothing was heard before but what its warm-up heard."""
        asking = {"person": str(self.asked), "organisation": str(self.enquirer)}
        url = self.engine.url.render_as_string(hide_password=False)
        with child("match_looks", database=url, requests=REQUESTS, warming=WARMING, **asking) as side:
            side.release()
            found: Took = json.loads(side.answer())
        return found


def _agreement(one: UUID, other: UUID) -> Agreement:
    now = utc_now()
    return Agreement(
        id=uuid7(),
        organisation_id=one,
        receiver_id=other,
        purposes=[PURPOSE],
        fields=["names"],
        countries=[],
        valid_from=date(2020, 1, 1),
        proposed_by=uuid7(),
        proposed_at=now,
        signed_by=uuid7(),
        signed_at=now,
    )


def _lines(digests: Sequence[Sequence[int]], holders: Sequence[int]) -> bytes:
    lines = np.zeros(sum(map(len, digests)), _LINE)
    lines["columns"], lines["long"], lines["long_too"] = 2, 8, 8
    lines["digest"] = np.concatenate(digests)
    lines["holder"] = np.repeat(holders, [len(theirs) for theirs in digests])
    return _HEAD + lines.tobytes() + _TAIL


def index_rows(servers: Servers, scale: float, tracing: Tracing | None) -> list[Row]:
    """One row a size, the largest with its targets; and one of how large the index is."""
    sizes = [size for size in SIZES if size <= max(SIZES[0], SIZES[-1] * scale)]
    of = "the tracing data, filled up with its names put together anew" if tracing else "invented names"
    megabytes: dict[str, list[float]] = {}
    found: list[Row] = []
    _, engine = servers.database("intake")
    with psycopg.connect(plain(servers.postgres.url(str(engine.url.database))), autocommit=True) as server:
        filled = Index(engine, server, registered(tracing))
        for size in sizes:
            began = time.monotonic()
            filled.fill(size)
            servers.settle()
            print(f"matching: {size:,} records in {time.monotonic() - began:.0f} s", file=sys.stderr, flush=True)
            found.append(_row(size, of, filled.looks(), judged=size == sizes[-1]))
            for called, table in (("keys", "match_key"), ("sealed records", "match_record")):
                megabytes[f"{size:,}: {called}"] = [filled.megabytes(table)]
    engine.dispose()
    return [*found, Row("matching: size of the index", f"tables with their indexes; {of}", "MB", megabytes)]


def _row(size: int, of: str, took: Took, *, judged: bool) -> Row:
    figures = {
        f"{part}, p{share}": [float(np.percentile(milliseconds, share))]
        for part, milliseconds in took.items()
        for share in (50, 95)
    }
    at = medians(figures)
    wanted = {50: P50, 95: P95} if judged else {}
    return Row(
        "matching: from keys to candidates",
        f"{size:,} records: {of}; {REQUESTS} requests, each new, one after the other; one run; wall time",
        "ms",
        figures,
        [Check(f"p{share}", at[f"{WHOLE}, p{share}"], most, "ms", at_most=True) for share, most in wanted.items()],
    )
