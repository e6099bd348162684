"""How a family is told is asked, shown and ended, and its replies are read, without JavaScript; for everybody."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import select

from services.intake.commands.family import ask_for_attention, keep_complaint, keep_reply, note_family_message
from services.intake.commands.protection import record_legal_basis
from services.intake.domain import CasePerson, FamilyContact
from shared.access import Role
from shared.database import reading, transaction, utc_now, uuid7
from shared.events import (
    AttentionRequested,
    ComplaintReceived,
    ComplaintText,
    FamilyMessageStatusChanged,
    FamilyReplied,
)
from tests.browser.test_every_page import REQUEST, submit
from tests.browser.visitor import Site, Window

pytestmark = pytest.mark.browser


def told(site: Site) -> str:
    """The address of a case whose enquirer may be told."""
    case_id = UUID(submit(site, REQUEST))
    worker = site.staff.member(Role.CASE_WORKER).actor
    enquirer = select(CasePerson.person_id).where(CasePerson.case_id == case_id, CasePerson.role == "enquirer")
    with transaction(site.engine) as session:
        record_legal_basis(session, worker, session.scalars(enquirer).one(), purpose="notification", basis="consent")
    return f"/intake/cases/{case_id}"


def comes_back(site: Site, case: str) -> None:
    """Notify tells of a message, a reply, a task and a complaint."""
    about: dict[str, Any] = {"organisation_id": site.staff.organisation_id, "case_id": UUID(case.rpartition("/")[2])}
    ids: dict[str, Any] = {"person_id": uuid7(), "contact_id": uuid7(), "reply_id": uuid7()}
    now = utc_now()
    with transaction(site.engine) as session:
        reply = FamilyReplied(**about, **ids, channel="sms", intent="safe")
        keep_reply(session, reply, "أنا بخير.\nI am well, with my cousin.", now)
        for reason, hours in (("not_delivered", -1), ("call_the_family", 20)):
            asked = AttentionRequested(
                **about,
                request_id=uuid7(),
                reason=reason,
                due_by=now + timedelta(hours=hours),
            )
            ask_for_attention(session, asked, now)
        for status, reason in (("delivered", None), ("held", "unverified"), ("cancelled", "no_legal_basis")):
            changed = FamilyMessageStatusChanged(
                **about, notification_id=uuid7(), channel="sms", status=status, reason=reason
            )
            note_family_message(session, changed, now)
        complaint = ComplaintReceived(**about, complaint_id=uuid7(), about="staff")
        keep_complaint(session, complaint, ComplaintText(text="Nobody listened to me."), now)


@pytest.mark.parametrize("language", ["en", "ar"])
@pytest.mark.parametrize("width", [1280, 360])
def test_telling_a_family_is_for_everybody(
    site: Site, window: Callable[..., Window], width: int, language: str
) -> None:
    case = told(site)
    worker = window(width, language)
    worker.enter(Role.CASE_WORKER)
    worker.open(f"{case}/family/new")
    worker.look("family-form")
    worker.press()
    worker.look("family-refused")
    worker.fill("sms", "+218 91 773 1442")
    worker.fill("email", "family@example.org")
    worker.choose("first", "email")
    worker.choose("language", "ar")
    worker.choose("time_zone", "Africa/Tripoli")
    worker.choose("shared_phone", "yes")
    worker.fill("alias", "ابن العم طارق")
    worker.press()
    assert "register_contact" in worker.path
    comes_back(site, case)
    worker.open(case)
    worker.look("family-case")
    assert "1442" not in worker.page.content()
    with reading(site.engine) as session:
        one = f"{case}/family/{session.scalars(select(FamilyContact.id)).one()}"
    worker.open(f"{one}/change")
    worker.look("family-change")
    worker.open(f"{one}/withdraw")
    worker.look("family-end")
    worker.press()
    worker.look("family-ended")
    site.staff.forget_codes()
    manager = window(width, language)
    manager.enter(Role.CASE_MANAGER)
    manager.open("/intake/my-work")
    manager.look("family-work")
    manager.open("/intake/complaints")
    manager.look("family-complaints")
    assert worker.found_wrong + manager.found_wrong == []


def test_it_works_without_javascript(site: Site, window: Callable[..., Window]) -> None:
    case = told(site)
    plain = window(360, "en", scripts=False)
    plain.enter(Role.CASE_WORKER)
    plain.open(case)
    plain.follow("Add a way of telling the family")
    plain.fill("voice", "+251 91 123 4567")
    plain.choose("first", "voice")
    plain.choose("language", "am")
    plain.choose("time_zone", "Africa/Addis_Ababa")
    plain.choose("shared_phone", "no")
    plain.press()
    comes_back(site, case)
    plain.open(case)
    plain.press("Mark as done: Call the family")
    assert "finish_attention" in plain.path
    plain.follow("End it")
    plain.press()
    assert "withdraw_contact" in plain.path
