"""A case is handed to another organisation on the pages, in two browsers."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import select

from services.intake.domain import Case, Referral
from shared.access import Role
from shared.database import reading
from tests.intake.pages.conftest import Pages
from tests.intake.pages.referring import hidden, hub_of
from tests.intake.referrals.conftest import EVERY_FIELD, Hub
from tests.staff import Browser

NAME = "Yonas Tekle"


def wanted(pages: Pages, **more: Any) -> dict[str, Any]:
    return {
        "receiver_id": str(pages.other.organisation_id),
        "why": "family_lives_there",
        "purpose": "assistance",
        "urgency": "medium",
        "fields": ["names", "sex"],
        **more,
    }


def managers(pages: Pages) -> tuple[Browser, Browser]:
    return pages.browser(Role.CASE_MANAGER), pages.browser(Role.CASE_MANAGER, of=pages.other)


def reference_of(hub: Hub) -> str:
    with reading(hub.engine) as session:
        return session.scalars(select(Case.reference)).one()


def looked_at(browser: Browser, case: str, fields: dict[str, Any]) -> tuple[str, dict[str, Any]]:
    browser.open(f"{case}/transfer")
    page = browser.send(f"{case}/transfer", {**fields, **hidden(browser, "key")}, 200)
    return page, {**fields, **hidden(browser, "key", "seen"), "do": "send"}


def test_a_case_is_offered_taken_over_and_its_people_are_told(pages_on_both: Pages) -> None:
    pages = pages_on_both
    hub, (ours, theirs) = hub_of(pages), managers(pages)
    hub.agree()
    case = f"/intake/cases/{hub.submit().id}"
    assert "No agreement in force lets a whole case through" in ours.open(f"{case}/transfer")
    hub.agree(fields=[*EVERY_FIELD, "whole_file"])
    assert f"{case}/transfer" in ours.open(case)
    worker = pages.browser(Role.CASE_WORKER)
    assert f"{case}/transfer" not in worker.open(case)
    preview, form = looked_at(ours, case, wanted(pages))
    for words in ("Nothing was sent yet.", "What goes over if it accepts", NAME, "The family lives where"):
        assert words in preview
    path = ours.send(f"{case}/transfer", form).partition("?")[0]
    assert ours.send(f"{case}/transfer", form).partition("?")[0] == path, "a second click leads to the same"
    assert "Transfer of the case" in theirs.open("/intake/referrals")
    assert NAME in theirs.open(path)
    theirs.open(case, 404)
    assert "responsible for the case from then on" in theirs.open(f"{path}/do/accept")
    theirs.send(f"{path}/do/accept")
    reference = reference_of(hub)
    assert "Your organisation is responsible for case" in theirs.open(path)
    opened = theirs.open(case)
    assert NAME in opened
    assert "Taken over from another organisation" in opened
    assert pages.own.name in opened, "who had it before is known as an organisation"
    assert "is responsible for case" in ours.open(path)
    assert NAME not in ours.page
    assert ours.client.get(case, follow_redirects=False).headers["location"] == path
    assert "handed over to another organisation" in ours.open(f"/intake/cases?reference={reference}")
    ours.open(f"{path}/do/hand_over")
    ours.send(f"{path}/do/hand_over")
    theirs.open(f"{path}/do/complete")
    theirs.send(f"{path}/do/complete", {"reason": "people_told"})
    assert "know who is responsible now" in ours.open(path)
    worker.open(f"{case}/transfer", 403)


@pytest.mark.parametrize("left_out", ["receiver_id", "why", "fields"])
def test_what_is_missing_is_said_at_its_field(pages: Pages, left_out: str) -> None:
    hub, (ours, _) = hub_of(pages), managers(pages)
    hub.agree(fields=[*EVERY_FIELD, "whole_file"])
    case = f"/intake/cases/{hub.submit().id}"
    ours.open(f"{case}/transfer")
    fields = {name: value for name, value in wanted(pages).items() if name != left_out}
    page = ours.send(f"{case}/transfer", {**fields, **hidden(ours, "key")}, 422)
    assert f'href="#{left_out}' in page


def test_what_changed_since_it_was_looked_at_is_looked_at_again(pages: Pages) -> None:
    hub, (ours, _) = hub_of(pages), managers(pages)
    hub.agree(fields=[*EVERY_FIELD, "whole_file"])
    submitted = hub.submit()
    case = f"/intake/cases/{submitted.id}"
    _, form = looked_at(ours, case, wanted(pages))
    hub.offer(submitted.id)
    assert "under way with another organisation" in ours.send(f"{case}/transfer", form, 409)
    with reading(hub.engine) as session:
        assert {row.kind for row in session.scalars(select(Referral))} == {"referral"}


def test_in_arabic_it_is_said_in_arabic(pages: Pages) -> None:
    hub, (ours, _) = hub_of(pages), managers(pages)
    hub.agree(fields=[*EVERY_FIELD, "whole_file"])
    case = f"/intake/cases/{hub.submit().id}"
    ours.open("/intake/language/ar", 303)
    assert "تسليم الحالة إلى منظمة أخرى" in ours.open(f"{case}/transfer")
