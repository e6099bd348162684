"""The lists of possible matches: whom they wait for, and how they are turned over."""

from __future__ import annotations

import re

import pytest

from services.intake.casework.matching import DECIDED_WITHIN
from services.intake.commands.matches.sweeping import sweep_matches_at
from shared.access import Role
from shared.database import transaction, utc_now
from tests.intake.matching.proposals.conftest import MANAGER, OFFICER
from tests.intake.pages.matches.conftest import (
    DPO,
    REJECT_FORM,
    Desks,
    decide,
)


def test_a_data_protection_officer_reads_and_decides_nothing(desks: Desks) -> None:
    _, _, path = desks.pair()
    reader = desks.holder(DPO)
    page = reader.open(path)
    assert "Your role may read this, and decides nothing of it." in page
    assert "Record the decision" not in page
    reader.send(path, REJECT_FORM, 403)
    assert "Possible matches that wait for us" not in reader.open("/intake/my-work")
    assert "/intake/matches" not in desks.holder(Role.ADMINISTRATOR).open("/intake/my-work")


def test_what_nobody_has_decided_in_time_is_shown_to_managers(desks: Desks) -> None:
    desks.pair()
    with transaction(desks.pages.engine) as session:
        sweep_matches_at(session, utc_now() + DECIDED_WITHIN["proposed"] * 2)
    manager = desks.holder(MANAGER)
    assert "Possible matches that nobody has decided" in manager.open("/intake/my-work")
    for page in ("/intake/my-work", "/intake/matches"):
        assert '<strong class="govuk-tag govuk-tag--red">Overdue</strong>' in manager.open(page)
    assert "Possible matches that nobody has decided" not in desks.holder().open("/intake/my-work")


def test_lists_are_narrowed_and_turned_over(desks: Desks, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("services.intake.pages.matching.PAGE_ROWS", 1)
    _, _, first = desks.pair()
    _, _, second = desks.pair()
    holder = desks.holder()
    decide(holder, second, REJECT_FORM)
    assert (first in holder.open("/intake/matches?view=found"), second in holder.page) == (True, False)
    assert (first in holder.open("/intake/matches?view=found&show=rejected"), second in holder.page) == (False, True)
    assert second in holder.open("/intake/matches?view=found&show=all")
    following = re.search(r'rel="next" href="([^"]+)"', holder.page)
    assert following is not None
    assert first in holder.open(following[1].replace("&amp;", "&"))
    assert "You see one as soon as" in holder.open("/intake/matches?view=sought")
    holder.open("/intake/matches?view=nonsense", 404)


def test_the_menu_counts_what_the_visitor_decides_and_the_rest_is_under_its_colleagues(desks: Desks) -> None:
    sought, found = desks.hub.request(birth={"year": 2015}), desks.hub.registered(birth={"year": 2015})
    desks.hub.propose(sought, found)
    path = f"/intake/matches/{desks.hub.rows()[0].id}"
    worker, officer, reader = desks.holder(), desks.holder(OFFICER), desks.holder(DPO)
    assert "Nothing waits for you" in worker.open("/intake/matches")
    assert "kb-counted" not in worker.page
    assert "view=colleagues" in worker.page
    assert path in worker.open("/intake/matches?view=colleagues")
    assert "Waits for a child protection officer" in worker.page
    assert path in officer.open("/intake/matches")
    assert '<span class="kb-counted">1</span>' in officer.page
    assert "view=colleagues" not in officer.page
    assert "Nothing waits for a colleague of yours." in officer.open("/intake/matches?view=colleagues")
    assert "kb-counted" not in reader.open("/intake/matches")


def test_what_waits_is_turned_over(desks: Desks, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("services.intake.pages.matching.PAGE_ROWS", 1)
    paths = {desks.pair()[2] for _ in range(3)}
    holder, seen = desks.holder(), set()
    page = holder.open("/intake/matches")
    for _ in range(3):
        seen |= {one for one in paths if one in page}
        following = re.search(r'rel="next" href="([^"]+)"', page)
        if following is None:
            break
        page = holder.open(following[1].replace("&amp;", "&"))
    assert seen == paths
    assert "First page" in page
