"""An erasure, a withdrawal or an opt-out overtakes a hold, cannot be discarded, and is never undone."""

from typing import Any

import pytest
from sqlalchemy import select

from shared.database import reading
from shared.errors import Conflict, DomainError
from shared.events import PersonErased
from shared.messaging import alarms, replay
from shared.messaging.tables import protective_marker
from tests.backbone.world import SOURCE, World
from tests.factories import Factory


class PersonErasedLater(PersonErased):
    """A version that the listener does not know."""

    VERSION = 2


def refuse(*seqs: int) -> Any:
    return lambda event: DomainError("no") if event.seq in seqs else None


def nothing(_event: Any) -> None:
    return None


def blocked(world: World) -> bool:
    with reading(world.target) as session:
        return alarms.sending_blocked(session)


def test_it_overtakes_a_hold_and_older_events_of_that_person_never_run(world: World, factory: Factory) -> None:
    (case,), person, other = factory.cases(1), factory.id(), factory.id()
    world.poison = refuse(1)
    world.record(
        factory.note(case, person_id=person),
        factory.note(case, person_id=other),
        factory.erasure(case, person),
        factory.note(case, person_id=person),
    )
    world.receive(world.log())
    assert world.effects(case) == [3]
    (marker,) = world.rows(select(protective_marker))
    assert (marker.seq, marker.person_id, marker.purpose) == (3, person, "*")
    world.poison = nothing
    assert replay.replay(world.consumer, SOURCE, f"case/{case}") == "ended"
    assert world.effects(case) == [3, 2, 4]


def test_it_is_applied_once_when_nothing_is_held(world: World, factory: Factory) -> None:
    (case,), person = factory.cases(1), factory.id()
    world.record(factory.note(case, person_id=person), factory.erasure(case, person))
    world.receive(world.log() * 2)
    world.catch_up()
    assert world.effects(case) == [1, 2]


def test_one_that_fails_blocks_sending_and_is_retried_until_it_succeeds(world: World, factory: Factory) -> None:
    (case,), person = factory.cases(1), factory.id()
    world.poison = refuse(1)
    world.record(factory.erasure(case, person), factory.note(case))
    world.catch_up()
    assert [alarm.kind for alarm in world.alarms()] == [alarms.PROTECTIVE_FAILED]
    assert blocked(world)
    assert replay.retry_protective(world.consumer) == 0
    assert blocked(world)
    world.poison = nothing
    world.reconciler().reconcile()
    assert not blocked(world)
    assert world.effects(case) == [1, 2]
    assert world.holds() == []


def test_one_that_fails_behind_a_hold_keeps_the_case_held_until_it_is_done(world: World, factory: Factory) -> None:
    (case,), person = factory.cases(1), factory.id()
    world.poison = refuse(1, 2)
    world.record(factory.note(case), factory.erasure(case, person))
    world.catch_up()
    assert blocked(world)
    world.poison = refuse(2)
    assert replay.replay(world.consumer, SOURCE, f"case/{case}") == "still_held"
    world.record(factory.note(case))
    world.catch_up()
    assert world.effects(case) == [1]
    world.poison = nothing
    world.reconciler().reconcile()
    assert world.effects(case) == [1, 2, 3]
    assert not blocked(world)


def test_it_cannot_be_discarded(world: World, factory: Factory) -> None:
    (case,), person = factory.cases(1), factory.id()
    world.poison = refuse(1)
    world.record(factory.erasure(case, person))
    world.catch_up()
    with pytest.raises(Conflict, match="cannot be discarded"):
        replay.discard(world.consumer, SOURCE, f"case/{case}", by="operator", reason="in the way")
    assert blocked(world)


def test_a_version_it_is_not_known_in_yet_blocks_sending_and_cannot_be_discarded(
    world: World, factory: Factory
) -> None:
    (case,), person = factory.cases(1), factory.id()
    world.record(PersonErasedLater(**factory.erasure(case, person).model_dump()))
    world.catch_up()
    assert blocked(world)
    with pytest.raises(Conflict, match="cannot be discarded"):
        replay.discard(world.consumer, SOURCE, f"case/{case}", by="operator", reason="in the way")


def test_a_failed_one_that_the_feed_no_longer_has_stays_an_alarm(
    world: World, factory: Factory, monkeypatch: pytest.MonkeyPatch
) -> None:
    (case,), person = factory.cases(1), factory.id()
    world.poison = refuse(1)
    world.record(factory.erasure(case, person))
    world.catch_up()
    world.poison = nothing
    monkeypatch.setattr(world.feed, "of_subject", lambda *_: [])
    assert replay.retry_protective(world.consumer) == 0
    assert blocked(world)
