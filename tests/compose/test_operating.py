"""What an operator does inside the running stack: find what is held, mend it, replay it; and rotate the master key."""

from __future__ import annotations

import base64
import os
from uuid import UUID, uuid4

import pytest
from sqlalchemy import delete, insert

from services.notify.domain import RefusedRow
from shared.crypto import KeyRing, key_id
from shared.database import table_of, transaction
from shared.events import ImportRowRefused
from shared.messaging.log import open_ledger, record
from shared.settings import SERVICES
from tests.compose.books import Books
from tests.compose.conftest import Hub
from tests.compose.people import Person
from tests.compose.stack import wait_until
from tests.intake.people import person, request_for

pytestmark = [pytest.mark.compose, pytest.mark.timeout(1800)]


def test_a_poison_event_is_listed_and_replayed_once_its_cause_is_mended(hub: Hub, books: Books) -> None:
    refused = ImportRowRefused(import_id=uuid4(), organisation_id=uuid4(), row=1, field="dead", reason="negative")
    row = {"import_id": refused.import_id, "row": refused.row, "field": refused.field, "reason": "other"}
    with transaction(books.engines["notify"]) as session:
        session.execute(insert(table_of(RefusedRow)).values(row))
    with transaction(books.engines["intake"]) as session:
        record(session, refused)
    wait_until(lambda: len(hub.operate("notify", "held", "list")["holds"]) == 1, "nothing is held")
    (hold,) = hub.operate("notify", "held", "list")["holds"]
    words = (hold["source"], hold["subject"])
    assert words == ("intake", f"import/{refused.import_id}")
    assert [one["type"] for one in hub.operate("notify", "held", "show", *words)["events"]] == ["import.row_refused"]
    with pytest.raises(AssertionError, match="still_held"):
        hub.operate("notify", "held", "replay", *words)
    with transaction(books.engines["notify"]) as session:
        session.execute(delete(table_of(RefusedRow)).where(RefusedRow.import_id == refused.import_id))
    assert hub.operate("notify", "held", "replay", *words) == {"outcome": "ended"}
    assert hub.operate("notify", "held", "list") == {"holds": [], "alarms": []}
    books.close([])


def test_projections_are_rebuilt_while_the_stack_runs(hub: Hub, books: Books) -> None:
    with hub.sender() as sender:
        wait_until(lambda: len(sender.accepted) > 5, "nothing is accepted")
        before = hub.operate("reporting", "rebuild")["rows"]["incident_fact"]
        wait_until(lambda: len(sender.accepted) > 20, "nothing is accepted after the rebuild")
    assert before >= 5
    books.close(sender.accepted)


def test_of_somebody_who_was_not_erased_nothing_is_proved(hub: Hub) -> None:
    with pytest.raises(AssertionError, match="nobody of that id was erased here"):
        hub.operate("reporting", "erase", "verify", str(uuid4()))


def test_the_master_key_is_rotated_and_the_old_one_dropped(hub: Hub, books: Books) -> None:
    """Last in this file: the tests behind it go on with the new key."""
    stack, new = hub.stack, os.urandom(32)
    old = base64.b64decode(stack.secrets["KINBRIDGE_MASTER_KEY"])
    worker = Person(hub, hub.organisation, "rotation@marenia.example", "case_worker", "case_manager")
    case = worker.post("cases", request_for(person("Selam Rotation")))

    def found_by_name() -> list[UUID]:
        return [UUID(one["case"]["id"]) for one in worker.post("search", {"name": "Selam Rotation"})["items"]]

    with hub.sender() as sender:
        stack.set_env(KINBRIDGE_MASTER_KEY=f"{encoded(new)},{encoded(old)}")
        stack.up()
        stack.wait_ready()
        assert found_by_name() == [UUID(case["id"])]
        for service in SERVICES:
            hub.operate(service, "keys", "rewrap")
        kept = hub.operate("intake", "keys", "retire", key_id(old))["event_key"]
        stack.set_env(KINBRIDGE_MASTER_KEY=encoded(new), KINBRIDGE_EVENT_KEYS=kept)
        stack.up()
        stack.wait_ready()
        assert found_by_name() == [UUID(case["id"])]
        rotated = len(sender.accepted)
        wait_until(lambda: len(sender.accepted) > rotated + 10, "nothing is accepted with the new key")
    shown = worker.get(f"cases/{case['id']}")["people"]
    assert "Selam Rotation" in [one["person"]["names"][0]["full"] for one in shown]
    worker.leave()
    stack.keys = KeyRing((new,), {key_id(old): KeyRing.event_key(old)})
    open_ledger(books.engines["intake"], "intake", stack.keys)
    for service in SERVICES:
        assert hub.operate(service, "held", "list") == {"holds": [], "alarms": []}
        assert hub.operate(service, "log", "verify")["whole"]
    assert hub.operate("reporting", "rebuild")["rows"]["incident_fact"] >= len(sender.accepted)
    assert sender.refused == []
    books.close(sender.accepted)


def encoded(key: bytes) -> str:
    return base64.b64encode(key).decode()
