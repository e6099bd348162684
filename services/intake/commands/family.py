"""What notify tells of families: what they wrote, chose and want no more, what a case worker must do."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import and_, insert, or_, select
from sqlalchemy.orm import Session

from services.intake.casework.contacts import MOST_FALLBACKS
from services.intake.commands.changes import RECORDED, open_for_change, write_change
from services.intake.domain import (
    Attention,
    Case,
    CasePerson,
    Complaint,
    FamilyContact,
    FamilyMessage,
    FamilyReply,
    Person,
    TimelineEntry,
)
from services.intake.queries import complaints
from services.intake.queries.family import SEALED, TEXT, one_attention, opened_contacts, reply_of
from shared.access import Actor
from shared.database import put_row, table_of, upsert, utc_now
from shared.errors import NotYet
from shared.events import (
    AttentionRequested,
    ComplaintReceived,
    ComplaintText,
    FamilyMessageStatusChanged,
    FamilyPreferencesChosen,
    FamilyReplied,
)
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
        reason=changed.reason,
        changed_at=at,
    )


def keep_reply(session: Session, replied: FamilyReplied, text: str | None, at: datetime) -> None:
    """Keep what a family wrote, encrypted under the case's key, for whoever holds the case now; an empty text came
    without one. The timeline says that something came, not what. Kept once."""
    case = _case(session, replied.case_id, lock=True)
    if session.get(FamilyReply, replied.reply_id) is not None:
        return
    sealed = None
    if text is not None and not _erased_since(session, [case.id], at, replied.person_id):
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
    told = {"person": str(replied.person_id), "reply": str(replied.reply_id)}
    write_change(session, None, case, "family_replied", announced=RECORDED, recorded=told)


def note_opt_out(session: Session, contact_id: UUID, since: datetime | None) -> None:
    """The family wants no messages by this contact since then; None: it wants them again. Said twice, it is once."""
    case, row = _contact(session, contact_id)
    if case is None or row is None or (row.opted_out_at is None) == (since is None):
        return
    row.opted_out_at = since
    _changed_by_family(session, case, row, "family_start" if since is None else "family_stop")


def note_choice(session: Session, chosen: FamilyPreferencesChosen, at: datetime) -> None:
    """The family chose language and quiet hours itself: from now on they are what is kept of the contact."""
    case, row = _contact(session, chosen.contact_id)
    if case is None or row is None or row.sealed is None:
        return  # withdrawn or erased meanwhile
    keys = vault_of(session).open(session, [row.person_id])
    (shown,) = opened_contacts(session, [row])
    if shown.kept is None:
        return
    choice = {
        "language": chosen.language,
        "fallbacks": chosen.fallbacks[:MOST_FALLBACKS],
        "quiet_from": f"{chosen.quiet_from:%H:%M}",
        "quiet_to": f"{chosen.quiet_to:%H:%M}",
    }
    kept = shown.kept.model_copy(update=choice).model_dump_json()
    row.sealed, row.chosen_at = keys[row.person_id].encrypt(kept.encode(), SEALED), at
    _changed_by_family(session, case, row, "family_chose")


def _contact(session: Session, contact_id: UUID) -> tuple[Case | None, FamilyContact | None]:
    """A contact and its case, both locked; None for those that are not known here."""
    case_id = session.scalar(select(FamilyContact.case_id).where(FamilyContact.id == contact_id))
    if case_id is None:
        return None, None
    case = session.get(Case, case_id, with_for_update=True)
    return case, session.get(FamilyContact, contact_id, with_for_update=True, populate_existing=True)


def _changed_by_family(session: Session, case: Case, row: FamilyContact, what: str) -> None:
    """The contact has another version; the timeline of whoever registered it says what the family did."""
    row.version, row.changed_at = row.version + 1, utc_now()
    if row.organisation_id == case.organisation_id:
        told = {"person": str(row.person_id), "contact": str(row.id)}
        write_change(session, None, case, what, announced=RECORDED, recorded=told)


def ask_for_attention(session: Session, asked: AttentionRequested, at: datetime) -> None:
    """A case worker of whoever holds the case now must act. Asked once."""
    case = _case(session, asked.case_id)
    if asked.organisation_id != case.organisation_id:
        return  # about a message of whoever held it before: no business of who holds it now
    row = {
        "id": asked.request_id,
        "organisation_id": case.organisation_id,
        "case_id": case.id,
        "reason": asked.reason,
        "asked_at": at,
        "due_by": asked.due_by,
    }
    session.execute(upsert(session, table_of(Attention)).values(**row).on_conflict_do_nothing())


def keep_complaint(session: Session, received: ComplaintReceived, said: ComplaintText | None, at: datetime) -> None:
    """Keep a complaint, encrypted under a key of its own, with who has worked on its case. Kept once."""
    if session.get(Complaint, received.complaint_id) is not None:
        return
    about = received.case_id or (said.not_for_workers_of if said is not None else None)
    case = session.get(Case, about) if about is not None else None
    sealed, text = None, said.text if said is not None else None
    if text and (case is None or not _erased_since(session, [case.id], at)):
        opened, rows = vault_of(session).fresh([received.complaint_id], received.organisation_id)
        session.execute(insert(data_key), rows)
        sealed = opened[received.complaint_id].encrypt(text.encode(), complaints.TEXT)
    session.add(
        Complaint(
            id=received.complaint_id,
            organisation_id=received.organisation_id,
            about=received.about,
            case_id=received.case_id,
            not_for=" ".join(sorted(str(one) for one in _workers(session, case))) if case is not None else "",
            sealed=sealed,
            received_at=at,
        )
    )
    session.flush()


def _case(session: Session, case_id: UUID, *, lock: bool = False) -> Case:
    """Raises `NotYet` for one that is not known: this database was restored from before it, and waits for that case
    alone."""
    case = session.get(Case, case_id, with_for_update=lock or None)
    if case is None:
        raise NotYet("The case is not known here.")
    return case


def _erased_since(session: Session, case_ids: Sequence[UUID], at: datetime, person_id: UUID | None = None) -> bool:
    """True where the person, or after that moment anybody of these cases, was erased: what was under way then is not
    kept any more."""
    inside = select(CasePerson.person_id).where(CasePerson.case_id.in_(case_ids))
    gone = and_(Person.id.in_(inside), Person.erased_at >= at)
    if person_id is not None:
        gone = or_(gone, and_(Person.id == person_id, Person.erased_at.is_not(None)))
    return session.scalar(select(Person.id).where(gone).limit(1)) is not None


def _workers(session: Session, case: Case) -> set[UUID]:
    """Whoever the case, or the one that is worked on instead, is assigned to, or who ever did anything in it."""
    cases = [one for one in (case.id, case.merged_into) if one is not None]
    acted = select(TimelineEntry.user_id).where(TimelineEntry.case_id.in_(cases), TimelineEntry.user_id.is_not(None))
    assigned = select(Case.assigned_to).where(Case.id.in_(cases), Case.assigned_to.is_not(None))
    return {one for one in (*session.scalars(acted), *session.scalars(assigned)) if one is not None}


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
