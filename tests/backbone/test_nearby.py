"""Events of a source in the same process are handed over behind its commit, and no word is ever trusted."""

from __future__ import annotations

import threading
import time
from functools import partial
from typing import Any

import pytest

from shared.crypto import KeyRing
from shared.database import transaction
from shared.messaging import alarms
from shared.messaging.consumer import nearby
from shared.messaging.consumer.backoff import BackOff
from shared.messaging.consumer.cursor import Place
from shared.messaging.consumer.nearby import Nearby
from shared.messaging.log import record
from shared.messaging.loops import Loops
from shared.messaging.sequencer import News
from shared.messaging.worker import Relay, start_consumer
from tests.backbone.world import LISTENER, SOURCE, World, assert_gapless
from tests.databases import Databases
from tests.factories import Factory, NobodyListens


@pytest.fixture
def ear(world: World) -> Nearby:
    return Nearby(world.consumer, range(8))


def told(world: World, ear: Nearby, *events: Any) -> list[Any]:
    """Record events, give them positions, and tell of them."""
    before = set(world.log())
    world.record(*events)
    new = [event for event in world.log() if event not in before]
    ear.tell(SOURCE, News({event.partition for event in new}, new))
    return new


def apply_due(world: World, ear: Nearby) -> None:
    for (source, partition), events in ear.due().items():
        world.consumer.receive(source, partition, events)


def unheard(factory: Factory, partition: int) -> NobodyListens:
    (case,) = factory.cases(1, partition=partition)
    return NobodyListens(case_id=case, organisation_id=factory.note(case).organisation_id, text="note")


def test_wanted_events_are_due_at_once_with_all_that_waits_in_their_partition(
    world: World, ear: Nearby, factory: Factory
) -> None:
    (case,) = factory.cases(1, partition=3)
    told(world, ear, unheard(factory, 3), unheard(factory, 5))
    ear.due()  # the turn of the first
    told(world, ear, unheard(factory, 3))
    told(world, ear, factory.note(case))
    due = ear.due()
    assert (SOURCE, 3) in due
    assert [event.type for event in due[SOURCE, 3]][-1] == factory.note(case).TYPE


def test_events_that_nobody_waits_for_have_their_turn_now_and_then_while_words_come(
    world: World, ear: Nearby, factory: Factory, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(nearby, "QUIET", 60.0)
    monkeypatch.setattr(nearby, "PASSED_BY_EVERY", 0.2)
    told(world, ear, *(unheard(factory, partition) for partition in range(3)))
    assert len(ear.due()) == 1
    began, turns = time.monotonic(), 0
    while turns < 2:
        turns += len(ear.due())
    assert time.monotonic() - began >= 0.35


def test_when_it_is_quiet_they_follow_one_another_at_once(
    world: World, ear: Nearby, factory: Factory, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(nearby, "PASSED_BY_EVERY", 60.0)
    told(world, ear, *(unheard(factory, partition) for partition in range(4)))
    turns = 0
    until = time.monotonic() + 5
    while turns < 4 and time.monotonic() < until:
        due = ear.due()
        assert len(due) <= 1
        turns += len(due)
    assert turns == 4


def test_more_than_is_kept_comes_from_the_feed(
    world: World, ear: Nearby, factory: Factory, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(nearby, "KEPT", 3)
    (case,) = factory.cases(1)
    for _ in range(8):
        world.record(factory.note(case))
    ear.tell(SOURCE, News({world.log()[0].partition}, world.log()))
    (events,) = ear.due().values()
    assert len(events) <= 3
    world.receive(events)
    assert world.effects(case) == list(range(1, 9))


def test_words_that_come_in_the_wrong_order_or_not_at_all_change_nothing(
    world: World, ear: Nearby, factory: Factory
) -> None:
    (case,) = factory.cases(1)
    for _ in range(5):
        world.record(factory.note(case))
    log = world.log()
    for news in ([log[2]], [log[1]], [log[4]], [log[4]]):
        ear.tell(SOURCE, News({news[0].partition}, news))
        apply_due(world, ear)
    assert world.effects(case) == [1, 2, 3, 4, 5]
    assert world.alarms() == []


def test_what_is_recorded_beside_a_relay_arrives_and_a_rollback_leaves_no_trace(world: World, factory: Factory) -> None:
    loops, cases = Loops(), factory.cases(3)
    try:
        tell = start_consumer(loops, world.consumer, None, signalled=True)
        Relay(world.source, SOURCE, on_positions=[tell]).start(loops)

        def write(turns: int) -> None:
            for turn in range(turns):
                with transaction(world.source) as session:
                    record(session, *(factory.note(case) for case in cases))
                    if turn % 3 == 2:
                        session.rollback()

        writers = [threading.Thread(target=partial(write, 9)) for _ in range(3)]
        for thread in writers:
            thread.start()
        for thread in writers:
            thread.join()
        until = time.monotonic() + 20
        while len(world.effects()) < 54 and time.monotonic() < until:
            time.sleep(0.02)
    finally:
        loops.end()
    assert_gapless(world.source)
    assert world.effects_by_subject() == world.recorded()
    assert len(world.effects()) == 54


def test_a_consumer_that_starts_takes_back_the_retrying_alarm_of_one_that_was_killed(world: World) -> None:
    place = Place(LISTENER, SOURCE, 4)
    with transaction(world.target) as session:
        alarms.raise_alarm(session, alarms.RETRYING, place, 0, error=OSError())
        alarms.raise_alarm(session, alarms.HISTORY_CHANGED, place, 1, stops=True)
    loops = Loops()
    start_consumer(loops, world.consumer, None)
    loops.end()
    assert [alarm.kind for alarm in world.alarms()] == [alarms.HISTORY_CHANGED]


def test_a_partition_that_fails_pauses_and_its_events_come_with_the_next_word(
    world: World, ear: Nearby, factory: Factory
) -> None:
    (case,) = factory.cases(1)
    told(world, ear, factory.note(case))
    (place,) = ear.due()
    backoff = BackOff(world.consumer)
    assert not backoff.attempt(place, lambda: (_ for _ in ()).throw(OSError()))
    told(world, ear, factory.note(case))
    apply_due(world, ear)
    assert world.effects(case) == [1, 2]


def test_in_one_process_a_fact_has_its_position_with_its_commit(
    sqlite: Databases, keys: KeyRing, factory: Factory
) -> None:
    world = World(sqlite, keys)
    said: list[News] = []
    loops = Loops()
    Relay(world.source, SOURCE, on_positions=[lambda _source, news: said.append(news)]).start(loops, 60.0)
    loops.end()
    assert f"{SOURCE} sequencer" not in {one.name for one in threading.enumerate()}, "the end is not slept through"
    with transaction(world.source) as session:
        record(session, *(factory.note(case) for case in factory.cases(3)))
    (news,) = said
    assert sorted(news.events, key=lambda e: (e.partition, e.position)) == world.log()
    assert news.partitions == {event.partition for event in news.events}
