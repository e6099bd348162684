"""People of an organisation who protect data, and a case whose people they protect."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session
from tests.intake.test_tracing_request import REQUEST

from services.intake import commands
from services.intake.domain import CasePerson, User
from shared.access import Actor, Role
from shared.database import reading, transaction, utc_now, uuid7
from shared.messaging.tables import event_log
from tests.intake.conftest import Intake


@dataclass
class Desk:
    """An organisation with a case worker, a manager and a data protection officer; `case` has three people."""

    intake: Intake
    worker: Actor
    manager: Actor
    officer: Actor

    @contextmanager
    def acting(self) -> Iterator[Session]:
        with transaction(self.intake.engine) as session:
            yield session

    def submit(self, **more: Any) -> tuple[UUID, list[UUID]]:
        """Submit a tracing request; its id, and those of its people."""
        answer = self.intake.post({**REQUEST, **more})
        assert answer.status_code == 201, answer.text
        case_id = UUID(answer.json()["id"])
        with reading(self.intake.engine) as session:
            statement = select(CasePerson.person_id).where(CasePerson.case_id == case_id).order_by(CasePerson.number)
            return case_id, list(session.scalars(statement))

    def close(self, case_id: UUID) -> None:
        """Close it: the family was told."""
        with self.acting() as session:
            for deed in ("tell_family",):
                form = commands.form_of(session, self.manager, case_id, deed, {"how": "in_person"})
                commands.record_deed(session, self.manager, case_id, deed, form)
            commands.move_case(session, self.manager, case_id, "close", reason="located")

    def events(self, *types: str) -> list[tuple[str, UUID | None]]:
        """(type, person) of what was recorded."""
        with reading(self.intake.engine) as session:
            rows = session.execute(select(event_log.c.type, event_log.c.person_id).order_by(event_log.c.ordinal))
            return [(kind, person) for kind, person in rows if kind in types]


@pytest.fixture
def desk(intake: Intake) -> Desk:
    organisation = intake.own.organisation_id
    actors = []
    with transaction(intake.engine) as session:
        for name, role in (
            ("worker", Role.CASE_WORKER),
            ("manager", Role.CASE_MANAGER),
            ("officer", Role.DATA_PROTECTION_OFFICER),
        ):
            user = User(
                id=uuid7(),
                organisation_id=organisation,
                sign_in_name=f"{name}@example.org",
                display_name=name,
                roles=[role],
                created_at=utc_now(),
                language="en",
                failed_count=0,
            )
            session.add(user)
            actors.append(Actor(organisation, roles=frozenset({role}), user_id=user.id))
    return Desk(intake, *actors)
