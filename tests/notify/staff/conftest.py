"""Notify's pages and interface with the staff of two organisations, on both databases."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import httpx2
import pytest
from fastapi.testclient import TestClient
from sqlalchemy import Engine

from services.notify.app import build
from services.notify.domain import Attempt, Notification, OrganisationName
from services.notify.domain.sending import Receipt
from services.notify.pages.staff.visits import TOKEN
from services.notify.senders import MailboxSender, mailbox_folder
from shared.access import Actor, Role, issue_token
from shared.crypto import KeyRing
from shared.database import transaction, utc_now
from shared.settings import Settings

NOON = datetime(2026, 5, 3, 12, 0, tzinfo=UTC)


@dataclass
class Office:
    """The application, and who works with it."""

    engine: Engine
    keys: KeyRing
    client: TestClient
    mailbox: MailboxSender
    own: UUID = field(default_factory=uuid4)
    other: UUID = field(default_factory=uuid4)

    def __post_init__(self) -> None:
        with transaction(self.engine) as session:
            for one, name in ((self.own, "Red Cross of Marenia"), (self.other, "Harbour clinic")):
                session.add(OrganisationName(organisation_id=one, short_name=name.lower()[:9], name=name))

    def actor(self, *roles: Role, other: bool = False) -> Actor:
        """Somebody of the organisation, or of the other one, a case manager unless it is said otherwise."""
        chosen = frozenset(roles or {Role.CASE_MANAGER})
        return Actor(self.other if other else self.own, roles=chosen, user_id=uuid4())

    def asks(self, method: str, path: str, actor: Actor | None = None, **sent: Any) -> httpx2.Response:
        """A program's request."""
        token = issue_token(self.keys, actor or self.actor())
        headers = {"Authorization": f"Bearer {token}"}
        answer: httpx2.Response = self.client.request(method, f"/notify/v1/{path}", headers=headers, **sent)
        return answer

    def visitor(self, *roles: Role, other: bool = False, language: str = "en") -> Visitor:
        """Somebody at a browser, who came in by intake's token."""
        return Visitor(self, self.actor(*roles, other=other), language)

    def message(self, *, other: bool = False, minutes: int = 0, family: bool = True, **more: Any) -> Notification:
        """A message as the sender leaves it."""
        row = Notification(
            id=uuid4(),
            organisation_id=self.other if other else self.own,
            fact_subject=None,
            created_at=NOON + timedelta(minutes=minutes),
            **{
                "kind": "news" if family else "import_finished",
                "about": uuid4(),
                "channel": "sms",
                "subject": "" if family else "Your file may.csv was imported",
                "text": "" if family else "Of 10 rows, 8 are new.",
                "status": "delivered",
                "next_attempt_at": None,
                "attempts": 1,
                "contact_id": uuid4() if family else None,
                "person_id": uuid4() if family else None,
                "language": "fr" if family else None,
                **more,
            },
        )
        with transaction(self.engine) as session:
            session.expire_on_commit = False
            session.add(row)
        return row

    def attempt(self, message: Notification, *receipts: tuple[int, str, int], **more: Any) -> UUID:
        """An attempt at it, with receipts as (segment, result, how often)."""
        attempt_id, now = uuid4(), utc_now()
        known = {"outcome": "delivered", "channel": "sms", "provider": "twilio", "provider_id": "SM1", "parts": 2}
        with transaction(self.engine) as session:
            attempt = Attempt(id=attempt_id, notification_id=message.id, started_at=NOON, finished_at=NOON)
            for name, value in (known | more).items():
                setattr(attempt, name, value)
            session.add(attempt)
            for part, result, times in receipts:
                session.add(Receipt(attempt_id=attempt_id, part=part, result=result, times=times, first_at=now))
        return attempt_id


@dataclass
class Visitor:
    """A browser without a window; follows no redirect by itself."""

    office: Office
    actor: Actor
    language: str = "en"
    page: str = ""
    moment: datetime | None = None
    """When the token was issued; None: now."""

    def open(self, path: str, status: int = 200) -> str:
        """The page."""
        return self._seen(self._ask("GET", path), status)

    def send(self, path: str, fields: dict[str, str] | None = None, status: int = 303) -> str:
        """Post the form of that address from the page that is open; returns where it leads, or the page."""
        token = re.search(r'name="form_token" value="([0-9a-f]+)"', self.page)
        digest = re.search(r'name="digest" value="([0-9a-f]+)"', self.page)
        filled = {"form_token": token[1] if token else "", **({"digest": digest[1]} if digest else {})}
        return self._seen(self._ask("POST", path, data=filled | (fields or {})), status)

    def _ask(self, method: str, path: str, **sent: Any) -> httpx2.Response:
        token = issue_token(self.office.keys, self.actor, now=self.moment)
        cookies = f"{TOKEN}={token}; kinbridge_language={self.language}"
        answer: httpx2.Response = self.office.client.request(
            method, path, headers={"Cookie": cookies}, follow_redirects=False, **sent
        )
        return answer

    def _seen(self, answer: httpx2.Response, status: int) -> str:
        assert answer.status_code == status, (answer.status_code, answer.headers.get("location"), answer.text[:2000])
        if answer.is_redirect:
            return answer.headers["location"]
        self.page = answer.text
        return self.page


@pytest.fixture
def office(database: Callable[[str], Engine], keys: KeyRing, tmp_path: Path) -> Iterator[Office]:
    engine, settings = database("notify"), Settings(data_dir=tmp_path)
    app = build(engine, keys, settings)
    with TestClient(app, raise_server_exceptions=False) as client:
        yield Office(engine, keys, client, MailboxSender(mailbox_folder(settings)))
