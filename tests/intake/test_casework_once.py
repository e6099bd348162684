"""A deed or a move that is sent again under its `Idempotency-Key` is done once. On both databases."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from sqlalchemy import func, select

from shared.database import reading
from shared.messaging.tables import event_log
from tests.intake.conftest import Intake
from tests.intake.people import person, request_for

NOTE = ("deeds/add_note", {"note": "She called again."})
MOVE = ("moves/accept", {})


@pytest.fixture
def case(intake: Intake) -> str:
    return str(intake.post(request_for(person("Selam Tesfaye"))).json()["id"])


def happened(intake: Intake, case: str) -> tuple[int, int]:
    """(timeline entries, events) after the case was submitted."""
    statement = select(func.count()).select_from(event_log).where(event_log.c.subject == f"case/{case}")
    with reading(intake.engine) as session:
        events = session.scalar(statement) or 0
    return len(intake.get(f"/intake/v1/cases/{case}/timeline").json()) - 1, events - 1


def send(intake: Intake, case: str, what: tuple[str, dict[str, Any]], key: str = "k", **headers: str) -> Any:
    path, body = what
    return intake.post(body, path=f"/intake/v1/cases/{case}/{path}", **{"Idempotency-Key": key}, **headers)


@pytest.mark.parametrize("what", [NOTE, MOVE], ids=["deed", "move"])
@pytest.mark.parametrize("headers", [{}, {"If-Match": '"1"'}], ids=["any version", "the version read"])
def test_sent_again_it_is_done_once_and_answered_alike(
    intake: Intake, case: str, what: tuple[str, dict[str, Any]], headers: dict[str, str]
) -> None:
    first, again = (send(intake, case, what, **headers) for _ in range(2))
    assert (first.status_code, again.status_code) == (200, 200)
    assert (first.json(), first.headers["etag"]) == (again.json(), again.headers["etag"])
    assert happened(intake, case) == (1, 1)


def test_sent_four_times_at_once_it_is_done_once(intake: Intake, case: str) -> None:
    with ThreadPoolExecutor(4) as threads:
        answers = list(threads.map(lambda _: send(intake, case, NOTE), range(4)))
    assert [one.status_code for one in answers] == [200] * 4
    assert happened(intake, case) == (1, 1)


def test_a_key_is_for_one_request_and_free_after_a_refusal(intake: Intake, case: str) -> None:
    assert send(intake, case, NOTE, **{"If-Match": '"7"'}).status_code == 412
    assert send(intake, case, NOTE).status_code == 200
    assert send(intake, case, ("deeds/add_note", {"note": "Another."})).status_code == 409
    assert send(intake, case, NOTE, key="another").status_code == 200
    assert happened(intake, case) == (2, 2)


def test_a_person_is_added_once(intake: Intake, case: str) -> None:
    companion = {"role": "companion", "person": person("Selam Companion")}
    first, again = (send(intake, case, ("people", companion), **{"If-Match": "*"}) for _ in range(2))
    assert (first.status_code, again.status_code) == (201, 201)
    assert (first.json(), first.headers["etag"]) == (again.json(), again.headers["etag"])
    assert len(intake.get(f"/intake/v1/cases/{case}").json()["people"]) == 3
