"""Every type of case can be written down on pages."""

from __future__ import annotations

import pytest

from services.intake.casework import CASE_TYPES
from services.intake.casework.questions import questions
from services.intake.pages.people_asked import STEPS
from shared.access import Role
from tests.intake.pages.conftest import Pages


@pytest.mark.parametrize("type_", CASE_TYPES)
def test_every_question_of_a_type_has_its_page(pages: Pages, type_: str) -> None:
    officer = pages.browser(Role.CHILD_PROTECTION_OFFICER)
    officer.open("/intake/new")
    draft = officer.send("/intake/new", {"type": type_})
    kind = CASE_TYPES[type_]
    for question in questions(kind.asked):
        officer.open(f"{draft}/details/{question.name}")
    officer.open(draft)
    for role in kind.people:
        if f'value="{role}"' in officer.page:
            first = officer.send(f"{draft}/people", {"role": role})
            for step in STEPS:
                officer.open(first.replace(STEPS[0].name, step.name))
    officer.open(f"{draft}/check")
    officer.send(f"{draft}/check", {}, 422)
