"""Offices and the people who work in them, so that the life of a case reads as it is told."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import select

from services.intake import queries
from shared.access import Actor, Role, issue_token
from shared.crypto import KeyRing
from shared.database import reading, uuid7
from shared.events import CATALOGUE
from shared.events.envelope import Logged
from shared.messaging.log import PART_COLUMNS, parts_of
from shared.messaging.tables import event_log
from tests.intake.conftest import Intake

TODAY = datetime.now(UTC).date().isoformat()
KINDS = {kind.TYPE: kind for kind in CATALOGUE}


@dataclass
class Worker:
    """Somebody who works on cases; every act goes through the API."""

    intake: Intake
    actor: Actor
    token: str

    def submits(self, case: dict[str, Any]) -> str:
        """Submit a case; its id."""
        answer = self.intake.post(case, key=self.token)
        assert answer.status_code == 201, answer.text
        return str(answer.json()["id"])

    def moves(self, case: str, move: str, reason: str | None = None) -> dict[str, Any]:
        """Move a case; it as it is then."""
        return self._did(case, f"moves/{move}", {"reason": reason} if reason else {})

    def records(self, case: str, deed: str, **said: Any) -> dict[str, Any]:
        """Record a deed; the case as it is then."""
        return self._did(case, f"deeds/{deed}", said)

    def may_not_move(self, case: str, move: str, because: str, reason: str | None = None) -> None:
        """The move is refused, with these words."""
        self._may_not(case, f"moves/{move}", {"reason": reason} if reason else {}, because)

    def may_not_record(self, case: str, deed: str, because: str, **said: Any) -> None:
        """The deed is refused, with these words."""
        self._may_not(case, f"deeds/{deed}", said, because)

    def may_not_fill(self, case: str, deed: str, field: str, **said: Any) -> None:
        """The form of a deed is refused for a field."""
        answer = self._post(case, f"deeds/{deed}", said)
        assert answer.status_code == 422, answer.text
        assert field in answer.text

    def opens(self, case: str) -> dict[str, Any]:
        """The case with its facts and people."""
        answer = self.intake.get(f"/intake/v1/cases/{case}", key=self.token)
        assert answer.status_code == 200, answer.text
        shown: dict[str, Any] = answer.json()
        return shown

    def finds_nothing(self, case: str) -> None:
        """The case is not there for this person, to read or to change."""
        assert self.intake.get(f"/intake/v1/cases/{case}", key=self.token).status_code == 404
        assert self.intake.get(f"/intake/v1/cases/{case}/timeline", key=self.token).status_code == 404
        assert self._post(case, "moves/close", {}).status_code == 404
        assert self._post(case, "deeds/add_note", {}).status_code == 404

    def is_due(self, case: str) -> str | None:
        """The day on which something must be done next."""
        with reading(self.intake.engine) as session:
            due_on = queries.case(session, self.actor, UUID(case)).due_on
        return due_on.isoformat() if due_on else None

    def reads_the_timeline(self, case: str) -> list[dict[str, Any]]:
        """What happened, oldest first."""
        entries: list[dict[str, Any]] = self.intake.get(f"/intake/v1/cases/{case}/timeline", key=self.token).json()
        return entries

    def _did(self, case: str, path: str, body: Any) -> dict[str, Any]:
        answer = self._post(case, path, body)
        assert answer.status_code == 200, answer.text
        changed: dict[str, Any] = answer.json()
        return changed

    def _may_not(self, case: str, path: str, body: Any, because: str) -> None:
        answer = self._post(case, path, body)
        assert answer.status_code in {403, 404, 409}, answer.text
        assert because in answer.json()["detail"], answer.text

    def _post(self, case: str, path: str, body: Any) -> Any:
        return self.intake.post(body, path=f"/intake/v1/cases/{case}/{path}", key=self.token)


@dataclass
class Office:
    """One organisation's office: whoever is asked for starts working there."""

    intake: Intake
    keys: KeyRing
    organisation: UUID

    def hires(self, *roles: Role) -> Worker:
        """A person of these roles who has signed in."""
        return self._worker(roles, uuid7())

    def system(self) -> Worker:
        """The organisation's own computer system: it counts as no person."""
        return self._worker((Role.CASE_WORKER, Role.CASE_MANAGER, Role.CHILD_PROTECTION_OFFICER), None)

    def case_worker(self) -> Worker:
        return self.hires(Role.CASE_WORKER)

    def manager(self) -> Worker:
        return self.hires(Role.CASE_MANAGER)

    def child_protection_officer(self) -> Worker:
        return self.hires(Role.CHILD_PROTECTION_OFFICER)

    def facts_of(self, case: str) -> list[dict[str, Any]]:
        """What the other services learn of a case, in order: each fact as a consumer reads it."""
        columns = event_log.c
        statement = select(columns.type, *PART_COLUMNS).where(columns.subject == f"case/{case}").order_by(columns.seq)
        with reading(self.intake.engine) as session:
            return [self._read(type_, parts) for type_, *parts in session.execute(statement)]

    def fact_names(self, case: str) -> list[str]:
        """The types of these facts."""
        return [fact["type"] for fact in self.facts_of(case)]

    def _read(self, type_: str, parts: Sequence[Any]) -> dict[str, Any]:
        event = Logged("intake", 0, 1, b"", b"", parts_of(tuple(parts)), self.keys, KINDS[type_]).event
        return {"type": type_, **event.model_dump(mode="json", exclude={"case_id", "organisation_id"})}

    def _worker(self, roles: Sequence[Role], user_id: UUID | None) -> Worker:
        actor = Actor(self.organisation, roles=frozenset(roles), user_id=user_id)
        return Worker(self.intake, actor, issue_token(self.keys, actor))


@pytest.fixture
def office(intake: Intake, keys: KeyRing) -> Office:
    return Office(intake, keys, intake.own.organisation_id)


@pytest.fixture
def other_office(intake: Intake, keys: KeyRing) -> Office:
    return Office(intake, keys, intake.other.organisation_id)
