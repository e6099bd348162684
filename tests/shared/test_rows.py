"""Sums that are added to where their key is known, in one statement, on both databases."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import Engine, select

from services.reporting.domain.rollup import SUMS, ServiceRollup
from shared.database import SeveralStatements, reading, single_write, table_of, transaction
from shared.rows import add_rows

TABLE = table_of(ServiceRollup)


def row(cell: str, people: int) -> dict[str, Any]:
    """A row of sums; `grant` is a word of SQL's own."""
    key = {"organisation_id": UUID(int=1), "grant": 'a "b" %s', "month": date(2028, 2, 1), "category": "food"}
    return {**key, "cell": cell, **dict.fromkeys(SUMS, 0), "people": people}


def people(engine: Engine) -> dict[str, int]:
    with reading(engine) as session:
        return {cell: found for cell, found in session.execute(select(TABLE.c.cell, TABLE.c.people))}


def test_rows_are_inserted_and_added_to(database: Callable[[str], Engine]) -> None:
    engine = database("reporting")
    with transaction(engine) as session:
        add_rows(session, TABLE, [row("a", 1), row("b", 2)], SUMS)
        add_rows(session, TABLE, [], SUMS)
        add_rows(session, TABLE, [row("b", 40), row("c", -3)], SUMS)
    assert people(engine) == {"a": 1, "b": 42, "c": -3}


def test_only_the_named_figures_are_added_to(database: Callable[[str], Engine]) -> None:
    engine = database("reporting")
    with transaction(engine) as session:
        add_rows(session, TABLE, [row("a", 1)], SUMS)
        add_rows(session, TABLE, [row("a", 5)], ("services",))
    assert people(engine) == {"a": 1}


def test_sums_are_no_single_write(postgres: Callable[[str], Engine]) -> None:
    with pytest.raises(SeveralStatements), single_write(postgres("reporting")) as session:
        add_rows(session, TABLE, [row("a", 1)], SUMS)
