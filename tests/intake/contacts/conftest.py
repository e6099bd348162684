"""A case whose enquirer may be told, and a notify that tells intake of families."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from services.intake.domain import CasePerson, User
from services.intake.worker import SUBSCRIPTIONS
from shared.access import Actor, Role, issue_token
from shared.crypto import KeyRing
from shared.database import reading, transaction, utc_now, uuid7
from shared.events import Event
from shared.events.envelope import PARTITIONS
from shared.messaging.consumer.apply import Consumer
from shared.messaging.feed import LocalFeed
from shared.messaging.log import record
from shared.messaging.sequencer import Sequencer
from shared.messaging.tables import held
from tests.databases import Databases
from tests.intake.conftest import Intake
from tests.intake.lives.conftest import office
from tests.intake.pages.conftest import pages, pages_on_both
from tests.intake.people import person, request_for
from tests.intake.referrals.conftest import hub

__all__ = ["hub", "office", "pages", "pages_on_both"]

NUMBER, MAILBOX = "+218917731442", "canaryletter@quay.example.org"
ALIAS, WORD = "Cousin Tamarisk", "pomegranate"
CONTACT: dict[str, Any] = {
    "addresses": [
        {"channel": "sms", "address": "+218 (91) 773-1442"},
        {"channel": "email", "address": "canaryletter@Quay.Example.ORG"},
    ],
    "alias": ALIAS,
    "spoken_word": WORD,
    "language": "ar",
    "fallbacks": ["fr"],
    "time_zone": "Africa/Tripoli",
    "quiet_from": "21:00",
    "quiet_to": "07:30",
    "shared_phone": True,
}


class Notify:
    """Notify's log, and intake as its consumer."""

    def __init__(self, engine: Engine, intake: Engine, keys: KeyRing) -> None:
        self.engine = engine
        self.consumer = Consumer("intake", intake, {"notify": LocalFeed(engine, "notify")}, SUBSCRIPTIONS, keys)
        self.consumer.prepare()

    def tells(self, *events: Event) -> None:
        """Record facts, and have intake apply them; none of them is held."""
        with transaction(self.engine) as session:
            record(session, *events)
        Sequencer(self.engine, "notify").sequence()
        for partition in range(PARTITIONS):
            self.consumer.catch_up("notify", partition)
        with reading(self.consumer.engine) as session:
            assert session.execute(select(held.c.subject)).all() == []


@dataclass
class Desk:
    """An office, its case and the people of it."""

    intake: Intake
    keys: KeyRing
    notify: Notify
    case: UUID
    enquirer: UUID
    sought: UUID
    worker: Actor
    manager: Actor
    officer: Actor

    @contextmanager
    def acting(self) -> Iterator[Session]:
        with transaction(self.intake.engine) as session:
            yield session

    @property
    def about(self) -> dict[str, Any]:
        return {"organisation_id": self.worker.organisation_id, "case_id": self.case}

    @property
    def contacts(self) -> str:
        return f"/intake/v1/cases/{self.case}/family-contacts"

    def ask(
        self, method: str, path: str, body: Any = None, *, actor: Actor | None = None, status: int = 200, **headers: str
    ) -> Any:
        """The answer's document, to a request of the worker."""
        key = issue_token(self.keys, actor or self.worker)
        headers = {"Authorization": f"Bearer {key}", **{name.replace("_", "-"): v for name, v in headers.items()}}
        path = path if path.startswith("/") else f"/intake/v1/{path}"
        answer = self.intake.client.request(method, path, json=body, headers=headers)
        assert answer.status_code == status, answer.text
        self.headers = answer.headers
        return answer.json()

    def allow(self, person_id: UUID) -> None:
        self.ask(
            "POST", f"persons/{person_id}/legal-bases", {"purpose": "notification", "basis": "consent"}, status=201
        )

    def register(self, status: int = 201, *, actor: Actor | None = None, **more: Any) -> Any:
        body = {"person_id": str(self.enquirer), **CONTACT, **more}
        return self.ask("POST", self.contacts, body, actor=actor, status=status)


@pytest.fixture
def desk(intake: Intake, database: Databases, keys: KeyRing) -> Desk:
    """On both databases. The enquirer has agreed to be told."""
    own = intake.own.organisation_id
    actors = []
    with transaction(intake.engine) as session:
        for role in (Role.CASE_WORKER, Role.CASE_MANAGER, Role.DATA_PROTECTION_OFFICER):
            name = f"{role}@example.org"
            user = User(
                id=uuid7(),
                organisation_id=own,
                sign_in_name=name,
                display_name=role,
                roles=[role],
                created_at=utc_now(),
                language="en",
            )
            session.add(user)
            actors.append(Actor(own, roles=frozenset({role}), user_id=user.id))
    case = UUID(intake.post(request_for(person("Yonas Sought"))).json()["id"])
    with reading(intake.engine) as session:
        people = {
            role: one
            for one, role in session.execute(
                select(CasePerson.person_id, CasePerson.role).where(CasePerson.case_id == case)
            )
        }
    notify = Notify(database("notify"), intake.engine, keys)
    made = Desk(intake, keys, notify, case, people["enquirer"], people["sought"], *actors)
    made.allow(made.enquirer)
    return made
