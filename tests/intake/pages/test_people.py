"""What pages ask of people beside names: disability, family and household."""

from __future__ import annotations

import re

from services.intake.pages.showing import isolated
from shared.access import Role
from tests.intake.pages.conftest import Pages
from tests.staff import Browser


def draft_of_two(worker: Browser) -> str:
    worker.open("/intake/new")
    draft = worker.send("/intake/new", {"type": "tracing_request"})
    for key, name in (("1", "Amina Canary"), ("2", "Aster Canary")):
        worker.open(f"{draft}/people/{key}/names")
        worker.send(f"{draft}/people/{key}/names", {"full": name})
    worker.open(f"{draft}/details/relationship")
    worker.send(f"{draft}/details/relationship", {"relationship": "parent"})
    return draft


def test_disability_is_asked_shown_and_submitted(pages_on_both: Pages) -> None:
    worker = pages_on_both.browser(Role.CASE_WORKER)
    draft = draft_of_two(worker)
    asked = worker.open(f"{draft}/people/2/disability")
    assert "Difficulty seeing, even with glasses" in asked
    worker.send(f"{draft}/people/2/disability", {"seeing": "9"}, 422)
    worker.send(f"{draft}/people/2/disability", {"seeing": "3", "walking": "2"})
    assert 'value="3" checked' in re.sub(r"\s+", " ", worker.open(f"{draft}/people/2/disability"))
    assert "Difficulty walking or climbing steps: Some difficulty" in worker.open(f"{draft}/check")
    case = worker.send(f"{draft}/check")
    shown = worker.open(case)
    assert "Difficulty seeing, even with glasses: A lot of difficulty" in shown
    assert "hearing" not in shown


def test_relations_are_asked_shown_from_both_sides_and_submitted(pages_on_both: Pages) -> None:
    worker = pages_on_both.browser(Role.CASE_WORKER)
    draft = draft_of_two(worker)
    assert "How people are related" in worker.open(draft)
    page = f"{draft}/relations"
    worker.open(page)
    refused = worker.send(page, {"person": "1", "other": "1", "kind": "parent"}, 422)
    assert "Choose another person than the first." in refused
    assert "Choose what the one is to the other." in worker.send(page, {"person": "1", "other": "2"}, 422)
    worker.send(page, {"person": "1", "other": "2", "kind": "aunt_uncle"})
    worker.send(page, {"person": "1", "other": "2", "kind": "parent"})
    told = f"Mother or father of {isolated('Aster Canary')}: {isolated('Amina Canary')}"
    shown = worker.open(page)
    assert told in shown
    assert "Aunt or uncle of" not in shown
    assert told in worker.open(f"{draft}/check")
    shown = worker.open(worker.send(f"{draft}/check"))
    assert f"Mother or father: {isolated('Amina Canary')}" in shown
    assert f"Son or daughter: {isolated('Aster Canary')}" in shown


def test_who_is_removed_is_related_to_nobody(pages: Pages) -> None:
    worker = pages.browser(Role.CASE_WORKER)
    draft = draft_of_two(worker)
    worker.open(draft)
    third = worker.send(f"{draft}/people", {"role": "sought"})
    key = third.split("/")[-2]
    worker.open(f"{draft}/relations")
    worker.send(f"{draft}/relations", {"person": key, "other": "2", "kind": "sibling"})
    assert "Brother or sister of" in worker.open(f"{draft}/check")
    worker.send(f"{draft}/people/{key}/remove")
    assert "Brother or sister of" not in worker.open(f"{draft}/check")
    worker.send(f"{draft}/check")
