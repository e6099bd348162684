"""What a monitor is told of the backbone: figures that are true at the moment it asks."""

from __future__ import annotations

import pytest
from prometheus_client import CollectorRegistry
from sqlalchemy import update

from shared.database import transaction
from shared.errors import DomainError
from shared.messaging import alarms
from shared.messaging.consumer.cursor import Place
from shared.messaging.feed import FeedUnavailable
from shared.messaging.log import record
from shared.messaging.tables import head
from shared.metrics import LogFigures, ReadingFigures
from tests.backbone.world import LISTENER, SOURCE, World
from tests.factories import Factory


def figure(world: World, name: str, **labels: str) -> float | None:
    """One figure of the two services as a worker with a broker and partitions 0 to 3 tells it."""
    registry = CollectorRegistry()
    registry.register(LogFigures(SOURCE, world.source, published=True))
    registry.register(ReadingFigures(world.consumer, range(4)))
    return registry.get_sample_value(f"kinbridge_{name}", labels)


def lag(world: World, partition: int) -> float | None:
    return figure(world, "lag_events", service=LISTENER, source=SOURCE, partition=str(partition))


def test_lag_is_what_a_partition_has_still_to_apply(world: World, factory: Factory) -> None:
    near, far = factory.cases(1, partition=2)[0], factory.cases(1, partition=5)[0]
    world.record(*(factory.note(near) for _ in range(3)), factory.note(far))
    assert (lag(world, 2), lag(world, 3)) == (3, 0)
    assert lag(world, 5) is None  # another worker's partition
    world.catch_up()
    assert lag(world, 2) == 0


def test_recorded_events_without_a_position_are_counted_with_the_age_of_the_oldest(
    world: World, factory: Factory
) -> None:
    assert figure(world, "unsequenced_oldest_seconds", service=SOURCE) == 0
    with transaction(world.source) as session:
        record(session, *(factory.note(case) for case in factory.cases(4)))
    assert figure(world, "unsequenced_events", service=SOURCE) == 4
    age = figure(world, "unsequenced_oldest_seconds", service=SOURCE)
    assert age is not None
    assert 0 < age < 30
    world.sequence()
    assert figure(world, "unsequenced_events", service=SOURCE) == 0


def test_events_that_the_broker_has_not_confirmed_are_counted_with_the_age_of_the_oldest(
    world: World, factory: Factory
) -> None:
    (case,) = factory.cases(1, partition=1)
    world.record(*(factory.note(case) for _ in range(3)))
    assert figure(world, "log_events", service=SOURCE, partition="1") == 3
    assert figure(world, "unpublished_events", service=SOURCE, partition="1") == 3
    assert (figure(world, "unpublished_oldest_seconds", service=SOURCE) or 0) > 0
    with transaction(world.source) as session:
        session.execute(update(head).where(head.c.partition == 1).values(published=2))
    assert figure(world, "unpublished_events", service=SOURCE, partition="1") == 1
    with transaction(world.source) as session:
        session.execute(update(head).where(head.c.partition == 1).values(published=3))
    assert figure(world, "unpublished_oldest_seconds", service=SOURCE) == 0


def test_holds_and_alarms_are_counted_by_source_and_kind(world: World, factory: Factory) -> None:
    sick, well = factory.cases(2, partition=3)
    assert figure(world, "held_subjects", service=LISTENER, source=SOURCE) == 0
    world.poison = lambda event: DomainError("no") if event.subject == f"case/{sick}" else None
    world.record(factory.note(sick), factory.note(well))
    world.catch_up()
    with transaction(world.target) as session:
        alarms.raise_alarm(session, alarms.HISTORY_CHANGED, Place(LISTENER, SOURCE, 0), 1)
    assert figure(world, "held_subjects", service=LISTENER, source=SOURCE) == 1
    told = {kind: figure(world, "alarms", service=LISTENER, kind=kind) for kind in alarms.KINDS}
    assert told == dict.fromkeys(alarms.KINDS, 0) | {alarms.HISTORY_CHANGED: 1}


def test_a_source_that_does_not_answer_has_no_lag_and_says_so(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    def silent() -> None:
        raise FeedUnavailable("The feed does not answer.")

    assert figure(world, "source_answers", service=LISTENER, source=SOURCE) == 1
    monkeypatch.setattr(world.feed, "heads", silent)
    assert figure(world, "source_answers", service=LISTENER, source=SOURCE) == 0
    assert lag(world, 2) is None
    assert figure(world, "held_subjects", service=LISTENER, source=SOURCE) == 0
