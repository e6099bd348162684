"""Own questions in a browser: asked by a manager without JSON Schema, answered by a case worker; for everybody."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from services.intake.commands.own_fields import write_own_fields
from shared.access import Role
from shared.database import transaction
from tests.browser.test_every_page import REQUEST, submit
from tests.browser.visitor import Site, Window
from tests.intake.own_fields.conftest import FIELDS, schema

pytestmark = pytest.mark.browser
HERE = "/intake/own-fields/tracing_request"


@pytest.mark.parametrize("language", ["en", "ar"])
@pytest.mark.parametrize("width", [1280, 360])
def test_own_questions_are_asked_and_answered_by_everybody(
    site: Site, window: Callable[..., Window], width: int, language: str
) -> None:
    case = f"/intake/cases/{submit(site, REQUEST)}"
    manager = window(width, language, scripts=False)
    manager.enter(Role.CASE_MANAGER)
    looker = window(width, language)
    looker.enter(Role.CASE_MANAGER)
    manager.open("/intake/own-fields")
    manager.page.locator(f'a[href="{HERE}"]').click()
    manager.fill("0.title", "In which shelter does she sleep?")
    manager.choose("0.kind", "choice")
    manager.fill("0.choices", "North gate\nSouth gate")
    manager.choose("0.needed", "needed")
    manager.page.locator('button[value="add"]').click()
    assert manager.page.locator('[name="0.title"]').input_value() == "In which shelter does she sleep?"
    manager.fill("1.title", "How many blankets?")
    manager.choose("1.kind", "integer")
    manager.fill("1.least", "9")
    manager.fill("1.most", "2")
    manager.page.locator('button[value="save"]').click()
    assert manager.page.locator(".govuk-error-summary").count() == 1
    manager.fill("1.most", "20")
    manager.fill("1.least", "1")
    manager.page.locator('[name="1.most"]').press("Enter")
    assert manager.page.locator(".kb-frame").count() == 1, "the key shows them, and removes nothing"
    manager.page.locator('button[value="save"]').last.click()
    assert manager.path == f"{HERE}?done=true"
    for name, path in (("own-types", "/intake/own-fields"), ("own-questions", HERE), ("own-schema", f"{HERE}/schema")):
        looker.open(path)
        looker.look(name)
    looker.open(HERE)
    looker.page.locator('button[value="show"]').last.click()
    looker.look("own-preview")
    looker.open(f"{case}/own")
    looker.press()
    looker.look("own-answers-refused")
    looker.choose("own.in_which_shelter_does_she_sleep", "north_gate")
    looker.fill("own.how_many_blankets", "3")
    looker.press()
    assert looker.path == f"{case}?done=update"
    looker.look("own-on-case")
    actor = site.staff.member(Role.CASE_MANAGER).actor
    with transaction(site.engine) as session:
        write_own_fields(session, actor, "tracing_request", schema("shelter", **FIELDS), None)
    looker.open(f"{case}/own")
    looker.look("own-answers-newer")
    looker.open("/intake/new")
    looker.choose("type", "tracing_request")
    looker.press()
    looker.look("own-draft")
    draft = looker.path
    looker.open(f"{draft}/own")
    looker.look("own-draft-questions")
    looker.choose("own.shelter", "tent")
    looker.press()
    looker.open(f"{draft}/check")
    looker.look("own-check")
    assert manager.found_wrong + looker.found_wrong == []
