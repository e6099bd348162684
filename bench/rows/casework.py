"""Row 6: case work among many cases: opening one, lists and searches, pages far behind; and taking cases in.

The many are made by the database itself, with the columns, sizes and spread of real ones; what is opened and found by
name was submitted like any other case, encrypted, in the midst of them. Everything goes over HTTP, one request at a
time, each answer with its own transaction. A figure is the 95th percentile of a run in milliseconds.
"""

from __future__ import annotations

import http.client
import json
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from statistics import median, quantiles
from typing import Any
from uuid import UUID

from sqlalchemy import select, text

from bench.child import child
from bench.facts import KEYS, name, people_case
from bench.report import RUNS, Check, Row, interleaved, medians
from bench.rows.submit import CASES_EACH, CONNECTIONS, Submit, wait_for_answer
from bench.servers import Servers
from services.intake import commands, queries
from services.intake.api.cases import checked_case
from services.intake.domain import Case
from services.intake.queries.search import Wanted, cursor_behind
from shared.access import Actor, issue_token
from shared.database import reading, transaction
from tests.servers import free_port

CASES = (10_000, 1_000_000)
ASKED = (100, 400)
REQUESTS, BATCHES = (600, 8_000), (6, 60)
"""(at least, at SCALE=1)."""
REAL = 500
PAGE_SIZE, FAR_PAGE = 10, 1_000

_ID = (
    "(lpad(to_hex(1500000000000 + n::bigint * 100000), 12, '0') || '7' || substr(md5(n::text || {salt}), 1, 3) || '8' "
    "|| substr(md5(n::text || {salt}), 4, 15))::uuid"
)
_MANY = """
INSERT INTO "case" (id, organisation_id, reference, type, status, version, created_at, updated_at, restricted, place,
    happened_on, facts)
SELECT {case}, CASE WHEN n % 10 = 0 THEN :other ELSE :own END, 'many-' || n,
    (ARRAY['tracing_request', 'registration', 'child', 'assistance'])[1 + n % 4],
    (ARRAY['in_progress', 'submitted', 'waiting_for_enquirer', 'closed', 'closed', 'closed'])[1 + (n / 7) % 6],
    1, now(), now(), n % 4 = 2, 'LY' || lpad((n % 997)::text, 3, '0'), date '2015-01-01' + (n % 4000),
    '{{"relationship": "parent", "how_contact_was_lost": "migration"}}'
FROM generate_series(1, :count) AS n;
INSERT INTO person (id, organisation_id, sealed, sex, age_band, nationality, minor, created_at)
SELECT {person}, CASE WHEN n % 10 = 0 THEN :other ELSE :own END, decode(repeat(md5(n::text), 10), 'hex'), 'female',
    '18-49', 'ETH', false, now() FROM generate_series(1, :count) AS n;
INSERT INTO case_person (case_id, person_id, organisation_id, role, number)
SELECT {case}, {person}, CASE WHEN n % 10 = 0 THEN :other ELSE :own END, 'sought', 1
FROM generate_series(1, :count) AS n;
INSERT INTO timeline_entry (case_id, number, organisation_id, at, what, status)
SELECT {case}, 1, CASE WHEN n % 10 = 0 THEN :other ELSE :own END, now(), 'submit', 'submitted'
FROM generate_series(1, :count) AS n;
INSERT INTO name_key (organisation_id, digest, person_id)
SELECT CASE WHEN n % 10 = 0 THEN :other ELSE :own END,
    hashtextextended((n * 31 % (1000 * k * k))::text, k) & 9223372036854775807, {person}
FROM generate_series(1, :count) AS n, generate_series(1, 8) AS k ON CONFLICT DO NOTHING;
"""


class ManyCases:
    """A database with many cases in it, a server on it, and one who asks."""

    def __init__(self, servers: Servers, count: int) -> None:
        self.servers = servers
        self.url, self.engine = servers.database("intake")
        with transaction(self.engine) as session:
            own, other = (
                commands.register_organisation(session, short_name=name, name=name, kind="ngo").id
                for name in ("bench", "other")
            )
        self.actor = Actor(own, roles=queries.SYSTEM_ROLES)
        self.token = issue_token(KEYS, self.actor, life=timedelta(hours=2))
        self._fill(count // 2, own, other)
        self.real = self._submit()
        self._fill(count, own, other, begin=count // 2)
        self.count = count

    def _fill(self, last: int, own: UUID, other: UUID, begin: int = 0) -> None:
        ids = {"case": _ID.format(salt="'c'"), "person": _ID.format(salt="'p'")}
        for statement in _MANY.format(**ids).split(";\n"):
            if statement.strip():
                series = statement.replace("generate_series(1, :count)", f"generate_series({begin + 1}, {last})")
                with transaction(self.engine) as session:
                    session.execute(text(series), {"own": own, "other": other})

    def _submit(self) -> list[tuple[UUID, str]]:
        items = [checked_case(people_case(number)) for number in range(REAL)]
        with transaction(self.engine) as session:
            answer = commands.submit_batch(session, self.actor, items, idempotency_key=None, request=None)
        return [(UUID(one["case"]["id"]), one["case"]["reference"]) for one in answer["results"]]

    def settle(self) -> None:
        with self.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.execute(text("VACUUM ANALYZE"))
        self.servers.settle()

    def far_cursor(self) -> str:
        """The `after` of page 1,000."""
        with reading(self.engine) as session:
            seen = select(Case).where(Case.organisation_id == self.actor.organisation_id, Case.restricted.is_(False))
            before = session.scalars(seen.order_by(Case.id.desc()).offset(self.far * PAGE_SIZE - 1).limit(1)).one()
            return cursor_behind(before, Wanted())

    @property
    def far(self) -> int:
        """Page 1,000, or the last where there are fewer."""
        return min(FAR_PAGE, self.count * 6 // 10 // PAGE_SIZE) - 1

    @contextmanager
    def serving(self) -> Iterator[Asker]:
        port = free_port()
        with child("kinbridge_intake", database=self.url, port=port) as server:
            server.release()
            wait_for_answer(f"http://127.0.0.1:{port}/intake/health")
            yield Asker(port, self.token)


class Asker:
    """One connection that asks one thing after another."""

    def __init__(self, port: int, token: str) -> None:
        self._connection = http.client.HTTPConnection("127.0.0.1", port)
        self._headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}

    def ask(self, path: str, body: dict[str, Any] | None = None) -> tuple[float, Any]:
        """(milliseconds, the answer)."""
        began = time.perf_counter()
        method, sent = ("GET", None) if body is None else ("POST", json.dumps(body))
        self._connection.request(method, f"/intake/v1/{path}", sent, self._headers)
        answer = self._connection.getresponse()
        found = json.loads(answer.read())
        spent = (time.perf_counter() - began) * 1000
        assert answer.status == 200, found
        return spent, found


def measured(asker: Asker, cases: ManyCases, asked: int) -> dict[str, list[list[float]]]:
    """What is asked → its runs → milliseconds of each request."""
    far = cases.far_cursor()
    kinds: dict[str, Callable[[int], tuple[str, dict[str, Any] | None]]] = {
        "open a case": lambda n: (f"cases/{cases.real[n % REAL][0]}", None),
        "newest": lambda n: ("cases", None),
        "reference": lambda n: (f"cases?reference={cases.real[n % REAL][1]}", None),
        "place": lambda n: (f"cases?place=LY{n * 7 % 997:03}", None),
        "day": lambda n: (f"cases?happened_from=2019-{1 + n % 12:02}-01&happened_to=2019-{1 + n % 12:02}-20", None),
        "status": lambda n: (f"cases?status={('in_progress', 'closed', 'submitted')[n % 3]}", None),
        "type and status": lambda n: (f"cases?type={('child', 'assistance')[n % 2]}&status=closed", None),
        "name": lambda n: ("search", {"name": name(2 * (n % REAL))}),
        "page 1": lambda n: (f"cases?limit={PAGE_SIZE}", None),
        f"page {cases.far + 1:,}": lambda n: (f"cases?limit={PAGE_SIZE}&after={far}", None),
    }
    for what, request in kinds.items():
        for number in range(5):
            _, found = asker.ask(*request(number))
            assert found.get("items", True), what

    spent: dict[str, list[list[float]]] = {what: [] for what in kinds}
    for _ in range(RUNS):
        for what, request in kinds.items():
            spent[what].append([asker.ask(*request(number))[0] for number in range(asked)])
    return spent


def p95(spent: list[float]) -> float:
    return quantiles(spent, n=20)[-1]


def rows(servers: Servers, scale: float) -> list[Row]:
    count, asked, requests, batches = (
        max(least, int(most * scale)) for least, most in (CASES, ASKED, REQUESTS, BATCHES)
    )
    cases = ManyCases(servers, count)
    cases.settle()
    with cases.serving() as asker:
        found = measured(asker, cases, asked)
    figures = {what: [p95(run) for run in runs] for what, runs in found.items()}
    at = medians(figures)
    *_, first, far = found
    middles = [median([median(run) for run in found[page]]) for page in (first, far)]
    submit = Submit(servers)
    taken = interleaved(
        {
            "one by one": lambda: submit.load("kinbridge_intake", requests, people=True),
            "in batches": lambda: submit.load("kinbridge_intake", batches, CASES_EACH, people=True),
        }
    )
    rate = medians(taken)
    searches = ("newest", "reference", "place", "day", "status", "type and status")
    return [
        Row(
            "case work, p95",
            f"{count:,} cases; {asked} requests of each kind a run, one after another",
            "ms",
            figures,
            [
                Check("open a case", at["open a case"], 10, "ms", at_most=True),
                *(Check(what, at[what], 30, "ms", at_most=True) for what in searches),
                Check(f"{far} to page 1 (medians)", middles[1] / middles[0], 1.3, "×", at_most=True),
            ],
        ),
        Row(
            "tracing requests taken in",
            f"{requests:,} over {CONNECTIONS} connections; {batches} batches of {CASES_EACH} over 2",
            "cases/s",
            taken,
            [
                Check("one by one", rate["one by one"], 250, "cases/s"),
                Check("in batches", rate["in batches"], 1_500, "cases/s"),
            ],
        ),
    ]
