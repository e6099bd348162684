"""The life of a tracing request on the pages, as forms are posted."""

from __future__ import annotations

import re

from shared.access import Role
from tests.intake.pages.conftest import Pages


def test_a_case_is_written_down_checked_submitted_once_and_worked_on(pages_on_both: Pages) -> None:
    worker = pages_on_both.browser(Role.CASE_WORKER)
    worker.open("/intake/my-work")
    worker.open("/intake/new")
    draft = worker.send("/intake/new", {"type": "tracing_request"})
    shown = worker.open(draft)
    assert "Enquirer" in shown
    for key, name in (("1", "Amina Canary"), ("2", "አስቴር ካናሪ")):
        worker.open(f"{draft}/people/{key}/names")
        following = worker.send(f"{draft}/people/{key}/names", {"full": name, "others": "Aster\nAster C."})
        while "/people/" in following:
            worker.open(following)
            following = worker.send(following, {"sex": "female", "share_with_nobody": "no"})
    worker.open(f"{draft}/details/relationship")
    assert "Answer this question." in worker.send(f"{draft}/details/relationship", {}, 422)
    following = worker.send(f"{draft}/details/relationship", {"relationship": "parent"})
    while "/details/" in following:
        worker.open(following)
        following = worker.send(following, {"how_contact_was_lost": "shipwreck"})
    shown = worker.open(f"{draft}/check")
    assert "አስቴር ካናሪ" in shown
    first = worker.send(f"{draft}/check")
    assert re.fullmatch(r"/intake/cases/[0-9a-f-]{36}\?submitted=1", first)
    assert worker.send(f"{draft}/check") == first.partition("?")[0]
    case = first.partition("?")[0]
    shown = worker.open(first)
    assert "What you can do now" in shown
    worker.open(f"{case}/do/accept")
    worker.send(f"{case}/do/accept")
    worker.open(f"{case}/do/add_note")
    assert "Answer this question." in worker.send(f"{case}/do/add_note", {}, 422)
    worker.send(f"{case}/do/add_note", {"note": "She called <b>again</b>"})
    shown = worker.open(case)
    assert "She called <b>again</b>" in shown
    assert "<b>again" not in worker.page
    manager = pages_on_both.browser(Role.CASE_MANAGER)
    manager.open("/intake/my-work")
    manager.open(f"{case}/assign")
    chosen = str(pages_on_both.own.member(Role.CASE_WORKER).user_id)
    due = {"due_on-day": "1", "due_on-month": "2", "due_on-year": "2026"}
    manager.send(f"{case}/assign", {"user": chosen, **due})
    assert "1 February 2026" in worker.open(case)
    shown = worker.open("/intake/my-work")
    assert 'class="kb-counted">1<' in worker.page
    assert "Overdue" in shown
    assert "Aster" not in worker.open("/intake/cases?type=tracing_request&assigned=me")
