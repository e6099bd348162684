"""Two organisations with staff on one hub, a third that has nothing to do with them, and a case that may be shared."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import Engine
from sqlalchemy.orm import Session

from services.intake import queries
from services.intake.casework.referrals import AskReferral
from services.intake.casework.transfers import AskTransfer
from services.intake.commands.referrals import offer_referral, sweep_referrals_at
from services.intake.domain import Referral
from shared.access import Actor, Role, issue_token
from shared.crypto import KeyRing
from shared.database import transaction
from tests.applications import intake_on
from tests.client import TestClient
from tests.intake.people import person
from tests.staff import Staff

EVERY_FIELD = (
    *("names", "sex", "birth", "nationality", "languages", "mother_name", "father_name", "born_in", "last_address"),
    *("occupation", "marks", "documents", "disability", "facts", "third_persons"),
)


@dataclass
class Person:
    """Somebody at work, through the interface for programs."""

    client: TestClient
    token: str
    actor: Actor

    def get(self, path: str, status: int = 200) -> Any:
        return self._asked("GET", path, status)

    def post(self, path: str, body: Any = None, status: int = 200, **headers: str) -> Any:
        return self._asked("POST", path, status, json=body if body is not None else {}, headers=headers)

    def delete(self, path: str, status: int = 200) -> Any:
        return self._asked("DELETE", path, status)

    def upload(self, path: str, fields: dict[str, str], file: bytes, status: int = 201) -> Any:
        return self._asked("POST", path, status, data=fields, files={"file": file})

    def file(self, path: str) -> Any:
        """The answer that is a file, or that is none."""
        return self.client.get(f"/intake/v1/{path}", headers={"Authorization": f"Bearer {self.token}"})

    def _asked(self, method: str, path: str, status: int, **more: Any) -> Any:
        headers = {"Authorization": f"Bearer {self.token}", **more.pop("headers", {})}
        answer = self.client.request(method, f"/intake/v1/{path}", headers=headers, **more)
        assert answer.status_code == status, (path, answer.status_code, answer.text)
        return answer.json() if answer.content else None


@dataclass
class Hub:
    """Intake, and who works there."""

    engine: Engine
    keys: KeyRing
    client: TestClient
    sender: Staff
    receiver: Staff
    stranger: Staff

    def person(self, staff: Staff, *roles: Role) -> Person:
        """The staff member of the first role, with these roles."""
        member = staff.member(roles[0])
        actor = Actor(staff.organisation_id, roles=frozenset(roles), user_id=member.user_id)
        return Person(self.client, issue_token(self.keys, actor), actor)

    @property
    def worker(self) -> Person:
        """A case worker of the sender."""
        return self.person(self.sender, Role.CASE_WORKER)

    @property
    def manager(self) -> Person:
        """The sender's case manager."""
        return self.person(self.sender, Role.CASE_MANAGER)

    @property
    def theirs(self) -> Person:
        """A case worker of the receiver."""
        return self.person(self.receiver, Role.CASE_WORKER)

    @property
    def their_manager(self) -> Person:
        """The receiver's case manager."""
        return self.person(self.receiver, Role.CASE_MANAGER)

    def agree(self, **more: Any) -> Any:
        """An agreement that both sides signed."""
        body = {
            "partner_id": str(self.receiver.organisation_id),
            "purposes": ["assistance"],
            "fields": list(EVERY_FIELD),
            "valid_from": "2020-01-01",
            **more,
        }
        made = self.manager.post("agreements", body, 201)
        return self.their_manager.post(f"agreements/{made['id']}/signature")

    def submit(self, body: dict[str, Any] | None = None, *, basis: str | None = "consent") -> Submitted:
        """A registration, whose person may be shared with the receiver."""
        body = body or registration(person("Yonas Tekle", sex="male", birth={"year": 1990}, marks="A scar"))
        made = self.manager.post("cases", body, 201)
        case = self.manager.get(f"cases/{made['id']}")
        people = [UUID(one["id"]) for one in case["people"]]
        if basis:
            for one in people:
                self.basis(one, basis)
        return Submitted(UUID(made["id"]), people)

    def basis(self, person_id: UUID, basis: str = "consent", **more: Any) -> None:
        """A legal basis to share a person with the receiver."""
        body = {"purpose": "sharing", "basis": basis, "recipient_id": str(self.receiver.organisation_id), **more}
        self.manager.post(f"persons/{person_id}/legal-bases", body, 201)

    def asked(self, **more: Any) -> dict[str, Any]:
        """What is asked of the receiver."""
        return {
            "receiver_id": str(self.receiver.organisation_id),
            "purpose": "assistance",
            "service": "primary_health_care",
            "fields": ["names", "sex", "marks"],
            **more,
        }

    def offer(self, case_id: UUID, **more: Any) -> Any:
        """Offered by the sender's case worker."""
        return self.worker.post(f"cases/{case_id}/referrals", self.asked(**more), 201)

    def time_passes(self, now: datetime) -> int:
        """The hub looks at what is due, at that moment."""
        with transaction(self.engine) as session:
            return sweep_referrals_at(session, now)


@dataclass(frozen=True)
class Submitted:
    """A case and its people."""

    id: UUID
    people: list[UUID]


def offer_case(session: Session, actor: Actor, case_id: UUID, asked: AskReferral | AskTransfer) -> Referral:
    """A referral or transfer, offered by a command."""
    return offer_referral(session, actor, queries.case(session, actor, case_id, lock=True), asked)


def registration(*people: dict[str, Any], **details: Any) -> dict[str, Any]:
    """A person was met."""
    return {
        "type": "registration",
        "details": {"met_at": "service_point", "met_on": "2026-01-02", **details},
        "people": [{"role": "registered", "person": one} for one in people],
    }


@pytest.fixture
def hub(database: Callable[[str], Engine], keys: KeyRing) -> Iterator[Hub]:
    """Runs on both databases."""
    yield from made_on(database("intake"), keys)


def made_on(engine: Engine, keys: KeyRing) -> Iterator[Hub]:
    sender, receiver, stranger = (
        Staff(engine, short, name)
        for short, name in (
            ("red-cross-a", "Red Cross of Marenia"),
            ("clinic-b", "Clinic of the Harbour"),
            ("other-c", "Somebody Else"),
        )
    )
    with TestClient(intake_on(engine, keys), raise_server_exceptions=False) as client:
        yield Hub(engine, keys, client, sender, receiver, stranger)
