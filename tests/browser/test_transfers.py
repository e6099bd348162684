"""Transfers in two windows side by side: who hands a case over, and who takes it over; every page for everybody."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from shared.access import Role
from tests.browser.passing import opened, propose, shareable
from tests.browser.visitor import Site, Window

pytestmark = pytest.mark.browser


@pytest.mark.parametrize(("width", "language"), [(1280, "en"), (360, "ar")])
def test_a_case_is_handed_over_in_two_windows(
    site: Site, partner: Site, window: Callable[..., Window], width: int, language: str
) -> None:
    case = shareable(site, partner)
    ours = opened(window, site, Role.CASE_MANAGER, width, language)
    theirs = opened(window, partner, Role.CASE_MANAGER, width, language)
    ours.open(f"{case}/transfer")
    ours.look("transfer-without-agreement")
    ours.open("/intake/agreements/new")
    propose(ours, partner)
    ours.choose("fields", "whole_file")
    ours.press()
    agreement = ours.path.partition("?")[0]
    theirs.open(f"{agreement}/do/sign")
    theirs.press()
    ours.open(f"{case}/transfer")
    ours.look("transfer")
    ours.press()
    ours.look("transfer-refused")
    ours.choose("receiver_id", str(partner.staff.organisation_id))
    ours.choose("why", "family_lives_there")
    ours.choose("purpose", "assistance")
    ours.choose("country", "ITA")
    for name in ("names", "sex", "facts"):
        ours.choose("fields", name)
    ours.press()
    ours.look("transfer-preview")
    ours.page.locator('button[name="do"][value="send"]').click()
    ours.look("transfer-offered")
    path = ours.path.partition("?")[0]
    theirs.open("/intake/referrals")
    theirs.look("referrals-with-transfer")
    theirs.open(path)
    theirs.look("transfer-received")
    theirs.open(f"{path}/do/accept")
    theirs.look("transfer-accept")
    theirs.press()
    theirs.look("transfer-taken-over")
    theirs.open(case)
    theirs.look("case-taken-over")
    ours.open(case)
    assert ours.path.partition("?")[0] == path, "the case is where it went"
    ours.look("transfer-gone")
    ours.open(f"{path}/do/hand_over")
    ours.press()
    theirs.open(f"{path}/do/complete")
    theirs.look("transfer-complete")
    assert ours.found_wrong + theirs.found_wrong == []
