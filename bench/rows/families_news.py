"""From the commit of `news.released` until the gateway has the family's message, by the real processes on RabbitMQ."""

from __future__ import annotations

import base64
import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from uuid import UUID

from sqlalchemy import Engine, select

from bench.child import Child, child, end_process, until
from bench.facts import KEYS
from bench.report import RUNS, Check, Row, medians
from bench.servers import Servers
from bench.sides.embedded import at_rate
from services.notify.domain import FamilyContact
from shared.database import reading, transaction
from shared.events import NewsReleased
from shared.messaging.log import record
from tests.faults.family_world import Crowd, gather
from tests.servers import free_port

RATE = 100
SECONDS = (10, 60)
"""(at least, at SCALE=1)."""
WITHIN = 1000
"""Milliseconds."""
PROCESSES = ("services.intake.worker", "services.notify.worker", "services.notify.tasks")


def news(servers: Servers, scale: float) -> Row:
    """The row."""
    count = max(SECONDS[0], int(SECONDS[1] * scale)) * RATE
    figures: dict[str, list[float]] = {"p50": [], "p99": []}
    for _ in range(RUNS):
        took = released(servers, count)
        figures["p50"].append(took[len(took) // 2])
        figures["p99"].append(took[len(took) * 99 // 100])
    return Row(
        "families: news until the gateway has it",
        f"{count:,} releases at {RATE} a second; worker of intake, worker and jobs of notify, RabbitMQ, PostgreSQL",
        "ms",
        figures,
        [Check("p99", medians(figures)["p99"], WITHIN, "ms", at_most=True)],
    )


def released(servers: Servers, count: int) -> list[float]:
    """The milliseconds of each release, sorted."""
    log_url, log = servers.database("intake")
    notify_url, notify = servers.database("notify")
    gather(notify, Crowd(count + RATE, kinds=(), languages=("en",)))
    cases = families_of(notify)
    with child("families_gateway") as gateway:
        gateway.release()
        with processes(servers, log_url, notify_url, gateway.answer()):
            release(log, cases[:RATE])
            until(lambda: len(taken(gateway)) > 0, timeout=60)
            time.sleep(3.0)
            taken(gateway)
            moments = release(log, cases[RATE:])
            found: dict[str, float] = {}

            def all_taken() -> bool:
                found.update(taken(gateway))
                return len(found) >= count

            until(all_taken, timeout=60)
    for engine in (log, notify):
        engine.dispose()
    return sorted((found[number] - moments[number]) * 1000 for number in moments)


def release(log: Engine, cases: list[tuple[str, UUID, UUID]]) -> dict[str, float]:
    """Release news about each case at the rate; returns when it was committed, by the family's number."""
    moments: dict[str, float] = {}

    def one(place: int) -> None:
        number, case, organisation = cases[place]
        with transaction(log) as session:
            record(session, NewsReleased(organisation_id=organisation, case_id=case))
        moments[number] = time.time()

    at_rate(len(cases), RATE, one)
    return moments


def taken(gateway: Child) -> dict[str, float]:
    """What the gateway took since it was last asked: when, by number."""
    gateway.release()
    found: dict[str, float] = json.loads(gateway.answer())
    return found


def families_of(notify: Engine) -> list[tuple[str, UUID, UUID]]:
    """(number, case, organisation) of each contact: `gather` numbers them as it makes them."""
    with reading(notify) as session:
        found = session.execute(select(FamilyContact.case_id, FamilyContact.organisation_id).order_by(FamilyContact.id))
        return [(f"+2519{number:08}", case, organisation) for number, (case, organisation) in enumerate(found)]


@contextmanager
def processes(servers: Servers, log_url: str, notify_url: str, gateway: str) -> Iterator[None]:
    """The real processes, ready."""
    with tempfile.TemporaryDirectory() as folder, ExitStack() as open_:
        environment = {
            "PATH": "/usr/bin:/bin",
            "KINBRIDGE_MASTER_KEY": base64.b64encode(KEYS.masters[0]).decode(),
            "KINBRIDGE_DATA_DIR": folder,
            "KINBRIDGE_BROKER_URL": servers.vhost(),
            "KINBRIDGE_INTAKE_DATABASE_URL": log_url,
            "KINBRIDGE_NOTIFY_DATABASE_URL": notify_url,
            "KINBRIDGE_NOTIFY_ADDRESS": "https://help.example",
            "KINBRIDGE_SMS_PROVIDER": "twilio",
            "KINBRIDGE_SMS_URL": gateway,
            "KINBRIDGE_SMS_ACCOUNT": "account",
            "KINBRIDGE_SMS_SECRET": "secret",
            "KINBRIDGE_SMS_FROM": "+15005550006",
            "KINBRIDGE_SMS_PER_SECOND": "10000",
        }
        environment |= {f"KINBRIDGE_{one}_FEED_PORT": str(free_port()) for one in ("INTAKE", "NOTIFY", "REPORTING")}
        for module in PROCESSES:
            log = open_.enter_context((Path(folder) / module).open("wb"))
            command = [sys.executable, "-m", module]
            process = subprocess.Popen(command, env=environment, stdout=log, stderr=log)
            open_.callback(end_process, process)
        for module in PROCESSES[:2]:
            until(lambda module=module: b'"worker ready"' in (Path(folder) / module).read_bytes(), timeout=60)  # type: ignore[misc]
        yield
