"""Facts are kept if, and only if, their change is; erasing takes the bytes and leaves the chain."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from shared.crypto import KeyRing
from shared.database import transaction
from shared.errors import MisconfiguredError
from shared.events import CaseHeld, ImportMessageStatusChanged
from shared.events.envelope import GENESIS, MAX_EVENT_BYTES, EventTooLarge
from shared.messaging.log import blank_events, open_ledger, record_new
from tests.backbone.world import World
from tests.databases import Databases
from tests.factories import Factory


def test_the_events_of_a_subject_are_numbered_without_gaps_in_the_order_given(world: World, factory: Factory) -> None:
    first, second = factory.cases(2)
    world.record(factory.note(first), factory.note(second), factory.note(first))
    world.record(factory.note(second), factory.note(first))
    assert world.recorded() == {f"case/{first}": [1, 2, 3], f"case/{second}": [1, 2]}


@pytest.mark.parametrize("count", [1, 3])
def test_the_first_facts_of_new_subjects_are_number_one_and_no_subject_is_new_twice(
    world: World, factory: Factory, count: int
) -> None:
    facts = [factory.note(case) for case in factory.cases(count)]
    with transaction(world.source) as session:
        record_new(session, facts, {})
    assert world.recorded() == {fact.subject: [1] for fact in facts}
    with pytest.raises(IntegrityError), transaction(world.source) as session:
        record_new(session, facts, {})
    world.record(facts[0])
    assert world.recorded()[facts[0].subject] == [1, 2]


def test_an_event_over_256_kib_is_refused_and_its_change_with_it(world: World, factory: Factory) -> None:
    (case,) = factory.cases(1)
    with pytest.raises(EventTooLarge):
        world.record(factory.note(case), factory.note(case, "x" * MAX_EVENT_BYTES))
    assert world.recorded() == {}


def test_a_service_records_its_own_facts_only(world: World, factory: Factory) -> None:
    of_notify = ImportMessageStatusChanged(
        organisation_id=factory.id(),
        import_id=factory.id(),
        notification_id=factory.id(),
        channel="file",
        status="sending",
    )
    with pytest.raises(MisconfiguredError, match="not a fact that intake may record"):
        world.record(of_notify)
    world.record(CaseHeld(organisation_id=factory.id(), case_id=factory.id(), held_source="notify", first_position=1))


def test_a_database_of_another_number_of_partitions_is_refused(database: Databases, keys: KeyRing) -> None:
    engine = database("intake")
    with transaction(engine) as session:
        session.execute(text("DELETE FROM head WHERE partition = 7"))
    with pytest.raises(MisconfiguredError, match="7 partitions"):
        open_ledger(engine, "intake", keys)


def test_erasing_a_person_leaves_the_chain_whole_and_the_others_readable(world: World, factory: Factory) -> None:
    (case,), person, other = factory.cases(1), factory.id(), factory.id()
    for someone in (person, other, person):
        world.record(factory.note(case, person_id=someone))
    before = [event.hash for event in world.log()]
    with transaction(world.source) as session:
        assert blank_events(session, person) == 2
        assert blank_events(session, person) == 0
    events = world.log()
    assert [event.erased for event in events] == [True, False, True]
    assert [event.hash for event in events] == before
    at = GENESIS
    for event in events:
        assert event.fits(at)
        at = event.hash


def test_erased_bytes_are_gone_from_the_file(sqlite: Databases, keys: KeyRing, factory: Factory) -> None:
    world: Any = World(sqlite, keys)
    (case,), person = factory.cases(1), factory.id()
    world.record(*(factory.note(case, "z" * 3000, person_id=person) for _ in range(4)))
    ciphers = [event.parts.payload for event in world.log()]
    file = Path(world.source.url.database)

    def in_files(sought: bytes) -> bool:
        found = b"".join(path.read_bytes() for path in file.parent.glob(f"{file.name}*"))
        return sought[100:400] in found

    assert all(in_files(cipher) for cipher in ciphers)
    with transaction(world.source) as session:
        blank_events(session, person)
    assert not any(in_files(cipher) for cipher in ciphers)
