"""Whatever an OpenAPI document lets somebody send, no service answers that it failed. Bounded and repeatable."""

from __future__ import annotations

from collections.abc import Callable
from types import ModuleType
from typing import Any

import hypothesis
import pytest
import schemathesis
from fastapi import FastAPI
from sqlalchemy import Engine

from services.intake import app as intake_app
from services.notify import app as notify_app
from services.reporting import app as reporting_app
from shared.access import Role, issue_token
from shared.crypto import KeyRing
from tests.staff import Staff

EXAMPLES = 3
"""Requests of each operation; the seed is fixed."""
SERVICES: dict[str, ModuleType] = {"intake": intake_app, "notify": notify_app, "reporting": reporting_app}


@pytest.mark.parametrize("service", SERVICES)
def test_no_request_makes_a_service_fail(sqlite: Callable[[str], Engine], keys: KeyRing, service: str) -> None:
    staff = Staff(sqlite("intake"), "red-cross-a", "Red Cross A")
    token = issue_token(keys, staff.member(Role.CASE_MANAGER).actor)
    engine = staff.engine if service == "intake" else sqlite(service)
    app: FastAPI = SERVICES[service].build(engine, keys)
    document = schemathesis.openapi.from_asgi(f"/{service}/openapi.json", app)
    asked = 0
    for found in document.get_all_operations():
        asked += _ask(found.ok(), token)
    assert asked >= EXAMPLES


def _ask(operation: Any, token: str) -> int:
    """Send requests of one operation; returns how many were answered."""
    statuses: list[int] = []

    @hypothesis.settings(
        max_examples=EXAMPLES,
        derandomize=True,
        deadline=None,
        database=None,
        suppress_health_check=list(hypothesis.HealthCheck),
        phases=[hypothesis.Phase.generate],
    )
    @hypothesis.given(case=operation.as_strategy())
    def ask(case: Any) -> None:
        answer = case.call(headers={"Authorization": f"Bearer {token}"})
        statuses.append(answer.status_code)
        assert answer.status_code < 500, f"{operation.method.upper()} {operation.path}: {answer.status_code}"

    ask()
    return len(statuses)
