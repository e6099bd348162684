"""Two people do the same at once: it is done once, and the other one is told."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from shared.crypto import KeyRing
from tests.databases import Databases
from tests.reporting.grants.conftest import APPROVER, FINANCE, LEDGER, MANAGER, Office


@pytest.fixture
def offices(database: Databases, keys: KeyRing) -> tuple[Office, Office]:
    """Two processes on one database."""
    first = Office(database("reporting"), keys)
    return first, first.beside(database.again(database.url_of(first.engine), "reporting"))


def at_once(offices: tuple[Office, Office], ask: Callable[[Office], Any]) -> list[int]:
    """The statuses of both answers, the lower one first."""
    together = threading.Barrier(2)

    def one(office: Office) -> int:
        together.wait(10)
        return int(ask(office).status_code)

    with ThreadPoolExecutor(2) as pool:
        return sorted(pool.map(one, offices))


def test_a_report_is_published_once(offices: tuple[Office, Office]) -> None:
    office = offices[0]
    report = office.opened(office.grant())
    office.submitted(report)
    office.done(APPROVER, "POST", f"/reports/{report}/approval")
    path = f"/reports/{report}/publication"
    assert at_once(offices, lambda one: one.asks(APPROVER, "POST", path, {})) == [200, 409]
    assert len(office.done(MANAGER, "GET", "/issues")) == 1


def test_two_reports_with_a_day_in_common_do_not_both_reach_the_donor(offices: tuple[Office, Office]) -> None:
    office = offices[0]
    grant = office.grant()
    quarter, month = office.opened(grant), office.opened(grant, "2026-09-01", "2026-09-30")
    for report in (quarter, month):
        office.submitted(report)
        office.done(APPROVER, "POST", f"/reports/{report}/approval")
    reports = dict(zip(map(id, offices), (quarter, month), strict=True))
    wanted = {"audience": "donor"}
    found = at_once(offices, lambda one: one.asks(APPROVER, "POST", f"/reports/{reports[id(one)]}/publication", wanted))
    assert found == [200, 409]
    assert [one["audience"] for one in office.done(MANAGER, "GET", "/issues")] == ["donor"]


def test_a_ledger_is_taken_once(offices: tuple[Office, Office]) -> None:
    office = offices[0]
    grant = office.grant()
    path = f"/grants/{grant['id']}/expenditures"
    assert at_once(offices, lambda one: one.asks(FINANCE, "POST", path, LEDGER)) == [200, 200]
    assert len(office.done(FINANCE, "GET", path)) == 1


def test_two_drafts_at_once_are_one_draft(offices: tuple[Office, Office]) -> None:
    office = offices[0]
    report = office.opened(office.grant())
    found = at_once(offices, lambda one: one.asks(MANAGER, "POST", f"/reports/{report}/draft"))
    assert found in ([200, 412], [200, 200]), "the second one read before the first one wrote, or after"
    version = office.done(MANAGER, "GET", f"/reports/{report}")["version"]
    assert version == 1 + found.count(200)
