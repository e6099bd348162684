"""An organisation with a grant, the people who work on its reports, and the donor who reads them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import Engine

from services.reporting import app
from services.reporting.domain import IncidentFact, OrganisationName
from shared.access import Actor, Role, issue_token
from shared.crypto import KeyRing
from shared.database import transaction
from tests.client import TestClient
from tests.factories import ANOTHER_ORGANISATION, ORGANISATION, Factory

DONOR_ORGANISATION = UUID("01900000-0000-7000-8000-0000000000d1")
LEDGER = b"line,date,amount,currency,rate\nstaff,2026-07-10,1000.00,EUR,1\nkits,2026-08-02,100000,ETB,0.0075\n"


def person(number: int, *roles: Role, organisation: UUID = ORGANISATION) -> Actor:
    """Somebody of the staff."""
    return Actor(organisation, roles=frozenset(roles), user_id=UUID(int=number))


MANAGER = person(1, Role.CASE_MANAGER)
FINANCE = person(2, Role.FINANCE_OFFICER)
SECOND_FINANCE = person(3, Role.FINANCE_OFFICER)
APPROVER = person(4, Role.REPORT_APPROVER)
WRITING_APPROVER = person(5, Role.REPORT_APPROVER, Role.CASE_MANAGER)
AUDITOR = person(6, Role.AUDITOR)
DONOR = person(7, Role.DONOR_READER, organisation=DONOR_ORGANISATION)
STRANGER = person(8, Role.CASE_MANAGER, Role.REPORT_APPROVER, Role.FINANCE_OFFICER, organisation=ANOTHER_ORGANISATION)
CASE_WORKER = person(9, Role.CASE_WORKER)


def terms(**given: Any) -> dict[str, Any]:
    """What is sent in for a grant, without its donor."""
    return {
        "number": "echo_2026",
        "title": "Migrants on the Eastern route",
        "donor_organisation_id": str(DONOR_ORGANISATION),
        "starts_on": "2026-01-01",
        "ends_on": "2026-12-31",
        "time_zone": "Africa/Addis_Ababa",
        "currency": "EUR",
        "frameworks": ["SDG 10.7", "GCM 8"],
        "sections": ["overall_performance", "lessons_learned"],
        "budget": [
            {"code": "staff", "title": "Staff", "amount": "5000.00"},
            {"code": "kits", "title": "Hygiene kits", "amount": "2500.50"},
        ],
        "targets": [{"indicator": "inc.dead", "baseline": "0", "target": "10"}],
    } | given


@dataclass
class Office:
    """Reporting over HTTP, as each of these people speaks to it."""

    engine: Engine
    keys: KeyRing
    factory: Factory = field(default_factory=lambda: Factory(seed=77))
    furnished: bool = False

    def __post_init__(self) -> None:
        self.client = TestClient(app.build(self.engine, self.keys), raise_server_exceptions=False)
        if not self.furnished:
            self._furnish()

    def beside(self, engine: Engine) -> Office:
        """The same, as another process serves it."""
        return Office(engine, self.keys, self.factory, furnished=True)

    def _furnish(self) -> None:
        names = {ORGANISATION: "Red Cross A", ANOTHER_ORGANISATION: "Red Cross B", DONOR_ORGANISATION: "A Donor"}
        with transaction(self.engine) as session:
            session.add_all(
                OrganisationName(organisation_id=one, short_name=name.lower(), name=name) for one, name in names.items()
            )

    def asks(self, actor: Actor, method: str, path: str, body: Any = None, **headers: str) -> Any:
        """One request, with a status of any kind."""
        given = {"Authorization": f"Bearer {issue_token(self.keys, actor)}"}
        given |= {name.replace("_", "-"): value for name, value in headers.items()}
        sent: dict[str, Any] = {} if body is None else {"json": body}
        if isinstance(body, bytes):
            given["Content-Type"], sent = "text/csv", {"content": body}
        return self.client.request(method, f"/reporting/v1{path}", headers=given, **sent)

    def done(self, actor: Actor, method: str, path: str, body: Any = None) -> Any:
        """One request that is answered well; its document."""
        answer = self.asks(actor, method, path, body)
        assert answer.status_code in (200, 201), (path, answer.status_code, answer.text)
        return answer.json()

    def grant(self, **given: Any) -> dict[str, Any]:
        """A grant of a donor that is kept from then on."""
        donors = self.done(MANAGER, "GET", "/donors")
        donor = donors[0] if donors else self.done(MANAGER, "POST", "/donors", {"name": "ECHO", "group": "EU"})
        made: dict[str, Any] = self.done(MANAGER, "POST", "/grants", {"donor_id": donor["id"], **terms(**given)})
        return made

    def incident(self, day: str, dead: int) -> None:
        """An incident that is counted."""
        on = date.fromisoformat(day)
        with transaction(self.engine) as session:
            session.add(
                IncidentFact(
                    case_id=self.factory.id(), organisation_id=ORGANISATION, occurred_from=on, occurred_to=on, dead=dead
                )
            )

    def opened(self, grant: dict[str, Any], first: str = "2026-07-01", last: str = "2026-09-30") -> str:
        """A report of that period that is due; its id."""
        asked = {"grant_id": grant["id"], "date_from": first, "date_to": last}
        return str(self.done(MANAGER, "POST", "/reports", asked)["id"])

    def written(self, report: str, keys: tuple[str, ...] = ("overall_performance", "lessons_learned")) -> None:
        """Its sections, written and signed."""
        for key in keys:
            words = {"text": f"About {key}.\n\nAnd more."}
            self.done(MANAGER, "PUT", f"/reports/{report}/sections/{key}", words)
            self.done(MANAGER, "POST", f"/reports/{report}/sections/{key}/signature")

    def submitted(self, report: str) -> None:
        """Drafted, written and handed over."""
        self.done(MANAGER, "POST", f"/reports/{report}/draft")
        self.written(report)
        self.done(MANAGER, "POST", f"/reports/{report}/submission")

    def published(self, report: str, audience: str | None = None) -> dict[str, Any]:
        """Approved and published; how the report stands then."""
        self.submitted(report)
        self.done(APPROVER, "POST", f"/reports/{report}/approval")
        told: dict[str, Any] = self.done(
            APPROVER, "POST", f"/reports/{report}/publication", {"audience": audience} if audience else {}
        )
        return told


@pytest.fixture
def office(database: Callable[[str], Engine], keys: KeyRing) -> Office:
    return Office(database("reporting"), keys)


def at(text: str) -> datetime:
    """A moment."""
    return datetime.fromisoformat(text)
