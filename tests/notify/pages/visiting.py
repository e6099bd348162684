"""A family at its pages: real notify, a contact with a code, and somebody who opens pages and sends forms."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from html import unescape
from typing import Any
from uuid import UUID
from weakref import WeakKeyDictionary

import httpx2
from fastapi import FastAPI
from sqlalchemy import Engine, select

from services.notify import app
from services.notify.commands.family.codes import code_of, keep_codes
from services.notify.domain import FamilyContact, LanguageApproval, Notification
from services.notify.wording import LANGUAGES, digest_of
from shared.crypto import KeyRing
from shared.database import reading, transaction, utc_now
from shared.events import (
    ComplaintReceived,
    FamilyMessageStatusChanged,
    FamilyOptedIn,
    FamilyOptedOut,
    FamilyPreferencesChosen,
    FamilyReplied,
    Logged,
)
from shared.messaging.log import PART_COLUMNS, parts_of
from shared.messaging.tables import event_log
from tests.client import TestClient
from tests.factories import ANOTHER_ORGANISATION, ORGANISATION, Factory

PUBLISHED: dict[str, Any] = {
    one.TYPE: one
    for one in (
        FamilyReplied,
        ComplaintReceived,
        FamilyOptedOut,
        FamilyOptedIn,
        FamilyMessageStatusChanged,
        FamilyPreferencesChosen,
    )
}
ADDRESS = "http://help.test"
REGISTERED = datetime(2026, 3, 5, 12, tzinfo=UTC)


@dataclass
class Pages:
    """Notify's pages, with families of two organisations."""

    engine: Engine
    keys: KeyRing
    factory: Factory = field(default_factory=Factory)

    def __post_init__(self) -> None:
        self.site = _built.get(self.engine) or _built.setdefault(self.engine, app.build(self.engine, self.keys))

    def approve(self, *languages: str, organisation: UUID = ORGANISATION, digest: str | None = None) -> None:
        """An organisation approved these languages; without any, all of them."""
        with transaction(self.engine) as session:
            session.add_all(
                LanguageApproval(
                    organisation_id=organisation,
                    language=one,
                    digest=digest or digest_of(one),
                    reviewer_id=self.factory.id(),
                    approved_at=utc_now(),
                )
                for one in languages or LANGUAGES
            )

    def family(self, **given: Any) -> tuple[UUID, str]:
        """A contact and a code that opens its page."""
        contact_id, now = self.factory.id(), utc_now()
        code = code_of(self.keys, self.factory.id())
        fields = {
            "case_id": self.factory.id(),
            "person_id": self.factory.id(),
            "organisation_id": ORGANISATION,
            "sealed": b"sealed",
            "channels": "sms",
            "language": "en",
            "fallbacks": "",
            "time_zone": "Africa/Addis_Ababa",
            "quiet_from": 21 * 60,
            "quiet_to": 8 * 60,
            "shared_phone": False,
            "made_at": REGISTERED,
            "heard_at": REGISTERED,
        }
        with transaction(self.engine) as session:
            session.add(FamilyContact(id=contact_id, **fields | given))
            session.flush()
            keep_codes(session, self.keys, {code: contact_id}, now)
        return contact_id, code

    def change(self, contact_id: UUID, **values: Any) -> None:
        with transaction(self.engine) as session:
            contact = session.get_one(FamilyContact, contact_id)
            for name, value in values.items():
                setattr(contact, name, value)

    def contact(self, contact_id: UUID) -> FamilyContact:
        with reading(self.engine) as session:
            return session.get_one(FamilyContact, contact_id)

    def message(self, contact_id: UUID, **given: Any) -> UUID:
        """A message to a contact that waits to be sent."""
        contact = self.contact(contact_id)
        fields = {
            "id": self.factory.id(),
            "organisation_id": contact.organisation_id,
            "kind": "with_us",
            "about": contact.case_id,
            "channel": "sms",
            "subject": "",
            "text": "",
            "status": "created",
            "created_at": utc_now(),
            "next_attempt_at": utc_now(),
            "contact_id": contact_id,
        }
        with transaction(self.engine) as session:
            session.add(Notification(**fields | given))
        return UUID(str((fields | given)["id"]))

    def told(self) -> list[Any]:
        """What notify recorded, with what is sealed to intake opened."""
        with reading(self.engine) as session:
            rows = session.execute(select(event_log.c.type, *PART_COLUMNS).order_by(event_log.c.ordinal)).all()
        logged: Sequence[Logged[Any]] = [
            Logged("notify", 0, 0, b"", b"", parts_of(row[1:]), self.keys, PUBLISHED[row[0]]) for row in rows
        ]
        return [(one.event, one.unsealed()) for one in logged]

    def browser(self, *, language: str = "", **headers: str) -> Browser:
        return Browser(self.site, {"Accept-Language": language} | headers)

    def inside(self, code: str) -> Browser:
        """A browser that has opened the page of a code."""
        browser = self.browser()
        assert browser.send("", code=code) == "/notify/f/case"
        return browser


class Browser:
    """Opens pages, follows nothing by itself, keeps cookies."""

    def __init__(self, site: Any, headers: dict[str, str] | None = None, address: str = ADDRESS) -> None:
        self.client = TestClient(site, base_url=address, follow_redirects=False)
        self.client.headers.update(headers or {})
        self.address = address
        self.answer: httpx2.Response

    def open(self, path: str = "", status: int = 200) -> str:
        """A page's text."""
        self.answer = self.client.get(f"/notify/f{path}")
        assert self.answer.status_code == status, (self.answer.status_code, self.text)
        return self.text

    def send(self, path: str = "", status: int = 303, headers: dict[str, str] | None = None, **form: str) -> str:
        """A form; the address that follows, or the page."""
        own = {"Origin": self.address, "Sec-Fetch-Site": "same-origin"}
        self.answer = self.client.post(f"/notify/f{path}", data=form, headers=headers or own)
        assert self.answer.status_code == status, (self.answer.status_code, self.text)
        return self.answer.headers["location"] if status == 303 else self.text

    @property
    def text(self) -> str:
        return unescape(self.answer.text)

    @property
    def heading(self) -> str:
        (found,) = re.findall(r"<h1>([^<]*)</h1>", self.text)
        return str(found)


def pages_on(database: Callable[[str], Engine], keys: KeyRing) -> Pages:
    """With every language approved by one organisation, and two by another."""
    made = Pages(database("notify"), keys)
    made.approve()
    made.approve("en", "am", organisation=ANOTHER_ORGANISATION)
    return made


_built: WeakKeyDictionary[Engine, FastAPI] = WeakKeyDictionary()
"""The application, once for each database: it holds nothing of a request."""
