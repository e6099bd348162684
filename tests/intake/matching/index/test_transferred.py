"""A case goes to another organisation: so do the records of its people."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from uuid import UUID

import pytest
from sqlalchemy import Engine, select

from services.intake.domain import MatchRecord
from services.intake.pairing import Pairing
from shared.crypto import KeyRing
from shared.database import reading
from tests.intake.people import person
from tests.intake.referrals.conftest import EVERY_FIELD, Hub, made_on, registration
from tests.intake.referrals.test_transfer import _stands_in, offer, step


@pytest.fixture
def hub(database: Callable[[str], Engine], keys: KeyRing) -> Iterator[Hub]:
    """Runs on both databases."""
    yield from made_on(database("intake"), keys)


def work(hub: Hub) -> None:
    pairing = Pairing(hub.engine)
    while pairing.turn():
        pass


def records(hub: Hub) -> dict[UUID, MatchRecord]:
    with reading(hub.engine) as session:
        return {row.person_id: row for row in session.scalars(select(MatchRecord))}


def test_a_record_goes_with_its_person_and_is_compared_anew(hub: Hub) -> None:
    hub.agree(fields=[*EVERY_FIELD, "whole_file"])
    case = hub.submit(registration(person("Yonas Tekle", sex="male")))
    work(hub)
    step(hub.their_manager, offer(hub, case), "accept")
    row = records(hub)[case.people[0]]
    assert row.organisation_id == hub.receiver.organisation_id
    assert row.next_attempt_at is not None
    work(hub)
    row = records(hub)[case.people[0]]
    assert (row.side, row.case_id, row.next_attempt_at) == ("found", case.id, None)


def test_who_stays_leaves_the_index_and_the_receiver_s_record_enters_it(hub: Hub) -> None:
    hub.agree(fields=[*EVERY_FIELD, "whole_file"])
    goes = hub.submit(registration(person("Yonas Tekle", sex="male")))
    other = registration(person("Sara Tekle", sex="female"))
    other["people"].append({"role": "relative", "person": person("Yonas Tekle", sex="male")})
    stays = hub.manager.post("cases", other, 201)
    relative = hub.manager.get(f"cases/{stays['id']}")["people"][1]["id"]
    _stands_in(hub, goes.people[0], UUID(stays["id"]), instead_of=UUID(relative))
    work(hub)
    step(hub.their_manager, offer(hub, goes), "accept")
    work(hub)
    (theirs,) = hub.their_manager.get(f"cases/{goes.id}")["people"]
    found = records(hub)
    assert found[UUID(theirs["id"])].organisation_id == hub.receiver.organisation_id
    assert found[UUID(theirs["id"])].side == "found"
    assert found[goes.people[0]].side is None, "in the case that stays it is a relative"
