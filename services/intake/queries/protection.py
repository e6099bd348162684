"""What may be read of the protection of persons' data, and the one answer to "may this be used?"."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from uuid import UUID

from sqlalchemy import ColumnElement, exists, or_, select
from sqlalchemy.orm import InstrumentedAttribute, Session

from services.intake.casework.people import PersonIn
from services.intake.domain import (
    Case,
    CaseHold,
    CasePerson,
    Erasure,
    ErasureConfirmed,
    LegalBasis,
    LegalHold,
    Organisation,
    Person,
    PersonRelation,
    PersonViewed,
    SubjectRequest,
)
from services.intake.queries import known_of, seen_by
from services.intake.queries.locking import locked
from shared.access import Act, Actor, require, visible_to
from shared.errors import NotFound
from shared.legal import Decision, Ground, decide, refused
from shared.vault import vault_of

AUTHORITY = "authority"
"""The kind of organisation that never receives anything (police, immigration, consular)."""


def may_use(session: Session, person_id: UUID, purpose: str, recipient: UUID | None, on: date) -> Decision:
    """Whether this person's data may be used for a purpose by an organisation (None: its own) on a day, and why not.

    Asked wherever something is shown to, or sent for, another organisation, in the transaction that does it. It does
    not check who asks: that is `visible_to`.
    """
    person = session.get(Person, person_id, populate_existing=True)
    if person is None or person.erased_at is not None:
        return refused(Ground.ERASED)
    people = everybody_of(session, person)
    if recipient == person.organisation_id:
        recipient = None
    if recipient is not None:
        kept_back = _kept_from_others(session, people, recipient)
        if kept_back is not None:
            return refused(kept_back)
    return decide(_recorded(session, people, purpose), recipient, on)


def _kept_from_others(session: Session, people: Sequence[UUID], recipient: UUID) -> Ground | None:
    kind = session.scalar(select(Organisation.kind).where(Organisation.id == recipient))
    if kind is None or kind == AUTHORITY:
        return Ground.AUTHORITY if kind else Ground.NO_LEGAL_BASIS
    if session.scalar(select(Person.id).where(Person.id.in_(people), Person.share_with_nobody).limit(1)) is not None:
        return Ground.SHARE_WITH_NOBODY
    held = exists().where(CaseHold.case_id == CasePerson.case_id, CasePerson.person_id.in_(people))
    return Ground.HELD if session.scalar(select(held)) else None


def _recorded(session: Session, people: Sequence[UUID], purpose: str) -> Sequence[LegalBasis]:
    return session.scalars(
        select(LegalBasis)
        .where(LegalBasis.person_id.in_(people), LegalBasis.purpose == purpose)
        .order_by(LegalBasis.recorded_at, LegalBasis.id)
    ).all()


def person(session: Session, actor: Actor, person_id: UUID, *, lock: bool = False) -> Person:
    """A person of a case that the actor may see; raises `NotFound` for any other."""
    require(actor, Act.READ_CASES)
    shown = visible_to(actor, Person.organisation_id), shown_to(actor, Person.id)
    statement = select(Person).where(Person.id == person_id, *shown)
    found: Person | None = session.scalar(locked(statement) if lock else statement)
    if found is None:
        raise NotFound("There is no such person.")
    return found


def shown_to(actor: Actor, person_id: InstrumentedAttribute[UUID]) -> ColumnElement[bool]:
    """The condition under which what is recorded about a person may be seen: the actor sees a case of the person's."""
    return exists().where(CasePerson.person_id == person_id, CasePerson.case_id == Case.id, seen_by(actor))


def cases_of(session: Session, person_ids: Sequence[UUID], *, lock: bool = False) -> Sequence[Case]:
    """Every case that these people are or were in, and its duplicates, by id; locked if asked.

    Merged cases tell of the same people, whichever of them a person was recorded in.
    """
    inside = set(session.scalars(select(CasePerson.case_id).where(CasePerson.person_id.in_(person_ids))))
    inside |= set(session.scalars(select(Case.merged_into).where(Case.id.in_(inside), Case.merged_into.is_not(None))))
    statement = select(Case).where(or_(Case.id.in_(inside), Case.merged_into.in_(inside))).order_by(Case.id)
    return session.scalars(locked(statement) if lock else statement).all()


def cases_seen(session: Session, actor: Actor, person_ids: Sequence[UUID]) -> Sequence[Case]:
    """Those of these people's cases that the actor may see."""
    all_of_them = [case.id for case in cases_of(session, person_ids)]
    return session.scalars(select(Case).where(Case.id.in_(all_of_them), seen_by(actor))).all()


def same_people(session: Session, person_id: UUID) -> list[UUID]:
    """The person, and whoever was merged into it."""
    found = [person_id]
    for one in found:
        found += session.scalars(select(Person.id).where(Person.merged_into == one, Person.id.not_in(found)))
    return found


def people_beside(session: Session, person_ids: Sequence[UUID]) -> Sequence[UUID]:
    """Everybody who is or was in any of these people's cases, themselves too."""
    inside = [case.id for case in cases_of(session, person_ids)]
    return session.scalars(select(CasePerson.person_id).where(CasePerson.case_id.in_(inside)).distinct()).all()


def everybody_of(session: Session, person: Person) -> list[UUID]:
    """The person, whom it was merged into, and whoever was merged into that one: the one first that is worked on."""
    root = person
    while root.merged_into is not None:
        root = session.get_one(Person, root.merged_into)
    return same_people(session, root.id)


def legal_bases(session: Session, person_ids: Sequence[UUID]) -> Sequence[LegalBasis]:
    """Everything recorded of people that were read through `person`, oldest first."""
    return session.scalars(
        select(LegalBasis).where(LegalBasis.person_id.in_(person_ids)).order_by(LegalBasis.recorded_at, LegalBasis.id)
    ).all()


def legal_hold(session: Session, person_ids: Sequence[UUID]) -> LegalHold | None:
    """A legal hold that lasts on one of these people."""
    return session.scalar(
        select(LegalHold).where(LegalHold.person_id.in_(person_ids), LegalHold.lifted_at.is_(None)).limit(1)
    )


def legal_holds(session: Session, person_ids: Sequence[UUID]) -> Sequence[LegalHold]:
    """Every legal hold that was placed on these people, oldest first."""
    return session.scalars(
        select(LegalHold).where(LegalHold.person_id.in_(person_ids)).order_by(LegalHold.placed_at, LegalHold.id)
    ).all()


def erasures(session: Session, actor: Actor) -> Sequence[Erasure]:
    """The erasures of the actor's organisation, newest first."""
    require(actor, Act.PROPOSE_ERASURE)
    return session.scalars(
        select(Erasure)
        .where(visible_to(actor, Erasure.organisation_id), shown_to(actor, Erasure.person_id))
        .order_by(Erasure.id.desc())
    ).all()


def erasure(session: Session, actor: Actor, erasure_id: UUID) -> Erasure:
    """One erasure, locked; raises `NotFound`."""
    require(actor, Act.PROPOSE_ERASURE)
    shown = visible_to(actor, Erasure.organisation_id), shown_to(actor, Erasure.person_id)
    found: Erasure | None = session.scalar(locked(select(Erasure).where(Erasure.id == erasure_id, *shown)))
    if found is None:
        raise NotFound("There is no such erasure.")
    return found


def standing_erasure(session: Session, person_id: UUID) -> Erasure | None:
    """The erasure of a person that is proposed or done."""
    return session.scalar(locked(select(Erasure).where(Erasure.person_id == person_id, Erasure.declined_at.is_(None))))


def confirmations(session: Session, person_id: UUID) -> Sequence[ErasureConfirmed]:
    """Which services have confirmed the erasure of a person, case by case."""
    return session.scalars(
        select(ErasureConfirmed)
        .where(ErasureConfirmed.person_id == person_id)
        .order_by(ErasureConfirmed.service, ErasureConfirmed.case_id)
    ).all()


def subject_requests(session: Session, actor: Actor, *, open_only: bool = True) -> Sequence[SubjectRequest]:
    """What persons asked the actor's organisation for, the most urgent first."""
    require(actor, Act.ANSWER_SUBJECTS)
    shown = visible_to(actor, SubjectRequest.organisation_id), shown_to(actor, SubjectRequest.person_id)
    statement = select(SubjectRequest).where(*shown)
    if open_only:
        statement = statement.where(SubjectRequest.answered_at.is_(None))
    return session.scalars(statement.order_by(SubjectRequest.due_on, SubjectRequest.id)).all()


def subject_request(session: Session, actor: Actor, request_id: UUID) -> SubjectRequest:
    """One request, locked; raises `NotFound`."""
    require(actor, Act.ANSWER_SUBJECTS)
    found: SubjectRequest | None = session.scalar(
        select(SubjectRequest)
        .where(
            SubjectRequest.id == request_id,
            visible_to(actor, SubjectRequest.organisation_id),
            shown_to(actor, SubjectRequest.person_id),
        )
        .with_for_update()
    )
    if found is None:
        raise NotFound("There is no such request.")
    return found


def requests_of(session: Session, person_ids: Sequence[UUID]) -> Sequence[SubjectRequest]:
    """Everything these people asked for, oldest first."""
    return session.scalars(
        select(SubjectRequest).where(SubjectRequest.person_id.in_(person_ids)).order_by(SubjectRequest.id)
    ).all()


def views_of(session: Session, person_ids: Sequence[UUID]) -> Sequence[PersonViewed]:
    """Who has seen these people's data, oldest first."""
    return session.scalars(
        select(PersonViewed).where(PersonViewed.person_id.in_(person_ids)).order_by(PersonViewed.ordinal)
    ).all()


def relations_of(session: Session, person_ids: Sequence[UUID]) -> Sequence[PersonRelation]:
    """How these people are related to others, from either side."""
    either = or_(PersonRelation.person_id.in_(person_ids), PersonRelation.other_id.in_(person_ids))
    return session.scalars(select(PersonRelation).where(either)).all()


def known(session: Session, person: Person) -> PersonIn | None:
    """What a person is known as, decrypted; None once erased. The caller records the view."""
    return known_of(person, vault_of(session).open(session, [person.id]).get(person.id))
