"""Files are imported row by row, and go on where they broke off."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from services.intake import queries
from services.intake.commands.cases import NewIncident, submit_incidents
from services.intake.commands.submission import CaseName, fresh_name
from services.intake.domain import Import, ImportedRow, ImportMessage, Incident
from services.intake.importing.incidents import GoodRow, RefusedRow
from shared.access import Actor
from shared.database import put_row, table_of, upsert, utc_now, uuid7
from shared.events import ImportCounts, ImportFinished, ImportRowRefused
from shared.messaging.log import record
from shared.rows import insert_rows


def begin_import(session: Session, actor: Actor, *, digest: bytes, file_name: str) -> Import:
    """Begin to import a file, or go on with an import of the same content that broke off."""
    found = queries.import_of_file(session, actor, digest)
    if found is not None:
        return found
    statement = upsert(session, table_of(Import)).values(
        id=uuid7(),
        organisation_id=actor.organisation_id,
        digest=digest,
        file_name=file_name,
        started_at=utc_now(),
    )
    session.execute(statement.on_conflict_do_nothing())
    begun = queries.import_of_file(session, actor, digest)
    assert begun is not None
    return begun


def import_rows(
    session: Session, actor: Actor, import_id: UUID, rows: Sequence[GoodRow | RefusedRow]
) -> list[tuple[int, str]]:
    """Take the next rows of a file. Returns (row, accepted | unchanged | refused) for each that was new to this run.

    Rows that this import has dealt with are passed over, so the same chunk may come twice.
    """
    session.execute(select(Import.id).where(Import.id == import_id).with_for_update())
    last, _ = queries.rows_taken(session, import_id)
    fresh = [row for row in rows if row.row > last]
    good = [row for row in fresh if isinstance(row, GoodRow)]
    known = set(
        session.scalars(
            select(Incident.row_identity).where(
                Incident.organisation_id == actor.organisation_id,
                Incident.row_identity.in_([row.identity for row in good]),
            )
        )
    )
    new = [row for row in good if row.identity not in known]
    case_of = {row.row: fresh_name() for row in new}
    submit_incidents(
        session, actor, [NewIncident(row.incident, row.identity) for row in new], list(case_of.values()), utc_now()
    )
    results = [(row.row, _result(row, case_of)) for row in fresh]
    taken = [
        {
            "import_id": import_id,
            "row": row,
            "result": result,
            "case_id": case_of[row].id if row in case_of else None,
        }
        for row, result in results
    ]
    insert_rows(session, table_of(ImportedRow), taken)
    record(session, *(_refusal(actor, import_id, row) for row in fresh if isinstance(row, RefusedRow)))
    return results


def _result(row: GoodRow | RefusedRow, case_of: dict[int, CaseName]) -> str:
    if isinstance(row, RefusedRow):
        return "refused"
    return "accepted" if row.row in case_of else "unchanged"


def _refusal(actor: Actor, import_id: UUID, row: RefusedRow) -> ImportRowRefused:
    first = row.refusals[0]
    return ImportRowRefused(
        organisation_id=actor.organisation_id,
        import_id=import_id,
        row=row.row,
        field=first.field,
        reason=first.reason,
    )


def finish_import(session: Session, actor: Actor, import_id: UUID) -> ImportCounts:
    """Close an import at the end of its file; a second call changes nothing. Returns its counts."""
    _, results = queries.rows_taken(session, import_id)
    counts = ImportCounts(
        rows=sum(results.values()),
        accepted=results.get("accepted", 0),
        unchanged=results.get("unchanged", 0),
        refused=results.get("refused", 0),
    )
    finished = session.execute(
        update(Import)
        .where(Import.id == import_id, Import.finished_at.is_(None))
        .values(finished_at=utc_now())
        .returning(Import.file_name)
    ).scalar_one_or_none()
    if finished is not None:
        record(
            session,
            ImportFinished(
                organisation_id=actor.organisation_id, import_id=import_id, counts=counts, file_name=finished
            ),
        )
    return counts


def note_message_status(session: Session, import_id: UUID, status: str) -> None:
    """How far the message about an import has come."""
    put_row(session, table_of(ImportMessage), import_id=import_id, status=status)
