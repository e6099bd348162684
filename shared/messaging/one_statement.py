"""A new subject with its rows and its first event, as one statement of PostgreSQL."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import cache
from typing import Any

from pydantic_core import to_json
from sqlalchemy import LargeBinary, String, Table
from sqlalchemy.dialects import postgresql

from shared.messaging.tables import event_log, event_subject

_RECORDED = tuple(column.name for column in event_log.c if column.name not in {"ordinal", "erased_at"})
_ONCE, _EVENT = "once", "event"


def new_subject_statement(
    made: Mapping[Table, Mapping[str, Any]], event: Mapping[str, Any], once: tuple[Table, Mapping[str, Any]] | None
) -> tuple[str, str]:
    """The statement, made once for the tables, and its one parameter: every value, as a JSON document.

    It inserts the rows, the subject and the event, each only if the row of `once` was not there before; then it tells
    of one row. The event is made out of the subject's inserted row: its ordinal is drawn behind the subject's lock,
    whatever order the rest runs in.
    """
    rows = {f"made_{table.name}": row for table, row in made.items()} | {_EVENT: event}
    if once is not None:
        rows[_ONCE] = once[1]
    given = {f"{part}_{name}": value for part, row in rows.items() for name, value in row.items()}
    statement = _statement(
        tuple((table, tuple(row)) for table, row in made.items()), once and (once[0], tuple(once[1]))
    )
    return statement, to_json(given, bytes_mode="hex").decode()


_Inserted = tuple[Table, tuple[str, ...]]


@cache
def _statement(made: tuple[_Inserted, ...], once: _Inserted | None) -> str:
    subject, event = (event_subject, ("subject", "seq")), (event_log, _RECORDED)
    parts = {f"made_{table.name}": (table, names) for table, names in made} | {_EVENT: event}
    if once is not None:
        parts[_ONCE] = once
    described = ", ".join(_described(part, *inserted) for part, inserted in parts.items())
    source = "given" if once is None else f"given, {_ONCE}"
    steps = [f"given AS MATERIALIZED (SELECT * FROM json_to_record(%s::json) AS row ({described}))"]  # noqa: S608
    if once is not None:
        steps.append(f"{_ONCE} AS ({_insert(_ONCE, once, 'given')} ON CONFLICT DO NOTHING RETURNING 1)")
    steps += [
        f"{_quoted(part)} AS ({_insert(part, parts[part], source)})" for part in parts if part.startswith("made_")
    ]
    steps.append(f"locked AS ({_insert(_EVENT, subject, source)} RETURNING 1)")
    return f"WITH {', '.join(steps)} {_insert(_EVENT, event, 'given, locked')}"


def _insert(part: str, inserted: _Inserted, source: str) -> str:
    table, names = inserted
    columns = ", ".join(map(_quoted, names))
    return f"INSERT INTO {_quoted(table.name)} ({columns}) SELECT {_values(part, table, names)} FROM {source}"  # noqa: S608 - own names


def _values(part: str, table: Table, names: Iterable[str]) -> str:
    """Bytes travel in hexadecimal."""
    placed = {name: _quoted(f"{part}_{name}") for name in names}
    return ", ".join(
        f"decode({place}, 'hex')" if isinstance(table.c[name].type, LargeBinary) else place
        for name, place in placed.items()
    )


def _described(part: str, table: Table, names: Iterable[str]) -> str:
    """Texts as `TEXT`: the column itself refuses one that is too long."""
    kinds = {
        name: "TEXT" if isinstance(kind, String | LargeBinary) else kind.compile(_DIALECT)
        for name, kind in ((name, table.c[name].type) for name in names)
    }
    return ", ".join(f"{_quoted(f'{part}_{name}')} {kind}" for name, kind in kinds.items())


_DIALECT = postgresql.dialect()  # type: ignore[no-untyped-call] # SQLAlchemy leaves dialects untyped
_quoted = _DIALECT.identifier_preparer.quote
