"""A stolen table says nothing."""

from __future__ import annotations

import pytest
from sqlalchemy import select, text

from services.intake.domain import MatchKey, MatchRecord
from shared.access import act_as, member_role
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


def test_a_look_up_of_the_installation_reads_nothing_for_row_security(hub: Matched) -> None:
    """Hashing all records at each look-up took 200 ms of them at 100,000."""
    if is_sqlite(hub.engine):
        pytest.skip("SQLite has no row-level security")
    hub.sought()
    hub.work()
    policies = text(
        "SELECT string_agg(qual, ' OR ' ORDER BY policyname DESC) FROM pg_policies WHERE tablename = 'match_key'"
    )
    with reading(hub.engine) as session:
        explain = f"EXPLAIN (ANALYZE, TIMING OFF) SELECT holder FROM match_key WHERE {session.scalar(policies)}"
        plan = "\n".join(session.scalars(text(explain)))  # spelled out: a superuser's query has none
    assert "SubPlan" in plan
    assert "never executed" in plan
    assert "hashed" not in plan


def test_a_member_that_names_no_organisation_sees_no_key(hub: Matched) -> None:
    if is_sqlite(hub.engine):
        pytest.skip("SQLite has no row-level security")
    hub.sought()
    hub.work()
    with hub.engine.begin() as connection:
        assert connection.scalar(text("SELECT count(*) FROM match_key"))
        connection.execute(text(f"SET LOCAL ROLE {member_role('intake')}"))
        assert connection.scalar(text("SELECT count(*) FROM match_key")) == 0
