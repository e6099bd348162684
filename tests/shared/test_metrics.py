"""What a monitor is told of requests and jobs, where, and that a label is never an id or a name."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from pathlib import Path

import pytest
from fastapi import FastAPI
from prometheus_client import CollectorRegistry, Metric
from sqlalchemy import Engine
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from services.notify import tasks
from services.notify.domain import Notification
from services.notify.family_delivery import FamilyDelivery
from services.notify.figures import message_figures
from services.notify.senders import FileSender
from shared.database import transaction, utc_now, uuid7
from shared.messaging.loops import Loops
from shared.metrics import Figures, Measured, RequestTimes, metrics_app, new_registry, tell_metrics
from shared.metrics.jobs import JobTimes
from shared.settings import Settings
from shared.web import create_app
from tests.client import TestClient
from tests.databases import Databases
from tests.servers import free_port

CANARY = "canary-7731"
ROOT = Path(__file__).parents[2]


@pytest.fixture
def registry() -> CollectorRegistry:
    return new_registry()


@pytest.fixture
def visitor(registry: CollectorRegistry) -> Iterator[TestClient]:
    """Who visits a measured application."""
    app: FastAPI = create_app("test", prefix="/intake")

    @app.get("/intake/v1/cases/{case_id}")
    def case(case_id: str) -> dict[str, str]:
        if case_id == "broken":
            raise RuntimeError(CANARY)
        return {}

    with TestClient(Measured(app, "intake", RequestTimes(registry)), raise_server_exceptions=False) as client:
        yield client


def counted(registry: CollectorRegistry, method: str, route: str, status: str) -> float | None:
    labels = {"service": "intake", "method": method, "route": route, "status": status}
    return registry.get_sample_value("kinbridge_request_seconds_count", labels)


def test_requests_are_counted_by_the_template_of_their_route(visitor: TestClient, registry: CollectorRegistry) -> None:
    for case in (CANARY, "01a201e8", "broken"):
        visitor.get(f"/intake/v1/cases/{case}?name={CANARY}")
    assert counted(registry, "GET", "/intake/v1/cases/{case_id}", "2xx") == 2
    assert counted(registry, "GET", "/intake/v1/cases/{case_id}", "5xx") == 1


def test_a_visitor_makes_no_labels(visitor: TestClient, registry: CollectorRegistry) -> None:
    visitor.get(f"/{CANARY}")
    visitor.request(CANARY, "/intake/v1/cases/1")
    assert counted(registry, "GET", "other", "4xx") == 1
    told = TestClient(metrics_app(registry)).get("/metrics").text
    assert "kinbridge_request_seconds_bucket" in told
    assert CANARY not in told.lower()


def test_a_database_that_does_not_answer_silences_its_figures_alone(
    sqlite: Databases, registry: CollectorRegistry
) -> None:
    def look(_session: Session) -> Iterable[Metric]:
        raise OperationalError(CANARY, {}, RuntimeError(CANARY))

    registry.register(Figures("intake", sqlite("intake"), look))
    answer = TestClient(metrics_app(registry)).get("/metrics")
    assert answer.status_code == 200
    assert "process_resident_memory_bytes" in answer.text
    assert CANARY not in answer.text


def test_alive_answers_without_any_database(registry: CollectorRegistry) -> None:
    registry.register(Figures("intake", Engine(None, None, "sqlite://"), lambda _: ()))  # type: ignore[arg-type]
    assert TestClient(metrics_app(registry)).get("/alive").status_code == 200


def test_without_a_port_nobody_listens(registry: CollectorRegistry) -> None:
    loops = Loops()
    tell_metrics(registry, Settings(), loops)
    assert loops._threads == []
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("KINBRIDGE_METRICS_PORT", str(free_port()))
        tell_metrics(registry, Settings(), loops)
    assert len(loops._threads) == 1
    loops.end()


def test_messages_that_wait_are_counted_with_the_age_of_the_oldest(sqlite: Databases, tmp_path: Path) -> None:
    engine, registry = sqlite("notify"), new_registry()
    registry.register(message_figures(engine))
    labels = {"service": "notify"}
    assert registry.get_sample_value("kinbridge_unsent_messages", labels) == 0
    with transaction(engine) as session:
        session.add(waiting_message())
    assert registry.get_sample_value("kinbridge_unsent_messages", labels) == 1
    assert (registry.get_sample_value("kinbridge_unsent_oldest_seconds", labels) or 0) > 0


def waiting_message() -> Notification:
    now = utc_now()
    return Notification(
        id=uuid7(),
        organisation_id=uuid7(),
        kind="import",
        about=uuid7(),
        channel="file",
        subject="",
        text="",
        status="created",
        created_at=now,
        next_attempt_at=now,
    )


def test_jobs_are_timed_by_name_and_outcome(sqlite: Databases, tmp_path: Path) -> None:
    registry = new_registry()
    JobTimes(registry, "notify")
    engine = sqlite("notify")
    app = tasks.build(engine, FileSender(tmp_path), FamilyDelivery(engine, {}, "help.example/notify/f"), None)
    app.tasks["notify.sweep"].apply()
    labels = {"service": "notify", "job": "notify.sweep", "outcome": "success"}
    assert registry.get_sample_value("kinbridge_job_seconds_count", labels) == 1


def test_every_metric_of_the_code_is_explained_to_operators_and_no_other() -> None:
    files = [*(ROOT / "shared" / "metrics").glob("*.py"), *(ROOT / "services").glob("*/figures.py")]
    code = "".join(file.read_text() for file in files)
    told = re.findall(r"^\| `(kinbridge_[a-z_]+)`", (ROOT / "docs" / "operations.md").read_text(), re.MULTILINE)
    assert sorted(told) == sorted(set(re.findall(r'"(kinbridge_[a-z_]+)"', code)))
