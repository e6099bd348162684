"""People of an organisation who protect data, and a case whose people they protect."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from services.intake.domain import Case, CasePerson, User
from shared.access import Actor, Role, issue_token
from shared.crypto import KeyRing
from shared.database import reading, transaction, utc_now, uuid7
from shared.messaging.tables import event_log
from tests.intake.conftest import Intake

REQUEST: dict[str, Any] = {
    "type": "tracing_request",
    "details": {"relationship": "parent", "circumstances": "She called from a beach near CANARYTOWN."},
    "people": [
        {"role": "enquirer", "person": {"names": [{"full": "Amina Canary"}], "sex": "female"}},
        {
            "role": "sought",
            "person": {
                "names": [{"full": "አስቴር ካናሪ"}, {"full": "Aster Canary", "kind": "other_spelling"}],
                "sex": "female",
                "birth": {"year": 1990},
                "nationality": "ETH",
            },
        },
    ],
    "relations": [{"person": 0, "other": 1, "kind": "parent"}],
}


@dataclass
class Desk:
    """An organisation with a case worker, two managers and a data protection officer."""

    intake: Intake
    keys: KeyRing
    worker: Actor
    manager: Actor
    second: Actor
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

    def closed(self, years_ago: float = 0, **more: Any) -> tuple[UUID, list[UUID]]:
        """The same, closed so long ago."""
        case_id, people = self.submit(**more)
        with self.acting() as session:
            case = session.get_one(Case, case_id)
            case.status, case.updated_at = "closed", utc_now() - timedelta(days=366 * years_ago)
            session.flush()
        return case_id, people

    def ask(self, actor: Actor, path: str, body: Any = None, status: int = 200) -> Any:
        """Post, or get where there is no body, as a person; the answer's document."""
        address, key = f"/intake/v1/{path}", issue_token(self.keys, actor)
        answer = self.intake.get(address, key=key) if body is None else self.intake.post(body, path=address, key=key)
        assert answer.status_code == status, answer.text
        return answer.json()

    def propose(self, actor: Actor, person: UUID, reason: str = "subject_request", status: int = 201) -> Any:
        return self.ask(actor, "erasures", {"person_id": str(person), "reason": reason}, status)

    def approve(self, actor: Actor, erasure: dict[str, Any], status: int = 200) -> Any:
        return self.ask(actor, f"erasures/{erasure['id']}/approval", {}, status)

    def events(self, *types: str) -> list[tuple[str, UUID | None]]:
        """(type, person) of what was recorded."""
        with reading(self.intake.engine) as session:
            rows = session.execute(select(event_log.c.type, event_log.c.person_id).order_by(event_log.c.ordinal))
            return [(kind, person) for kind, person in rows if kind in types]


@pytest.fixture
def desk(intake: Intake, keys: KeyRing) -> Desk:
    organisation = intake.own.organisation_id
    roles = (Role.CASE_WORKER, Role.CASE_MANAGER, Role.CASE_MANAGER, Role.DATA_PROTECTION_OFFICER)
    actors = []
    with transaction(intake.engine) as session:
        for number, role in enumerate(roles):
            user = User(
                id=uuid7(),
                organisation_id=organisation,
                sign_in_name=f"{role}-{number}@example.org",
                display_name=role,
                roles=[role],
                created_at=utc_now(),
                language="en",
            )
            session.add(user)
            actors.append(Actor(organisation, roles=frozenset({role}), user_id=user.id))
    return Desk(intake, keys, *actors)
