"""The sender tells the receiver what is known by now, of the same fields."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy.orm import Session

from services.intake import queries
from services.intake.casework.referrals import SHOWN_TO_RECEIVER
from services.intake.commands.attachments import attachments_in, share_no_more_than
from services.intake.commands.referrals.facts import fact_of_step
from services.intake.commands.referrals.offering import nobody_to_share
from services.intake.commands.referrals.rows import document, next_step, of_row
from services.intake.domain import Agreement, Referral, SharedRecord
from services.intake.queries import referrals as found
from services.intake.queries.shared_attachments import shared_ids
from shared.access import Actor
from shared.database import utc_now
from shared.errors import Conflict, NotAllowed, Stale
from shared.messaging.log import record


def what_would_be_updated(session: Session, actor: Actor, referral_id: UUID, note: str | None = None) -> found.ToShare:
    """Exactly what the receiver would be shown after `bring_up_to_date`, and raises as it does. Nothing is sent."""
    row = found.referral(session, actor, referral_id)
    _is_of_the_sender(row, actor)
    return _update(session, actor, row, note)


def bring_up_to_date(
    session: Session, actor: Actor, referral_id: UUID, *, note: str | None = None, expected: int | None = None
) -> Referral:
    """Send the receiver what is known by now, of the same fields, as long as the referral lives. Sender's."""
    row = found.referral(session, actor, referral_id, lock=True)
    _is_of_the_sender(row, actor)
    if expected is not None and row.version != expected:
        raise Stale("The referral was changed since you read it: read it again, and decide anew.")
    share = _update(session, actor, row, note)
    key, now = found.key_of(session, row), utc_now()
    if key is None:
        raise Conflict("A person of this case was erased: nothing more is said under this referral.")
    row.people, row.shown_until, row.withheld = [str(one) for one in share.people], share.until, None
    session.add(next_step(row, "update", now, side="sender", actor=actor))
    sealed = key.encrypt(document(share.view), "shared_record.sealed")
    session.add(SharedRecord(**of_row(row), number=row.version, sent_at=now, sealed=sealed))
    share_no_more_than(session, row, attachments_in(share.view))
    session.flush()
    record(session, fact_of_step(row, "update"))
    return row


def _update(session: Session, actor: Actor, row: Referral, note: str | None) -> found.ToShare:
    if row.state not in SHOWN_TO_RECEIVER or row.state == "completed" or row.left_at is not None:
        raise Conflict("This referral is over: nothing is shared under it any more.")
    now = utc_now()
    agreement = session.get_one(Agreement, row.agreement_id)
    if agreement.state(now.date()) != "in_force":
        raise Conflict("The agreement is no longer in force: nothing is shared under it.")
    case = queries.case(session, actor, row.case_id)
    passing = agreement.lets_through(row.organisation_id, case.type)
    fields = [one for one in row.fields if one in passing]
    share = found.to_share(session, case, row.receiver_id, fields, note, now.date(), shared_ids(session, row))
    if not share.people:
        raise nobody_to_share(share)
    return share


def _is_of_the_sender(row: Referral, actor: Actor) -> None:
    if found.side_of(row, actor) != "sender":
        raise NotAllowed("This is done by the other organisation.")
