"""A poison event stops only its own case, visibly, until it is replayed or discarded."""

import random
import threading
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import select, update

from shared.database import transaction, utc_now
from shared.errors import Conflict, DomainError, NotFound, NotYet
from shared.messaging import alarms, feed, replay
from shared.messaging.consumer import apply
from shared.messaging.tables import discarded, held
from tests.backbone.world import SOURCE, World
from tests.factories import ANOTHER_ORGANISATION, ORGANISATION, Factory, NoteTakenLater


def refuse(*places: tuple[UUID, int]) -> Any:
    """Poison: the handler refuses these (case, seq)."""
    named = {(f"case/{case}", seq) for case, seq in places}
    return lambda event: DomainError("no") if (event.subject, event.seq) in named else None


def nothing(_event: Any) -> None:
    return None


def test_a_poison_event_holds_its_own_case_only(world: World, factory: Factory) -> None:
    sick, well = factory.cases(2, partition=3)
    world.poison = refuse((sick, 2))
    for _ in range(3):
        world.record(factory.note(sick), factory.note(well))
    world.receive(world.log())
    assert world.effects(sick) == [1]
    assert world.effects(well) == [1, 2, 3]
    (hold,) = world.holds()
    assert (hold.subject, hold.first_position, hold.last_position) == (f"case/{sick}", 3, 5)
    assert hold.error_class == "shared.errors.DomainError"
    assert world.announced() == [("case.held", f"case/{sick}")]


def test_a_replay_applies_what_was_skipped_and_tells_the_others(world: World, factory: Factory) -> None:
    (sick,) = factory.cases(1)
    world.poison = refuse((sick, 1))
    world.record(*(factory.note(sick) for _ in range(3)))
    world.catch_up()
    assert replay.replay(world.consumer, SOURCE, f"case/{sick}") == "still_held"
    world.poison = nothing
    assert replay.replay(world.consumer, SOURCE, f"case/{sick}") == "ended"
    assert replay.replay(world.consumer, SOURCE, f"case/{sick}") == "not_held"
    assert world.effects(sick) == [1, 2, 3]
    assert [kind for kind, _ in world.announced()] == ["case.held", "case.hold_ended"]
    world.record(factory.note(sick))
    world.catch_up()
    assert world.effects(sick) == [1, 2, 3, 4]


def test_a_replay_longer_than_a_page_ends_the_hold(
    world: World, factory: Factory, monkeypatch: pytest.MonkeyPatch
) -> None:
    for module in (feed, replay, apply):
        monkeypatch.setattr(module, "PAGE", 2)
    (sick,) = factory.cases(1)
    world.poison = refuse((sick, 1))
    world.record(*(factory.note(sick) for _ in range(5)))
    world.catch_up()
    world.poison = nothing
    assert replay.replay(world.consumer, SOURCE, f"case/{sick}") == "ended"
    assert world.effects(sick) == [1, 2, 3, 4, 5]


def test_a_replay_that_fails_at_a_later_event_keeps_what_it_did(world: World, factory: Factory) -> None:
    (sick,) = factory.cases(1)
    world.poison = refuse((sick, 1))
    world.record(*(factory.note(sick) for _ in range(4)))
    world.catch_up()
    world.poison = refuse((sick, 3))
    assert replay.replay(world.consumer, SOURCE, f"case/{sick}") == "still_held"
    assert world.effects(sick) == [1, 2]
    (hold,) = world.holds()
    assert (hold.first_position, hold.attempts) == (3, 2)
    world.poison = nothing
    assert replay.replay(world.consumer, SOURCE, f"case/{sick}") == "ended"
    assert world.effects(sick) == [1, 2, 3, 4]


def test_a_replay_under_live_traffic_finishes_the_case_and_keeps_its_order(world: World, factory: Factory) -> None:
    sick, well = factory.cases(2, partition=1)
    world.poison = refuse((sick, 1))
    world.record(factory.note(sick))
    world.catch_up()
    world.poison = nothing
    ended = threading.Event()

    def operate() -> None:
        chance = random.Random(5)
        while not ended.is_set():
            replay.replay(world.consumer, SOURCE, f"case/{sick}")
            ended.wait(chance.random() / 100)

    operator = threading.Thread(target=operate)
    operator.start()
    for _ in range(15):
        world.record(factory.note(sick), factory.note(well))
        world.consumer.catch_up(SOURCE, 1)
    ended.set()
    operator.join()
    replay.replay(world.consumer, SOURCE, f"case/{sick}")
    assert world.effects_by_subject() == world.recorded()
    assert world.holds() == []


def test_an_event_skipped_while_the_feed_was_read_is_replayed_too(
    world: World, factory: Factory, monkeypatch: pytest.MonkeyPatch
) -> None:
    (sick,) = factory.cases(1)
    world.poison = refuse((sick, 1))
    world.record(factory.note(sick))
    world.catch_up()
    world.poison = nothing
    read, meanwhile = world.feed.of_subject, [factory.note(sick)]

    def slow(*asked: Any) -> list[Any]:
        events = read(*asked)
        while meanwhile:
            world.record(meanwhile.pop())
            world.catch_up()
        return events

    monkeypatch.setattr(world.feed, "of_subject", slow)
    assert replay.replay(world.consumer, SOURCE, f"case/{sick}") == "ended"
    world.record(factory.note(sick))
    world.catch_up()
    assert world.effects(sick) == [1, 2, 3]


def test_a_discarded_event_is_skipped_and_says_who_and_why(world: World, factory: Factory) -> None:
    (sick,) = factory.cases(1)
    world.poison = refuse((sick, 2))
    world.record(*(factory.note(sick) for _ in range(3)))
    world.catch_up()
    with pytest.raises(Conflict, match="Say why"):
        replay.discard(world.consumer, SOURCE, f"case/{sick}", by="operator", reason=" ")
    assert replay.discard(world.consumer, SOURCE, f"case/{sick}", by="operator 7", reason="a test row") == "ended"
    assert world.effects(sick) == [1, 3]
    (row,) = world.rows(select(discarded))
    assert (row.position, row.subject) == (2, f"case/{sick}")
    assert (row.discarded_by, row.reason) == ("operator 7", "a test row")
    with pytest.raises(NotFound):
        replay.discard(world.consumer, SOURCE, f"case/{sick}", by="operator 7", reason="again")


def test_three_subjects_of_two_organisations_failing_alike_stop_the_partition_until_resumed(
    world: World, factory: Factory
) -> None:
    cases = factory.cases(4, partition=2)
    world.poison = refuse(*((case, 1) for case in cases))
    for case, organisation in zip(cases, (ORGANISATION, ORGANISATION, ANOTHER_ORGANISATION, ORGANISATION), strict=True):
        world.record(factory.note(case, organisation_id=organisation))
    world.receive(world.log())
    (alarm,) = world.alarms()
    assert (alarm.kind, alarm.stops, alarm.position) == (alarms.FAILING_ALIKE, True, 3)
    assert len(world.holds()) == 2
    world.catch_up()
    assert len(world.holds()) == 2
    world.poison = nothing
    replay.resume(world.consumer, SOURCE, 2)
    for case in cases:
        replay.replay(world.consumer, SOURCE, f"case/{case}")
    assert world.effects_by_subject() == world.recorded()
    assert world.alarms() == []
    assert world.holds() == []


def test_failures_with_successes_between_them_are_no_common_fault(world: World, factory: Factory) -> None:
    cases = factory.cases(8, partition=2)
    world.poison = refuse(*((case, 1) for case in cases[::2]))
    for number, case in enumerate(cases):
        organisation = ORGANISATION if number % 4 else ANOTHER_ORGANISATION
        world.record(factory.note(case, organisation_id=organisation))
    world.receive(world.log())
    assert world.alarms() == []
    assert len(world.holds()) == 4


def test_an_unknown_version_of_a_subscribed_type_is_held(world: World, factory: Factory) -> None:
    (case,) = factory.cases(1)
    newer = NoteTakenLater(**factory.note(case).model_dump())
    world.record(factory.note(case), newer, factory.note(case))
    world.catch_up()
    assert world.effects(case) == [1]
    (hold,) = world.holds()
    assert hold.error_class.endswith("UnknownEventVersion")


def test_a_fact_that_is_not_there_yet_is_waited_for_and_retried_without_an_operator(
    world: World, factory: Factory
) -> None:
    (case,) = factory.cases(1)
    world.poison = lambda _event: NotYet("soon")
    world.record(factory.note(case), factory.note(case))
    world.catch_up()
    (hold,) = world.holds()
    assert hold.retry_at is not None
    assert world.announced() == []
    assert replay.retry_due(world.consumer) == 0
    world.poison = nothing
    with transaction(world.target) as session:
        session.execute(update(held).values(retry_at=utc_now() - timedelta(seconds=1)))
    world.reconciler().reconcile()
    assert world.effects(case) == [1, 2]
    assert world.holds() == []


def test_a_wait_that_turns_into_a_refusal_is_announced_once(world: World, factory: Factory) -> None:
    (case,) = factory.cases(1)
    world.poison = lambda _event: NotYet("soon")
    world.record(factory.note(case))
    world.catch_up()
    world.poison = refuse((case, 1))
    replay.replay(world.consumer, SOURCE, f"case/{case}")
    replay.replay(world.consumer, SOURCE, f"case/{case}")
    assert world.announced() == [("case.held", f"case/{case}")]
