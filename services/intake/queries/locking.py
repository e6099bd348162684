"""Rows are locked as they are by then."""

from __future__ import annotations

from typing import Any, TypeVar

from sqlalchemy import Select

Rows = TypeVar("Rows", bound=Select[*tuple[Any, ...]])


def locked(statement: Rows) -> Rows:
    """The statement, whose rows stay locked until the transaction ends, and are told as they are once locked.

    What the transaction had read of them before is read anew: while it waited for the lock, another changed it.
    """
    return statement.with_for_update().execution_options(populate_existing=True)
