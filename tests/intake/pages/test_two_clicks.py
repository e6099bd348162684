"""Two clicks on Submit, the second before the first is answered. On both databases."""

from __future__ import annotations

from uuid import UUID

from services.intake import commands
from services.intake.schemas import CASE_SHAPES
from shared.access import Role
from tests.intake.pages.conftest import Pages
from tests.intake.people import person, request_for
from tests.intake.waiting import overtaken


def test_a_second_click_on_submit_leads_to_the_same_case(pages_on_both: Pages) -> None:
    worker = pages_on_both.browser(Role.CASE_WORKER)
    worker.open("/intake/new")
    draft = worker.send("/intake/new", {"type": "tracing_request"})
    worker.open(f"{draft}/check")
    actor, draft_id = pages_on_both.own.member(Role.CASE_WORKER).actor, UUID(draft.rpartition("/")[2])
    body = request_for(person("Selam Tesfaye"))
    submitted = CASE_SHAPES["tracing_request"].validate_python(body)
    with overtaken(pages_on_both.engine, lambda: worker.send(f"{draft}/check")) as (session, later):
        case_id = commands.submit_draft(session, actor, draft_id, submitted, body)
    assert later.result() == f"/intake/cases/{case_id}"
