"""Every committed event gets the next position of its partition; no event is ever skipped."""

import random
import threading
from typing import Any

import pytest
from sqlalchemy import select

from shared.database import reading, transaction
from shared.messaging import sequencer as sequencing
from shared.messaging import settling
from shared.messaging.log import record
from shared.messaging.sequencer import Sequencer, heads, unsequenced
from shared.messaging.tables import sequencer_floor
from tests.backbone.world import SOURCE, World, assert_gapless, positions_of
from tests.databases import Databases
from tests.factories import Factory


def test_racing_transactions_are_sequenced_in_the_order_of_their_commits(world: World, factory: Factory) -> None:
    cases = factory.cases(4)
    done = threading.Event()

    def write(number: int) -> None:
        chance = random.Random(number)
        for _ in range(15):
            with transaction(world.source) as session:
                chosen = chance.sample(cases, k=2)
                record(session, *(factory.note(case) for case in chosen))

    def sequence() -> None:
        sequencer = Sequencer(world.source)
        while not done.is_set():
            sequencer.sequence()

    writers = [threading.Thread(target=write, args=(n,)) for n in range(4)]
    sequencers = [threading.Thread(target=sequence) for _ in range(2)]
    for thread in writers + sequencers:
        thread.start()
    for thread in writers:
        thread.join()
    done.set()
    for thread in sequencers:
        thread.join()
    world.sequence()
    assert_gapless(world.source)
    assert sum(len(events) for events in positions_of(world.source).values()) == 120
    world.catch_up()
    assert world.effects_by_subject() == world.recorded()


def test_a_rolled_back_event_leaves_no_gap_in_the_positions(world: World, factory: Factory) -> None:
    case = factory.id()
    world.record(factory.note(case))
    with transaction(world.source) as session:
        record(session, factory.note(case))
        session.rollback()
    world.record(factory.note(case))
    assert_gapless(world.source)
    assert len(world.log()) == 2


def test_the_first_event_of_a_log_is_sequenced_by_a_sequencer_that_looked_before_it(
    world: World, factory: Factory
) -> None:
    for _ in range(3):
        assert not world.sequencer.sequence()
    world.record(factory.note(factory.id()))
    assert len(world.log()) == 1


def open_transaction(world: World, factory: Factory, case: Any) -> tuple[Any, Any]:
    """A transaction that has recorded and not committed yet (PostgreSQL alone: SQLite has one writer)."""
    opened = transaction(world.source)
    session = opened.__enter__()
    record(session, factory.note(case))
    return opened, session


def test_an_event_that_commits_long_after_later_ones_is_still_sequenced(
    postgres: Databases, keys: Any, factory: Factory
) -> None:
    world = World(postgres, keys)
    late, early = factory.cases(2)
    opened, _ = open_transaction(world, factory, late)
    for _ in range(20):
        world.record(factory.note(early))
        world.sequencer.sequence()
    opened.__exit__(None, None, None)
    world.sequence()
    assert world.recorded() == {f"case/{early}": list(range(1, 21)), f"case/{late}": [1]}
    world.catch_up()
    assert world.effects_by_subject() == world.recorded()


@pytest.mark.parametrize("seed", range(6))
def test_no_interleaving_of_transactions_hides_an_event_from_the_floor(
    postgres: Databases, keys: Any, factory: Factory, seed: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sequencing, "FLOOR_SAVED_EVERY", 1)
    monkeypatch.setattr(settling, "KEPT", 3)
    world, chance = World(postgres, keys), random.Random(seed)
    idle = factory.cases(6)
    opened: list[tuple[Any, Any, Any]] = []
    for _ in range(60):
        match chance.choice(("begin", "commit", "roll back", "sequence", "sequence", "few", "restart")):
            case "begin" if idle:
                case = idle.pop()
                opened.append((*open_transaction(world, factory, case), case))
            case "commit" if opened:
                one, _, case = opened.pop(chance.randrange(len(opened)))
                one.__exit__(None, None, None)
                idle.append(case)
            case "roll back" if opened:
                one, session, case = opened.pop(chance.randrange(len(opened)))
                session.rollback()
                one.__exit__(None, None, None)
                idle.append(case)
            case "sequence":
                world.sequencer.sequence()
            case "few":
                world.sequencer.sequence(limit=1)
            case "restart":
                world.sequencer = Sequencer(world.source)
    for one, _, _ in opened:
        one.__exit__(None, None, None)
    world.sequence()
    assert_gapless(world.source)
    world.catch_up()
    assert world.effects_by_subject() == world.recorded()


def test_a_restarted_sequencer_goes_on_from_the_saved_floor(
    world: World, factory: Factory, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sequencing, "FLOOR_SAVED_EVERY", 1)
    case = factory.id()
    for _ in range(5):
        world.record(factory.note(case))
        world.sequence()
    with reading(world.source) as session:
        floor = session.scalar(select(sequencer_floor.c.ordinal))
    assert floor is not None
    assert 0 < floor <= 5
    world.sequencer = Sequencer(world.source)
    world.record(factory.note(case))
    assert_gapless(world.source)
    assert len(world.log()) == 6


def test_two_sequencers_at_once_give_each_position_once(world: World, factory: Factory) -> None:
    cases = factory.cases(5)
    other = Sequencer(world.database.again(world.database.url_of(world.source), SOURCE))
    for _ in range(8):
        with transaction(world.source) as session:
            record(session, *(factory.note(case) for case in cases))
    passes = [
        threading.Thread(target=lambda one=one: [one.sequence(limit=3) for _ in range(20)])
        for one in (world.sequencer, other)
    ]
    for thread in passes:
        thread.start()
    for thread in passes:
        thread.join()
    world.sequence()
    assert_gapless(world.source)
    assert len(world.log()) == 40


def test_the_heads_and_what_waits_are_told(world: World, factory: Factory) -> None:
    case = factory.id()
    with transaction(world.source) as session:
        record(session, factory.note(case))
    with reading(world.source) as session:
        count, age = unsequenced(session)
        assert count == 1
        assert 0 <= age < 60
    world.sequence()
    (event,) = world.log()
    with reading(world.source) as session:
        assert unsequenced(session) == (0, 0.0)
        found = heads(session)
    assert (found[event.partition].position, found[event.partition].hash) == (1, event.hash)
    assert sum(head.position for head in found.values()) == 1
