"""A grant and what hangs on it: a donor, a ledger, a schedule, a report that is not published, who is to get it."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from sqlalchemy import Engine, select

from services.reporting.domain import Base
from shared.access import Actor, issue_token
from shared.crypto import KeyRing
from shared.database import reading, uuid7
from tests.client import TestClient

OF_REPORTS = ("/donors", "/grants", "/schedules", "/expenditures", "/reports", "/issues")
"""What the paths of the doors to all of this begin with, behind `/reporting/v1`."""
KEPT = (
    *("donor", "donor_grant", "budget_line", "target", "ledger_import", "expenditure"),
    *("schedule", "report", "report_section", "report_issue"),
)
"""The tables that people write; the others follow from events."""
LEDGER = b"line,date,amount,currency,rate\nstaff,2026-07-10,417731.00,EUR,1\n"


def is_of_reports(path: str) -> bool:
    """True for a door to grants and reports."""
    return path.startswith(tuple(f"/reporting/v1{one}" for one in OF_REPORTS))


def kept(client: TestClient, keys: KeyRing, actor: Actor, canary: str) -> dict[str, Any]:
    """What an organisation keeps of a grant, under names that tell whose it is: values by the name of the parameter
    that takes them."""

    def post(path: str, **sent: Any) -> Any:
        headers = {"Authorization": f"Bearer {issue_token(keys, actor)}", **sent.pop("headers", {})}
        answer = client.post(f"/{path}", headers=headers, **sent)
        assert answer.status_code in (200, 201), answer.text
        return answer.json()

    donor = post("reporting/v1/donors", json={"name": canary})["id"]
    grant = post("reporting/v1/grants", json={"donor_id": donor, **_terms(canary)})["id"]
    taken = post(f"reporting/v1/grants/{grant}/expenditures", content=LEDGER, headers={"Content-Type": "text/csv"})
    report = post("reporting/v1/reports", json={"grant_id": grant, "date_from": "2026-07-01", "date_to": "2026-09-30"})[
        "id"
    ]
    post(f"reporting/v1/reports/{report}/draft")  # or the clock would, at a moment of its own
    reader = post("notify/v1/report-readers", json={"grant_id": grant, "address": "quillfeather@donor.example"})["id"]
    return {
        "donor_id": donor,
        "grant_id": grant,
        "import_id": taken["entry"]["id"],
        "schedule_id": post(f"reporting/v1/grants/{grant}/schedules", json={"every": "quarter", "active": False})["id"],
        "report_id": report,
        "reader_id": reader,
        "mail_id": str(uuid7()),
        "indicator": "inc.dead",
        "line": "staff",
        "number": "1",
        "form": "html",
    }


def rows(engine: Engine, organisation_id: UUID) -> list[dict[str, Any]]:
    """Every row of it, and of what hangs on such rows."""
    known, found = {organisation_id}, []
    with reading(engine) as session:
        for table in (Base.metadata.tables[one] for one in KEPT):
            for row in session.execute(select(table)).mappings():
                if not known.isdisjoint(one for one in row.values() if isinstance(one, UUID)):
                    found.append(dict(row))
                    known |= {row["id"]} if "id" in row else set()
    return sorted(found, key=repr)


def ids(row: dict[str, Any]) -> set[str]:
    """The ids in a row."""
    return {str(one) for one in row.values() if isinstance(one, UUID)}


def _terms(canary: str) -> dict[str, Any]:
    return {
        "number": "quillfeather_2026",
        "title": canary,
        "starts_on": "2026-01-01",
        "ends_on": "2026-12-31",
        "time_zone": "Africa/Addis_Ababa",
        "currency": "EUR",
        "sections": ["overall_performance"],
        "budget": [{"code": "staff", "title": canary, "amount": "5000.00"}],
        "targets": [{"indicator": "inc.dead", "baseline": "0", "target": "10"}],
    }
