"""Projections are made anew from the logs; the live tables serve until the swap; reactions are never replayed."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from sqlalchemy import Engine, delete, func, select, update

from services.reporting.domain import IncidentFact
from services.reporting.subscribers import PROJECTED, PROJECTIONS
from shared.crypto import KeyRing
from shared.database import reading, transaction
from shared.errors import Conflict
from shared.events import ImportFinished, Logged
from shared.events.intake import ImportCounts, IncidentCounts
from shared.messaging import replay
from shared.messaging.consumer import Consumer, Subscriptions
from shared.messaging.feed import LocalFeed
from shared.messaging.log import record
from shared.messaging.rebuild import rebuild
from shared.messaging.sequencer import Sequencer
from shared.messaging.tables import held
from tests.factories import ORGANISATION, Factory


class Reporting:
    """Real reporting behind a real log, with a reaction that counts how often it ran."""

    def __init__(self, database: Callable[[str], Engine], keys: KeyRing) -> None:
        self.source, self.target = database("intake"), database("reporting")
        self.reacted = 0
        subscriptions = Subscriptions(PROJECTIONS, {ImportFinished: self._react})
        self.consumer = Consumer(
            "reporting", self.target, {"intake": LocalFeed(self.source, "intake")}, subscriptions, keys
        )
        self.consumer.prepare()

    def _react(self, _session: Any, _event: Logged[Any]) -> None:
        self.reacted += 1

    def record(self, *events: Any, consume: bool = True) -> None:
        with transaction(self.source) as session:
            record(session, *events)
        Sequencer(self.source).sequence()
        if consume:
            self.consume()

    def consume(self) -> None:
        for partition in range(8):
            self.consumer.catch_up("intake", partition)

    def dead(self) -> int:
        with reading(self.target) as session:
            return session.scalar(select(func.coalesce(func.sum(IncidentFact.dead), 0))) or 0

    def spoil(self) -> None:
        """A bug has left wrong figures."""
        with transaction(self.target) as session:
            session.execute(update(IncidentFact).values(dead=999))


@pytest.fixture
def reporting(database: Callable[[str], Engine], keys: KeyRing) -> Reporting:
    return Reporting(database, keys)


def test_a_rebuild_makes_the_figures_right_again_and_replays_no_reaction(reporting: Reporting) -> None:
    factory = Factory()
    incidents = [factory.incident() for _ in range(40)]
    finished = ImportFinished(
        organisation_id=ORGANISATION,
        import_id=factory.id(),
        counts=ImportCounts(rows=1, accepted=1, unchanged=0, refused=0),
        file_name="a.csv",
    )
    reporting.record(*incidents, finished)
    reporting.record(factory.correction(case_id=incidents[0].case_id, counts=IncidentCounts(dead=10)))
    assert (reporting.dead(), reporting.reacted) == (39 * 3 + 10, 1)
    reporting.spoil()
    done = rebuild(reporting.consumer, PROJECTED)
    assert done.rows["incident_fact"] == 40
    assert (reporting.dead(), reporting.reacted) == (39 * 3 + 10, 1)
    reporting.record(factory.incident())
    assert reporting.dead() == 40 * 3 + 10


def test_a_rebuild_ends_where_the_live_consumer_stands(reporting: Reporting) -> None:
    factory = Factory()
    reporting.record(*(factory.incident() for _ in range(20)))
    reporting.record(*(factory.incident() for _ in range(20)), consume=False)
    assert rebuild(reporting.consumer, PROJECTED).rows["incident_fact"] == 20
    reporting.consume()
    assert reporting.dead() == 40 * 3


def test_a_case_that_is_held_stays_held_and_is_applied_once_by_its_replay(reporting: Reporting) -> None:
    factory = Factory()
    first = factory.incident()
    reporting.record(first)
    with transaction(reporting.target) as session:
        session.execute(delete(IncidentFact))
        session.add(
            IncidentFact(
                case_id=first.case_id, organisation_id=ORGANISATION, occurred_from=date.min, occurred_to=date.min
            )
        )
    second = factory.incident()
    with transaction(reporting.target) as session:
        session.add(
            IncidentFact(
                case_id=second.case_id, organisation_id=ORGANISATION, occurred_from=date.min, occurred_to=date.min
            )
        )
    reporting.record(second)
    with reading(reporting.target) as session:
        assert session.scalars(select(held.c.subject)).all() == [f"case/{second.case_id}"]
    rebuild(reporting.consumer, PROJECTED)
    assert reporting.dead() == 3
    assert replay.replay(reporting.consumer, "intake", f"case/{second.case_id}") == "ended"
    assert reporting.dead() == 6


def test_a_rebuild_that_fails_changes_nothing_and_names_the_event(
    reporting: Reporting, monkeypatch: pytest.MonkeyPatch
) -> None:
    factory = Factory()
    reporting.record(factory.incident(), factory.incident())
    reporting.spoil()

    def fail(*_words: Any) -> None:
        raise ValueError("a bug")

    monkeypatch.setattr("services.reporting.subscribers.incidents._fact", fail)
    with pytest.raises(Conflict, match=r"incident\.recorded of case/.* cannot be applied"):
        rebuild(reporting.consumer, PROJECTED)
    assert reporting.dead() == 2 * 999
    monkeypatch.undo()
    rebuild(reporting.consumer, PROJECTED)
    assert reporting.dead() == 6


def test_the_log_of_a_source_restored_from_a_backup_is_taken_up_only_when_told_so(
    reporting: Reporting, database: Callable[[str], Engine], keys: KeyRing
) -> None:
    factory = Factory()
    incidents = [factory.incident() for _ in range(12)]
    reporting.record(*incidents)
    restored = database("intake")
    reporting.consumer.feeds["intake"] = LocalFeed(restored, "intake")  # type: ignore[index]
    with transaction(restored) as session:
        record(session, *(factory.incident() for _ in range(4)))
    Sequencer(restored).sequence()
    reporting.consume()
    before = reporting.dead()
    with pytest.raises(Conflict, match="accept-new-history"):
        rebuild(reporting.consumer, PROJECTED)
    assert reporting.dead() == before
    done = rebuild(reporting.consumer, PROJECTED, accept_new_history=True)
    assert done.rows["incident_fact"] == 4
    with transaction(restored) as session:
        record(session, *(factory.incident() for _ in range(16)))
    Sequencer(restored).sequence()
    reporting.consume()
    assert reporting.dead() == 20 * 3
