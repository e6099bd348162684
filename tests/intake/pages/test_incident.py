"""A mass incident on the pages: written down question by question, corrected, assessed, closed."""

from __future__ import annotations

from services.intake.casework.mass_incident import IncidentIn
from shared.access import Role
from tests.intake.pages.conftest import Pages

TOLD = {
    "occurred_from": {"occurred_from-day": "3", "occurred_from-month": "5", "occurred_from-year": "2025"},
    "occurred_to": {"occurred_to-day": "4", "occurred_to-month": "٥", "occurred_to-year": "٢٠٢٥"},
    "dead": {"dead": "٢"},
    "missing": {"missing": "61"},
    "place": {"place": "North of Zuwara"},
    "latitude": {"latitude": "33,1"},
}


def test_an_incident_is_written_down_checked_submitted_and_lives(pages_on_both: Pages) -> None:
    worker = pages_on_both.browser(Role.CASE_WORKER)
    worker.open("/intake/new")
    draft = worker.send("/intake/new", {"type": "mass_incident"})
    assert "People" not in worker.open(draft)
    for name in IncidentIn.model_fields:
        worker.open(f"{draft}/details/{name}")
        worker.send(f"{draft}/details/{name}", TOLD.get(name, {}))
    shown = worker.open(f"{draft}/check")
    assert "North of Zuwara" in shown
    assert "4 May 2025" in shown
    first = worker.send(f"{draft}/check")
    case = first.partition("?")[0]
    assert worker.send(f"{draft}/check") == case
    shown = worker.open(first)
    assert "Nothing was done with it since it was submitted." in shown
    for told in ("How many people are confirmed dead?", "61", "33.1", "One incident"):
        assert told in shown
    worker.open(f"{case}/correct")
    kept = {name: value for part in TOLD.values() for name, value in part.items()} | {"kind": "incident"}
    refused = worker.send(f"{case}/correct", {**kept, "occurred_to-year": "2024", "dead": "many"}, 422)
    assert "The last day lies before the first day." in refused
    assert "Give a number in digits." in refused
    assert worker.send(f"{case}/correct", {**kept, "missing": "58"}) == f"{case}?done=correct"
    shown = worker.open(case)
    assert "<bdi>58</bdi>" in shown
    assert "<bdi>61</bdi>" not in shown
    worker.open(f"{case}/do/assess_source")
    worker.send(f"{case}/do/assess_source", {"level": "several_media_reports"})
    worker.open(f"{case}/do/close")
    worker.send(f"{case}/do/close", {"reason": "figures_final"})
    assert "Figures are final" in worker.open(case)
    worker.open(f"{case}/correct")
    assert "reopen the incident first" in worker.send(f"{case}/correct", kept, 409)


def test_a_correction_that_is_behind_the_case_is_refused(pages: Pages) -> None:
    worker, manager = pages.browser(Role.CASE_WORKER), pages.browser(Role.CASE_MANAGER)
    worker.open("/intake/new")
    draft = worker.send("/intake/new", {"type": "mass_incident"})
    for name in ("occurred_from", "occurred_to"):
        worker.open(f"{draft}/details/{name}")
        worker.send(f"{draft}/details/{name}", TOLD[name])
    worker.open(f"{draft}/check")
    case = worker.send(f"{draft}/check").partition("?")[0]
    worker.open(f"{case}/correct")
    manager.open(f"{case}/correct")
    kept = {name: value for part in TOLD.values() for name, value in part.items()} | {"kind": "incident"}
    manager.send(f"{case}/correct", kept)
    assert "Marta Ruiz" in worker.send(f"{case}/correct", kept, 412)
    stranger = pages.browser(Role.CASE_MANAGER, of=pages.other)
    stranger.open(f"{case}/correct", 404)
