"""Turns break off, fail, come at once: every record gets what is its own, and no pair is proposed twice."""

from __future__ import annotations

import threading
import time
from datetime import timedelta

import pytest
from sqlalchemy import select, update

from services.intake.commands.match_index import end_turn, take_turn, write_record
from services.intake.commands.matches import proposing
from services.intake.domain import MatchRecord, Person
from services.intake.matching import VERSION, prepare
from services.intake.pairing import Pairing, start_pairing
from services.intake.queries.compared import compared
from shared.database import reading, transaction, utc_now
from shared.messaging.loops import Loops
from tests.intake.matching.index.conftest import NAME, Matched
from tests.intake.people import person


def time_passes(hub: Matched) -> None:
    """Every claim has ended by itself."""
    with transaction(hub.engine) as session:
        due = update(MatchRecord).where(MatchRecord.attempts > 0)
        session.execute(due.values(next_attempt_at=utc_now()))


def test_a_worker_that_dies_between_keys_and_proposal_costs_a_minute(hub: Matched) -> None:
    sought = hub.sought()
    hub.work()
    found = hub.found()
    with transaction(hub.engine) as session:
        turn = take_turn(session, utc_now())
        assert turn is not None
    with reading(hub.engine) as session:
        known = compared(session, found.person)
        assert known is not None
    with transaction(hub.engine) as session:
        assert write_record(session, turn, known.side, known.case_id, prepare(known.record))
    assert hub.work() == 0, "claimed, until the claim ends"
    assert hub.pairs() == []
    time_passes(hub)
    assert hub.work() == 1
    assert hub.pairs() == [(sought.person, found.person)]


def test_a_worker_that_dies_after_the_proposal_does_no_harm(hub: Matched, monkeypatch: pytest.MonkeyPatch) -> None:
    hub.sought()
    hub.work()
    hub.found()
    pairing = Pairing(hub.engine)
    monkeypatch.setattr("services.intake.pairing.end_turn", _dies)
    with pytest.raises(KeyboardInterrupt):
        pairing.turn()
    monkeypatch.undo()
    assert len(hub.pairs()) == 1
    time_passes(hub)
    hub.work()
    (row,) = hub.rows()
    assert row.version == 1, "nothing was said twice"


def _dies(*_: object) -> None:
    raise KeyboardInterrupt


def test_what_is_marked_anew_during_a_turn_gets_another(hub: Matched) -> None:
    found = hub.found("Bartholomew Oxenstierna")
    with transaction(hub.engine) as session:
        turn = take_turn(session, utc_now())
        assert turn is not None
    with reading(hub.engine) as session:
        known = compared(session, found.person)
        assert known is not None
    body = {"role": "registered", "person": person(NAME)}
    hub.theirs._asked("PUT", f"cases/{found.case}/people/{found.person}", 200, json=body, headers={"If-Match": "*"})
    with transaction(hub.engine) as session:
        assert not write_record(session, turn, known.side, known.case_id, prepare(known.record))
        end_turn(session, turn, known.side, utc_now())
    assert hub.keys_of(found) == 0
    assert hub.work() == 1
    assert hub.keys_of(found) > 0


def test_a_record_that_fails_waits_ever_longer_and_stops_no_other(hub: Matched) -> None:
    sought = hub.sought()
    broken, found = hub.found("Bartholomew Oxenstierna"), hub.found()
    with transaction(hub.engine) as session:
        session.execute(update(Person).where(Person.id == broken.person).values(sealed=b"changed by somebody"))
    pauses = []
    for attempt in (1, 2, 3):
        before = utc_now()
        hub.work()
        row = hub.record(broken)
        assert row is not None
        assert row.next_attempt_at is not None
        assert row.attempts == attempt
        pauses.append(row.next_attempt_at - before)
        time_passes(hub)
    assert hub.pairs() == [(sought.person, found.person)]
    assert pauses[0] >= timedelta(minutes=1)
    assert pauses[2] > pauses[1] > pauses[0]


def test_who_comes_last_has_the_first_turn(hub: Matched) -> None:
    hub.found("Bartholomew Oxenstierna")
    latest = hub.found()
    Pairing(hub.engine).turn()
    assert hub.keys_of(latest) > 0


def test_two_workers_take_two_records(hub_on_postgres: Matched) -> None:
    hub = hub_on_postgres
    hub.sought()
    hub.found()
    with transaction(hub.engine) as one, transaction(hub.engine) as other:
        now = utc_now()
        first, second = take_turn(one, now), take_turn(other, now)
    assert first is not None
    assert second is not None
    assert first.person_id != second.person_id


def test_of_two_who_arrive_at_once_the_later_look_sees_the_other(
    hub_on_postgres: Matched, monkeypatch: pytest.MonkeyPatch
) -> None:
    hub = hub_on_postgres
    sought, found = hub.sought(), hub.found()
    together = threading.Barrier(2)

    def at_once(*given: object) -> bool:
        done = write_record(*given)  # type: ignore[arg-type]
        together.wait(30)
        return done

    monkeypatch.setattr("services.intake.pairing.write_record", at_once)
    threads = [threading.Thread(target=Pairing(hub.engine).turn) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    monkeypatch.undo()
    hub.work()
    assert hub.pairs() == [(sought.person, found.person)]


def test_what_an_older_version_prepared_is_made_anew_and_scored_without_doubling(hub: Matched) -> None:
    sought, found = hub.sought(), hub.found()
    hub.work()
    with transaction(hub.engine) as session:
        session.execute(update(MatchRecord).values(version=VERSION - 1, sealed=b"of an older form"))
    assert hub.work() == 2
    for kept in (sought, found):
        row = hub.record(kept)
        assert row is not None
        assert row.version == VERSION
    assert hub.pairs() == [(sought.person, found.person)]
    assert hub.work() == 0


def test_new_records_come_before_those_of_an_older_version(hub: Matched) -> None:
    old = hub.found("Bartholomew Oxenstierna")
    hub.work()
    with transaction(hub.engine) as session:
        session.execute(update(MatchRecord).values(version=VERSION - 1))
    new = hub.found()
    Pairing(hub.engine).turn()
    assert hub.keys_of(new) > 0
    row = hub.record(old)
    assert row is not None
    assert row.version == VERSION - 1


def test_a_pair_that_is_open_is_scored_anew_also_where_it_is_less_likely_now(
    hub: Matched, monkeypatch: pytest.MonkeyPatch
) -> None:
    sought, found = hub.sought(), hub.found()
    hub.work()
    scored: list[object] = []

    def noted(session: object, pairs: list[proposing.Found], now: object) -> int:
        scored.extend(one.pair for one in pairs)
        return 0

    monkeypatch.setattr("services.intake.pairing.propose", noted)
    body = {"role": "registered", "person": person("Bartholomew Oxenstierna", sex="male")}
    hub.theirs._asked("PUT", f"cases/{found.case}/people/{found.person}", 200, json=body, headers={"If-Match": "*"})
    hub.work()
    assert scored == [(sought.person, found.person)]


def test_a_commit_wakes_the_worker_beside_it(hub: Matched) -> None:
    loops = Loops()
    start_pairing(hub.engine, loops)
    try:
        sought, found = hub.sought(), hub.found()
        late = time.monotonic() + 60
        while hub.pairs() != [(sought.person, found.person)]:
            assert time.monotonic() < late
            time.sleep(0.05)
    finally:
        loops.end()


def test_a_sought_person_is_looked_for_again_and_a_found_one_waits(hub: Matched) -> None:
    hub.sought()
    hub.found()
    hub.work()
    with reading(hub.engine) as session:
        turns = {side: at for side, at in session.execute(select(MatchRecord.side, MatchRecord.next_attempt_at))}
    assert turns["found"] is None
    assert turns["sought"] is not None
