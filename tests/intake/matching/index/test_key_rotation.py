"""The master key is rotated: records are found before, during and after, and nothing stays under the old key."""

from __future__ import annotations

from sqlalchemy import select

from services.intake.admin.service import OPERATED
from services.intake.domain import MatchRecord
from shared.crypto import KeyRing, key_id
from shared.database import reading
from shared.messaging.log import open_ledger
from shared.operators import keys as rotation
from tests.conftest import MASTER
from tests.intake.matching.index.conftest import NAME, Matched

OLD, NEW = MASTER, bytes(range(32, 64))


def started_with(hub: Matched, keys: KeyRing) -> None:
    rotation.check_keys(hub.engine, "intake", OPERATED.metadata, keys)
    open_ledger(hub.engine, "intake", keys)


def under(hub: Matched) -> list[str | None]:
    with reading(hub.engine) as session:
        return list(session.scalars(select(MatchRecord.index_key).order_by(MatchRecord.number)))


def test_a_record_of_before_is_found_during_a_rotation_and_after_it(hub: Matched) -> None:
    first, second = hub.found(), hub.found()
    hub.work()
    started_with(hub, KeyRing((NEW, OLD)))
    sought = hub.sought()
    hub.work()
    both = [(sought.person, first.person), (sought.person, second.person)]
    assert sorted(hub.pairs()) == sorted(both), "under the old key"
    assert under(hub) == [key_id(OLD), key_id(OLD), key_id(NEW)]
    done = rotation.rewrap(hub.engine, OPERATED.metadata, OPERATED.renewals)
    assert done["match index"] == 2
    assert under(hub) == [key_id(NEW)] * 3
    assert hub.keys_of(first) > 0
    assert set(rotation.rewrap(hub.engine, OPERATED.metadata, OPERATED.renewals).values()) == {0}
    hub.work()
    late = hub.sought(NAME)
    hub.work()
    assert {found for sought_one, found in hub.pairs() if sought_one == late.person} == {first.person, second.person}
