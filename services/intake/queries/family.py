"""How families are told and what they answer, of a case that was read through `queries.case`; and what waits."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any, TypeVar
from uuid import UUID

from sqlalchemy import BindParameter, ColumnElement, Select, bindparam, func, or_, select
from sqlalchemy.orm import Session, aliased

from services.intake.casework.contacts import ContactKept
from services.intake.domain import Attention, Case, CasePerson, FamilyContact, FamilyMessage, FamilyReply
from services.intake.queries import STATEMENTS_KEPT, seen_by, together
from services.intake.queries.locking import locked
from shared.access import Act, Actor, require, visible_to
from shared.errors import NotFound
from shared.vault import vault_of

SEALED, TEXT = "family_contact.sealed", "family_reply.sealed"
MESSAGES_SHOWN = 5
TASKS_SHOWN = 50
Waiting = TypeVar("Waiting", FamilyReply, Attention)


@dataclass(frozen=True)
class ContactShown:
    """A contact; `kept` is None once it was withdrawn or the person erased."""

    row: FamilyContact
    kept: ContactKept | None


@dataclass(frozen=True)
class ReplyShown:
    """A reply; `text` is None once erased."""

    row: FamilyReply
    text: str | None


@dataclass(frozen=True)
class FamilyTask:
    """A reply or something to be done, in the case that is worked on."""

    of: FamilyReply | Attention
    case: Case


def contacts_of(session: Session, case: Case) -> list[ContactShown]:
    """The contacts of a case and its duplicates, decrypted, oldest first. The caller records the view."""
    statement = select(FamilyContact).where(*_contacts(case)).order_by(FamilyContact.id)
    return opened_contacts(session, session.scalars(statement).all())


def contact_of(session: Session, case: Case, contact_id: UUID, *, lock: bool = False) -> FamilyContact:
    """One of them, locked if asked. Raises `NotFound`."""
    statement = select(FamilyContact).where(FamilyContact.id == contact_id, *_contacts(case))
    found: FamilyContact | None = session.scalar(locked(statement) if lock else statement)
    if found is None:
        raise NotFound("There is no such contact in this case.")
    return found


def _contacts(case: Case) -> tuple[ColumnElement[bool], ...]:
    """Those of whoever holds the case now: an earlier holder's ended with the transfer."""
    return FamilyContact.case_id.in_(together(case)), FamilyContact.organisation_id == case.organisation_id


def opened_contacts(session: Session, rows: Sequence[FamilyContact]) -> list[ContactShown]:
    """What is kept of contacts, decrypted with their people's keys."""
    keys = vault_of(session).open(session, {row.person_id for row in rows if row.sealed is not None})
    return [
        ContactShown(
            row,
            ContactKept.model_validate_json(keys[row.person_id].decrypt(row.sealed, SEALED))
            if row.sealed is not None and row.person_id in keys
            else None,
        )
        for row in rows
    ]


def messages_of(session: Session, case: Case) -> Sequence[FamilyMessage]:
    """Which messages to the family wait, and how far the newest others have come, newest first."""
    own = FamilyMessage.case_id.in_(together(case)), FamilyMessage.organisation_id == case.organisation_id
    newest = FamilyMessage.changed_at.desc(), FamilyMessage.id.desc()
    held, shown = FamilyMessage.status == "held", select(FamilyMessage).where(*own).order_by(*newest)
    waiting = session.scalars(shown.where(held).limit(TASKS_SHOWN)).all()
    return [*waiting, *session.scalars(shown.where(~held).limit(MESSAGES_SHOWN))]


def replies_of(session: Session, case: Case) -> list[ReplyShown]:
    """What the family wrote, newest first, decrypted. The caller records the view."""
    statement = select(FamilyReply).where(FamilyReply.case_id.in_(together(case))).order_by(FamilyReply.id.desc())
    return opened_replies(session, session.scalars(statement).all())


def opened_replies(session: Session, rows: Sequence[FamilyReply]) -> list[ReplyShown]:
    """The texts of replies, decrypted with their cases' keys."""
    keys = vault_of(session).open(session, {row.case_id for row in rows if row.sealed is not None})
    return [
        ReplyShown(
            row,
            keys[row.case_id].decrypt(row.sealed, TEXT).decode()
            if row.sealed is not None and row.case_id in keys
            else None,
        )
        for row in rows
    ]


def contacts_copied(session: Session, people: Sequence[UUID]) -> list[dict[str, Any]]:
    """How these people, who are one person, are told: for the copy of what is held about them."""
    statement = select(FamilyContact).where(FamilyContact.person_id.in_(people)).order_by(FamilyContact.id)
    return [
        {
            "made_at": one.row.made_at.isoformat(),
            "withdrawn_at": one.row.withdrawn_at and one.row.withdrawn_at.isoformat(),
            "opted_out_at": one.row.opted_out_at and one.row.opted_out_at.isoformat(),
            "chosen_at": one.row.chosen_at and one.row.chosen_at.isoformat(),
            "kept": one.kept and one.kept.model_dump(mode="json"),
        }
        for one in opened_contacts(session, session.scalars(statement).all())
    ]


def replies_copied(session: Session, people: Sequence[UUID]) -> list[dict[str, Any]]:
    """What these people wrote, for the same copy. It may name others."""
    statement = select(FamilyReply).where(FamilyReply.person_id.in_(people)).order_by(FamilyReply.id)
    return [
        {"received_at": one.row.received_at.isoformat(), "intent": one.row.intent, "text": one.text}
        for one in opened_replies(session, session.scalars(statement).all())
    ]


def reply_of(session: Session, case: Case, reply_id: UUID) -> FamilyReply:
    """One reply, locked. Raises `NotFound`."""
    own = FamilyReply.id == reply_id, FamilyReply.case_id.in_(together(case))
    found: FamilyReply | None = session.scalar(locked(select(FamilyReply).where(*own)))
    if found is None:
        raise NotFound("There is no such message from the family in this case.")
    return found


def attention_of(session: Session, case: Case) -> Sequence[Attention]:
    """What is, and was, to be done so that the family is told, newest first."""
    statement = select(Attention).where(Attention.case_id.in_(together(case)))
    return session.scalars(statement.order_by(Attention.asked_at.desc(), Attention.id.desc())).all()


def one_attention(session: Session, case: Case, attention_id: UUID) -> Attention:
    """One of them, locked. Raises `NotFound`."""
    own = Attention.id == attention_id, Attention.case_id.in_(together(case))
    found: Attention | None = session.scalar(locked(select(Attention).where(*own)))
    if found is None:
        raise NotFound("There is no such task in this case.")
    return found


def reachable(session: Session, case: Case, roles: Sequence[str]) -> dict[UUID, str]:
    """Who of the case itself may be told, by role: person → role."""
    statement = (
        select(CasePerson.person_id, CasePerson.role)
        .where(CasePerson.case_id == case.id, CasePerson.role.in_(roles), CasePerson.left_at.is_(None))
        .order_by(CasePerson.number)
    )
    return {person_id: role for person_id, role in session.execute(statement)}


def tasks(session: Session, actor: Actor, now: datetime) -> list[FamilyTask]:
    """What waits for the actor so that families are told: of its own cases, the most urgent first; for those who
    assign, also what is overdue, and of cases that are nobody's."""
    require(actor, Act.READ_CASES)
    found = [*_first_tasks(session, actor, FamilyReply, now), *_first_tasks(session, actor, Attention, now)]
    return sorted(found, key=lambda task: (task.of.due_by, task.of.id))[:TASKS_SHOWN]


def _first_tasks(session: Session, actor: Actor, kind: type[Waiting], now: datetime) -> list[FamilyTask]:
    first = _tasks_of(actor, kind, now).order_by(kind.due_by, kind.id).limit(TASKS_SHOWN)
    return [FamilyTask(of, case) for of, case in session.execute(first)]


def task_count(session: Session, actor: Actor, now: datetime) -> int:
    """How many of them there are; 0 for who may read no cases."""
    if not actor.may(Act.READ_CASES):
        return 0
    return session.scalar(_count_of_tasks(actor), {"now": now}) or 0


@lru_cache(STATEMENTS_KEPT)
def _count_of_tasks(actor: Actor) -> Select[int]:
    replies = _tasks_of(actor, FamilyReply, bindparam("now")).with_only_columns(func.count()).scalar_subquery()
    asked = _tasks_of(actor, Attention, bindparam("now")).with_only_columns(func.count()).scalar_subquery()
    return select(replies + asked)


def _tasks_of(actor: Actor, kind: type[Waiting], now: datetime | BindParameter[datetime]) -> Select[Waiting, Case]:
    whose = _WORKED_ON.assigned_to == actor.user_id
    if actor.may(Act.ASSIGN_CASES):
        whose = or_(whose, _WORKED_ON.assigned_to.is_(None), kind.due_by < now)
    return (
        select(kind, _WORKED_ON)
        .join(_TOLD_IN, _TOLD_IN.id == kind.case_id)
        .join(_WORKED_ON, _WORKED_ON.id == func.coalesce(_TOLD_IN.merged_into, _TOLD_IN.id))
        .where(visible_to(actor, kind.organisation_id), kind.done_at.is_(None), whose, seen_by(actor, _WORKED_ON))
    )


_TOLD_IN, _WORKED_ON = aliased(Case), aliased(Case)
