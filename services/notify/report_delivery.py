"""Mails with reports: fetch every file, record the attempt, hand the mail over, record the outcome.

All files, whole, or no mail at all. A mail of which nobody knows whether it left is never sent again by itself.
"""

from __future__ import annotations

import logging
import re
import threading
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby
from uuid import UUID

from sqlalchemy import Engine

from services.notify.commands import report_mail
from services.notify.commands.report_mail import Ready
from services.notify.domain import ReportDelivery
from services.notify.queries import reports
from services.notify.recording import record
from services.notify.senders import Attachment, FamilySender, Handed, Outgoing, SentOnce
from services.notify.settings import LOOK_EVERY, RECHECK, REPORT_BROKEN_OFF, REPORTS_AT_ONCE
from services.notify.wording.reports import report_mail as wording_of
from shared.database import reading, transaction, utc_now
from shared.issue_files import MOST_BYTES, IssueFile, IssueFiles, IssueHead
from shared.logging import describe_error

log = logging.getLogger(__name__)


class Missing(Exception):
    """Not all that a mail must have is there. `reason` is a code; `for_good`: nor will it ever be."""

    def __init__(self, reason: str, *, for_good: bool = False) -> None:
        super().__init__(reason)
        self.reason, self.for_good = reason, for_good


@dataclass(frozen=True)
class Enclosed:
    """What an issue's mail carries."""

    head: IssueHead
    attachments: tuple[Attachment, ...]


class ReportPost:
    """Sends the mails with reports that are due. `base` is the address of notify's pages, without a slash at its end;
    `once` what was handed over, also after a backup was restored."""

    def __init__(
        self, engine: Engine, files: IssueFiles, mail: FamilySender | None, base: str, once: SentOnce | None = None
    ) -> None:
        self._engine, self._files, self._mail, self._base, self._once = engine, files, mail, base, once
        self.soon = threading.Event()
        """Set by whoever knows that something is due."""

    def run(self, stop: threading.Event) -> None:
        """Deliver whenever somebody says `soon`, and every few seconds; until `stop`."""
        while not stop.is_set():
            self.soon.wait(LOOK_EVERY.total_seconds())
            self.soon.clear()
            self.settle_broken_off()
            self.deliver_due(stop)

    def deliver_due(self, stop: threading.Event | None = None) -> int:
        """Send everything that is due. Returns how many mails were handed over."""
        made = 0
        while not (stop is not None and stop.is_set()):
            with reading(self._engine) as session:
                due = reports.due_reports(session, utc_now(), REPORTS_AT_ONCE)
            for _, of_issue in groupby(due, lambda one: (one.report_id, one.number)):
                made += self._deliver_issue(list(of_issue), stop)
            if len(due) < REPORTS_AT_ONCE:
                break
        return made

    def settle_broken_off(self, *, at_start: bool = False) -> int:
        """Look up what became of mails that a crash broke off; of what nobody can look up, that stays unknown, and is
        for a person to decide.

        `at_start` of the only process that delivers, every open attempt is broken off. Returns how many were settled.
        """
        before = utc_now() if at_start else utc_now() - REPORT_BROKEN_OFF
        with reading(self._engine) as session:
            broken = reports.reports_broken_off(session, before)
        for attempt in broken:
            found = self._mail.look_up(attempt.delivery_id, None) if self._mail is not None else None
            self._end(attempt.id, found or Handed("outcome-unknown", code="broken-off"))
        return len(broken)

    def _deliver_issue(self, due: Sequence[ReportDelivery], stop: threading.Event | None) -> int:
        """The mails with one issue: its files are fetched once, and forgotten after the last of them."""
        fetched: dict[str, IssueFile] = {}
        made = 0
        for delivery in due:
            if stop is not None and stop.is_set():
                break
            made += self._deliver(delivery, fetched)
        return made

    def _deliver(self, delivery: ReportDelivery, fetched: dict[str, IssueFile]) -> bool:
        """True where a mail was handed over."""
        if self._mail is None:
            until = utc_now() + RECHECK
            record(self._engine, lambda s: report_mail.hold(s, delivery.id, "no_mail_server", until, utc_now()))
            return False
        try:
            enclosed = self._enclosed(delivery, fetched)
        except Missing as missing:
            log.warning("a report's mail waits", extra={"delivery": delivery.id, "reason": missing.reason})
            put_off = report_mail.refuse if missing.for_good else report_mail.wait_for_files
            reason = missing.reason
            record(self._engine, lambda s: put_off(s, delivery.id, reason, utc_now()))
            return False
        with transaction(self._engine) as session:
            asked = delivery.id, enclosed.head.grant_number, self._base, utc_now(), self._known_once()
            ready = report_mail.begin_report_mail(session, *asked)
        if ready is None:
            return False
        self._end(ready.attempt_id, self._handed(self._mail, ready, enclosed))
        return True

    def _enclosed(self, delivery: ReportDelivery, fetched: dict[str, IssueFile]) -> Enclosed:
        """Everything that the mail must have. Raises `Missing`."""
        forms = delivery.formats.split()
        try:
            head = self._files.head(delivery.report_id, delivery.number)
            for form in forms:
                if form not in fetched:
                    fetched[form] = self._files.file(delivery.report_id, delivery.number, form)
        except Exception as error:  # whatever a rendering fails of: no mail without it, and the others go out
            log.warning("a report's file is missing", extra={"delivery": delivery.id, "error": describe_error(error)})
            raise Missing("file_missing") from error
        if head.digest != delivery.digest:
            raise Missing("another_issue")
        for form in forms:
            if not fetched[form].whole:
                del fetched[form]
                raise Missing("file_damaged")
        if sum(len(fetched[form].content) for form in forms) > MOST_BYTES:
            raise Missing("too_large", for_good=True)
        return Enclosed(head, tuple(_attachment(head, fetched[form]) for form in forms))

    def _handed(self, mail: FamilySender, ready: Ready, enclosed: Enclosed) -> Handed:
        """What came of handing the mail over."""
        if not self._noted(ready):
            return Handed("temporary-failure", code="disk")
        forms = [one.name.rpartition(".")[2] for one in enclosed.attachments]
        said = wording_of(enclosed.head, forms, ready.language, ready.link)
        outgoing = Outgoing(
            ready.delivery_id, ready.to, said.subject, said.text, ready.language, enclosed.attachments, ready.link
        )
        try:
            return mail.send(outgoing)
        except Exception as error:  # noqa: BLE001 - a sender promises not to raise; where it does, nobody knows
            log.warning("a sender failed", extra={"error": describe_error(error)})
            return Handed("outcome-unknown", code="sender-failed")

    def _noted(self, ready: Ready) -> bool:
        """False where the disk does not take it: then nothing is sent."""
        try:
            if self._once is not None and self._mail is not None and not self._mail.takes_reference:
                self._once.add([ready.delivery_id])
        except OSError as error:
            log.warning("a report waits for a disk", extra={"error": describe_error(error)})
            return False
        return True

    def _known_once(self) -> SentOnce | None:
        return self._once if self._mail is not None and not self._mail.takes_reference else None

    def _end(self, attempt_id: UUID, handed: Handed) -> None:
        record(self._engine, lambda session: report_mail.end_report_attempt(session, attempt_id, handed, utc_now()))


def _attachment(head: IssueHead, file: IssueFile) -> Attachment:
    """Named by grant, period and issue."""
    grant = re.sub(r"[^A-Za-z0-9]+", "-", head.grant_number).strip("-") or "report"
    return Attachment(
        f"{grant}_{head.date_from}_{head.date_to}_{head.number}.{file.form}", file.media_type, file.content
    )
