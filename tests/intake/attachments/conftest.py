"""An organisation with a case, and what is attached to it."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from services.intake.commands.attachments import collect_bytes_at
from services.intake.domain import User
from services.intake.settings import ARRIVES_WITHIN
from shared.access import Actor, Role, issue_token
from shared.crypto import KeyRing
from shared.database import transaction, utc_now, uuid7
from tests.databases import Databases
from tests.intake.attachments.files import photo
from tests.intake.conftest import Intake
from tests.intake.people import person, request_for


@dataclass
class Album:
    """A case of two people, and the folder where what is attached lies."""

    intake: Intake
    keys: KeyRing
    folder: Path
    case: dict[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.worker = self.someone(Role.CASE_WORKER)
        self.case = self.ask("POST", "cases", json=request_for(person("Aster Quill", birth={"year": 1990}))).json()
        self.path = f"cases/{self.case['id']}/attachments"
        people = self.ask("GET", f"cases/{self.case['id']}").json()["people"]
        self.enquirer, self.sought = (one["id"] for one in people)

    def someone(self, *roles: Role, of: Actor | None = None) -> Actor:
        """Somebody of the organisation, or of that of another actor."""
        return Actor((of or self.intake.own).organisation_id, roles=frozenset(roles), user_id=uuid7())

    def ask(self, method: str, path: str, actor: Actor | None = None, **more: Any) -> Any:
        """A request of somebody; of the case worker unless said."""
        headers = {"Authorization": f"Bearer {issue_token(self.keys, actor or self.worker)}", **more.pop("headers", {})}
        return self.intake.client.request(method, f"/intake/v1/{path}", headers=headers, **more)

    def add(
        self,
        file: bytes | None = None,
        *,
        title: str = "A photo",
        of: str | None = None,
        actor: Actor | None = None,
        path: str | None = None,
        **headers: str,
    ) -> Any:
        """Add a file; a photo unless said."""
        fields = {"title": title, **({"person_id": of} if of else {})}
        files = {"file": ("Aster at home.jpg", photo() if file is None else file, "application/octet-stream")}
        return self.ask("POST", path or self.path, actor, data=fields, files=files, headers=headers)

    def listed(self, actor: Actor | None = None) -> list[dict[str, Any]]:
        """What is listed of the case."""
        found = self.ask("GET", self.path, actor)
        assert found.status_code == 200, found.text
        told: list[dict[str, Any]] = found.json()
        return told

    def content(self, attachment_id: str, actor: Actor | None = None) -> Any:
        """The answer that is the file."""
        return self.ask("GET", f"{self.path}/{attachment_id}/content", actor)

    def files(self) -> list[Path]:
        """Everything that lies in the depot."""
        return [one for one in (self.folder / "depot").rglob("*") if one.is_file()]

    def collect(self, *, later: bool = False) -> int:
        """Let the chore look, now or when nothing can be on its way any more."""
        with transaction(self.intake.engine) as session:
            return collect_bytes_at(session, utc_now() + (2 * ARRIVES_WITHIN if later else 0 * ARRIVES_WITHIN))

    def erase(self, person_id: str) -> None:
        """Two people erase somebody."""
        manager, officer = (self._user(role) for role in (Role.CASE_MANAGER, Role.DATA_PROTECTION_OFFICER))
        today = utc_now().date().isoformat()
        asked = {"kind": "erase", "received_on": today}
        assert self.ask("POST", f"persons/{person_id}/requests", officer, json=asked).status_code == 201
        body = {"person_id": person_id, "reason": "subject_request"}
        proposed = self.ask("POST", "erasures", manager, json=body)
        assert proposed.status_code == 201, proposed.text
        done = self.ask("POST", f"erasures/{proposed.json()['id']}/approval", officer, json={})
        assert done.status_code == 200, done.text

    def _user(self, role: Role) -> Actor:
        found = self.someone(role)
        with transaction(self.intake.engine) as session:
            session.add(
                User(
                    id=found.user_id,
                    organisation_id=found.organisation_id,
                    sign_in_name=f"{found.user_id}@example.org",
                    display_name=role,
                    roles=[role],
                    created_at=utc_now(),
                    language="en",
                )
            )
        return found


@pytest.fixture
def album(intake: Intake, keys: KeyRing, database: Databases) -> Album:
    return Album(intake, keys, database.folder)
