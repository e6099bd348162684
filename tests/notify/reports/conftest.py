"""Reporting with published issues, notify with the donor's people who asked for them, and a mail server."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import date
from email.message import EmailMessage
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import Engine, select, update

from services.notify.app import build
from services.notify.domain import OrganisationName, ReportAttempt, ReportDelivery, ReportReader
from services.notify.report_delivery import ReportPost
from services.notify.senders import FamilySender, SentOnce
from services.notify.senders.smtp import Relay, SmtpSender
from services.notify.settings import LISTENS_TO
from services.notify.subscribers import PROJECTIONS, REACTIONS
from services.reporting.domain import Donor, Grant, Report, ReportIssue
from services.reporting.files import LocalIssueFiles
from services.reporting.rendering import Issue
from shared.access import Actor, Role, issue_token
from shared.crypto import KeyRing
from shared.database import reading, transaction, utc_now, uuid7
from shared.events import Event, ReportPublished
from shared.events.envelope import PARTITIONS
from shared.issue_files import IssueFile, IssueHead
from shared.messaging.consumer import Consumer, Subscriptions
from shared.messaging.feed import LocalFeed
from shared.messaging.log import record
from shared.messaging.sequencer import Sequencer
from shared.settings import Settings
from tests.client import TestClient
from tests.notify.mail_server import MailServer
from tests.reporting.rendering.issues import grant_issue

ADDRESS = "Desk.Officer@donor.example"
FROM = "reports@hub.example"
BASE = "https://hub.example"
FIRST, LAST = date(2026, 7, 1), date(2026, 9, 30)


@dataclass
class Files:
    """Reporting's files, of which some fail as told: form → what happens ("gone", "empty", "cut")."""

    real: LocalIssueFiles
    fails: dict[str, str] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)

    def head(self, report_id: UUID, number: int) -> IssueHead:
        return self.real.head(report_id, number)

    def file(self, report_id: UUID, number: int, form: str) -> IssueFile:
        self.asked.append(form)
        found, fault = self.real.file(report_id, number, form), self.fails.get(form)
        if fault == "gone":
            raise OSError("the listener is away")
        content = {"empty": b"", "cut": found.content[:-1]}.get(fault or "", found.content)
        return IssueFile(form, found.media_type, content, found.sha256)


class House:
    """One organisation with a grant, whose reports are published; and who works with notify."""

    def __init__(self, database: Callable[[str], Engine], keys: KeyRing, server: MailServer, folder: Path) -> None:
        self.reporting, self.engine, self.keys, self.server = database("reporting"), database("notify"), keys, server
        feeds = {one: LocalFeed(self.reporting if one == "reporting" else database(one), one) for one in LISTENS_TO}
        self.consumer = Consumer("notify", self.engine, feeds, Subscriptions(PROJECTIONS, REACTIONS), keys)
        self.consumer.prepare()
        self.files = Files(LocalIssueFiles(self.reporting))
        self.once = SentOnce(folder / "sent-once.txt")
        self._quarters = [(FIRST, LAST), (date(2026, 10, 1), date(2026, 12, 31)), (date(2027, 1, 1), date(2027, 3, 31))]
        self.own, self.grant_id, self.other, self.user = uuid7(), uuid7(), uuid7(), uuid7()
        self.client = TestClient(build(self.engine, keys, Settings(data_dir=folder)), raise_server_exceptions=False)
        with transaction(self.engine) as session:
            session.add(OrganisationName(organisation_id=self.own, short_name="network", name="Tracing Network"))
        self._grant()

    def _grant(self) -> None:
        of = {"organisation_id": self.own, "version": 1, "made_at": utc_now()}
        donor = Donor(id=uuid7(), name="Ministry", donor_group="DAC", kind="government", **of)
        lists: dict[str, Any] = {one: [] for one in ("themes", "countries", "frameworks", "sections")}
        grant = Grant(
            id=self.grant_id,
            number="RFL-2026/17",
            title="Restoring Family Links",
            donor_id=donor.id,
            kind="grant",
            starts_on=date(2026, 1, 1),
            ends_on=date(2027, 12, 31),
            time_zone="Europe/Rome",
            currency="EUR",
            age_scheme="unhcr",
            **lists,
            **of,
        )
        with transaction(self.reporting) as session:
            session.add(donor)
            session.flush()
            session.add(grant)

    def publish(self, *, audience: Any = "donor") -> UUID:
        """An issue about the next quarter is frozen, and told of; the report's id."""
        first, last = self._quarters.pop(0)
        issue = grant_issue(number=1, draft=False, revisions=(), date_from=first, date_to=last)
        report_id, now, of = uuid7(), utc_now(), {"organisation_id": self.own, "grant_id": self.grant_id}
        times = {"first": first, "last": last, "why": ""}
        report = Report(id=report_id, due_on=last, state="published", version=1, number=1, **of, **times)
        frozen = ReportIssue(
            report_id=report_id,
            number=1,
            snapshot=issue.canonical,
            digest=issue.digest,
            published_at=now,
            published_by=uuid4(),
            published_role="report approver",
            published_organisation="Tracing Network",
            audience=audience,
            **of,
            **times,
        )
        with transaction(self.reporting) as session:
            session.add(report)
            session.flush()
            session.add(frozen)
        self.tell(report_id, issue, audience)
        return report_id

    def tell(self, report_id: UUID, issue: Issue, audience: Any = "donor") -> None:
        """Reporting records the event, and notify hears of it."""
        event = ReportPublished(
            organisation_id=self.own,
            grant_id=self.grant_id,
            report_id=report_id,
            number=issue.number,
            digest=issue.digest,
            date_from=issue.date_from,
            date_to=issue.date_to,
            audience=audience,
        )
        self.hear(event)

    def hear(self, event: Event) -> None:
        """Reporting records it, and notify hears of it."""
        with transaction(self.reporting) as session:
            record(session, event)
        Sequencer(self.reporting).sequence()
        for partition in range(PARTITIONS):
            self.consumer.catch_up("reporting", partition)

    @property
    def mail(self) -> SmtpSender:
        return SmtpSender(Relay(self.server.host, self.server.port, "none"), FROM)

    def post(self, mail: FamilySender | None = None, base: str = BASE) -> ReportPost:
        return ReportPost(self.engine, self.files, mail or self.mail, base, self.once)

    def deliver(self) -> int:
        return self.post().deliver_due()

    def due_now(self) -> None:
        """As if the time to wait had passed."""
        with transaction(self.engine) as session:
            waits = ReportDelivery.next_attempt_at.is_not(None)
            session.execute(update(ReportDelivery).where(waits).values(next_attempt_at=utc_now()))

    def actor(self, *roles: Role, other: bool = False, system: bool = False) -> Actor:
        chosen = frozenset(roles or {Role.CASE_MANAGER})
        return Actor(self.other if other else self.own, roles=chosen, user_id=None if system else self.user)

    def asks(self, method: str, path: str, actor: Actor | None = None, **sent: Any) -> Any:
        """A program's request."""
        headers = {"Authorization": f"Bearer {issue_token(self.keys, actor or self.actor())}"}
        return self.client.request(method, f"/notify/v1/{path}", headers=headers, **sent)

    def add(self, address: str = ADDRESS, **given: Any) -> dict[str, Any]:
        """A reader of the grant's reports."""
        answer = self.asks("POST", "report-readers", json={"grant_id": str(self.grant_id), "address": address} | given)
        assert answer.status_code == 201, answer.text
        added: dict[str, Any] = answer.json()
        return added

    @property
    def letters(self) -> list[EmailMessage]:
        return [one for one in self.server.letters if isinstance(one, EmailMessage)]

    @property
    def deliveries(self) -> list[ReportDelivery]:
        with reading(self.engine) as session:
            return list(session.scalars(select(ReportDelivery).order_by(ReportDelivery.created_at)))

    @property
    def only(self) -> ReportDelivery:
        (found,) = self.deliveries
        return found

    @property
    def attempts(self) -> list[ReportAttempt]:
        with reading(self.engine) as session:
            return list(session.scalars(select(ReportAttempt).order_by(ReportAttempt.started_at)))

    @property
    def readers(self) -> list[ReportReader]:
        with reading(self.engine) as session:
            return list(session.scalars(select(ReportReader).order_by(ReportReader.added_at)))


def attachments(letter: EmailMessage) -> dict[str, bytes]:
    """By the ending of its name, what a letter carries."""
    found = {}
    for part in letter.iter_attachments():
        content = part.get_payload(decode=True)
        assert isinstance(content, bytes)
        found[(part.get_filename() or "").rpartition(".")[2]] = content
    return found


def link_of(letter: EmailMessage) -> str:
    """The path at which these mails are ended."""
    return str(letter["List-Unsubscribe"]).strip("<>").removeprefix(BASE)


@pytest.fixture
def server() -> Iterator[MailServer]:
    with MailServer() as running:
        yield running


@pytest.fixture
def house(database: Callable[[str], Engine], keys: KeyRing, server: MailServer, tmp_path: Path) -> House:
    return House(database, keys, server, tmp_path)
