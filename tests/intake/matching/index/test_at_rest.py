"""A stolen table says nothing."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from services.intake.domain import MatchKey, MatchRecord
from shared.access import act_as
from shared.database import is_sqlite, reading, transaction
from tests.intake.matching.index.conftest import NAME, Matched

CANARIES = (*NAME.split(), "Nightingale", "Petronell", "Perpetua", "zbt", "part ", "pair ")


def test_nothing_readable_is_stored(hub: Matched) -> None:
    found = hub.found(last_address="Camp Nightingale 7", mother_name="Halima Petronell")
    hub.sought()
    hub.work()
    assert hub.keys_of(found) > 10
    with reading(hub.engine) as session:
        rows = [repr(row) for table in (MatchRecord, MatchKey) for row in session.execute(select(table.__table__))]
        sealed = session.scalars(select(MatchRecord.sealed)).all()
    stored = "\n".join([*rows, *(repr(one) for one in sealed)]).lower()
    assert not [canary for canary in CANARIES if canary.lower() in stored]


def test_the_two_sides_share_no_digest(hub: Matched) -> None:
    sought, found = hub.sought(), hub.found()
    hub.work()
    assert hub.keys_in_all() == hub.keys_of(sought) + hub.keys_of(found)
    with reading(hub.engine) as session:
        digests = session.scalars(select(MatchKey.digest)).all()
    assert len(set(digests)) == len(digests), "one says nothing of the other without the key"


def test_a_member_sees_its_own_people_s_records_alone(hub: Matched) -> None:
    if is_sqlite(hub.engine):
        pytest.skip("SQLite has no row-level security")
    sought = hub.sought()
    hub.found()
    hub.work()
    with transaction(hub.engine) as session:
        act_as(session, hub.ours.actor)
        assert session.scalars(select(MatchRecord.person_id)).all() == [sought.person]
        assert len(session.scalars(select(MatchKey.digest)).all()) == hub.keys_of(sought)
