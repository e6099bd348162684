"""What was spent is brought in from the ledger by one person, and signed by another."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import delete, insert, select
from sqlalchemy.orm import Session

from services.reporting.commands.ledger import Entry, Refusal, read_ledger
from services.reporting.commands.people import answering
from services.reporting.domain import Expenditure, Grant, LedgerImport
from services.reporting.queries import grants as found
from shared.access import Act, Actor, require
from shared.database import uuid7
from shared.errors import Conflict


@dataclass(frozen=True)
class Imported:
    """What became of a file's rows. `entry` is None where no row was new and good: then nothing changed."""

    rows: int
    known: int
    entry: LedgerImport | None
    refusals: tuple[Refusal, ...]

    @property
    def taken(self) -> int:
        """Rows that count once they are signed."""
        return 0 if self.entry is None else self.entry.taken


def import_ledger(session: Session, actor: Actor, grant_id: UUID, content: bytes, now: datetime) -> Imported:
    """Take the good rows of a file; the same file again changes nothing. Raises `NotFound`, and `InvalidInput` where no
    row can be read."""
    require(actor, Act.IMPORT_EXPENDITURES)
    grant = found.grant(session, actor, grant_id, lock=True)  # one import of a grant at a time
    lines = {one.code for one in found.budget_of(session, grant.id)}
    read = list(read_ledger(content, grant, lines, grant.day_of(now)))
    refusals = tuple(one for one in read if isinstance(one, Refusal))
    entries = [one for one in read if isinstance(one, Entry)]
    known = set(session.scalars(select(Expenditure.fingerprint).where(Expenditure.grant_id == grant.id)))
    fresh = [one for one in entries if one.fingerprint not in known]
    if not fresh:
        return Imported(len(read), len(entries), None, refusals)
    row = LedgerImport(
        id=uuid7(),
        grant_id=grant.id,
        organisation_id=grant.organisation_id,
        digest=hashlib.sha256(content).hexdigest(),
        imported_at=now,
        imported_by=actor.user_id,
        rows=len(read),
        taken=len(fresh),
        known=len(entries) - len(fresh),
        refused=len(refusals),
    )
    session.add(row)
    session.flush()
    session.execute(insert(Expenditure), [_row(grant, row, one) for one in fresh])
    return Imported(len(read), row.known, row, refusals)


def sign_import(session: Session, actor: Actor, import_id: UUID, now: datetime) -> LedgerImport:
    """Its rows are in reports from now on. Raises `NotFound`, `NotAllowed`, and `Conflict` for who brought them in."""
    user, role = answering(actor, Act.SIGN_EXPENDITURES)
    row = found.ledger_import(session, actor, import_id, lock=True)
    row.sign(user, role, now)
    session.flush()
    return row


def take_back_import(session: Session, actor: Actor, import_id: UUID) -> None:
    """The wrong file was brought in: its rows go, as if it never had been. Raises `NotFound`, and `Conflict` once it is
    signed."""
    require(actor, Act.IMPORT_EXPENDITURES)
    row = found.ledger_import(session, actor, import_id, lock=True)
    if row.signed_at is not None:
        raise Conflict("These expenditures are signed: bring in rows with negative amounts that take them back.")
    session.execute(delete(Expenditure).where(Expenditure.import_id == row.id))
    session.delete(row)
    session.flush()


def _row(grant: Grant, row: LedgerImport, entry: Entry) -> dict[str, object]:
    return {
        "id": uuid7(),
        "grant_id": grant.id,
        "import_id": row.id,
        "organisation_id": grant.organisation_id,
        "fingerprint": entry.fingerprint,
        "row": entry.row,
        "line": entry.line,
        "spent_on": entry.spent_on,
        "amount": entry.amount,
        "currency": entry.currency,
        "rate": entry.rate,
        "converted": entry.converted,
    }
