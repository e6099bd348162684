"""What waits for somebody. On both databases."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from uuid import UUID

from sqlalchemy import Engine

from services.intake import commands
from services.intake.domain import Case
from services.intake.queries.work import urgent, work
from services.intake.schemas import CASE_SHAPES
from shared.access import Role
from shared.database import reading, transaction, utc_now
from tests.intake.people import person, request_for
from tests.staff import Staff


def test_a_case_that_nobody_has_yet_waits_for_those_who_assign(database: Callable[[str], Engine]) -> None:
    engine = database("intake")
    staff = Staff(engine, "red-cross-a", "Red Cross A")
    manager, worker = staff.member(Role.CASE_MANAGER).actor, staff.member(Role.CASE_WORKER).actor
    body = request_for(person("Selam Tesfaye"))
    with transaction(engine) as session:
        commands.submit_case(
            session, manager, CASE_SHAPES["tracing_request"].validate_python(body), idempotency_key=None, request=body
        )
    today = utc_now().date()
    with reading(engine) as session:
        nobodys = work(session, manager, today).unassigned
        assert nobodys is not None
        assert nobodys.count == 1
        assert work(session, worker, today).unassigned is None
        case: Case = nobodys.cases[0]
    with transaction(engine) as session:
        commands.assign_case(session, manager, case.id, worker.user_id, due_on=today + timedelta(days=2))
    with reading(engine) as session:
        late = today + timedelta(days=3)
        assert [one.id for one in work(session, worker, today).due.cases] == [case.id]
        assert [one.id for one in work(session, worker, late).overdue.cases] == [case.id]
        assert work(session, manager, late).overdue.count == 1
        assert work(session, manager, today).unassigned == work(session, manager, late).unassigned


def test_a_merged_duplicate_waits_for_nobody(database: Callable[[str], Engine]) -> None:
    engine = database("intake")
    manager = Staff(engine, "red-cross-a", "Red Cross A").member(Role.CASE_MANAGER).actor
    body, today = request_for(person("Selam Tesfaye")), utc_now().date()
    submitted = CASE_SHAPES["tracing_request"].validate_python(body)
    with transaction(engine) as session:
        made = [
            UUID(commands.submit_case(session, manager, submitted, idempotency_key=None, request=body)["id"])
            for _ in range(2)
        ]
        for one in made:
            commands.assign_case(session, manager, one, manager.user_id, due_on=today)
    with reading(engine) as session:
        assert (urgent(session, manager, today), work(session, manager, today).due.count) == (2, 2)
    with transaction(engine) as session:
        commands.merge_cases(session, manager, made[0], made[1])
    with reading(engine) as session:
        assert urgent(session, manager, today) == 1
        assert [one.id for one in work(session, manager, today).due.cases] == [made[0]]
