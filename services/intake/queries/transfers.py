"""What goes over when a case is handed to another organisation, what stands in the way, and where a case went."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import Select, and_, or_, select
from sqlalchemy.orm import Session

from services.intake.casework.referrals import OPEN
from services.intake.domain import Case, CaseHold, CasePerson, Erasure, LegalHold, Person, Referral, SubjectRequest
from services.intake.queries.referrals import sent_by
from shared.access import Act, Actor
from shared.errors import Conflict, NotFound


@dataclass(frozen=True)
class CaseFile:
    """A case with the duplicates merged into it, and its people."""

    cases: list[UUID]
    going: list[UUID]
    """People who stand in no other case of the sender's."""
    staying: list[UUID]
    """People who do."""

    @property
    def people(self) -> list[UUID]:
        """Everybody."""
        return [*self.going, *self.staying]


def case_file(session: Session, case_id: UUID, *, lock: bool = False) -> CaseFile:
    """The file of a case that is worked on, whose rows the transaction may see. The caller has checked that it may."""
    cases = select(Case.id).where(or_(Case.id == case_id, Case.merged_into == case_id)).order_by(Case.id)
    ids = list(session.scalars(cases.with_for_update() if lock else cases))
    inside = select(CasePerson.person_id).where(CasePerson.case_id.in_(ids))
    elsewhere = select(CasePerson.person_id).where(CasePerson.person_id.in_(inside), CasePerson.case_id.not_in(ids))
    found = session.scalars(select(Person.id).where(Person.id.in_(inside)).order_by(Person.id)).all()
    stay = set(session.scalars(elsewhere))
    return CaseFile(ids, [one for one in found if one not in stay], [one for one in found if one in stay])


def check_may_go(session: Session, file: CaseFile, transfer_id: UUID | None) -> None:
    """Raises a `Conflict` that tells the sender why the file cannot go over as it is now."""
    people = file.people
    if _any(session, select(CaseHold.case_id).where(CaseHold.case_id.in_(file.cases))):
        raise Conflict("Another service holds this case: nothing of it is shared until that is mended.")
    if _any(session, select(LegalHold.id).where(LegalHold.person_id.in_(people), LegalHold.lifted_at.is_(None))):
        raise Conflict("A legal hold keeps the data of somebody of this case here: it must be lifted first.")
    proposed = and_(Erasure.approved_at.is_(None), Erasure.declined_at.is_(None))
    if _any(session, select(Erasure.id).where(Erasure.person_id.in_(people), proposed)):
        raise Conflict("The erasure of somebody of this case is proposed: decide it first.")
    waits = SubjectRequest.answered_at.is_(None)
    if _any(session, select(SubjectRequest.id).where(SubjectRequest.person_id.in_(people), waits)):
        raise Conflict("Somebody of this case waits for an answer to a request about their data: answer it first.")
    if _any(session, select(Person.id).where(Person.id.in_(people), Person.share_with_nobody)):
        raise Conflict(
            "Somebody of this case wishes to be shared with nobody: the case cannot go to another organisation."
        )
    if _any(session, _under_way(file, transfer_id)):
        raise Conflict("Something is still under way with another organisation: complete it or take it back first.")


def _any(session: Session, statement: Select[UUID]) -> bool:
    return session.scalar(statement.limit(1)) is not None


def _under_way(file: CaseFile, transfer_id: UUID | None) -> Select[UUID]:
    found = select(Referral.id).where(
        Referral.case_id.in_(file.cases), Referral.state.in_(sorted(OPEN)), Referral.left_at.is_(None)
    )
    return found if transfer_id is None else found.where(Referral.id != transfer_id)


def transfer_of_case(session: Session, actor: Actor, case_id: UUID) -> Referral:
    """The newest transfer by which a case left the actor's organisation; raises `NotFound`."""
    gone = select(Referral).where(Referral.case_id == case_id, Referral.case_reference.is_not(None), sent_by(actor))
    found = session.scalar(gone.order_by(Referral.id.desc()).limit(1)) if actor.may(Act.REFER_CASES) else None
    if found is None:
        raise NotFound("There is no such case.")
    return found


def transfer_named(session: Session, actor: Actor, reference: str) -> Referral | None:
    """The newest transfer by which the case of that reference left the actor's organisation."""
    if not actor.may(Act.REFER_CASES):
        return None
    gone = select(Referral).where(Referral.case_reference == reference, sent_by(actor))
    return session.scalar(gone.order_by(Referral.id.desc()).limit(1))
