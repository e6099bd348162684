"""What may be read of the protection of persons' data, and the one answer to "may this be used?"."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from uuid import UUID

from sqlalchemy import BindParameter, ColumnElement, Uuid, and_, bindparam, exists, func, or_, select
from sqlalchemy.orm import InstrumentedAttribute, Session, aliased

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
from services.intake.queries import PersonOfCase, known_of, seen_by, together
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
    return may_use_on(session, person_id, purpose, recipient, on)[0]


def may_use_on(
    session: Session, person_id: UUID, purpose: str, recipient: UUID | None, on: date
) -> tuple[Decision, Sequence[LegalBasis]]:
    """The same, and what is recorded for this purpose, oldest first, where it came to that."""
    found = session.execute(_ALONE, {"person": person_id, "purpose": purpose, "recipient": recipient}).all()
    if not found or found[0].erased_at is not None:
        return refused(Ground.ERASED), ()
    itself = found[0]
    recorded: Sequence[LegalBasis] = [row.LegalBasis for row in found if row.LegalBasis is not None]
    kept_from = itself.kind, itself.share_with_nobody, itself.is_held
    others = recipient is not None and recipient != itself.organisation_id
    if itself.is_merged:
        people = everybody_of(session, session.get_one(Person, person_id, populate_existing=True))
        recorded = session.scalars(_BASES, {"people": people, "purpose": purpose}).all()
        if others:
            kept_from = tuple(session.execute(_KEPT_BACK, {"people": people, "recipient": recipient}).one())
    kept_back = _kept_from_others(*kept_from) if others else None
    if kept_back is not None:
        return refused(kept_back), ()
    return decide(recorded, recipient if others else None, on), recorded


def _kept_from_others(kind: str | None, is_with_nobody: bool, is_held: bool) -> Ground | None:
    """`kind` is the other organisation's, None where there is no such organisation."""
    if kind is None or kind == AUTHORITY:
        return Ground.AUTHORITY if kind else Ground.NO_LEGAL_BASIS
    if is_with_nobody:
        return Ground.SHARE_WITH_NOBODY
    return Ground.HELD if is_held else None


_KIND = select(Organisation.kind).where(Organisation.id == bindparam("recipient", type_=Uuid())).scalar_subquery()
_PERSON: BindParameter[UUID] = bindparam("person", type_=Uuid())
_TWIN = aliased(Person)
_HOLDS = exists().where(CaseHold.case_id == CasePerson.case_id)
_ALONE = (
    select(
        Person.organisation_id,
        Person.erased_at,
        Person.share_with_nobody,
        or_(Person.merged_into.is_not(None), exists().where(_TWIN.merged_into == _PERSON)).label("is_merged"),
        _KIND.label("kind"),
        _HOLDS.where(CasePerson.person_id == _PERSON).label("is_held"),
        LegalBasis,
    )
    .outerjoin(LegalBasis, and_(LegalBasis.person_id == Person.id, LegalBasis.purpose == bindparam("purpose")))
    .where(Person.id == _PERSON)
    .order_by(LegalBasis.recorded_at, LegalBasis.id)
)
"""Everything that decides over a person who was merged with nobody, in one statement: a row for each basis."""
_THESE: BindParameter[Sequence[UUID]] = bindparam("people", expanding=True)
_KEPT_BACK = select(
    _KIND,
    exists().where(Person.id.in_(_THESE), Person.share_with_nobody),
    _HOLDS.where(CasePerson.person_id.in_(_THESE)),
)
_BASES = (
    select(LegalBasis)
    .where(LegalBasis.person_id.in_(_THESE), LegalBasis.purpose == bindparam("purpose"))
    .order_by(LegalBasis.recorded_at, LegalBasis.id)
)


def shares_with_nobody(session: Session, people: Sequence[UUID]) -> bool:
    """Whether one of these people, who are one person, wishes that nothing of it leaves this organisation."""
    return session.scalar(select(Person.id).where(Person.id.in_(people), Person.share_with_nobody).limit(1)) is not None


def person(session: Session, actor: Actor, person_id: UUID, *, lock: bool = False) -> Person:
    """A person of a case that the actor may see; raises `NotFound` for any other."""
    require(actor, Act.READ_CASES)
    own = visible_to(actor, Person.organisation_id)
    statement = select(Person).where(Person.id == person_id, own, stands_in_seen_case(actor, Person.id))
    found: Person | None = session.scalar(locked(statement) if lock else statement)
    if found is None:
        raise NotFound("There is no such person.")
    return found


def person_of_case(session: Session, case: Case, person_id: UUID) -> PersonOfCase:
    """Who is or was in a case that was read through `queries.case`, or in one merged into it, decrypted.

    The caller records the view. Raises `NotFound`.
    """
    statement = (
        select(Person, CasePerson.role)
        .join(CasePerson, CasePerson.person_id == Person.id)
        .where(CasePerson.case_id.in_(together(case)), Person.id == person_id)
    )
    row = session.execute(statement).first()
    if row is None:
        raise NotFound("There is no such person in this case.")
    found, role = row
    return PersonOfCase(found, role, known(session, found))


def stands_in_seen_case(actor: Actor, person_id: InstrumentedAttribute[UUID]) -> ColumnElement[bool]:
    """The condition under which whoever this column names is or was in a case that the actor may see."""
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
    """The oldest legal hold that lasts on one of these people."""
    return session.scalar(
        select(LegalHold)
        .where(LegalHold.person_id.in_(person_ids), LegalHold.lifted_at.is_(None))
        .order_by(LegalHold.placed_at, LegalHold.id)
        .limit(1)
    )


def legal_holds(session: Session, person_ids: Sequence[UUID]) -> Sequence[LegalHold]:
    """Every legal hold that was placed on these people, oldest first."""
    return session.scalars(
        select(LegalHold).where(LegalHold.person_id.in_(person_ids)).order_by(LegalHold.placed_at, LegalHold.id)
    ).all()


def erasures(session: Session, actor: Actor) -> Sequence[Erasure]:
    """The erasures of the actor's organisation, of people in cases that the actor may see, newest first."""
    require(actor, Act.PROPOSE_ERASURE)
    return session.scalars(select(Erasure).where(_seen_of(actor, Erasure)).order_by(Erasure.id.desc())).all()


def undecided_erasures(session: Session, actor: Actor) -> Sequence[Erasure]:
    """Those of them that are proposed, by somebody or by retention, and not decided; newest first."""
    require(actor, Act.PROPOSE_ERASURE)
    return session.scalars(select(Erasure).where(_undecided(actor)).order_by(Erasure.id.desc())).all()


def undecided_erasure_count(session: Session, actor: Actor) -> int:
    """How many erasures `undecided_erasures` has."""
    require(actor, Act.PROPOSE_ERASURE)
    return session.scalar(select(func.count()).select_from(Erasure).where(_undecided(actor))) or 0


def _undecided(actor: Actor) -> ColumnElement[bool]:
    return and_(_seen_of(actor, Erasure), Erasure.approved_at.is_(None), Erasure.declined_at.is_(None))


def erasure(session: Session, actor: Actor, erasure_id: UUID) -> Erasure:
    """One erasure, locked; raises `NotFound`."""
    require(actor, Act.PROPOSE_ERASURE)
    found: Erasure | None = session.scalar(
        locked(select(Erasure).where(Erasure.id == erasure_id, _seen_of(actor, Erasure)))
    )
    if found is None:
        raise NotFound("There is no such erasure.")
    return found


def standing_erasure(session: Session, person_ids: Sequence[UUID]) -> Erasure | None:
    """The erasure of one of these people that is proposed or done: that of the first who has one."""
    found = session.scalars(
        locked(select(Erasure).where(Erasure.person_id.in_(person_ids), Erasure.declined_at.is_(None)))
    ).all()
    return min(found, key=lambda one: list(person_ids).index(one.person_id), default=None)


def confirmations(session: Session, person_id: UUID) -> Sequence[ErasureConfirmed]:
    """Which services have confirmed the erasure of a person, case by case."""
    return session.scalars(
        select(ErasureConfirmed)
        .where(ErasureConfirmed.person_id == person_id)
        .order_by(ErasureConfirmed.service, ErasureConfirmed.case_id)
    ).all()


def subject_requests(session: Session, actor: Actor, *, open_only: bool = True) -> Sequence[SubjectRequest]:
    """What persons of cases that the actor may see asked its organisation for, the most urgent first."""
    require(actor, Act.ANSWER_SUBJECTS)
    statement = select(SubjectRequest).where(_seen_of(actor, SubjectRequest))
    if open_only:
        statement = statement.where(SubjectRequest.answered_at.is_(None))
    return session.scalars(statement.order_by(SubjectRequest.due_on, SubjectRequest.id)).all()


def subject_request(session: Session, actor: Actor, request_id: UUID) -> SubjectRequest:
    """One request, locked; raises `NotFound`."""
    require(actor, Act.ANSWER_SUBJECTS)
    found: SubjectRequest | None = session.scalar(
        locked(select(SubjectRequest).where(SubjectRequest.id == request_id, _seen_of(actor, SubjectRequest)))
    )
    if found is None:
        raise NotFound("There is no such request.")
    return found


def _seen_of(actor: Actor, about: type[Erasure] | type[SubjectRequest]) -> ColumnElement[bool]:
    return and_(visible_to(actor, about.organisation_id), stands_in_seen_case(actor, about.person_id))


def requests_of(session: Session, person_ids: Sequence[UUID]) -> Sequence[SubjectRequest]:
    """Everything these people asked for, oldest first."""
    return session.scalars(
        select(SubjectRequest).where(SubjectRequest.person_id.in_(person_ids)).order_by(SubjectRequest.id)
    ).all()


def views_of(session: Session, person_ids: Sequence[UUID]) -> Sequence[PersonViewed]:
    """Who has seen these people's data, oldest first. That another organisation looks at a possible match is left out:
    it would tell of the match before its release."""
    holders = select(Person.organisation_id).where(Person.id.in_(person_ids))
    told = or_(PersonViewed.purpose != "match", PersonViewed.organisation_id.in_(holders))
    return session.scalars(
        select(PersonViewed).where(PersonViewed.person_id.in_(person_ids), told).order_by(PersonViewed.ordinal)
    ).all()


def relations_of(session: Session, person_ids: Sequence[UUID]) -> Sequence[PersonRelation]:
    """How these people are related to others, from either side."""
    either = or_(PersonRelation.person_id.in_(person_ids), PersonRelation.other_id.in_(person_ids))
    return session.scalars(select(PersonRelation).where(either)).all()


def known(session: Session, person: Person) -> PersonIn | None:
    """What a person is known as, decrypted; None once erased. The caller records the view."""
    return known_of(person, vault_of(session).open(session, [person.id]).get(person.id))
