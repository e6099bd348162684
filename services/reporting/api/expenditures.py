"""What was spent: brought in from the ledger, signed, and summed by the budget's lines."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Request, Response
from sqlalchemy import Engine

from services.reporting.api.requests import Credential, First, Last
from services.reporting.commands import expenditures as acts
from services.reporting.queries import grants as found
from services.reporting.schemas.grants import FinanceOut, ImportOut, ImportResult, LineSpentOut, RefusedRow
from shared.access import read_token
from shared.crypto import KeyRing
from shared.database import reading, transaction, utc_now
from shared.web import WrongMediaType

_CSV_BODY = {"requestBody": {"required": True, "content": {"text/csv": {"schema": {"type": "string"}}}}}


async def csv_body(request: Request) -> bytes:
    """The request's file. Raises `WrongMediaType`, `TooLarge`."""
    if request.headers.get("content-type", "").partition(";")[0].strip().lower() != "text/csv":
        raise WrongMediaType("Send the ledger as it is, with the header Content-Type: text/csv.")
    return await request.body()


def add_to(routes: APIRouter, engine: Engine, keys: KeyRing) -> None:
    """The routes of this subject."""

    @routes.post("/grants/{grant_id}/expenditures", openapi_extra=_CSV_BODY)
    def import_expenditures(
        grant_id: UUID, credential: Credential, content: Annotated[bytes, Depends(csv_body)]
    ) -> ImportResult:
        """Bring in a file of the ledger with the columns line, date, amount, currency, rate, and perhaps reference.
        Good rows are taken, refused rows are named; the same file again changes nothing."""
        with transaction(engine) as session:
            return import_result(
                acts.import_ledger(session, read_token(keys, credential), grant_id, content, utc_now())
            )

    @routes.get("/grants/{grant_id}/expenditures")
    def list_imports(grant_id: UUID, credential: Credential) -> list[ImportOut]:
        """The files that were brought in, the newest first, and which are signed."""
        with reading(engine) as session:
            grant = found.grant(session, read_token(keys, credential), grant_id)
            return [ImportOut.model_validate(one) for one in found.imports_of(session, grant.id)]

    @routes.get("/grants/{grant_id}/finance")
    def show_finance(grant_id: UUID, credential: Credential, first: First, last: Last) -> FinanceOut:
        """What was spent of each line of the budget in a period, and since the grant began: signed amounts alone."""
        with reading(engine) as session:
            grant = found.grant(session, read_token(keys, credential), grant_id)
            grant.holds(first, last)
            spent = found.finance(session, grant.id, first, last)
            lines = [LineSpentOut.model_validate(one) for one in spent.lines]
            return FinanceOut(currency=grant.currency, lines=lines, unsigned=spent.unsigned)

    @routes.post("/expenditures/{import_id}/signature")
    def sign(import_id: UUID, credential: Credential) -> ImportOut:
        """A finance officer answers for these rows: another person than who brought them in."""
        with transaction(engine) as session:
            row = acts.sign_import(session, read_token(keys, credential), import_id, utc_now())
            return ImportOut.model_validate(row)

    @routes.delete("/expenditures/{import_id}", status_code=204)
    def take_back(import_id: UUID, credential: Credential) -> Response:
        """The wrong file was brought in. 409 once it is signed."""
        with transaction(engine) as session:
            acts.take_back_import(session, read_token(keys, credential), import_id)
        return Response(status_code=204)


def import_result(done: acts.Imported) -> ImportResult:
    """What an import did."""
    return ImportResult(
        rows=done.rows,
        taken=done.taken,
        known=done.known,
        refused=len(done.refusals),
        entry=None if done.entry is None else ImportOut.model_validate(done.entry),
        refusals=[
            RefusedRow(row=one.row, field=one.field, reason=one.reason, message=one.message) for one in done.refusals
        ],
    )
