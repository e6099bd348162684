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


def test_why_the_data_may_be_used_is_asked_and_stands_in_the_protection_of_the_person(pages_on_both: Pages) -> None:
    worker = pages_on_both.browser(Role.CASE_WORKER)
    draft = draft_of_two(worker)
    page = f"{draft}/people/2/use"
    worker.open(page)
    assert "Answer this question." in worker.send(page, {"purposes": "tracing"}, 422)
    assert "Say for what the data may be used" in worker.send(page, {"basis": "consent"}, 422)
    worker.send(page, {"purposes": "tracing", "basis": "vital_interest"})
    assert "To look for missing people" in worker.open(f"{draft}/check")
    shown = worker.open(worker.send(f"{draft}/check"))
    enquirer, sought = re.findall(r'href="(/intake/cases/[^"]+/protection)"', shown)
    assert "A legal basis for this is recorded." in worker.open(sought)
    assert "It may save a life, and the person cannot be asked" in worker.open(sought)
    assert "A legal basis for this is recorded." not in worker.open(enquirer)


def test_who_takes_a_new_case_on_has_it_and_a_colleagues_case_stays_the_colleagues(pages: Pages) -> None:
    worker, manager = pages.browser(Role.CASE_WORKER), pages.browser(Role.CASE_MANAGER)
    taken, given = (worker.send(f"{draft_of_two(worker)}/check").partition("?")[0] for _ in range(2))
    worker.open(f"{taken}/do/accept")
    worker.send(f"{taken}/do/accept", {"version": "1"})
    assert taken in waiting_for(worker)
    (name,) = re.findall(r"<span><bdi>([^<]+)</bdi>", worker.open("/intake/my-work"))
    form = manager.open(f"{given}/assign")
    *_, colleague = re.findall('value="([0-9a-f-]{36})"', form.partition("<main")[2].partition(name)[0])
    manager.send(f"{given}/assign", {"user": colleague, "version": "1"})
    manager.open(f"{given}/do/accept")
    manager.send(f"{given}/do/accept", {"version": "2"})
    assert given in waiting_for(worker)
    assert given not in waiting_for(manager)


def waiting_for(browser: Browser) -> str:
    """What stands on the page of somebody's work as theirs."""
    return browser.open("/intake/my-work").partition("Nobody")[0]
