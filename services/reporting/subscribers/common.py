"""What the handlers of every kind of fact need of it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Table, select
from sqlalchemy.orm import Session

from shared.events import Logged

LIVE: dict[str, Any] = {"schema_translate_map": {}}
"""Options of a statement that reads or makes what is in use, also during a rebuild, which works on shadow tables."""
Row = dict[str, Any]
Place = tuple[int, int]
"""Partition and position in intake's log."""


def moment(logged: Logged[Any]) -> datetime:
    """When it was recorded."""
    return datetime.fromisoformat(logged.time)


def place_of(logged: Logged[Any]) -> Row:
    """Where it stands in its source's log: what an auditor finds it by."""
    return {"partition": logged.partition, "position": logged.position, "event_id": logged.id}


def opened(facts: Sequence[Logged[Any]]) -> list[Logged[Any]]:
    """Those whose payload was not erased."""
    return [one for one in facts if not one.erased]


def counted_before(session: Session, table: Table, erased: Iterable[Logged[Any]]) -> dict[Place, list[Row]]:
    """What is in use now of facts whose payload was erased since, by place: a rebuild counts it again, as it was.

    Only rows of the very same events: a source's new history may have others at these places.
    """
    found: dict[Place, list[Row]] = {}
    for one in erased:
        at = table.c.partition == one.partition, table.c.position == one.position
        rows = session.execute(select(table).where(*at), execution_options=LIVE).mappings()
        found[one.partition, one.position] = [dict(row) for row in rows if row.get("event_id", one.id) == one.id]
    return found
