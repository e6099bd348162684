"""Released news is told within a day: a task sees to it."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from tests.intake.lives.conftest import Office, Worker
from tests.intake.lives.test_tracing_request import NEWS_TOLD, NO_NEWS_TOLD, OF_AN_ADULT, TWO_SOUGHT


def waits(worker: Worker, case: str) -> list[dict[str, Any]]:
    """The tasks of a case that nobody has done."""
    answer = worker.intake.get(f"/intake/v1/cases/{case}/attention", key=worker.token)
    return [one for one in answer.json() if one["done_at"] is None]


def test_a_task_to_tell_the_family_follows_the_release_and_ends_with_the_telling(office: Office) -> None:
    worker, manager = office.case_worker(), office.manager()
    case = worker.submits(OF_AN_ADULT)
    worker.records(case, "record_answer", agrees_to="news_only")
    assert waits(worker, case) == []
    manager.records(case, "release_news")
    (task,) = waits(worker, case)
    assert task["reason"] == "tell_the_family"
    within = datetime.fromisoformat(task["due_by"]) - datetime.fromisoformat(task["asked_at"])
    assert within == timedelta(hours=24)
    worker.records(case, "tell_family", how="by_phone", **NO_NEWS_TOLD)
    assert waits(worker, case) == [task]
    worker.records(case, "tell_family", how="by_phone", **NEWS_TOLD)
    assert waits(worker, case) == []


def test_nobody_is_asked_to_tell_what_the_person_took_back(office: Office) -> None:
    worker, manager = office.case_worker(), office.manager()
    case = worker.submits(OF_AN_ADULT)
    worker.records(case, "record_answer", agrees_to="news_only")
    manager.records(case, "release_news")
    worker.records(case, "record_answer", agrees_to="nothing")
    assert waits(worker, case) == []


def test_news_of_each_sought_person_is_a_task_of_its_own(office: Office) -> None:
    worker, manager = office.case_worker(), office.manager()
    case = worker.submits(TWO_SOUGHT)
    _, aster, dawit = (one["id"] for one in worker.opens(case)["people"])
    worker.records(case, "record_answer", agrees_to="news_only", about=dawit)
    manager.records(case, "release_news", about=dawit)
    worker.records(case, "record_answer", agrees_to="nothing", about=aster)
    assert len(waits(worker, case)) == 1
    worker.records(case, "tell_family", how="by_phone", about=dawit, **NEWS_TOLD)
    assert waits(worker, case) == []


def test_the_tasks_say_nothing_of_the_case_to_other_services(office: Office) -> None:
    worker, manager = office.case_worker(), office.manager()
    case = worker.submits(OF_AN_ADULT)
    worker.records(case, "record_answer", agrees_to="news_only")
    manager.records(case, "release_news")
    (task,) = waits(worker, case)
    answer = worker.intake.post({}, path=f"/intake/v1/cases/{case}/attention/{task['id']}/done", key=worker.token)
    assert answer.status_code == 200, answer.text
    assert waits(worker, case) == []
    *_, last = office.facts_of(case)
    assert (last["type"], last["what"]) == ("case.updated", "record")
