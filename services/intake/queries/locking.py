"""Rows are locked as they are by then; and who is one with whom is decided by one at a time."""

from __future__ import annotations

from typing import Any, TypeVar
from uuid import UUID

from sqlalchemy import Select, text
from sqlalchemy.orm import Session

from shared.database import is_sqlite

Rows = TypeVar("Rows", bound=Select[*tuple[Any, ...]])


def locked(statement: Rows) -> Rows:
    """The statement, whose rows stay locked until the transaction ends, and are told as they are once locked.

    What the transaction had read of them before is read anew: while it waited for the lock, another changed it.
    """
    return statement.with_for_update().execution_options(populate_existing=True)


def one_at_a_time(session: Session, organisation_id: UUID) -> None:
    """Who is one person with whom, and what these people said yes and no to, stays as it is until the transaction ends.

    What is recorded of a person is told in every case of everybody whom the person is one with: a merge under way would
    add people and cases that a word said meanwhile misses, for good. To be called before any row is locked, so that
    nobody waits for a row behind it. SQLite has one writer anyway.
    """
    if not is_sqlite(session):
        session.execute(_ALONE, {"name": f"who is one with whom: {organisation_id}"})


_ALONE = text("SELECT pg_advisory_xact_lock(hashtextextended(:name, 0))")
