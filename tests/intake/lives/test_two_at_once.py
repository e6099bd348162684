"""A release and a newer answer of "nothing" at the same moment: whichever comes second sees the first."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any
from uuid import UUID

from services.intake import commands
from services.intake.casework.forms import AboutPerson
from services.intake.casework.found_person import Answer
from shared.database import transaction
from shared.errors import Conflict
from tests.intake.lives.conftest import Office
from tests.intake.lives.test_registration import REGISTRATION, REQUEST
from tests.intake.waiting import overtaken


def test_a_release_waits_for_an_answer_that_is_being_recorded(office: Office) -> None:
    worker, manager = office.case_worker(), office.manager()
    request, registration = worker.submits(REQUEST), worker.submits(REGISTRATION)
    worker.records(request, "link_found_person", found_in=registration)
    worker.records(registration, "record_answer", agrees_to="news_only")
    engine, outcome = office.intake.engine, []

    def release() -> None:
        with transaction(engine) as session:
            commands.record_deed(session, manager.actor, UUID(request), "release_news", AboutPerson())

    with transaction(engine) as session:
        nothing = Answer(agrees_to="nothing")
        commands.record_deed(session, worker.actor, UUID(registration), "record_answer", nothing)
        releasing = threading.Thread(target=lambda: outcome.append(refusal(release)))
        releasing.start()
        releasing.join(0.5)
        assert releasing.is_alive(), "it waits"
    releasing.join(30)
    assert outcome == ["refused"]
    assert "news.released" not in office.fact_names(request)


def test_a_release_hears_the_case_that_the_found_persons_is_being_merged_into(office: Office) -> None:
    worker, manager = office.case_worker(), office.manager()
    request, found, other = worker.submits(REQUEST), worker.submits(REGISTRATION), worker.submits(REGISTRATION)
    worker.records(request, "link_found_person", found_in=found)
    worker.records(found, "record_answer", agrees_to="news_only")
    worker.records(other, "record_answer", agrees_to="nothing")

    def release() -> None:
        with transaction(office.intake.engine) as session:
            commands.record_deed(session, manager.actor, UUID(request), "release_news", AboutPerson())

    with overtaken(office.intake.engine, lambda: refusal(release)) as (session, later):
        commands.merge_cases(session, manager.actor, UUID(other), UUID(found))
    assert later.result() == "refused"
    assert "news.released" not in office.fact_names(request)


def refusal(act: Callable[[], Any]) -> str:
    try:
        act()
    except Conflict:
        return "refused"
    return "done"
