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
from tests.reporting.grants.conftest import AUDITOR, MANAGER, Office


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

    inside = [incident("2026-07-05"), incident("2026-09-30")]
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
    assert all(one["source"] == "intake" and one["position"] >= 1 for one in now)
    issue = office.done(MANAGER, "GET", f"/reports/{report}/issues/1")
    covered = {(one["source"], one["partition"]): one["position"] for one in issue["covers"]}
    assert all(one["position"] <= covered[one["source"], one["partition"]] for one in frozen)
    assert office.asks(AUDITOR, "GET", f"/reports/{report}/facts?indicator=inc.dead&number=2").status_code == 404
