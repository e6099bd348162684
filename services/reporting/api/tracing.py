"""From a figure of a report back to what it stands on, for an auditor: facts of the log, and rows of the ledger."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Query
from sqlalchemy import Engine

from services.reporting.api.requests import Credential
from services.reporting.domain import Expenditure, LedgerImport
from services.reporting.queries.figures import Narrowed
from services.reporting.schemas.reports import (
    EntriesOut,
    EntryOut,
    FactOut,
    FactsAsked,
    FactsOut,
    IssueIfAny,
    OverDays,
)
from services.reporting.tracing import Over, entries_of_report, facts_of_report
from shared.access import read_token
from shared.crypto import KeyRing
from shared.database import reading

NO_CATEGORIES = {"indicator", "number", "over"}


def add_to(routes: APIRouter, engine: Engine, keys: KeyRing) -> None:
    """The routes of this subject."""

    @routes.get("/reports/{report_id}/facts")
    def show_facts(report_id: UUID, credential: Credential, asked: Annotated[FactsAsked, Query()]) -> FactsOut:
        """Where the facts behind an indicator's figure stand in the log, for an auditor: ids and positions alone. Over
        the period, a month of it, or since the grant began; all, or those of one cell of a table."""
        with reading(engine, snapshot=True) as session:
            actor, over = read_token(keys, credential), _over(asked.over)
            of_cell = asked.indicator, asked.number, over, _narrowed(asked)
            figure, facts, later = facts_of_report(session, actor, report_id, *of_cell)
            return FactsOut(
                indicator=asked.indicator,
                date_from=figure.first,
                date_to=figure.last,
                facts=[
                    FactOut(fact_id=str(one.fact_id), source=one.source, partition=one.partition, position=one.position)
                    for one in facts
                ],
                later=later,
            )

    @routes.get("/reports/{report_id}/entries")
    def show_entries(
        report_id: UUID,
        credential: Credential,
        line: Annotated[str, Query(max_length=120, description="Code of a line of the budget.")],
        number: Annotated[IssueIfAny, Query()] = None,
        over: Annotated[OverDays, Query()] = "period",
    ) -> EntriesOut:
        """The rows of the ledger behind what was spent of a line of the budget, for an auditor, and who signed them."""
        with reading(engine, snapshot=True) as session:
            actor = read_token(keys, credential)
            figure, entries = entries_of_report(session, actor, report_id, line, number, _over(over))
            return EntriesOut(
                line=line,
                date_from=figure.first,
                date_to=figure.last,
                currency=figure.grant.currency,
                entries=[_entry(*one) for one in entries],
            )


def _over(said: str) -> Over:
    return _NAMED.get(said) or date.fromisoformat(f"{said}-01")


def _narrowed(asked: FactsAsked) -> Narrowed:
    """A band is written as it is, or as a table's rows write it: 60plus."""
    given: dict[Any, str] = asked.model_dump(exclude=NO_CATEGORIES, exclude_none=True)
    return {name: said.replace("plus", "+") if name == "age" else said for name, said in given.items()}


def _entry(entry: Expenditure, file: LedgerImport) -> EntryOut:
    assert file.signed_at is not None
    assert file.signed_role is not None
    return EntryOut(
        import_id=file.id,
        file_sha256=file.digest,
        row=entry.row,
        spent_on=entry.spent_on,
        amount=entry.amount,
        currency=entry.currency,
        rate=entry.rate,
        converted=entry.converted,
        signed_role=file.signed_role,
        signed_at=file.signed_at,
    )


_NAMED: dict[str, Over] = {"period": "period", "grant": "grant"}
