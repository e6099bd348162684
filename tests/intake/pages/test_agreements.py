"""Data-sharing agreements on the pages: proposed, signed, declined, ended; and who may."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import func, select

from services.intake import commands
from services.intake.domain import Agreement
from shared.access import Role
from shared.database import reading, transaction
from tests.intake.pages.conftest import Pages
from tests.intake.pages.referring import AGREED, hidden, hub_of
from tests.staff import Browser

HERE = "/intake/agreements"


def proposed(pages: Pages, manager: Browser, **more: Any) -> str:
    """The path of an agreement that a manager proposes to the other organisation."""
    manager.open(f"{HERE}/new")
    form = {**AGREED, "partner_id": str(pages.other.organisation_id), **hidden(manager, "key"), **more}
    return manager.send(f"{HERE}/new", form).partition("?")[0]


def managers(pages: Pages) -> tuple[Browser, Browser]:
    return pages.browser(Role.CASE_MANAGER), pages.browser(Role.CASE_MANAGER, of=pages.other)


def test_one_proposes_the_other_signs_and_either_ends_it(pages_on_both: Pages) -> None:
    manager, theirs = managers(pages_on_both)
    path = proposed(pages_on_both, manager, countries=["LBY", "", "TUN"])
    for words in ("Waits for a signature", "Libya\nTunisia", "To give help", "Until one side ends it", "Marta Ruiz"):
        assert words in manager.open(path)
    assert f"{path}/do/sign" not in manager.page, "who proposed it has signed it"
    assert path in theirs.open(HERE)
    assert theirs.page.index("signature") < theirs.page.index(path)
    assert theirs.open(path).count("Marta Ruiz") == 1, (
        "herself, above the page: the other side's are their organisation"
    )
    theirs.open(f"{path}/do/sign")
    assert theirs.send(f"{path}/do/sign") == f"{path}?done=sign"
    assert "In force" in manager.open(path)
    manager.open(f"{path}/do/end")
    manager.send(f"{path}/do/end")
    assert "Over" in theirs.open(path)
    theirs.open(f"{path}/do/end")
    assert "cannot be done with the agreement now" in theirs.page
    assert "This agreement is over already." in theirs.send(f"{path}/do/end", status=409)


def test_a_proposal_is_declined(pages: Pages) -> None:
    manager, theirs = managers(pages)
    path = proposed(pages, manager)
    theirs.open(f"{path}/do/decline")
    theirs.send(f"{path}/do/decline")
    assert "Declined" in manager.open(path)
    theirs.open(f"{path}/do/sign")
    assert "waits for no signature" in theirs.send(f"{path}/do/sign", status=409)


def test_a_second_click_leads_to_the_same_proposal(pages: Pages) -> None:
    manager, _ = managers(pages)
    manager.open(f"{HERE}/new")
    form = {**AGREED, "partner_id": str(pages.other.organisation_id), **hidden(manager, "key")}
    assert manager.send(f"{HERE}/new", form) == manager.send(f"{HERE}/new", form)
    with reading(pages.engine) as session:
        assert session.scalar(select(func.count()).select_from(Agreement)) == 1


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"purposes": []}, "purposes"),
        ({"fields": ["story"]}, "fields"),
        ({"valid_from-day": "32"}, "valid_from"),
        ({"valid_to-day": "1", "valid_to-month": "1", "valid_to-year": "2019"}, "valid_to"),
        ({"countries": ["Libya"]}, "countries"),
        ({"partner_id": ""}, "partner_id"),
    ],
)
def test_a_wrong_answer_is_shown_with_its_question(pages: Pages, wrong: dict[str, Any], field: str) -> None:
    manager, _ = managers(pages)
    manager.open(f"{HERE}/new")
    form = {**AGREED, "partner_id": str(pages.other.organisation_id), **hidden(manager, "key"), **wrong}
    assert f'href="#{field}"' in manager.send(f"{HERE}/new", form, 422)


def test_an_authority_is_never_offered_and_never_taken(pages: Pages) -> None:
    with transaction(pages.engine) as session:
        made = commands.register_organisation(session, short_name="police", name="Border Police", kind="authority")
        authority = str(made.id)
    manager, _ = managers(pages)
    assert "Border Police" not in manager.open(f"{HERE}/new")
    form = {**AGREED, "partner_id": authority, **hidden(manager, "key")}
    assert "Choose one of the organisations." in manager.send(f"{HERE}/new", form, 422)


def test_everybody_at_work_may_read_and_only_some_may_sign(pages: Pages) -> None:
    hub = hub_of(pages)
    path = f"{HERE}/{hub.agree()['id']}"
    for role in (Role.CASE_WORKER, Role.CHILD_PROTECTION_OFFICER, Role.AUDITOR):
        reader = pages.browser(role)
        assert "Nothing: your role may only read this." in reader.open(path)
        assert path in reader.open(HERE)
        reader.open(f"{path}/do/end", 403)
        reader.open(f"{HERE}/new", 403)
    assert HERE in pages.browser(Role.AUDITOR).open("/intake/my-work")
    assert f"{path}/do/end" in pages.browser(Role.DATA_PROTECTION_OFFICER).open(path)
    pages.browser(Role.ADMINISTRATOR).open(HERE, 403)


def test_my_work_says_how_many_wait_for_a_signature(pages: Pages) -> None:
    manager, theirs = managers(pages)
    proposed(pages, manager)
    assert '/intake/agreements">Data-sharing agreements to be signed</a> <span class="kb-count">1<' in theirs.open(
        "/intake/my-work"
    )
    assert '/intake/agreements">Data-sharing agreements to be signed</a> <span class="kb-count">0<' in manager.open(
        "/intake/my-work"
    )
