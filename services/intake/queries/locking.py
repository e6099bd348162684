"""Rows are locked as they are by then, or as they become due; and who is one with whom is decided by one at a time."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any, TypeVar
from uuid import UUID

from sqlalchemy import Select, select, text
from sqlalchemy.orm import Session

from services.intake.domain import Match, Referral
from shared.database import is_sqlite, table_of

Rows = TypeVar("Rows", bound=Select[*tuple[Any, ...]])
Due = TypeVar("Due", Match, Referral)


def locked(statement: Rows) -> Rows:
    """The statement, whose rows stay locked until the transaction ends, and are told as they are once locked.

    What the transaction had read of them before is read anew: while it waited for the lock, another changed it.
    """
    return statement.with_for_update().execution_options(populate_existing=True)


def due_rows(session: Session, table: type[Due], now: datetime, limit: int) -> Sequence[Due]:
    """Rows of a table whose `due_at` has come, what is due longest first, locked; those that another transaction works
    on are passed over."""
    due_at, id_ = table_of(table).c.due_at, table_of(table).c.id
    statement = select(table).where(due_at <= now).order_by(due_at, id_).limit(limit)
    return session.scalars(statement.with_for_update(skip_locked=True)).all()


def one_at_a_time(session: Session, organisation_id: UUID) -> None:
    """Who is one person with whom, and what these people said yes and no to, stays as it is until the transaction ends.

    What is recorded of a person is told in every case of everybody whom the person is one with: a merge under way would
    add people and cases that a word said meanwhile misses, for good. To be called before any row is locked, so that
    nobody waits for a row behind it. SQLite has one writer anyway.
    """
    if not is_sqlite(session):
        session.execute(_ALONE, {"name": f"who is one with whom: {organisation_id}"})


_ALONE = text("SELECT pg_advisory_xact_lock(hashtextextended(:name, 0))")
