"""The operators' list of messages: the whole page, as a browser gets it, among as many messages as ten years bring."""

from __future__ import annotations

import time
from itertools import cycle
from uuid import UUID

from fastapi.testclient import TestClient
from sqlalchemy import Engine, text

from bench.facts import KEYS
from bench.report import RUNS, Check, Row, medians
from bench.servers import Servers
from services.notify.app import build
from services.notify.pages.staff.visits import TOKEN
from services.notify.queries.staff import STATUSES
from shared.access import Actor, Role, issue_token
from shared.database import reading, uuid7

MESSAGES = (100_000, 10_000_000)
"""(at least, at SCALE=1)."""
LOOKS = 300
"""Pages of a run."""
ORGANISATIONS = 3
_FILL = """
INSERT INTO notification (id, organisation_id, kind, about, fact_subject, channel, subject, text, status, created_at,
                          attempts, contact_id, person_id, language)
SELECT gen_random_uuid(), (CAST(:organisations AS uuid[]))[CASE WHEN n % 10 < 7 THEN 1 ELSE 2 + n % 2 END],
       (ARRAY['news', 'with_us', 'receipt'])[1 + n % 3], gen_random_uuid(), 'case/' || n,
       (ARRAY['sms', 'email'])[1 + n % 2], '', '',
       CASE WHEN n % 100 < 90 THEN 'delivered' WHEN n % 5000 = 99 THEN 'held'
            ELSE (CAST(:failures AS text[]))[1 + n % 5] END,
       now() - n * interval '30 seconds', 1, gen_random_uuid(), gen_random_uuid(), 'en'
FROM generate_series(1, :count) n
"""
"""Nothing of them is due: what is due is another row's."""


def operators_list(servers: Servers, scale: float) -> Row:
    """The page of every status in turn, of every organisation, the newest and from somewhere in the middle."""
    count = max(MESSAGES[0], int(MESSAGES[1] * scale))
    _, engine = servers.database("notify")
    organisations = [UUID(str(uuid7())) for _ in range(ORGANISATIONS)]
    fill(engine, organisations, count)
    figures: dict[str, list[float]] = {"p50": [], "p99": []}
    with TestClient(build(engine, KEYS)) as client:
        look(client, engine, organisations, 40)  # warm
        for _ in range(RUNS):
            took = look(client, engine, organisations, LOOKS)
            figures["p50"].append(took[len(took) // 2])
            figures["p99"].append(took[len(took) * 99 // 100])
    engine.dispose()
    return Row(
        "families: the operators' list",
        f"{count:,} messages; the whole page, {LOOKS} looks a run: every status, newest and in the middle",
        "ms",
        figures,
        [Check("p99", medians(figures)["p99"], 30, "ms", at_most=True)],
    )


def fill(engine: Engine, organisations: list[UUID], count: int) -> None:
    """As many messages, most of them delivered, most of them of one organisation."""
    asked = {"organisations": [str(one) for one in organisations], "count": count}
    asked["failures"] = ["permanent-failure", "expired", "outcome-unknown", "cancelled", "technical-failure"]
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text(_FILL), asked)
        connection.execute(text("VACUUM ANALYZE"))


def look(client: TestClient, engine: Engine, organisations: list[UUID], times: int) -> list[float]:
    """The milliseconds of each page, sorted."""
    took = []
    filters = cycle(["", *STATUSES])
    for number, status in zip(range(times), filters, strict=False):
        of = organisations[number % ORGANISATIONS]
        actor = Actor(of, roles=frozenset({Role.CASE_MANAGER}), user_id=UUID(str(uuid7())))
        asked = {"status": status} if status else {}
        before = somewhere(engine, actor.organisation_id, status) if number % 2 else None
        client.cookies.set(TOKEN, issue_token(KEYS, actor))
        began = time.perf_counter()
        answer = client.get("/notify/messages", params=asked | ({"before": before} if before else {}))
        took.append((time.perf_counter() - began) * 1000)
        assert answer.status_code == 200, answer.status_code
    return sorted(took)


def somewhere(engine: Engine, organisation_id: UUID, status: str) -> str | None:
    """A message of the organisation that is not among its newest."""
    with reading(engine) as session:
        found = session.scalar(
            text("SELECT id FROM notification WHERE organisation_id = :one AND id > gen_random_uuid() LIMIT 1"),
            {"one": organisation_id},
        )
    return str(found) if found else None
