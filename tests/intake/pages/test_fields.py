"""What a browser posts is what was typed: clocks off the whole hour, and as many parts as the page asks for."""

from __future__ import annotations

import re

import pytest

from services.intake.casework.common import Appointment
from services.intake.casework.questions import questions
from services.intake.casework.service_delivery import CorrectedDelivery, Delivery
from services.intake.pages.fields import MOST_FORMS, read_answers, typed_answers
from services.intake.pages.showing import OFFSETS, options
from shared.access import Role
from shared.pages import LANGUAGES
from tests.intake.pages.conftest import Pages
from tests.intake.pages.test_safety import submitted

ASKED = questions(Appointment)


@pytest.mark.parametrize("offset", ["-03:30", "+03:30", "+04:30", "+05:30", "+05:45", "+06:30"])
def test_a_clock_off_the_whole_hour_is_offered_and_kept(offset: str) -> None:
    assert offset in OFFSETS
    answers = {"at": f"2026-03-27T14:30:00{offset}"}
    assert read_answers(ASKED, typed_answers(ASKED, answers))["at"] == answers["at"]


def test_as_many_parts_are_drawn_as_are_read(pages: Pages) -> None:
    worker = pages.browser(Role.CASE_WORKER)
    shown = worker.open(f"{submitted(pages)}/do/deliver_service")
    assert options(LANGUAGES["en"])["most_forms"] == MOST_FORMS
    assert f'name="people.{MOST_FORMS - 1}.count"' in shown
    assert f'name="people.{MOST_FORMS}.count"' not in shown


def test_who_was_served_is_chosen_by_name_and_shown_by_name(pages: Pages) -> None:
    worker = pages.browser(Role.CASE_WORKER)
    case = submitted(pages)
    form = f"{case}/do/deliver_service"
    person = re.findall(r'name="people.0.person" type="radio" value="([^"]{36})"', worker.open(form))[0]
    served = {"sex": "female", "count": 2, "person": person}
    answers = {"category": "food", "quantity": 1, "delivered_on": "2026-01-02", "people": [served]}
    worker.send(form, {"version": "1", **typed_answers(questions(Delivery), answers)}, 303)
    shown = worker.open(case)
    assert "Which person of the case is one of them?: Amina" in shown
    assert f"them?: {person}" not in shown


def test_which_service_is_corrected_is_chosen_by_what_it_was_and_its_day(pages: Pages) -> None:
    worker = pages.browser(Role.CASE_WORKER)
    case = submitted(pages)
    answers = {"category": "food", "quantity": 1, "delivered_on": "2026-01-02"}
    worker.open(f"{case}/do/deliver_service")
    worker.send(f"{case}/do/deliver_service", {"version": "1", **typed_answers(questions(Delivery), answers)}, 303)
    form = f"{case}/do/correct_service"
    asked = worker.open(form)
    (service,) = re.findall(r'name="service" type="radio" value="([^"]{36})"', asked)
    assert "Food distribution (in-kind), 2 January 2026" in asked
    right = {**typed_answers(questions(CorrectedDelivery), {**answers, "service": service, "category": "water"})}
    worker.send(form, {"version": "2", **right, "service": service}, 303)
    assert "Water distribution, 2 January 2026" in worker.open(form)
    assert service not in worker.open(case)
