"""Every event takes effect once and in order, however it is delivered."""

import random
import threading
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import text, update

from shared.database import transaction
from shared.errors import DomainError
from shared.events.envelope import Parts, Undecodable
from shared.messaging import alarms, replay
from shared.messaging.consumer import apply
from shared.messaging.consumer.backoff import BackOff
from shared.messaging.consumer.handlers import runs
from shared.messaging.log import blank_events
from shared.messaging.tables import event_position
from tests.backbone.world import EFFECTS, SOURCE, World
from tests.factories import Factory, NobodyListens, NoteTaken


def fill(world: World, factory: Factory, cases: int = 3, each: int = 4) -> None:
    chosen = factory.cases(cases)
    for _ in range(each):
        world.record(*(factory.note(case) for case in chosen))


@pytest.mark.parametrize("seed", range(4))
def test_duplicates_shuffles_and_losses_change_nothing(world: World, factory: Factory, seed: int) -> None:
    fill(world, factory)
    chance = random.Random(seed)
    sent = [event for event in world.log() * 2 if chance.random() > 0.2]
    chance.shuffle(sent)
    while sent:
        batch, sent = sent[:4], sent[4:]
        world.receive(batch)
    world.catch_up()
    assert world.effects_by_subject() == world.recorded()
    assert world.alarms() == []


def test_a_gap_is_healed_from_the_feed_at_once(world: World, factory: Factory) -> None:
    (case,) = factory.cases(1)
    for _ in range(5):
        world.record(factory.note(case))
    world.receive([world.log()[-1]])
    assert world.effects(case) == [1, 2, 3, 4, 5]


def test_a_long_gap_is_fetched_page_by_page(world: World, factory: Factory, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(apply, "PAGE", 3)
    (case,) = factory.cases(1)
    world.record(*(factory.note(case) for _ in range(10)))
    world.receive([world.log()[-1]])
    assert world.effects(case) == list(range(1, 11))


def test_several_partitions_are_applied_together_and_a_gap_is_left_to_its_own(world: World, factory: Factory) -> None:
    (whole,), (gap,) = factory.cases(1, partition=2), factory.cases(1, partition=6)
    for _ in range(2):
        world.record(factory.note(whole), factory.note(gap))
    batches = {2: world.log(2), 6: world.log(6)[1:]}
    assert world.consumer.receive_together(SOURCE, batches) == {2}
    assert world.consumer.receive_together(SOURCE, batches) == {2}
    assert (world.effects(whole), world.effects(gap)) == ([1, 2], [])
    world.consumer.receive(SOURCE, 6, batches[6])
    assert world.effects(gap) == [1, 2]


def test_nothing_is_applied_together_when_one_event_fails(world: World, factory: Factory) -> None:
    (well,), (sick,) = factory.cases(1, partition=2), factory.cases(1, partition=6)
    world.record(factory.note(well), factory.note(sick))
    world.poison = lambda event: DomainError("refused") if event.subject == f"case/{sick}" else None
    assert world.consumer.receive_together(SOURCE, {2: world.log(2), 6: world.log(6)}) == set()
    assert (world.effects(), world.holds()) == ([], [])
    assert [at.position for at in world.consumer.cursors(SOURCE, (2, 6)).values()] == [0, 0]


def test_a_message_with_changed_bytes_is_refetched_and_nothing_else_happens(world: World, factory: Factory) -> None:
    (case,) = factory.cases(1)
    world.record(factory.note(case), factory.note(case))
    first, second = world.log()
    changed = replace(first, parts=replace(first.parts, counts='{"dead":9}'))
    world.receive([changed, second])
    assert world.effects(case) == [1, 2]
    assert world.alarms() == []


def test_a_source_restored_from_an_old_backup_stops_the_partition_with_an_alarm(world: World, factory: Factory) -> None:
    (case,) = factory.cases(1)
    world.record(factory.note(case), factory.note(case))
    world.catch_up()
    with transaction(world.source) as session:
        session.execute(update(event_position).where(event_position.c.position == 2).values(hash=b"of another history"))
    world.record(factory.note(case))
    world.catch_up()
    world.catch_up()
    (alarm,) = world.alarms()
    assert (alarm.kind, alarm.stops, alarm.position) == (alarms.HISTORY_CHANGED, True, 2)
    assert world.effects(case) == [1, 2]


def test_a_source_that_lost_its_newest_events_is_noticed_by_the_reconciler(world: World, factory: Factory) -> None:
    (case,) = factory.cases(1)
    world.record(factory.note(case), factory.note(case))
    world.catch_up()
    with transaction(world.source) as session:
        session.execute(text("DELETE FROM event_position WHERE position = 2"))
    world.reconciler().reconcile()
    assert [alarm.kind for alarm in world.alarms()] == [alarms.HISTORY_CHANGED]


def test_a_stopped_partition_goes_on_when_it_is_resumed(world: World, factory: Factory) -> None:
    (case,) = factory.cases(1)
    world.record(factory.note(case))
    world.catch_up()
    partition = world.log()[0].partition
    good = world.log()[0].hash
    with transaction(world.source) as session:
        session.execute(update(event_position).values(hash=b"?"))
    world.catch_up()
    assert [alarm.kind for alarm in world.alarms()] == [alarms.HISTORY_CHANGED]
    with transaction(world.source) as session:
        session.execute(update(event_position).values(hash=good))
    world.record(factory.note(case))
    world.receive(world.log())
    assert world.effects(case) == [1]
    replay.resume(world.consumer, SOURCE, partition)
    assert world.effects(case) == [1, 2]
    assert world.alarms() == []


def test_a_type_nobody_listens_to_advances_the_cursor(world: World, factory: Factory) -> None:
    (case,) = factory.cases(1)
    unheard = NobodyListens(**factory.note(case).model_dump())
    world.record(factory.note(case), unheard, factory.note(case))
    world.catch_up()
    assert world.effects(case) == [1, 3]
    assert max(head.position for head in world.consumer.cursors(SOURCE).values()) == 3


def test_bytes_that_are_no_event_keep_their_place_in_the_feed(world: World, factory: Factory) -> None:
    (case,) = factory.cases(1)
    world.record(factory.note(case))
    broken = replace(world.log()[0], parts=Parts("{}", "{}", None, None, None, b"", b""))
    with pytest.raises(Undecodable):
        _ = broken.subject
    world.receive([broken])
    assert world.effects(case) == [1]


def test_a_missing_table_holds_nothing_and_the_partition_goes_on_when_it_is_back(
    world: World, factory: Factory
) -> None:
    (case,) = factory.cases(1)
    world.record(factory.note(case))
    partition = world.log()[0].partition
    EFFECTS.drop_all(world.target)
    backoff = BackOff(world.consumer)
    key = (SOURCE, partition)
    assert not backoff.attempt(key, lambda: world.consumer.catch_up(*key))
    (alarm,) = world.alarms()
    assert (alarm.kind, alarm.stops) == (alarms.RETRYING, False)
    assert world.holds() == []
    EFFECTS.create_all(world.target)
    backoff = BackOff(world.consumer)
    assert backoff.attempt(key, lambda: world.consumer.catch_up(*key))
    assert world.effects(case) == [1]
    assert world.alarms() == []


def test_two_consumers_at_once_apply_each_event_once(world: World, factory: Factory) -> None:
    fill(world, factory, cases=4, each=6)
    other = world.another_consumer(world.database.again(world.database.url_of(world.target), "reporting"))
    events = world.log()

    def consume(consumer: Any, seed: int) -> None:
        chance = random.Random(seed)
        for _ in range(12):
            event = chance.choice(events)
            consumer.receive(SOURCE, event.partition, [event])

    threads = [threading.Thread(target=consume, args=(c, n)) for n, c in enumerate((world.consumer, other))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    world.catch_up()
    assert world.effects_by_subject() == world.recorded()


def test_erased_events_are_counted_and_change_no_order(world: World, factory: Factory) -> None:
    (case,), person = factory.cases(1), factory.id()
    world.record(factory.note(case, person_id=person), factory.note(case))
    with transaction(world.source) as session:
        assert blank_events(session, person) == 1
    first, second = world.log()
    assert first.erased
    assert not second.erased
    assert first.fits(bytes(32))
    assert second.fits(first.hash)
    world.catch_up()
    assert world.effects(case) == [1, 2]
    assert world.alarms() == []


class _Seen:
    """As much of an event as grouping looks at."""

    def __init__(self, number: int, subject: str, kind: str) -> None:
        self.number, self.subject, self.kind = number, subject, kind


@given(st.lists(st.tuples(st.sampled_from("abc"), st.sampled_from("XYZ")), max_size=30))
def test_runs_are_of_one_kind_and_keep_the_order_of_each_subject(pairs: list[tuple[str, str]]) -> None:
    events: list[Any] = [_Seen(number, subject, kind) for number, (subject, kind) in enumerate(pairs)]
    grouped = list(runs(events))
    assert sorted(e.number for run in grouped for e in run) == list(range(len(events)))
    for run in grouped:
        assert len({e.kind for e in run}) == 1
    for subject in "abc":
        numbers = [e.number for run in grouped for e in run if e.subject == subject]
        assert numbers == sorted(numbers)


def test_many_kinds_in_one_batch_take_effect_in_each_cases_order(world: World, factory: Factory) -> None:
    cases = factory.cases(3)
    for _ in range(3):
        world.record(*(factory.incident(case_id=case) for case in cases))
        world.record(*(factory.note(case) for case in cases))
    world.receive(world.log())
    assert world.effects_by_subject() == world.recorded()
    assert NoteTaken in world.consumer.subscriptions.projections
