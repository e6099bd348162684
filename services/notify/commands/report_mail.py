"""Mails with reports: one for each issue and reader; what may go out now, and what came of it."""

from __future__ import annotations

import base64
import hmac
import random
from collections.abc import Container
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from services.notify.commands.report_readers import addresses_of
from services.notify.domain import ReportAttempt, ReportDelivery, ReportReader, report_delivery_id
from services.notify.domain.reports import WAITING
from services.notify.queries import reports
from services.notify.senders import Handed, Receipt
from services.notify.settings import JOBS, LEAVE_PAGE
from shared.access import Act, Actor, require
from shared.crypto import KeyRing, Undecipherable
from shared.database import table_of, upsert, utc_now
from shared.errors import NotAllowed
from shared.events import Logged, ReportPublished
from shared.messaging.log import ledger_of
from shared.wakes import wake

TOKENS = "links that end reports"


@dataclass(frozen=True)
class Ready:
    """A mail whose attempt is recorded: it is handed over now."""

    delivery_id: UUID
    attempt_id: UUID
    to: str = field(repr=False)
    language: str
    link: str = field(repr=False)


def write_to_readers(session: Session, published: Logged[ReportPublished]) -> int:
    """One mail for each reader of the grant, if the issue is for the donor; once, however often the event comes.
    Returns how many are new."""
    event = published.event
    if event.audience != "donor":
        return 0
    own = ReportReader.organisation_id == event.organisation_id, ReportReader.grant_id == event.grant_id
    readers = session.scalars(select(ReportReader).where(*own, ReportReader.ended_at.is_(None))).all()
    table, now = table_of(ReportDelivery), utc_now()
    rows = [
        {
            "id": report_delivery_id(event.report_id, event.number, reader.id),
            "organisation_id": event.organisation_id,
            "grant_id": event.grant_id,
            "subject": published.subject,
            "report_id": event.report_id,
            "number": event.number,
            "digest": event.digest,
            "date_from": event.date_from,
            "date_to": event.date_to,
            "reader_id": reader.id,
            "formats": reader.formats,
            "status": "created",
            "created_at": now,
            "next_attempt_at": now,
            "tries": 0,
        }
        for reader in readers
    ]
    if not rows:
        return 0
    wake(session, JOBS)
    added = upsert(session, table).values(rows).on_conflict_do_nothing().returning(table.c.id)
    return len(session.execute(added).all())


def begin_report_mail(
    session: Session,
    delivery_id: UUID,
    grant_number: str,
    base: str,
    now: datetime,
    once: Container[UUID] | None = None,
) -> Ready | None:
    """Record an attempt. None where the mail is not due (any more), or where nobody is to get it.

    `base` is the address of notify's pages. `once` knows, also after a backup was restored, what was handed over: of
    that nobody knows what became, and a person decides.
    """
    delivery = _due(session, delivery_id, now)
    if delivery is None:
        return None
    reader = session.get_one(ReportReader, delivery.reader_id)
    address = _address(session, reader)
    if reader.ended_at is not None or address is None:
        delivery.end("cancelled", "ended" if reader.ended_at is not None else "no_address")
        return None
    if once is not None and delivery.id in once and not _remembered(session, delivery):
        delivery.end("outcome-unknown", "restored")
        return None
    delivery.grant_number = grant_number
    attempt = delivery.begin_attempt(now)
    session.add(attempt)
    session.flush()
    link = f"{base}{LEAVE_PAGE}/{_token(delivery, ledger_of(session).keys)}"
    return Ready(delivery.id, attempt.id, address, reader.language, link)


def wait_for_files(session: Session, delivery_id: UUID, reason: str, now: datetime) -> None:
    """Not every file could be had, whole: no mail goes out, and it is tried again later; after 72 hours, no more."""
    delivery = _due(session, delivery_id, now)
    if delivery is not None:
        delivery.wait_for_files(reason, now, _jitter())


def refuse(session: Session, delivery_id: UUID, reason: str, now: datetime) -> None:
    """No mail can carry this: a person sends the report in another way."""
    delivery = _due(session, delivery_id, now)
    if delivery is not None:
        delivery.end("technical-failure", reason)


def hold(session: Session, delivery_id: UUID, reason: str, until: datetime, now: datetime) -> None:
    """Nothing is sent now: it is looked at again at that moment."""
    delivery = _due(session, delivery_id, now)
    if delivery is not None:
        delivery.reason, delivery.next_attempt_at = reason, until


def end_report_attempt(session: Session, attempt_id: UUID, handed: Handed, now: datetime) -> None:
    """What came of a mail that was handed over. Nothing where that is known already."""
    attempt = session.get_one(ReportAttempt, attempt_id, with_for_update=True)
    if attempt.outcome is not None:
        return
    attempt.outcome, attempt.code, attempt.finished_at = handed.result, handed.code, now
    delivery = session.get_one(ReportDelivery, attempt.delivery_id, with_for_update=True)
    if delivery.status != "sending":
        return
    if handed.result in ("accepted", "delivered"):
        delivery.sent(now)
    elif handed.result == "temporary-failure":
        delivery.failed("mail_server", now, _jitter(), handed.retry_after or timedelta())
    elif handed.result == "permanent-failure":
        delivery.end("permanent-failure", "refused")
    elif handed.result == "technical-failure":
        delivery.end("technical-failure", "mail_server")
    else:
        delivery.end("outcome-unknown", "no_answer")


def hear_bounce(session: Session, bounced: Receipt) -> bool:
    """A mail came back. True where it was one with a report: whoever sees to the readers sees it."""
    if bounced.reference is None or bounced.result not in ("permanent-failure", "technical-failure"):
        return False
    delivery = session.get(ReportDelivery, bounced.reference, with_for_update=True)
    if delivery is None or delivery.status not in ("sent", "outcome-unknown"):
        return delivery is not None
    delivery.end("permanent-failure", "bounced")
    return True


def send_again(session: Session, actor: Actor, delivery_id: UUID, now: datetime) -> ReportDelivery:
    """A person has a mail that failed sent again, though it may have arrived: with the same Message-ID, by which mail
    programs know it. Raises `NotFound`, `NotAllowed`, also for a system, and `Conflict`."""
    require(actor, Act.KEEP_GRANTS)
    if actor.user_id is None:
        raise NotAllowed("A person has a mail sent again: sign in.")
    delivery = reports.delivery(session, actor, delivery_id, lock=True)
    delivery.again(actor.user_id, now)
    wake(session, JOBS)
    return delivery


def _due(session: Session, delivery_id: UUID, now: datetime) -> ReportDelivery | None:
    """The mail, locked, if it is still due: another process may have been quicker."""
    due = ReportDelivery.id == delivery_id, ReportDelivery.status.in_(WAITING), ReportDelivery.next_attempt_at <= now
    found: ReportDelivery | None = session.scalar(
        select(ReportDelivery).where(*due).with_for_update(skip_locked=True).execution_options(populate_existing=True)
    )
    return found


def _remembered(session: Session, delivery: ReportDelivery) -> bool:
    """Whether the database knows why this mail was handed over before."""
    tried = select(ReportAttempt.id).where(ReportAttempt.delivery_id == delivery.id).limit(1)
    return delivery.again_at is not None or session.scalar(tried) is not None


def _address(session: Session, reader: ReportReader) -> str | None:
    try:
        return addresses_of(session, [reader]).get(reader.id)
    except Undecipherable:
        return None


def _token(delivery: ReportDelivery, keys: KeyRing) -> str:
    """The token of the link in this mail, the same each time it is sent. It is kept nowhere: it is derived."""
    made = [
        base64.urlsafe_b64encode(hmac.digest(key, delivery.id.bytes, "sha256")).decode().rstrip("=")
        for key in keys.all_derived(TOKENS)
    ]
    known = next((one for one in made if reports.link_digest(one) == delivery.link_digest), None)
    if known is None:
        delivery.link_digest = reports.link_digest(made[0])
    return known or made[0]


def _jitter() -> float:
    return random.uniform(0.5, 1.0)  # noqa: S311 - spreads tries, keeps no secret
