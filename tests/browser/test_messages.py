"""Notify's pages for staff at a browser: for everybody, at two widths, in both directions of writing; from intake's
menu to an approved language, with JavaScript off."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest
import uvicorn
from playwright.sync_api import Browser
from sqlalchemy import Engine

from services.intake import app as intake_app
from services.notify import app as notify_app
from services.notify.commands.approvals import approve_language
from services.notify.commands.pauses import pause_channel
from services.notify.commands.report_readers import NewReader, add_reader
from services.notify.domain import Attempt, Notification, OrganisationName, ReportDelivery
from services.notify.domain.sending import Receipt
from services.notify.senders import MailboxSender, Outgoing, mailbox_folder
from services.notify.wording import digest_of
from shared.access import Role
from shared.crypto import KeyRing
from shared.database import transaction
from shared.middleware import ByPrefix
from shared.settings import Settings
from tests.browser.visitor import Site, Window
from tests.staff import Staff

pytestmark = pytest.mark.browser

NOON = datetime(2026, 5, 3, 12, 0, tzinfo=UTC)
TOLD = "Your request is with us, the service you contacted. Please get in touch with us:\nhelp.example/f\nCode: AAAA"


@dataclass
class Hub:
    """Intake and notify at one address."""

    site: Site
    notify: Engine
    mailbox: MailboxSender

    def message(self, **more: Any) -> Notification:
        known: dict[str, Any] = {
            "kind": "with_us",
            "channel": "sms",
            "status": "delivered",
            "attempts": 1,
            "created_at": NOON,
            "next_attempt_at": None,
            "language": "am",
            "contact_id": uuid4(),
            "person_id": uuid4(),
        }
        row = Notification(
            id=uuid4(), organisation_id=self.site.staff.organisation_id, about=uuid4(), subject="", text=""
        )
        for name, value in (known | more).items():
            setattr(row, name, value)
        with transaction(self.notify) as session:
            session.expire_on_commit = False
            session.add(row)
        return row

    def attempt(self, message: Notification, *results: str, **more: Any) -> UUID:
        attempt = Attempt(
            id=uuid4(), notification_id=message.id, started_at=NOON, channel="sms", **{"provider": "twilio"} | more
        )
        with transaction(self.notify) as session:
            session.expire_on_commit = False
            session.add(attempt)
            session.add_all(
                Receipt(attempt_id=attempt.id, part=1, result=one, code=None, times=2, first_at=NOON) for one in results
            )
        return attempt.id

    def mailed(self) -> UUID:
        """A grant whose report went to one reader, and perhaps to another one; the grant."""
        grant, report, member = uuid4(), uuid4(), self.site.staff.member(Role.CASE_MANAGER).actor
        with transaction(self.notify) as session:
            for name, language, status, reason in (
                ("desk.officer", "en", "sent", None),
                ("second.reader.of.reports", "ar", "outcome-unknown", "no_answer"),
            ):
                new = NewReader(grant, f"{name}@donor.example", language)
                reader = add_reader(session, member, new, NOON)
                of = {"organisation_id": member.organisation_id, "grant_id": grant, "reader_id": reader.id}
                row = ReportDelivery(
                    id=uuid4(), subject=f"grant/{grant}", report_id=report, number=1, digest="", formats="pdf", **of
                )
                row.status, row.reason, row.grant_number, row.created_at = status, reason, "RFL-2026/17", NOON
                row.date_from, row.date_to = date(2026, 1, 1), date(2026, 3, 31)
                session.add(row)
            add_reader(session, member, NewReader(grant, "ended@donor.example"), NOON).end("reader", NOON)
        return grant


@pytest.fixture
def hub(sqlite: Callable[[str], Engine], keys: KeyRing, tmp_path: Path) -> Iterator[Hub]:
    intake, notify, settings = sqlite("intake"), sqlite("notify"), Settings(data_dir=tmp_path)
    apps = {"intake": intake_app.build(intake, keys), "notify": notify_app.build(notify, keys, settings)}
    web = ByPrefix(apps["intake"], {**apps, "assets": apps["intake"]})
    listener = socket.create_server(("127.0.0.1", 0))
    server = uvicorn.Server(uvicorn.Config(web, log_config=None, lifespan="off", server_header=False))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True)
    thread.start()
    site = Site(
        f"http://127.0.0.1:{listener.getsockname()[1]}", intake, Staff(intake, "red-cross-marenia", "Red Cross")
    )
    with transaction(notify) as session:
        session.add(
            OrganisationName(
                organisation_id=site.staff.organisation_id, short_name="red-cross-marenia", name="Red Cross of Marenia"
            )
        )
    yield Hub(site, notify, MailboxSender(mailbox_folder(settings)))
    server.should_exit = True
    thread.join(10)


@pytest.fixture
def window(program: Browser, hub: Hub) -> Iterator[Callable[..., Window]]:
    opened: list[Window] = []

    def made(width: int = 1280, language: str = "en", *, scripts: bool = True) -> Window:
        opened.append(Window(program, hub.site, width, language, scripts=scripts))
        return opened[-1]

    yield made
    for one in opened:
        one.close()


@pytest.mark.parametrize("language", ["en", "ar"])
@pytest.mark.parametrize("width", [1280, 360])
def test_the_pages_of_messages_are_for_everybody(
    hub: Hub, window: Callable[..., Window], width: int, language: str
) -> None:
    manager, administrator = window(width, language), window(width, language)
    manager.enter(Role.CASE_MANAGER)
    manager.open("/notify/messages")
    manager.look("messages-none")
    odd = hub.message(maybe_twice=True, created_at=NOON + timedelta(minutes=5))
    hub.attempt(odd, outcome="temporary-failure", code="30003", parts=1, contradictory=False)
    hub.attempt(
        odd, "delivered", "permanent-failure", outcome="delivered", provider_id="SM" + "0" * 32, parts=2,
        contradictory=True,
    )  # fmt: skip
    hub.message(status="held", reason="unverified", next_attempt_at=NOON, language=None)
    hub.message(status="cancelled", reason="no_approved_language", channel="email", language="my")
    hub.message(
        kind="import_finished", contact_id=None, channel="file", language=None, subject="Your file", text="Of 10 rows"
    )
    letter, taken = uuid4(), {"outcome": "delivered", "parts": 1, "contradictory": False}
    hub.attempt(hub.message(), provider="file", provider_id=str(letter), **taken)
    hub.mailbox.send(Outgoing(letter, "+491701234567", "", TOLD, "en"))
    member = hub.site.staff.member(Role.CASE_MANAGER).actor
    with transaction(hub.notify) as session:
        approve_language(session, member, "am", digest_of("am"), NOON)
        pause_channel(session, member, "sms", NOON)
    for name, path in (
        ("messages", "/notify/messages"),
        ("message", f"/notify/messages/{odd.id}"),
        ("languages", "/notify/languages"),
        ("language", "/notify/languages/fa"),
        ("pauses", "/notify/pauses"),
        ("mailbox", "/notify/mailbox"),
        ("reports-by-mail", "/notify/reports"),
        ("reports-by-mail-of-a-grant", f"/notify/reports?grant_id={hub.mailed()}&done=added"),
        ("no-more-reports", "/notify/u/whatever"),
        ("message-nowhere", "/notify/messages/nothing"),
    ):
        manager.open(path)
        manager.look(name)
    administrator.enter(Role.ADMINISTRATOR)
    administrator.open("/notify/messages")
    administrator.look("messages-of-the-administrator")
    assert manager.found_wrong + administrator.found_wrong == []


def test_a_language_is_read_and_approved_from_intakes_menu_with_javascript_off(
    hub: Hub, window: Callable[..., Window]
) -> None:
    manager = window(scripts=False)
    manager.enter(Role.CASE_MANAGER)
    manager.open("/intake/my-work")
    manager.follow("Messages")
    assert manager.path == "/notify/messages"
    manager.follow("Languages")
    manager.follow("አማርኛ")
    manager.press("Approve these texts")
    assert "messages go out in this language from now on" in manager.page.locator("main").inner_text()
    manager.follow("Pauses")
    manager.press("Pause")
    assert "what would go out is held back" in manager.page.locator("main").inner_text()
    manager.follow("My work")
    assert manager.path == "/intake/my-work"
    manager.page.get_by_role("button", name="Sign out").click()
    manager.open("/notify/messages")
    assert manager.path.startswith("/intake/sign-in")
