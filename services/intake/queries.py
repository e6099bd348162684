"""What may be read, always through `visible_to(actor)`."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import bindparam, func, select
from sqlalchemy.orm import Session

from services.intake.domain import ApiKey, Case, CaseHold, Import, ImportedRow, Incident, Organisation
from services.intake.domain.organisation import key_digest
from services.intake.settings import PAGE
from shared.access import Actor, visible_to
from shared.database import table_of
from shared.errors import NotAuthenticated, NotFound

_keys = table_of(ApiKey)
_owner_of_key = select(_keys.c.organisation_id).where(
    _keys.c.digest == bindparam("digest"), _keys.c.revoked_at.is_(None)
)


def actor_of_key(session: Session, key: str) -> Actor:
    """Whose system calls with this key; raises `NotAuthenticated`."""
    organisation = session.connection().scalar(_owner_of_key, {"digest": key_digest(key)})
    if organisation is None:
        raise NotAuthenticated("The API key is not valid. `kinbridge client add` makes a new one.")
    return Actor(organisation)


def organisation_named(session: Session, short_name: str) -> Organisation:
    """An organisation by its short name; raises `NotFound`."""
    found: Organisation | None = session.scalar(select(Organisation).where(Organisation.short_name == short_name))
    if found is None:
        raise NotFound("There is no organisation of that short name: `kinbridge org list` shows them.")
    return found


def organisations(session: Session) -> Sequence[Organisation]:
    """Every organisation, for the operator."""
    return session.scalars(select(Organisation).order_by(Organisation.short_name)).all()


def cases(
    session: Session, actor: Actor, *, after: UUID | None = None, type_: str | None = None, limit: int = PAGE
) -> Sequence[Case]:
    """The cases the actor may see, oldest first, behind `after`."""
    statement = select(Case).where(visible_to(actor, Case.organisation_id)).order_by(Case.id).limit(limit)
    if after is not None:
        statement = statement.where(Case.id > after)
    if type_ is not None:
        statement = statement.where(Case.type == type_)
    return session.scalars(statement).all()


def case(session: Session, actor: Actor, case_id: UUID) -> Case:
    """One case; raises `NotFound`, also for another organisation's."""
    found: Case | None = session.scalar(select(Case).where(Case.id == case_id, visible_to(actor, Case.organisation_id)))
    if found is None:
        raise NotFound("There is no such case.")
    return found


def incident(session: Session, actor: Actor, case_id: UUID) -> Incident:
    """The facts of a mass incident; raises `NotFound`."""
    found: Incident | None = session.scalar(
        select(Incident).where(Incident.case_id == case_id, visible_to(actor, Incident.organisation_id))
    )
    if found is None:
        raise NotFound("There is no such case.")
    return found


def held_by(session: Session, case_id: UUID) -> Sequence[str]:
    """The services that hold a case."""
    return session.scalars(select(CaseHold.service).where(CaseHold.case_id == case_id).order_by(CaseHold.service)).all()


def import_of_file(session: Session, actor: Actor, digest: bytes) -> Import | None:
    """The import of a file's content, if the actor's organisation has begun one."""
    return session.scalar(
        select(Import).where(Import.digest == digest, Import.organisation_id == actor.organisation_id)
    )


def rows_taken(session: Session, import_id: UUID) -> tuple[int, dict[str, int]]:
    """(the last row dealt with, the number of rows by result)."""
    last = session.scalar(select(func.max(ImportedRow.row)).where(ImportedRow.import_id == import_id)) or 0
    results = session.execute(
        select(ImportedRow.result, func.count()).where(ImportedRow.import_id == import_id).group_by(ImportedRow.result)
    )
    return last, {result: count for result, count in results}
