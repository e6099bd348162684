"""A new subject with its rows and its first event, as one statement of PostgreSQL."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from typing import Any

from pydantic_core import to_json
from sqlalchemy import LargeBinary, String, Table
from sqlalchemy.dialects import postgresql

from shared.messaging.tables import event_log, event_subject

_RECORDED = tuple(column.name for column in event_log.c if column.name not in {"ordinal", "erased_at"})
_ONCE, _EVENT = "once", "event"


def new_subject_statement(
    made: Mapping[Table, Sequence[Mapping[str, Any]]],
    event: Mapping[str, Any],
    once: tuple[Table, Mapping[str, Any]] | None,
) -> tuple[str, tuple[str, ...]]:
    """The statement, made once for the tables, and its parameters: every value, as JSON documents.

    It inserts the rows, the subject and the event, each only if the row of `once` was not there before; then it tells
    of one row. The event is made out of the subject's inserted row: its ordinal is drawn behind the subject's lock,
    whatever order the rest runs in. Where every table has one row, all travel in one document.
    """
    made = {table: rows for table, rows in made.items() if rows}
    alone = all(len(rows) == 1 for rows in made.values())
    one_each = {_EVENT: event}
    if once is not None:
        one_each[_ONCE] = once[1]
    if alone:
        one_each |= {f"made_{table.name}": rows[0] for table, rows in made.items()}
    given = {f"{part}_{name}": value for part, row in one_each.items() for name, value in row.items()}
    documents = [given, *(() if alone else made.values())]
    statement = _statement(
        tuple((table, tuple(rows[0])) for table, rows in made.items()), once and (once[0], tuple(once[1])), alone
    )
    return statement, tuple(to_json(one, bytes_mode="hex").decode() for one in documents)


_Inserted = tuple[Table, tuple[str, ...]]


@cache
def _statement(made: tuple[_Inserted, ...], once: _Inserted | None, alone: bool) -> str:
    subject, event = (event_subject, ("subject", "seq")), (event_log, _RECORDED)
    tables = {f"made_{table.name}": (table, names) for table, names in made}
    parts = {_EVENT: event}
    if once is not None:
        parts[_ONCE] = once
    if alone:
        parts |= tables
    described = ", ".join(_described(f"{part}_", *inserted) for part, inserted in parts.items())
    condition = "" if once is None else f", {_ONCE}"
    source = f"given{condition}"
    steps = [f"given AS MATERIALIZED (SELECT * FROM json_to_record(%s::json) AS row ({described}))"]  # noqa: S608
    if once is not None:
        steps.append(f"{_ONCE} AS ({_insert(f'{_ONCE}_', once, 'given')} ON CONFLICT DO NOTHING RETURNING 1)")
    for part, inserted in tables.items():
        many = f"json_to_recordset(%s::json) AS row ({_described('', *inserted)}){condition}"
        insert = _insert(f"{part}_", inserted, source) if alone else _insert("", inserted, many)
        steps.append(f"{_quoted(part)} AS ({insert})")
    steps.append(f"locked AS ({_insert(f'{_EVENT}_', subject, source)} RETURNING 1)")
    return f"WITH {', '.join(steps)} {_insert(f'{_EVENT}_', event, 'given, locked')}"


def _insert(prefix: str, inserted: _Inserted, source: str) -> str:
    table, names = inserted
    columns = ", ".join(map(_quoted, names))
    values = _values(prefix, table, names)
    return f"INSERT INTO {_quoted(table.name)} ({columns}) SELECT {values} FROM {source}"  # noqa: S608 - own names


def _values(prefix: str, table: Table, names: Iterable[str]) -> str:
    """Bytes travel in hexadecimal."""
    placed = {name: _quoted(f"{prefix}{name}") for name in names}
    return ", ".join(
        f"decode({place}, 'hex')" if isinstance(table.c[name].type, LargeBinary) else place
        for name, place in placed.items()
    )


def _described(prefix: str, table: Table, names: Iterable[str]) -> str:
    """Texts as `TEXT`: the column itself refuses one that is too long."""
    kinds = {
        name: "TEXT" if isinstance(kind, String | LargeBinary) else kind.compile(_DIALECT)
        for name, kind in ((name, table.c[name].type) for name in names)
    }
    return ", ".join(f"{_quoted(f'{prefix}{name}')} {kind}" for name, kind in kinds.items())


_DIALECT = postgresql.dialect()  # type: ignore[no-untyped-call] # SQLAlchemy leaves dialects untyped
_quoted = _DIALECT.identifier_preparer.quote
