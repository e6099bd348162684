"""From a figure back to the log, for an auditor."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

from sqlalchemy import Engine

from services.reporting.subscribers import PROJECTIONS, REACTIONS
from shared.crypto import KeyRing
from shared.database import transaction
from shared.events import Event, IncidentCounts
from shared.events.envelope import PARTITIONS
from shared.messaging.consumer import Consumer, Subscriptions
from shared.messaging.feed import LocalFeed
from shared.messaging.log import record
from shared.messaging.sequencer import Sequencer
from tests.factories import ORGANISATION
from tests.reporting.grants.conftest import APPROVER, AUDITOR, FINANCE, LEDGER, MANAGER, SECOND_FINANCE, Office


class Source:
    """Intake's log, and reporting behind it."""

    def __init__(self, engine: Engine, office: Office) -> None:
        self.engine = engine
        feeds = {"intake": LocalFeed(engine, "intake")}
        subscriptions = Subscriptions(PROJECTIONS, REACTIONS)
        self.consumer = Consumer("reporting", office.engine, feeds, subscriptions, office.keys)
        self.consumer.prepare()

    def tell(self, *events: Event) -> None:
        with transaction(self.engine) as session:
            record(session, *events)
        Sequencer(self.engine).sequence()
        for partition in range(PARTITIONS):
            self.consumer.catch_up("intake", partition)


def test_the_facts_of_an_issue_are_those_up_to_the_positions_that_it_covers(
    database: Callable[[str], Engine], keys: KeyRing
) -> None:
    office = Office(database("reporting"), keys)
    source = Source(database("intake"), office)

    def incident(day: str) -> Event:
        on = date.fromisoformat(day)
        return office.factory.incident(counts=IncidentCounts(dead=2), occurred_from=on, occurred_to=on)

    in_july = {"occurred_from": date(2026, 7, 5), "occurred_to": date(2026, 7, 5), "organisation_id": ORGANISATION}
    inside: list[Any] = [incident("2026-07-05"), incident("2026-09-30")]
    source.tell(*inside, incident("2026-06-30"))
    report = office.opened(office.grant())
    office.published(report)
    late = incident("2026-08-01")
    source.tell(late)

    def behind(query: str) -> list[dict[str, Any]]:
        told = office.done(AUDITOR, "GET", f"/reports/{report}/facts?indicator=inc.dead{query}")
        return list(told["facts"])

    def ids(facts: list[dict[str, Any]]) -> set[str]:
        return {one["fact_id"] for one in facts}

    frozen, now = behind("&number=1"), behind("")
    assert len(frozen) == 2
    assert len(now) == 3
    assert ids(frozen) < ids(now)
    source.tell(office.factory.correction(case_id=inside[0].case_id, counts=IncidentCounts(dead=3), **in_july))
    told = office.done(AUDITOR, "GET", f"/reports/{report}/facts?indicator=inc.dead&number=1")
    assert (len(told["facts"]), told["later"]) == (1, 2), "of the other the log has a correction, and one came late"
    assert all(one["source"] == "intake" and one["position"] >= 1 for one in now)
    issue = office.done(MANAGER, "GET", f"/reports/{report}/issues/1")
    covered = {(one["source"], one["partition"]): one["position"] for one in issue["covers"]}
    assert all(one["position"] <= covered[one["source"], one["partition"]] for one in frozen)
    assert office.asks(AUDITOR, "GET", f"/reports/{report}/facts?indicator=inc.dead&number=2").status_code == 404


def test_figures_since_the_grant_began_and_of_a_month_have_facts_of_their_own(
    database: Callable[[str], Engine], keys: KeyRing
) -> None:
    office = Office(database("reporting"), keys)
    source = Source(database("intake"), office)
    days = [date.fromisoformat(day) for day in ("2026-01-02", "2026-07-05", "2026-08-01", "2026-10-01")]
    source.tell(
        *(
            office.factory.incident(counts=IncidentCounts(dead=2), route="Darien", occurred_from=day, occurred_to=day)
            for day in days
        )
    )
    report = office.opened(office.grant())

    def behind(query: str) -> tuple[str, str, int]:
        told = office.done(AUDITOR, "GET", f"/reports/{report}/facts?indicator=inc.dead{query}")
        return told["date_from"], told["date_to"], len(told["facts"])

    assert behind("") == behind("&over=period") == ("2026-07-01", "2026-09-30", 2)
    assert behind("&over=grant") == ("2026-01-01", "2026-09-30", 3)
    assert behind("&over=2026-08") == ("2026-08-01", "2026-08-31", 1)
    assert behind("&over=grant&route=Darien")[2] == 3
    assert behind("&over=grant&route=unknown")[2] == 0
    for wrong in ("over=2026-10", "over=2026-13", "over=year", "sex=female", "colour=red"):
        assert office.asks(AUDITOR, "GET", f"/reports/{report}/facts?indicator=inc.dead&{wrong}").status_code == 422


def test_the_rows_of_the_ledger_behind_an_issue_are_those_that_were_signed_when_it_was_made(office: Office) -> None:
    grant = office.grant()
    imported = office.done(FINANCE, "POST", f"/grants/{grant['id']}/expenditures", LEDGER)["entry"]
    report = office.opened(grant)

    def behind(query: str) -> list[tuple[str, int, str, str]]:
        told = office.done(AUDITOR, "GET", f"/reports/{report}/entries?line=kits{query}")
        assert told["currency"] == "EUR"
        return [(one["spent_on"], one["row"], one["converted"], one["signed_role"]) for one in told["entries"]]

    office.published(report)
    assert behind("") == []
    office.done(SECOND_FINANCE, "POST", f"/expenditures/{imported['id']}/signature")
    row = ("2026-08-02", 3, "750.00", "finance officer")
    assert behind("") == behind("&over=grant") == behind("&over=2026-08") == [row]
    assert behind("&over=2026-07") == []
    assert behind("&number=1") == []
    office.done(APPROVER, "POST", f"/reports/{report}/restatement", {"why": "Signed late."})
    office.published(report)
    assert behind("&number=2") == [row]
    assert office.asks(AUDITOR, "GET", f"/reports/{report}/entries?line=cars").status_code == 404
    assert office.asks(MANAGER, "GET", f"/reports/{report}/entries?line=kits").status_code == 403
