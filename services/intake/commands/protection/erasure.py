"""Erasing a person: one proposes, another approves, every service confirms.

What is erased: the person's key and those of every case it is in, for a story may name anyone in it (decision 14).
The case itself stays, with its codes and its other people.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from uuid import UUID

from sqlalchemy import delete, or_, select, update
from sqlalchemy.orm import Session

from services.intake.casework import CASE_TYPES
from services.intake.casework.retention import ONLY_REVIEWED
from services.intake.commands.attachments import erase_attachments
from services.intake.commands.changes import write_change
from services.intake.commands.match_index import forget_records
from services.intake.commands.matches.retracting import erase_matches
from services.intake.commands.sharing import erase_shared
from services.intake.commands.telling import erase_telling
from services.intake.domain import (
    Case,
    Erasure,
    ErasureConfirmed,
    NameKey,
    Person,
    PersonRelation,
    SubjectRequest,
    TimelineEntry,
    User,
)
from services.intake.queries import protection
from services.intake.queries.locking import one_at_a_time
from shared.access import Act, Actor, Role, require
from shared.database import table_of, upsert, utc_now, uuid7
from shared.erasures import forget_person
from shared.errors import Conflict, NotAllowed
from shared.events import PersonErased

SUBJECT_REQUEST, RETENTION = "subject_request", "retention"


def propose_erasure(session: Session, actor: Actor, person_id: UUID, reason: str) -> Erasure:
    """Propose to erase a person, or take on what retention proposed. Only a person may, and another one approves.

    Raises `NotFound`, `NotAllowed`, and a `Conflict` that says what stands against it.
    """
    _is_a_person(actor, Act.PROPOSE_ERASURE)
    one_at_a_time(session, actor.organisation_id)
    person = protection.person(session, actor, person_id, lock=True)
    standing = protection.standing_erasure(session, [person_id])
    if standing is not None and (standing.approved_at or standing.proposed_by):
        raise Conflict("This erasure is done already." if standing.approved_at else "This erasure is proposed already.")
    return _proposed_by(session, actor, person, standing or new_proposal(person, reason), reason)


def take_on_erasure(session: Session, actor: Actor, erasure_id: UUID) -> Erasure:
    """Make a proposal of retention one's own, so that another may approve it. Raises as `propose_erasure` does, and
    `Conflict` where it was declined meanwhile, or taken on by somebody."""
    _is_a_person(actor, Act.PROPOSE_ERASURE)
    one_at_a_time(session, actor.organisation_id)
    erasure = _open_erasure(session, actor, erasure_id)
    if erasure.proposed_by is not None:
        raise Conflict("This erasure is proposed already.")
    person = protection.person(session, actor, erasure.person_id, lock=True)
    return _proposed_by(session, actor, person, erasure, erasure.reason)


def _proposed_by(session: Session, actor: Actor, person: Person, erasure: Erasure, reason: str) -> Erasure:
    _nothing_against_it(session, person, reason)
    erasure.proposed_by, erasure.proposed_at, erasure.reason = actor.user_id, utc_now(), reason
    session.add(erasure)
    session.flush()
    return erasure


def new_proposal(person: Person, reason: str) -> Erasure:
    """A proposal that nobody has made his own yet."""
    return Erasure(
        id=uuid7(),
        organisation_id=person.organisation_id,
        person_id=person.id,
        reason=reason,
        proposed_at=utc_now(),
    )


def approve_erasure(session: Session, actor: Actor, erasure_id: UUID) -> Erasure:
    """Approve what another person proposed, and erase. It cannot be undone. Raises as `propose_erasure` does."""
    _is_a_person(actor, Act.APPROVE_ERASURE)
    one_at_a_time(session, actor.organisation_id)
    erasure = _open_erasure(session, actor, erasure_id)
    if erasure.proposed_by is None:
        raise Conflict("Retention proposed this: one person takes the proposal on first, then another approves.")
    if erasure.proposed_by == actor.user_id:
        raise Conflict("An erasure needs two people: another than the one who proposed it approves.")
    person = protection.person(session, actor, erasure.person_id, lock=True)
    _nothing_against_it(session, person, erasure.reason)
    if _reviewed_cases(session, person):
        _manager_and_officer(session, actor, erasure)
    erasure.approved_by, erasure.approved_at = actor.user_id, utc_now()
    _answer_erase_requests(session, actor, person)
    _erase(session, actor, person)
    return erasure


def decline_erasure(session: Session, actor: Actor, erasure_id: UUID) -> Erasure:
    """Decline a proposal; it may be made again."""
    _is_a_person(actor, Act.APPROVE_ERASURE)
    erasure = _open_erasure(session, actor, erasure_id)
    erasure.declined_by, erasure.declined_at = actor.user_id, utc_now()
    session.flush()
    return erasure


def erase_again(session: Session, person_id: UUID, case_ids: Iterable[UUID]) -> None:
    """Erase whom this database, restored from a backup, knows again. It was decided and done before."""
    person = session.get(Person, person_id)
    if person is not None:
        _erase(session, Actor(person.organisation_id), person)
    forget_person(session, person_id, case_ids)


def note_erasure_confirmed(session: Session, person_id: UUID, case_id: UUID, service: str) -> None:
    """A service has erased a person of a case."""
    row = {"person_id": person_id, "case_id": case_id, "service": service, "confirmed_at": utc_now()}
    session.execute(upsert(session, table_of(ErasureConfirmed)).values(**row).on_conflict_do_nothing())


def _is_a_person(actor: Actor, act: Act) -> None:
    require(actor, act)
    if actor.user_id is None:
        raise NotAllowed("An erasure is decided by people: a client system can neither propose nor approve it.")


def _open_erasure(session: Session, actor: Actor, erasure_id: UUID) -> Erasure:
    erasure = protection.erasure(session, actor, erasure_id)
    if erasure.state != "proposed":
        raise Conflict("This erasure is decided already: {state}.", state=erasure.state)
    return erasure


def _nothing_against_it(session: Session, person: Person, reason: str) -> None:
    if person.erased_at is not None:
        raise Conflict("This person was erased already.")
    if person.merged_into is not None:
        raise Conflict("This person was merged into another: propose the erasure of that one.")
    people = protection.same_people(session, person.id)
    hold = protection.legal_hold(session, people)
    if hold is not None:
        raise Conflict("A legal hold ({reason}) keeps this person's data: it must be lifted first.", reason=hold.reason)
    hold = protection.legal_hold(session, protection.people_beside(session, people))
    if hold is not None:
        raise Conflict(
            "A legal hold ({reason}) on another person of this person's cases keeps what the cases tell: it must be "
            "lifted first.",
            reason=hold.reason,
        )
    if _reviewed_cases(session, person) and (reason != SUBJECT_REQUEST or not _asked_for_it(session, people)):
        raise Conflict(
            "A case of tracing, of a child or of remains is still open: it is only reviewed. To erase this person all "
            "the same, first record that the person asks to be erased; then ask for the erasure again, with that "
            "reason."
        )


def _reviewed_cases(session: Session, person: Person) -> list[Case]:
    """The person's open cases of the types that are only reviewed; all its cases stay as they are meanwhile.

    A duplicate that was merged stands still: what counts is the case that is worked on instead of it.
    """
    cases = protection.cases_of(session, protection.same_people(session, person.id), lock=True)
    return [
        case
        for case in cases
        if case.merged_into is None
        and case.type in ONLY_REVIEWED
        and case.status not in CASE_TYPES[case.type].life_cycle.closed
    ]


def _asked_for_it(session: Session, people: Sequence[UUID]) -> bool:
    return any(one.kind == "erase" and one.answered_at is None for one in protection.requests_of(session, people))


def _manager_and_officer(session: Session, actor: Actor, erasure: Erasure) -> None:
    proposer = session.get(User, erasure.proposed_by)
    first = set() if proposer is None else {Role(name) for name in proposer.roles}
    manager, officer = Role.CASE_MANAGER, Role.DATA_PROTECTION_OFFICER
    if not ((manager in first and officer in actor.roles) or (officer in first and manager in actor.roles)):
        raise Conflict(
            "From an open tracing, child or remains case a case manager and the data protection officer erase."
        )


def _answer_erase_requests(session: Session, actor: Actor, person: Person) -> None:
    for request in protection.requests_of(session, protection.same_people(session, person.id)):
        if request.kind == "erase" and request.answered_at is None:
            request.answered_at, request.answered_by, request.outcome = utc_now(), actor.user_id, "done"


def _erase(session: Session, actor: Actor, person: Person) -> None:
    """The person, and whoever was merged into it, from every case: keys, index, relations, what stands in the clear."""
    people = protection.same_people(session, person.id)
    cases = protection.cases_of(session, people, lock=True)
    case_ids = [case.id for case in cases]
    _blank_rows(session, people, case_ids)
    for person_id in people:
        forget_person(session, person_id, case_ids)
    for case in cases:
        facts = [
            PersonErased(organisation_id=case.organisation_id, case_id=case.id, person_id=person_id)
            for person_id in people
        ]
        about = {"about": str(person.id)}
        write_change(session, actor, case, "erase_person", *facts, recorded=about, narrative=None, own=None)


def _blank_rows(session: Session, people: Sequence[UUID], case_ids: Sequence[UUID]) -> None:
    now = utc_now()
    erase_shared(session, case_ids)
    erase_matches(session, people, case_ids)
    forget_records(session, people, case_ids)
    erase_attachments(session, people, case_ids)
    erase_telling(session, people, case_ids)
    session.execute(delete(NameKey).where(NameKey.person_id.in_(people)))
    session.execute(
        delete(PersonRelation).where(or_(PersonRelation.person_id.in_(people), PersonRelation.other_id.in_(people)))
    )
    session.execute(update(SubjectRequest).where(SubjectRequest.person_id.in_(people)).values(note=None))
    session.execute(update(TimelineEntry).where(TimelineEntry.case_id.in_(case_ids)).values(note=None))
    for one in session.scalars(select(Person).where(Person.id.in_(people))):
        one.sealed, one.sex, one.age_band, one.nationality, one.minor = None, "unknown", "unknown", None, False
        one.erased_at = now
    session.flush()
