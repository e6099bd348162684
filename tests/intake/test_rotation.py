"""The master key is rotated while cases are worked on: nothing is lost on the way, and the old key can be dropped."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from sqlalchemy import Engine, func, select

from services.intake import app
from services.intake.admin.service import OPERATED
from services.intake.commands import sign_in
from services.intake.domain import NameKey, User
from services.notify.admin.service import OPERATED as NOTIFY
from shared.access import Role
from shared.crypto import KeyMissing, KeyRing, key_id
from shared.database import reading, transaction
from shared.errors import Conflict, MisconfiguredError, NotFound
from shared.messaging.consumer import Consumer
from shared.messaging.feed import LocalFeed
from shared.messaging.log import open_ledger
from shared.messaging.sequencer import Sequencer
from shared.operators import keys as rotation
from shared.vault import data_key
from tests.client import TestClient
from tests.conftest import MASTER
from tests.intake.people import person, request_for
from tests.intake.referrals.conftest import Hub, made_on

OLD, NEW = MASTER, bytes(range(32, 64))
BOTH = KeyRing((NEW, OLD))


@pytest.fixture
def hub(database: Callable[[str], Engine], keys: KeyRing) -> Iterator[Hub]:
    """Runs on both databases."""
    yield from made_on(database("intake"), keys)


@pytest.fixture
def hub_on_postgres(postgres: Callable[[str], Engine], keys: KeyRing) -> Iterator[Hub]:
    yield from made_on(postgres("intake"), keys)


def started_with(hub: Hub, keys: KeyRing) -> Hub:
    """Every process was started again, with these keys."""
    rotation.check_keys(hub.engine, "intake", OPERATED.metadata, keys)
    open_ledger(hub.engine, "intake", keys)
    hub.keys = keys
    hub.client = TestClient(app.build(hub.engine, keys), raise_server_exceptions=False)
    return hub


def rewrap(hub: Hub) -> dict[str, int]:
    return rotation.rewrap(hub.engine, OPERATED.metadata, OPERATED.renewals)


def in_use(hub: Hub) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = rotation.keys_in_use(hub.engine, OPERATED.metadata, hub.keys)["keys"]
    return found


def found_by_name(hub: Hub, name: str) -> int:
    return len(hub.worker.post("search", {"name": name})["items"])


def event_keys(hub: Hub) -> dict[str, bytes]:
    """What is kept of the old key, as a setting would hold it."""
    return {rotation.retired(hub.keys, key_id(OLD), in_use(hub)).partition(":")[0]: KeyRing.event_key(OLD)}


def test_all_is_read_and_found_before_during_and_after_a_rotation_and_without_the_old_key(hub: Hub) -> None:
    hub.agree()
    case = hub.submit()
    path = f"referrals/{hub.offer(case.id)['id']}"
    shared = hub.theirs.get(path)["shared"]
    codes = recovery_codes(hub)

    def all_is_there() -> None:
        assert hub.worker.get(f"cases/{case.id}")["people"][0]["person"]["names"][0]["full"] == "Yonas Tekle"
        assert hub.theirs.get(path)["shared"] == shared
        assert found_by_name(hub, "Jonas Tekle") == 1

    started_with(hub, BOTH)
    all_is_there()
    again = hub.manager.post("cases", request_for(person("Aster Canary")), 201)
    twin = hub.manager.post("cases", request_for(person("Astar Canari")), 201)
    assert [one["id"] for one in twin["possible_duplicates"]] == [again["id"]]
    assert proves(hub, codes[0]), "a recovery code of before counts"
    done = rewrap(hub)
    assert (done["referral"], done["name index"]) == (1, 1)
    assert done["data_key"] >= 2
    all_is_there()
    assert set(rewrap(hub).values()) == {0}
    assert [(one["id"], one["state"], one["data_keys"]) for one in in_use(hub)][1:] == [(key_id(OLD), "older", 0)]
    started_with(hub, KeyRing((NEW,), event_keys(hub)))
    all_is_there()
    assert not proves(hub, codes[1]), "what nobody can make anew is made by its owner, as docs/operations.md says"
    assert [one["state"] for one in in_use(hub)] == ["current", "events alone"]


def recovery_codes(hub: Hub) -> tuple[str, ...]:
    member = hub.sender.member(Role.CASE_WORKER)
    with transaction(hub.engine) as session:
        return sign_in.new_recovery_codes(session, session.get_one(User, member.user_id))


def proves(hub: Hub, code: str) -> bool:
    member = hub.sender.member(Role.CASE_WORKER)
    with transaction(hub.engine) as session:
        return sign_in._proved(session, session.get_one(User, member.user_id), code, sign_in.utc_now())


def test_a_duplicate_of_before_the_rotation_is_warned_of(hub: Hub) -> None:
    first = hub.manager.post("cases", request_for(person("Aster Canary")), 201)
    started_with(hub, BOTH)
    second = hub.manager.post("cases", request_for(person("Astar Canari")), 201)
    assert [one["id"] for one in second["possible_duplicates"]] == [first["id"]]


def test_a_changed_name_is_found_by_its_new_one_alone(hub: Hub) -> None:
    case = hub.submit()
    started_with(hub, BOTH)
    body = {"role": "registered", "person": person("Selam Haile", sex="male")}
    hub.worker._asked("PUT", f"cases/{case.id}/people/{case.people[0]}", 200, json=body, headers={"If-Match": "*"})
    rewrap(hub)
    assert (found_by_name(hub, "Selam Haile"), found_by_name(hub, "Yonas Tekle")) == (1, 0)
    with reading(hub.engine) as session:
        assert session.scalar(select(func.count()).select_from(NameKey)) == session.scalar(
            select(func.count()).select_from(NameKey).where(NameKey.person_id == case.people[0])
        )


def test_without_the_old_key_nothing_starts_that_needs_it(hub: Hub) -> None:
    hub.submit()
    with pytest.raises(MisconfiguredError, match=f"lacks key {key_id(OLD)}, which data of intake"):
        started_with(hub, KeyRing((NEW,)))
    started_with(hub, BOTH)
    with pytest.raises(Conflict, match="keys rewrap"):
        rotation.retired(hub.keys, key_id(OLD), in_use(hub))
    rewrap(hub)
    with pytest.raises(MisconfiguredError, match="events of intake name"):
        started_with(hub, KeyRing((NEW,)))
    with pytest.raises(Conflict, match="current"):
        rotation.retired(hub.keys, key_id(NEW), in_use(hub))
    with pytest.raises(NotFound, match="no such key"):
        rotation.retired(hub.keys, "00000000", in_use(hub))


def test_a_rewrap_that_is_broken_off_goes_on_from_there(hub: Hub, monkeypatch: pytest.MonkeyPatch) -> None:
    for _ in range(4):
        hub.submit()
    started_with(hub, BOTH)
    every = sum(one["data_keys"] for one in in_use(hub))
    monkeypatch.setattr(rotation, "BATCH", 3)
    original, turns = rotation._rewrap_batch, iter(range(99))

    def dies(*arguments: Any) -> Any:
        if next(turns) == 2:
            raise KeyboardInterrupt
        return original(*arguments)

    monkeypatch.setattr(rotation, "_rewrap_batch", dies)
    with pytest.raises(KeyboardInterrupt):
        rewrap(hub)
    assert in_use(hub)[0]["data_keys"] == 6, "what is done stays done"
    assert rewrap(hub)["data_key"] == every - 6
    assert in_use(hub)[0]["data_keys"] == every


def test_a_key_that_somebody_works_on_is_waited_for_at_the_end_alone(hub_on_postgres: Hub) -> None:
    hub = hub_on_postgres
    hub.submit()
    started_with(hub, BOTH)
    done: list[dict[str, int]] = []
    with transaction(hub.engine) as session:
        session.execute(select(data_key.c.owner_id).limit(1).with_for_update())
        thread = threading.Thread(target=lambda: done.append(rewrap(hub)))
        thread.start()
        thread.join(1.0)
        assert thread.is_alive(), "the locked one is left"
        assert in_use(hub)[1]["data_keys"] == 1, "and every other one is done"
    thread.join(30)
    assert done
    assert in_use(hub)[1]["data_keys"] == 0


def test_a_listener_that_has_not_the_new_key_yet_waits_and_holds_nothing(
    hub: Hub, database: Callable[[str], Engine], keys: KeyRing
) -> None:
    engine = database("notify")
    started_with(hub, BOTH)
    hub.submit()
    Sequencer(hub.engine).sequence()
    feeds = {"intake": LocalFeed(hub.engine, "intake")}

    def read_with(ring: KeyRing) -> None:
        consumer = Consumer("notify", engine, {**feeds}, NOTIFY.subscriptions, ring)
        consumer.prepare()
        for partition in range(8):
            consumer.catch_up("intake", partition)

    with pytest.raises(KeyMissing):
        read_with(keys)
    with engine.connect() as connection:
        assert connection.exec_driver_sql("SELECT count(*) FROM held").scalar() == 0
    read_with(BOTH)
