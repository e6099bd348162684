"""Who saw whom: for the auditor and the data protection officer of an organisation."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from services.intake.domain import PersonViewed, ViewChained
from services.intake.settings import PAGE
from shared.access import Act, Actor, require, visible_to


@dataclass(frozen=True)
class Seen:
    """Which views are asked for; None: any."""

    user_id: UUID | None = None
    case_id: UUID | None = None
    person_id: UUID | None = None
    purpose: str | None = None


def views(
    session: Session, actor: Actor, seen: Seen, *, after: int | None = None, limit: int = PAGE
) -> tuple[Sequence[Any], int | None]:
    """(the views of the actor's organisation, newest first, with their places in the chain; the next `after`).

    They hold ids alone. Raises `NotAllowed`.
    """
    require(actor, Act.READ_AUDIT)
    statement = (
        select(*PersonViewed.__table__.c, ViewChained.position, ViewChained.hash)
        .outerjoin(ViewChained, ViewChained.ordinal == PersonViewed.ordinal)
        .where(visible_to(actor, PersonViewed.organisation_id))
        .order_by(PersonViewed.ordinal.desc())
        .limit(limit + 1)
    )
    for column, value in (
        (PersonViewed.user_id, seen.user_id),
        (PersonViewed.case_id, seen.case_id),
        (PersonViewed.person_id, seen.person_id),
        (PersonViewed.purpose, seen.purpose),
    ):
        if value is not None:
            statement = statement.where(column == value)
    if after is not None:
        statement = statement.where(PersonViewed.ordinal < after)
    rows: Sequence[Any] = session.execute(statement).all()
    return rows[:limit], rows[limit - 1].ordinal if len(rows) > limit else None
