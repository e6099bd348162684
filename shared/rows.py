"""Many rows at once."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cache
from typing import Any

from pydantic_core import to_json
from sqlalchemy import LargeBinary, Table
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import DeclarativeBase, Session, make_transient_to_detached
from sqlalchemy.orm.attributes import set_committed_value

from shared.database import is_sqlite, need_transaction, table_of


def insert_rows(session: Session, table: Table, rows: Sequence[Mapping[str, Any]], *, settled: bool = False) -> None:
    """Insert many rows in their order; every row has the same columns.

    On PostgreSQL they travel as one JSON document: a fifth of the work of a statement for each row, and it goes
    with row-level security, which COPY does not. On SQLite as plain tuples, converted column by column.
    `settled`: the table's numbers are watched by `Settling`, so the transaction takes its id before one is drawn.
    """
    if not rows:
        return
    behind = f", {_TRANSACTION_ID}" if settled and not is_sqlite(session) else ""
    _insert(session, table, rows, behind)


def add_rows(session: Session, table: Table, rows: Sequence[Mapping[str, Any]], figures: Sequence[str]) -> None:
    """Insert many rows of sums, each key once; where a row's primary key is known, its `figures` are added to it.

    Give the rows in the order of their keys: then two transactions that add to the same rows wait for one another, and
    not in a circle.
    """
    if not rows:
        return
    _insert(session, table, rows, _adding(table, tuple(figures)), _KEPT)


def _insert(session: Session, table: Table, rows: Sequence[Mapping[str, Any]], behind: str, alias: str = "") -> None:
    """`behind`: what the statement ends with, which may call the table's own rows by `alias`."""
    need_transaction(session)
    connection = session.connection()
    schema = connection.get_execution_options().get("schema_translate_map", {}).get(table.schema)
    columns = tuple(rows[0])
    if is_sqlite(session):
        statement, converters = _insert_tuples(table, schema, columns, alias)
        values = [[row[name] for row in rows] for name in columns]
        converted = (map(to, of) if to else of for to, of in zip(converters, values, strict=True))
        connection.exec_driver_sql(f"{statement}{behind}", list(zip(*converted, strict=True)))
    else:
        document = to_json(rows, bytes_mode="hex").decode()
        connection.exec_driver_sql(f"{_insert_document(table, schema, columns, alias)}{behind}", (document,))


def insert_tables(session: Session, made: Mapping[Table, Sequence[Mapping[str, Any]]]) -> None:
    """The same for several tables in their order; on PostgreSQL in one statement, which checks foreign keys at its
    end."""
    made = {table: rows for table, rows in made.items() if rows}
    if is_sqlite(session) or len(made) < 2:
        for table, rows in made.items():
            insert_rows(session, table, rows)
        return
    need_transaction(session)
    connection = session.connection()
    schemas = connection.get_execution_options().get("schema_translate_map", {})
    statement = _insert_documents(tuple((table, schemas.get(table.schema), tuple(of[0])) for table, of in made.items()))
    connection.exec_driver_sql(statement, tuple(to_json(rows, bytes_mode="hex").decode() for rows in made.values()))


def insert_objects(session: Session, *objects: DeclarativeBase) -> None:
    """Insert new objects in one statement, where a flush takes one for each class: tables in the order in which they
    come first. From then on the objects are the session's. Columns' defaults are not asked: what is not given is NULL.
    """
    insert_tables(session, rows_of(objects))
    take_in(session, objects)


def rows_of(objects: Iterable[DeclarativeBase]) -> dict[Table, list[dict[str, Any]]]:
    """New objects as rows to insert, by table; what is not given is NULL."""
    made: dict[Table, list[dict[str, Any]]] = {}
    for one in objects:
        made.setdefault(table_of(type(one)), []).append({name: getattr(one, name) for name in _names(type(one))})
    return made


def take_in(session: Session, objects: Iterable[DeclarativeBase]) -> None:
    """Make objects the session's whose rows were just inserted."""
    for one in objects:
        make_transient_to_detached(one)
        for name in _names(type(one)):
            if name not in one.__dict__:
                set_committed_value(one, name, None)
        session.add(one)


@cache
def _names(mapped: type[DeclarativeBase]) -> tuple[str, ...]:
    return tuple(table_of(mapped).columns.keys())


_KEPT = "kept"
"""What a statement calls the row that is there already."""
_TRANSACTION_ID = "(SELECT pg_current_xact_id() AS id OFFSET 0) AS taken WHERE taken.id IS NOT NULL"


@cache
def _insert_documents(made: tuple[tuple[Table, str | None, tuple[str, ...]], ...]) -> str:
    *first, last = (_insert_document(*one) for one in made)
    ctes = ", ".join(f"made_{number} AS ({one})" for number, one in enumerate(first))
    return f"WITH {ctes} {last}"


@cache
def _adding(table: Table, figures: tuple[str, ...]) -> str:
    keys = ", ".join(f'"{column.name}"' for column in table.primary_key.columns)
    sums = ", ".join(f'"{name}" = {_KEPT}."{name}" + excluded."{name}"' for name in figures)
    return f" ON CONFLICT ({keys}) DO UPDATE SET {sums}"


@cache
def _insert_tuples(
    table: Table, schema: str | None, columns: tuple[str, ...], alias: str = ""
) -> tuple[str, tuple[Callable[[Any], Any] | None, ...]]:
    """The statement, and what each column's values pass through; SQLite takes bytes as they are."""
    dialect = sqlite.dialect()
    quote = dialect.identifier_preparer.quote
    types = [table.c[name].type.dialect_impl(dialect) for name in columns]
    converters = (None if isinstance(kind, LargeBinary) else kind.bind_processor(dialect) for kind in types)
    name = f"{f'{quote(schema)}.' if schema else ''}{quote(table.name)}"
    names, places = ", ".join(map(quote, columns)), ", ".join("?" * len(columns))
    alias = f" AS {alias}" if alias else ""
    return f"INSERT INTO {name}{alias} ({names}) VALUES ({places})", tuple(converters)  # noqa: S608 - own names


@cache
def _insert_document(table: Table, schema: str | None, columns: tuple[str, ...], alias: str = "") -> str:
    dialect = postgresql.dialect()  # type: ignore[no-untyped-call] # SQLAlchemy leaves dialects untyped
    quote = dialect.identifier_preparer.quote
    types = {name: table.c[name].type.compile(dialect) for name in columns}
    names = ", ".join(quote(name) for name in columns)
    read = ", ".join(f"decode({quote(n)}, 'hex')" if kind == "BYTEA" else quote(n) for n, kind in types.items())
    described = ", ".join(f"{quote(n)} {'TEXT' if kind == 'BYTEA' else kind}" for n, kind in types.items())
    alias = f" AS {alias}" if alias else ""
    return (
        f"INSERT INTO {f'{quote(schema)}.' if schema else ''}{quote(table.name)}{alias} ({names}) "  # noqa: S608 - own names
        f"SELECT {read} FROM json_to_recordset(%s::json) AS row ({described})"
    )
