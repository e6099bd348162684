"""What notify tells of families: what they wrote, that they want no more messages, what a case worker must do."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import insert, update
from sqlalchemy.orm import Session

from services.intake.commands.changes import RECORDED, open_for_change, write_change
from services.intake.domain import Attention, Case, Complaint, FamilyContact, FamilyMessage, FamilyReply
from services.intake.queries import complaints
from services.intake.queries.family import TEXT, one_attention, reply_of
from shared.access import Actor
from shared.database import put_row, table_of, upsert, utc_now
from shared.events import AttentionRequested, ComplaintReceived, FamilyMessageStatusChanged, FamilyReplied
from shared.vault import data_key, vault_of

READ_WITHIN = timedelta(hours=24)
"""From what a family wrote to the moment at which a case worker should have dealt with it."""


def note_family_message(session: Session, changed: FamilyMessageStatusChanged, at: datetime) -> None:
    """How far a message to a family has come."""
    put_row(
        session,
        table_of(FamilyMessage),
        id=changed.notification_id,
        organisation_id=changed.organisation_id,
        case_id=changed.case_id,
        channel=changed.channel,
        status=changed.status,
        changed_at=at,
    )


def keep_reply(session: Session, replied: FamilyReplied, text: str | None, at: datetime) -> None:
    """Keep what a family wrote, encrypted under the case's key, for whoever holds the case now. Kept once."""
    case = session.get_one(Case, replied.case_id)
    if session.get(FamilyReply, replied.reply_id) is not None:
        return
    sealed = None
    if text:
        key = vault_of(session).open_or_renew(session, case.id, case.organisation_id)
        sealed = key.encrypt(text.encode(), TEXT)
    session.add(
        FamilyReply(
            id=replied.reply_id,
            organisation_id=case.organisation_id,
            case_id=case.id,
            person_id=replied.person_id,
            contact_id=replied.contact_id,
            channel=replied.channel,
            intent=replied.intent,
            sealed=sealed,
            received_at=at,
            due_by=at + READ_WITHIN,
        )
    )
    session.flush()


def note_opt_out(session: Session, contact_id: UUID, since: datetime | None) -> None:
    """The family wants no messages by this contact since then; None: it wants them again."""
    own = FamilyContact.id == contact_id
    changed = {"opted_out_at": since, "version": FamilyContact.version + 1, "changed_at": utc_now()}
    session.execute(update(FamilyContact).where(own).values(changed))


def ask_for_attention(session: Session, asked: AttentionRequested, at: datetime) -> None:
    """A case worker of whoever holds the case now must act. Asked once."""
    case = session.get_one(Case, asked.case_id)
    row = {
        "id": asked.request_id,
        "organisation_id": case.organisation_id,
        "case_id": case.id,
        "reason": asked.reason,
        "asked_at": at,
        "due_by": asked.due_by,
    }
    session.execute(upsert(session, table_of(Attention)).values(**row).on_conflict_do_nothing())


def keep_complaint(session: Session, received: ComplaintReceived, text: str | None, at: datetime) -> None:
    """Keep a complaint, encrypted under a key of its own, with whom its case was assigned to. Kept once."""
    if session.get(Complaint, received.complaint_id) is not None:
        return
    case = session.get(Case, received.case_id) if received.case_id is not None else None
    sealed = None
    if text:
        opened, rows = vault_of(session).fresh([received.complaint_id], received.organisation_id)
        session.execute(insert(data_key), rows)
        sealed = opened[received.complaint_id].encrypt(text.encode(), complaints.TEXT)
    session.add(
        Complaint(
            id=received.complaint_id,
            organisation_id=received.organisation_id,
            about=received.about,
            case_id=received.case_id,
            worker_id=case.assigned_to if case is not None else None,
            sealed=sealed,
            received_at=at,
        )
    )
    session.flush()


def finish_reply(session: Session, actor: Actor, case_id: UUID, reply_id: UUID) -> FamilyReply:
    """What a family wrote was dealt with; said twice, it is done once. Raises as `open_for_change`, and `NotFound`."""
    case = open_for_change(session, actor, case_id, None)
    row = reply_of(session, case, reply_id)
    if row.done_at is None:
        row.done_at, row.done_by = utc_now(), actor.user_id
        told = {"person": str(row.person_id), "reply": str(row.id)}
        write_change(session, actor, case, "finish_reply", announced=RECORDED, recorded=told)
    return row


def finish_attention(session: Session, actor: Actor, case_id: UUID, attention_id: UUID) -> Attention:
    """A case worker did what was to be done; said twice, it is done once. Raises as `open_for_change`, and
    `NotFound`."""
    case = open_for_change(session, actor, case_id, None)
    row = one_attention(session, case, attention_id)
    if row.done_at is None:
        row.done_at, row.done_by = utc_now(), actor.user_id
        told = {"reason": row.reason, "attention": str(row.id)}
        write_change(session, actor, case, "finish_attention", announced=RECORDED, recorded=told)
    return row


def finish_complaint(session: Session, actor: Actor, complaint_id: UUID) -> Complaint:
    """A complaint was dealt with. Raises `NotAllowed`, and `NotFound`, also for one that the actor may not read."""
    row = complaints.complaint(session, actor, complaint_id)
    if row.done_at is None:
        row.done_at, row.done_by = utc_now(), actor.user_id
        session.flush()
    return row
