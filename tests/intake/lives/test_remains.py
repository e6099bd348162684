"""Remains: a reference that a family's answer may one day hang on, and nothing else."""

from __future__ import annotations

from typing import Any

from services.intake.casework import CASE_TYPES
from services.intake.casework.questions import questions
from tests.intake.lives.conftest import TODAY, Office
from tests.intake.lives.people import person

REMAINS: dict[str, Any] = {
    "type": "remains",
    "details": {
        "laboratory_reference": "ML-2026/0117",
        "country": "ITA",
        "found_in": "ITA",
        "found_on": "2026-03-01",
        "found_at": "shore",
    },
}


def test_remains_are_followed_by_reference_until_they_rest(office: Office) -> None:
    worker, manager = office.case_worker(), office.manager()
    case = worker.submits(REMAINS)
    worker.moves(case, "examine")
    manager.may_not_move(case, "identify", "notice of identification first")
    manager.records(case, "record_notice", notice="identified", notice_reference="N-12", given_on=TODAY)
    manager.may_not_move(case, "identify", "Another person")
    office.manager().moves(case, "identify")
    manager.may_not_move(case, "close", "where the remains are now", reason="buried")
    worker.records(case, "record_resting_place", kept="buried", grave_reference="B/44", place="ITA", since=TODAY)
    manager.moves(case, "close", reason="buried")


def test_a_system_counts_as_no_person(office: Office) -> None:
    case = office.case_worker().submits(REMAINS)
    office.system().moves(case, "examine")
    notice = {"notice": "identified", "notice_reference": "N-12", "given_on": TODAY}
    office.system().may_not_record(case, "record_notice", "by a person who has signed in", **notice)


def test_nobody_is_named_and_nothing_told(office: Office) -> None:
    worker = office.case_worker()
    for named in (
        {**REMAINS, "people": [person("sought", "Aster Canary")]},
        {**REMAINS, "details": {**REMAINS["details"], "laboratory_reference": "Aster Canary"}},
        {**REMAINS, "details": {**REMAINS["details"], "dna": "…"}},
    ):
        assert worker.intake.post(named, key=worker.token).status_code == 422
    kind = CASE_TYPES["remains"]
    assert not kind.people
    for form in (kind.details, *(deed.form for deed in kind.life_cycle.deeds if deed.form)):
        for one in questions(form):
            assert not one.personal
            assert one.kind in {"choice", "day", "country", "place"} or one.name.endswith(("reference", "institution"))
