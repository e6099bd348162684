"""What services other than intake keep of persons' legal bases, and how they ask: the same table in each.

Later checks (sending, showing) call `may_use` in the transaction that sends, never before it.
"""

from __future__ import annotations

from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import Table, Text, delete, exists, insert, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from shared.erasures import Erase, forget_person
from shared.events import (
    ConsentGiven,
    ConsentWithdrawn,
    ErasureConfirmed,
    LegalBasesRestated,
    LegalBasisRecorded,
    Logged,
    ObjectionRecorded,
    PersonErased,
)
from shared.legal import OBJECTION, WITHDRAWAL, Decision, Ground, decide, refused
from shared.messaging.alarms import sending_blocked
from shared.messaging.consumer import Handlers
from shared.messaging.log import record
from shared.messaging.tables import held


class PersonBasisColumns:
    """A legal basis, a withdrawal or an objection of one person in one case, at its place among the case's facts."""

    case_id: Mapped[UUID] = mapped_column(primary_key=True)
    seq: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    person_id: Mapped[UUID]
    purpose: Mapped[str] = mapped_column(Text)
    basis: Mapped[str] = mapped_column(Text)
    recipient_id: Mapped[UUID | None]
    expires_on: Mapped[date | None]


PurposeFact = LegalBasisRecorded | ConsentGiven | ConsentWithdrawn | ObjectionRecorded
WORDS = {ConsentGiven.TYPE: "consent", ConsentWithdrawn.TYPE: WITHDRAWAL, ObjectionRecorded.TYPE: OBJECTION}


def projections_into(table: Table) -> Handlers:
    """The handlers that keep a service's table of bases. They read nothing of an erased fact but its header."""

    def keep_basis(session: Session, logged: Logged[PurposeFact]) -> None:
        if not logged.erased:
            session.execute(insert(table).values(**_row(logged.event, logged.seq)))

    def begin_anew(session: Session, restated: Logged[LegalBasesRestated]) -> None:
        if not restated.erased:
            fact = restated.event
            of_the_person = (table.c.case_id == fact.case_id) & (table.c.person_id == fact.person_id)
            older = (table.c.purpose == fact.purpose) & (table.c.seq < restated.seq)
            session.execute(delete(table).where(of_the_person & older))

    def forget_bases(session: Session, erased: Logged[PersonErased]) -> None:
        session.execute(delete(table).where(table.c.person_id == erased.person_id))

    return {
        LegalBasisRecorded: keep_basis,
        ConsentGiven: keep_basis,
        ConsentWithdrawn: keep_basis,
        ObjectionRecorded: keep_basis,
        LegalBasesRestated: begin_anew,
        PersonErased: forget_bases,
    }


def _row(fact: PurposeFact, seq: int) -> dict[str, Any]:
    return {
        "case_id": fact.case_id,
        "seq": seq,
        "person_id": fact.person_id,
        "purpose": fact.purpose,
        "basis": fact.basis if isinstance(fact, LegalBasisRecorded) else WORDS[fact.TYPE],
        "recipient_id": fact.recipient_id,
        "expires_on": getattr(fact, "expires_on", None),
    }


def confirm_erasure(session: Session, erased: Logged[PersonErased]) -> None:
    """Erase the person from this service, and tell intake. A reaction."""
    person_id, case_id = erased.person_id, erased.subject_id
    assert person_id is not None
    forget_person(session, person_id, [case_id])
    record(session, ErasureConfirmed(organisation_id=erased.organisation_id, case_id=case_id, person_id=person_id))


def erase_from(table: Table) -> Erase:
    """How a service with such a table erases a person again, whom a restored backup knows."""

    def erase_again(session: Session, person_id: UUID, case_ids: frozenset[UUID]) -> None:
        session.execute(delete(table).where(table.c.person_id == person_id))
        forget_person(session, person_id, case_ids)

    return erase_again


def may_use(
    session: Session, table: Table, case_id: UUID, person_id: UUID, purpose: str, recipient: UUID | None, on: date
) -> Decision:
    """Whether this service may use the person's data for this purpose and recipient now, and why not."""
    if sending_blocked(session):
        return refused(Ground.BLOCKED)
    if session.scalar(select(exists().where(held.c.subject == f"case/{case_id}"))):
        return refused(Ground.HELD)
    rows = session.execute(
        select(table.c.basis, table.c.recipient_id, table.c.expires_on)
        .where(table.c.case_id == case_id, table.c.person_id == person_id, table.c.purpose == purpose)
        .order_by(table.c.seq)
    ).all()
    return decide(rows, recipient, on)
