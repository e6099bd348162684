"""Photos and documents: added, looked at, ticked for a referral and removed, without JavaScript; for everybody."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from services.intake.casework.referrals import AskAgreement
from services.intake.commands.agreements import propose_agreement, sign_agreement
from services.intake.commands.protection import record_legal_basis
from services.intake.domain import CasePerson
from shared.access import Role
from shared.database import transaction
from tests.browser.test_every_page import REQUEST, submit
from tests.browser.visitor import Site, Window
from tests.intake.attachments.files import paper, photo
from tests.staff import Staff

pytestmark = pytest.mark.browser

ENQUIRER, SOUGHT = REQUEST["people"]
GROWN: dict[str, Any] = {"role": "sought", "person": {**SOUGHT["person"], "birth": {"year": 1990}}}


def shareable(site: Site, partner: Staff) -> str:
    """The address of a case whose people agree to be shared with the partner, under an agreement."""
    case_id = UUID(submit(site, {**REQUEST, "people": [ENQUIRER, GROWN]}))
    manager, theirs = site.staff.member(Role.CASE_MANAGER).actor, partner.member(Role.CASE_MANAGER).actor
    terms = {
        "partner_id": partner.organisation_id,
        "purposes": ["tracing"],
        "fields": ["names", "sex", "attachments"],
        "valid_from": "2020-01-01",
    }
    with transaction(site.engine) as session:
        for (one,) in session.query(CasePerson.person_id).filter(CasePerson.case_id == case_id).all():
            record_legal_basis(
                session, manager, one, purpose="sharing", basis="consent", recipient_id=partner.organisation_id
            )
        made = propose_agreement(session, manager, AskAgreement.model_validate(terms)).id
    with transaction(site.engine) as session:
        sign_agreement(session, theirs, made)
    return f"/intake/cases/{case_id}"


def add(one: Window, case: str, file: Path, title: str, person: str | None = None) -> None:
    one.open(f"{case}/attachments")
    one.page.locator('[name="file"]').set_input_files(file)
    one.fill("title", title)
    if person:
        one.page.get_by_label(person).check()
    one.press()


@pytest.mark.parametrize("language", ["en", "ar"])
@pytest.mark.parametrize("width", [1280, 360])
def test_photos_and_documents_are_for_everybody(
    site: Site, window: Callable[..., Window], tmp_path: Path, width: int, language: str
) -> None:
    partner = Staff(site.engine, "harbour-clinic", "Clinic of the Harbour")
    case = shareable(site, partner)
    picture, document, broken = (tmp_path / name for name in ("a.jpg", "b.pdf", "c.jpg"))
    picture.write_bytes(photo(size=(1200, 900), orientation=6))
    document.write_bytes(paper())
    broken.write_bytes(b"\xff\xd8\xff no photo")
    worker, plain = window(width, language), window(width, language, scripts=False)
    for one in (worker, plain):
        one.enter(Role.CASE_WORKER)
        site.staff.forget_codes()
    worker.open(f"{case}/attachments")
    worker.look("attachments-form")
    add(worker, case, broken, "A photo")
    worker.look("attachments-refused")
    add(plain, case, picture, "At home, summer of 2024", "አስቴር ተስፋዬ")
    add(plain, case, document, "Birth certificate")
    worker.open(case)
    worker.look("attachments-case")
    worker.follow("At home, summer of 2024")
    worker.page.wait_for_load_state("load")
    shown = worker.page.locator("img.kb-photo")
    assert shown.evaluate("one => [one.naturalWidth, one.naturalHeight]") == [900, 1200], "upright"
    worker.look("attachment")
    at = worker.path
    worker.open(f"{case}/refer?receiver_id={partner.organisation_id}")
    worker.page.locator('[name="attachments"]').check()
    worker.look("attachments-refer")
    worker.open(f"{at}/remove")
    worker.look("attachment-remove")
    plain.open(f"{at}/remove")
    plain.press()
    assert "At home" not in plain.page.locator("main").inner_text()
    assert [worker.found_wrong, plain.found_wrong] == [[], []]
