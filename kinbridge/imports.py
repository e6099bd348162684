"""`kinbridge import incidents`: a file, row by row, into intake."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sqlalchemy.exc import IntegrityError

from services.intake import commands, queries
from services.intake.importing.incidents import GoodRow, RefusedRow, read_incidents
from services.intake.settings import IMPORT_ROWS_PER_TRANSACTION
from shared.access import Actor
from shared.database import reading, transaction
from shared.errors import InvalidInput

if TYPE_CHECKING:
    from kinbridge.embedded import EmbeddedSystem

Row = GoodRow | RefusedRow
READ_AHEAD = 1024 * 1024
"""Bytes. Each read of the file lets another thread in, and the import then waits for its turn."""


def import_incidents(system: EmbeddedSystem, file: str, organisation: str) -> Iterator[dict[str, Any]]:
    """Import a file for an organisation. Yields progress, refused rows and results of rows, and the counts at the end.

    The same bytes again change nothing; a run that broke off goes on where it stopped.
    """
    path = Path(file)
    engine = system.engine("intake")
    with reading(engine) as session:
        actor = Actor(queries.organisation_named(session, organisation).id, roles=queries.SYSTEM_ROLES)
    size, digest = _measure(path)
    with path.open("rb", buffering=READ_AHEAD) as stream:
        done = 0

        def progress(consumed: int) -> None:
            nonlocal done
            done = consumed

        rows = read_incidents(stream, progress)
        with transaction(engine) as session:
            run = commands.begin_import(session, actor, digest=digest, file_name=path.name)
        again = run.finished_at is not None
        yield {"kind": "begun", "import": str(run.id), "size": size, "again": again}
        for chunk in _chunks(rows, IMPORT_ROWS_PER_TRANSACTION):
            results = {} if again else dict(_take(system, actor, run.id, chunk))
            yield {
                "kind": "rows",
                "consumed": done,
                "results": [[row.row, results.get(row.row, _known(row))] for row in chunk],
                "refused": [_refusal(row) for row in chunk if isinstance(row, RefusedRow)],
            }
    with transaction(engine) as session:
        counts = commands.finish_import(session, actor, run.id)
    yield {"kind": "counted", "import": str(run.id), "again": again, **counts.model_dump()}


def _measure(path: Path) -> tuple[int, bytes]:
    try:
        with path.open("rb") as stream:
            return path.stat().st_size, hashlib.file_digest(stream, "sha256").digest()
    except OSError as error:
        raise InvalidInput(f"The file cannot be read: {error.strerror}. Check its name and rights.") from None


def _take(system: EmbeddedSystem, actor: Actor, run: Any, chunk: list[Row]) -> list[tuple[int, str]]:
    """One transaction; once more when another import of the same organisation was first with the same rows."""
    engine = system.engine("intake")
    try:
        with transaction(engine) as session:
            return commands.import_rows(session, actor, run, chunk)
    except IntegrityError:
        with transaction(engine) as session:
            return commands.import_rows(session, actor, run, chunk)


def _known(row: Row) -> str:
    return "refused" if isinstance(row, RefusedRow) else "unchanged"


def _refusal(row: RefusedRow) -> dict[str, Any]:
    reasons = [{"field": r.field, "reason": r.reason, "message": r.message} for r in row.refusals]
    return {"row": row.row, "refusals": reasons}


def _chunks(rows: Iterable[Row], size: int) -> Iterator[list[Row]]:
    chunk: list[Row] = []
    for row in rows:
        chunk.append(row)
        if len(chunk) == size:
            yield chunk
            chunk = []
    if chunk:
        yield chunk
