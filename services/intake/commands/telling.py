"""The task to tell a family that follows released news, within a day; and what an erasure takes of telling families."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import or_, select, update
from sqlalchemy.orm import Session

from services.intake import queries
from services.intake.casework.found_person import ANSWER, CONFIRMED_DEATH
from services.intake.casework.telling import TELL_THE_FAMILY
from services.intake.domain import Attention, Case, Complaint, FamilyContact, FamilyReply
from services.intake.queries import protection
from shared.access import Actor
from shared.database import utc_now, uuid7
from shared.vault import destroy_keys

TOLD_WITHIN = timedelta(hours=24)
"""From the release of news to the moment at which the family should have been told it."""
ENDS_NEWS = frozenset({ANSWER, CONFIRMED_DEATH, "unlink_found_person"})
"""After these, released news stands no more: it is released anew first. What the person says in another case is seen
when the telling is recorded."""


def follow_news(session: Session, actor: Actor, case: Case, deed: str, facts: Mapping[str, Any]) -> None:
    """News was released: the family is to be told. It was told, or the news does not stand any more: that is done. Any
    other deed changes nothing."""
    about = UUID(facts["about"]) if facts.get("about") else None
    if deed == "release_news":
        now = utc_now()
        session.add(
            Attention(
                id=uuid7(),
                organisation_id=case.organisation_id,
                case_id=case.id,
                person_id=about,
                reason=TELL_THE_FAMILY,
                asked_at=now,
                due_by=now + TOLD_WITHIN,
            )
        )
    elif deed in ENDS_NEWS or (deed == "tell_family" and facts.get("told") == "news"):
        waiting = (
            Attention.case_id.in_(queries.together(case)),
            Attention.reason == TELL_THE_FAMILY,
            Attention.person_id.in_(protection.same_people(session, about)) if about else Attention.person_id.is_(None),
            Attention.done_at.is_(None),
        )
        session.execute(update(Attention).where(*waiting).values(done_at=utc_now(), done_by=actor.user_id))


def erase_telling(session: Session, people: Sequence[UUID], case_ids: Sequence[UUID]) -> None:
    """Somebody of these cases is erased: these people's contacts end; what families wrote, and complaints about these
    cases, are destroyed, for they may name anyone."""
    now = utc_now()
    theirs = FamilyContact.person_id.in_(people)
    session.execute(update(FamilyContact).where(theirs, FamilyContact.withdrawn_at.is_(None)).values(withdrawn_at=now))
    session.execute(update(FamilyContact).where(theirs).values(sealed=None))
    written = or_(FamilyReply.case_id.in_(case_ids), FamilyReply.person_id.in_(people))
    session.execute(update(FamilyReply).where(written).values(sealed=None))
    erase_complaints(session, case_ids)


def erase_complaints(session: Session, case_ids: Sequence[UUID]) -> None:
    """Destroy what was complained about these cases, to whomever: it may name anyone."""
    complaints = session.scalars(select(Complaint.id).where(Complaint.case_id.in_(case_ids))).all()
    destroy_keys(session, complaints)
    session.execute(update(Complaint).where(Complaint.id.in_(complaints)).values(sealed=None))
