"""A mass incident: figures that may change until they are final."""

from __future__ import annotations

from typing import Any

from tests.intake.lives.conftest import Office

SHIPWRECK: dict[str, Any] = {
    "type": "mass_incident",
    "incident": {"occurred_from": "2016-04-18", "occurred_to": "2016-04-18", "dead": 3, "survivors": 41},
}


def correct(office: Office, case: str, token: str, **figures: int) -> int:
    """The status of the answer to a correction."""
    answer = office.intake.client.put(
        f"/intake/v1/cases/{case}/incident",
        json={**SHIPWRECK["incident"], **figures},
        headers={"Authorization": f"Bearer {token}"},
    )
    return int(answer.status_code)


def test_figures_are_corrected_until_they_are_final(office: Office) -> None:
    worker, manager = office.case_worker(), office.manager()
    case = worker.submits(SHIPWRECK)
    assert correct(office, case, worker.token, dead=5) == 204
    worker.may_not_move(case, "close", "how good the sources are", reason="figures_final")
    worker.records(case, "assess_source", level="humanitarian_actor")
    worker.moves(case, "close", reason="figures_final")
    assert correct(office, case, worker.token, dead=6) == 409
    manager.moves(case, "reopen", reason="new_information")
    assert correct(office, case, worker.token, dead=6) == 204
    assert worker.opens(case)["incident"]["dead"] == 6
    timeline = worker.reads_the_timeline(case)
    assert [one["what"] for one in timeline][-4:] == ["assess_source", "close", "reopen", "correct"]
    assert office.fact_names(case).count("incident.corrected") == 2
