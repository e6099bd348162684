"""The file of a case goes over to another organisation: people, history, keys, and whatever protects them.

Both sides have agreed by then (`commands.transfers`). Who stands in another case of the sender's too stays there, and
the receiver gets a record of its own of that person (`commands.copied_people`).
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from uuid import UUID

from sqlalchemy import Table, and_, delete, or_, update
from sqlalchemy.orm import Session

from services.intake.commands.contacts import end_contacts
from services.intake.commands.copied_people import copy_people, tell_of_copies
from services.intake.commands.match_index import mark_due, mark_people_due
from services.intake.commands.matches.retracting import retract_handed_over
from services.intake.domain import (
    Attachment,
    Attention,
    Case,
    CasePerson,
    DuplicateWarning,
    Erasure,
    FamilyReply,
    LegalBasis,
    LegalHold,
    MatchRecord,
    NameKey,
    Person,
    PersonRelation,
    Referral,
    ReferralLink,
    SharedAttachment,
    SharedRecord,
    SubjectRequest,
    TimelineEntry,
)
from services.intake.queries.transfers import CaseFile
from shared.database import table_of
from shared.vault import data_key

GOES_WITH_ITS_CASE = tuple(table_of(one) for one in (CasePerson, TimelineEntry, Attachment, FamilyReply, Attention))
GOES_WITH_ITS_PERSON = tuple(
    table_of(one) for one in (NameKey, MatchRecord, LegalBasis, LegalHold, Erasure, SubjectRequest)
)
TRANSFERRED = "transferred"
"""Why what was shared earlier is shown no more: who holds the people's word is another now."""


def hand_over(session: Session, file: CaseFile, transfer_id: UUID, receiver_id: UUID, now: datetime) -> None:
    """Make the receiver the holder of the file. The transaction may see and change the rows of both."""
    end_contacts(session, file.cases, now)
    retract_handed_over(session, file.cases)
    copies = copy_people(session, file, receiver_id)
    _move_relations(session, file, copies, receiver_id)
    _move(session, table_of(Person), "id", file.going, receiver_id)
    _move(session, data_key, "owner_id", [*file.cases, *file.going], receiver_id)
    for table in GOES_WITH_ITS_PERSON:
        _move(session, table, "person_id", file.going, receiver_id)
    _keep_who_it_was(session, file)
    _move(session, table_of(Case), "id", file.cases, receiver_id)
    for table in GOES_WITH_ITS_CASE:
        _move(session, table, "case_id", file.cases, receiver_id)
    _move_warnings(session, file, receiver_id)
    _end_what_was_shared(session, file, transfer_id, now)
    session.expire_all()
    tell_of_copies(session, file, copies)
    mark_due(session, file.cases)
    mark_people_due(session, file.staying)


def _move(session: Session, table: Table, column: str, ids: list[UUID], receiver_id: UUID) -> None:
    session.execute(update(table).where(table.c[column].in_(ids)).values(organisation_id=receiver_id))


def _keep_who_it_was(session: Session, file: CaseFile) -> None:
    """Of each change: whose it was. And the case is nobody's at the receiver yet."""
    session.execute(
        update(TimelineEntry)
        .where(TimelineEntry.case_id.in_(file.cases), TimelineEntry.former_holder_id.is_(None))
        .values(former_holder_id=TimelineEntry.organisation_id)
    )
    nobodys = {"created_by": None, "assigned_to": None, "due_on": None}
    session.execute(update(Case).where(Case.id.in_(file.cases)).values(nobodys))


def _move_relations(session: Session, file: CaseFile, copies: Mapping[UUID, UUID], receiver_id: UUID) -> None:
    """Of whoever goes; between two who stay, the copies are related already."""
    relation = table_of(PersonRelation)
    goes = or_(relation.c.person_id.in_(file.going), relation.c.other_id.in_(file.going))
    for one in session.execute(relation.select().where(goes)).all():
        changed = {
            "person_id": copies.get(one.person_id, one.person_id),
            "other_id": copies.get(one.other_id, one.other_id),
            "organisation_id": receiver_id,
        }
        own = and_(relation.c.person_id == one.person_id, relation.c.other_id == one.other_id)
        session.execute(update(relation).where(own).values(changed))


def _move_warnings(session: Session, file: CaseFile, receiver_id: UUID) -> None:
    """Of two cases of the file; a pair that is parted is no pair any more."""
    one, other = DuplicateWarning.case_id.in_(file.cases), DuplicateWarning.other_case_id.in_(file.cases)
    session.execute(update(DuplicateWarning).where(one, other).values(organisation_id=receiver_id))
    session.execute(delete(DuplicateWarning).where(or_(one, other), ~and_(one, other)))


def _end_what_was_shared(session: Session, file: CaseFile, transfer_id: UUID, now: datetime) -> None:
    """What the sender shared of the case is destroyed: it can answer for nobody's yes or no any more.

    What was said about this transfer stays readable for both sides, until somebody of the case is erased.
    """
    of_file = Referral.case_id.in_(file.cases)
    session.execute(update(SharedRecord).where(SharedRecord.case_id.in_(file.cases)).values(sealed=None))
    shared = SharedAttachment.case_id.in_(file.cases)
    session.execute(update(SharedAttachment).where(shared).values(wrapped=None))
    session.execute(
        update(ReferralLink)
        .where(ReferralLink.case_id.in_(file.cases), ReferralLink.revoked_at.is_(None))
        .values(revoked_at=now)
    )
    session.execute(update(Referral).where(of_file, Referral.left_at.is_(None)).values(left_at=now))
    destroyed = {"wrapped": None, "withheld": TRANSFERRED}
    session.execute(update(Referral).where(of_file, Referral.id != transfer_id).values(destroyed))
