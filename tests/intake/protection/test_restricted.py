"""Who may not see a restricted case does not meet its people by way of their protection. On both databases."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from services.intake.commands import assign_case
from services.intake.commands import protection as commands
from services.intake.queries import protection as queries
from shared.database import transaction
from tests.intake.lives.test_child import CHILD
from tests.intake.protection.conftest import Desk


def restricted(desk: Desk) -> tuple[UUID, dict[str, Any], dict[str, Any]]:
    """A child in a case closed for long, with an erasure that was proposed, and a request."""
    _, (child, _) = desk.closed(years_ago=60, **CHILD)
    asked = desk.ask(desk.officer, f"persons/{child}/requests", {"kind": "copy"}, 201)
    return child, desk.propose(desk.officer, child), asked


def test_a_case_worker_finds_neither_erasures_nor_requests_nor_retention_of_a_restricted_case(desk: Desk) -> None:
    child, erasure, asked = restricted(desk)
    for path in ("erasures", "subject-requests", "retention"):
        assert str(child) in str(desk.ask(desk.officer, path)), path
        assert str(child) in str(desk.ask(desk.manager, path)), path
        assert str(child) not in str(desk.ask(desk.worker, path)), path
    desk.ask(desk.worker, f"erasures/{erasure['id']}", status=404)
    desk.ask(desk.worker, f"subject-requests/{asked['id']}/answer", {"outcome": "done"}, 404)
    assert desk.ask(desk.officer, f"erasures/{erasure['id']}")["person_id"] == str(child)


def test_a_case_worker_finds_them_of_the_case_that_is_given_to_her(desk: Desk) -> None:
    child, erasure, _ = restricted(desk)
    with desk.acting() as session:
        (case,) = queries.cases_of(session, [child])
        assign_case(session, desk.manager, case.id, desk.worker.user_id)
    for path in ("erasures", "subject-requests"):
        assert str(child) in str(desk.ask(desk.worker, path)), path
    assert desk.ask(desk.worker, f"erasures/{erasure['id']}")["state"] == "proposed"


def test_what_retention_proposes_of_a_restricted_case_is_not_found_either(desk: Desk) -> None:
    _, (child, _) = desk.closed(years_ago=60, **CHILD)
    with transaction(desk.intake.engine) as session:
        assert commands.propose_what_is_due(session) == 2
    assert str(child) in str(desk.ask(desk.officer, "erasures"))
    assert desk.ask(desk.worker, "erasures") == []
