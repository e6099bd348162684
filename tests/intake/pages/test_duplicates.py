"""Two cases that may be the same, on the pages: warned of, compared, merged with a reason, and undone."""

from __future__ import annotations

import re
from uuid import UUID

from sqlalchemy import select

from services.intake import commands
from services.intake.domain import PersonViewed, TimelineEntry
from services.intake.schemas import CASE_SHAPES
from shared.access import Role
from shared.database import reading, transaction
from tests.intake.lives.test_child import CHILD
from tests.intake.pages.conftest import Pages
from tests.intake.pages.test_safety import submitted
from tests.staff import Browser


def versions(browser: Browser) -> dict[str, str]:
    return dict(re.findall(r'name="(other_version)" value="(\d+)"', browser.page))


def test_a_warning_leads_to_comparing_merging_and_undoing(pages_on_both: Pages) -> None:
    pages = pages_on_both
    first, second = submitted(pages), submitted(pages, "Astar Canari")
    worker, manager = pages.browser(Role.CASE_WORKER), pages.browser(Role.CASE_MANAGER)
    compare = f"{second}/duplicates/{first.rpartition('/')[2]}"
    assert "This may be the same as another case" in worker.open(second)
    assert compare in worker.page
    assert "A case manager decides." in worker.open(compare)
    assert compare in (manager.open("/intake/duplicates"), manager.page)[1]
    shown = manager.open(compare)
    assert "Astar Canari" in shown
    assert "Different" in shown
    assert "Choose what they are." in manager.send(compare, versions(manager), 422)
    assert "Choose why they are the same." in manager.send(compare, {"decision": "other", **versions(manager)}, 422)
    same = dict.fromkeys(re.findall(r'name="(same-[0-9a-f-]+)"', manager.page), "not one of them")
    told = {"decision": "other", "reason": "two_enquirers", **same}
    assert manager.send(compare, {**told, **versions(manager)}) == f"{first}?done=merge"
    shown = manager.open(f"{first}?done=merge")
    assert "Merged a duplicate into this case" in shown
    assert "Two people ask for, or tell of, the same" in shown
    assert second in manager.page
    assert "This case was merged into another" in manager.open(second)
    manager.open(f"{second}/undo-merge")
    assert "Choose why the merge is undone." in manager.send(f"{second}/undo-merge", {}, 422)
    assert manager.send(f"{second}/undo-merge", {"reason": "not_the_same"}) == f"{second}?done=undo_merge_into"
    assert "Take it on" in manager.open(second)
    with reading(pages.engine) as session:
        reasons = set(session.scalars(select(TimelineEntry.reason).where(TimelineEntry.reason.is_not(None))))
        assert reasons == {"two_enquirers", "not_the_same"}
        assert "compare" in set(session.scalars(select(PersonViewed.purpose)))


def test_the_same_person_is_named_in_a_merge(pages: Pages) -> None:
    first, second = submitted(pages), submitted(pages, "Astar Canari")
    manager = pages.browser(Role.CASE_MANAGER)
    compare = f"{second}/duplicates/{first.rpartition('/')[2]}"
    manager.open(compare)
    likely = dict(re.findall(r'name="(same-[0-9a-f-]+)".*?value="([0-9a-f-]{36})" selected', manager.page, re.DOTALL))
    assert len(likely) >= 1
    manager.send(compare, {"decision": "one", "reason": "sent_twice", **likely, **versions(manager)})
    assert "Merged a duplicate into this case" in manager.open(second)


def test_two_that_are_different_are_no_longer_warned_of(pages: Pages) -> None:
    first, second = submitted(pages), submitted(pages, "Astar Canari")
    manager = pages.browser(Role.CASE_MANAGER)
    compare = f"{second}/duplicates/{first.rpartition('/')[2]}"
    manager.open(compare)
    assert manager.send(compare, {"decision": "different"}) == f"{second}?done=different"
    assert "This may be the same" not in manager.open(second)
    assert "No two cases look alike" in manager.open("/intake/duplicates")


def test_a_case_that_changed_meanwhile_is_not_merged(pages: Pages) -> None:
    first, second = submitted(pages), submitted(pages, "Astar Canari")
    manager, worker = pages.browser(Role.CASE_MANAGER), pages.browser(Role.CASE_WORKER)
    compare = f"{second}/duplicates/{first.rpartition('/')[2]}"
    manager.open(compare)
    told = {"decision": "one", "reason": "sent_twice", **versions(manager)}
    worker.open(f"{first}/do/accept")
    worker.send(f"{first}/do/accept")
    assert "was changed meanwhile" in manager.send(compare, told, 412)


def test_a_case_worker_still_opens_the_own_restricted_case_that_was_merged_into_one_they_may_not_see(
    pages: Pages,
) -> None:
    actors = [pages.own.member(role).actor for role in (Role.CHILD_PROTECTION_OFFICER, Role.CASE_WORKER)]
    with transaction(pages.engine) as session:
        body = CASE_SHAPES["child"].validate_python(CHILD)
        made = [commands.submit_case(session, one, body, idempotency_key=None, request={}) for one in actors]
        ids = [UUID(one["id"]) for one in made]
        commands.merge_cases(session, actors[0], ids[0], ids[1])
    worker, officer = pages.browser(Role.CASE_WORKER), pages.browser(Role.CHILD_PROTECTION_OFFICER)
    shown = worker.open(f"/intake/cases/{ids[1]}")
    assert "This case was merged into another, which is worked on instead." in shown
    assert "Everything is done in the case that it was merged into." in shown
    assert str(ids[0]) not in shown
    worker.open(f"/intake/cases/{ids[0]}", 404)
    assert f'href="/intake/cases/{ids[0]}"' in officer.open(f"/intake/cases/{ids[1]}")


def test_nobody_else_may_compare_or_merge(pages: Pages) -> None:
    first, second = submitted(pages), submitted(pages, "Astar Canari")
    compare = f"{second}/duplicates/{first.rpartition('/')[2]}"
    stranger, worker = pages.browser(Role.CASE_MANAGER, of=pages.other), pages.browser(Role.CASE_WORKER)
    stranger.open(compare, 404)
    worker.open("/intake/duplicates", 403)
    worker.open(compare)
    worker.send(compare, {"decision": "different"}, 403)
    worker.open(f"{second}/undo-merge", 403)
