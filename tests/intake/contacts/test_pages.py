"""How a family is told, on the pages: without a script, by a case worker."""

from __future__ import annotations

import re
from typing import Any
from uuid import UUID

from sqlalchemy import select, update

from services.intake import commands
from services.intake.commands.family import (
    ask_for_attention,
    keep_complaint,
    keep_reply,
    note_family_message,
    note_opt_out,
)
from services.intake.commands.protection import record_legal_basis
from services.intake.domain import Case, CasePerson, FamilyContact
from services.intake.schemas import CASE_SHAPES
from shared.access import Role
from shared.database import reading, transaction, utc_now, uuid7
from shared.events import (
    AttentionRequested,
    ComplaintReceived,
    ComplaintText,
    FamilyMessageStatusChanged,
    FamilyReplied,
)
from tests.intake.contacts.conftest import NUMBER
from tests.intake.pages.conftest import Pages
from tests.intake.people import person, request_for
from tests.staff import Browser

FORM = {
    "sms": NUMBER,
    "email": "canaryletter@quay.example.org",
    "first": "email",
    "language": "ti",
    "fallbacks": "am",
    "time_zone": "Africa/Tripoli",
    "quiet_from": "21",
    "quiet_to": "8:00",
    "shared_phone": "yes",
    "alias": "Cousin Tamarisk",
    "spoken_word": "pomegranate",
}


def case_of(pages: Pages, *, allowed: bool = True) -> str:
    """The address of a tracing request; its enquirer agreed to be told, if `allowed`."""
    worker, body = pages.own.member(Role.CASE_WORKER).actor, request_for(person("Yonas"))
    with transaction(pages.engine) as session:
        submitted = CASE_SHAPES["tracing_request"].validate_python(body)
        made = commands.submit_case(session, worker, submitted, idempotency_key=None, request=body)
        case_id = UUID(made["id"])
        enquirer = session.scalars(
            select(CasePerson.person_id).where(CasePerson.case_id == case_id, CasePerson.role == "enquirer")
        ).one()
        if allowed:
            record_legal_basis(session, worker, enquirer, purpose="notification", basis="consent")
        session.execute(update(Case).where(Case.id == case_id).values(assigned_to=worker.user_id))
    return f"/intake/cases/{case_id}"


def section(browser: Browser) -> str:
    """What the page tells about telling the family."""
    found = re.search(r'<section aria-labelledby="family">.*?</section>', browser.page, re.DOTALL)
    assert found is not None
    return found[0]


def registered(browser: Browser, case: str, **more: str) -> str:
    browser.open(f"{case}/family/new")
    token = re.search(r'name="person_id" value="([0-9a-f-]+)"', browser.page)
    assert token is not None
    return browser.send(f"{case}/family/new", {**FORM, "person_id": token[1], **more})


def test_a_contact_is_asked_shown_changed_and_ended(pages_on_both: Pages) -> None:
    worker, case = pages_on_both.browser(Role.CASE_WORKER), case_of(pages_on_both)
    worker.open(case)
    assert "it gets no messages" in section(worker)
    assert "Halima Enquirer" in worker.open(f"{case}/family/new")
    assert registered(worker, case) == f"{case}?done=register_contact#family"
    worker.open(f"{case}?done=register_contact")
    assert "Recorded: “Recorded how the family is told”." in worker.page
    shown = section(worker)
    for words in ("c…@q…", "…42", "Tigrinya, Amharic", "Libya – Tripoli", "21:00–08:00", "Cousin Tamarisk"):
        assert words in shown
    assert shown.index("E-mail") < shown.index("Text message")
    for hidden in (NUMBER, NUMBER[1:], "canaryletter", "quay"):
        assert hidden not in worker.page
    with reading(pages_on_both.engine) as session:
        one = f"{case}/family/{session.scalars(select(FamilyContact.id)).one()}"
    asked = worker.open(f"{one}/change")
    assert "Why we ask again" in asked
    assert 'value="Cousin Tamarisk"' in asked
    assert "canaryletter" not in asked
    refused = worker.send(f"{one}/change", {**FORM, "sms": "", "email": ""}, 422)
    assert "Give at least one number or address." in refused
    assert worker.send(f"{one}/change", {**FORM, "language": "fr"}) == f"{case}?done=change_contact#family"
    worker.open(case)
    assert "French, Amharic" in section(worker)
    worker.open(f"{one}/withdraw")
    assert worker.send(f"{one}/withdraw", {}) == f"{case}?done=withdraw_contact#family"
    worker.open(case)
    assert "Ended" in section(worker)
    assert "Tamarisk" not in worker.page
    worker.open(f"{one}/change", 409)


def test_what_is_wrong_stands_beside_its_field_and_what_was_typed_stays(pages: Pages) -> None:
    worker, case = pages.browser(Role.CASE_WORKER), case_of(pages)
    worker.open(f"{case}/family/new")
    token = re.search(r'name="person_id" value="([0-9a-f-]+)"', worker.page)
    assert token is not None
    wrong = {"sms": "0917731442", "email": "nobody", "alias": "www.x.org", "time_zone": "Atlantis", "language": ""}
    refused = worker.send(f"{case}/family/new", {**FORM, "person_id": token[1], **wrong, "quiet_to": "26"}, 422)
    for field in ("sms", "email", "alias", "time_zone", "language", "quiet_to"):
        assert f'href="#{field}"' in refused, field
        assert f'id="{field}-error"' in refused, field
    assert 'value="0917731442"' in refused
    with reading(pages.engine) as session:
        assert session.scalars(select(FamilyContact.id)).all() == []


def test_without_a_legal_basis_the_page_says_what_to_record_first(pages: Pages) -> None:
    worker, case = pages.browser(Role.CASE_WORKER), case_of(pages, allowed=False)
    worker.open(f"{case}/family/new")
    token = re.search(r'name="person_id" value="([0-9a-f-]+)"', worker.page)
    assert token is not None
    assert "Protection, consent and requests" in worker.send(f"{case}/family/new", {**FORM, "person_id": token[1]}, 409)


def test_a_form_that_was_overtaken_changes_nothing(pages: Pages) -> None:
    worker, case = pages.browser(Role.CASE_WORKER), case_of(pages)
    registered(worker, case)
    with transaction(pages.engine) as session:
        contact = session.scalars(select(FamilyContact.id)).one()
        note_opt_out(session, contact, utc_now())
    one = f"{case}/family/{contact}"
    worker.open(f"{one}/change")
    assert "decide anew" in worker.send(f"{one}/change", {**FORM, "version": "1"}, 412)
    worker.open(f"{one}/withdraw")
    assert "decide anew" in worker.send(f"{one}/withdraw", {"version": "1"}, 412)
    worker.open(case)
    assert "Wants no messages" in section(worker)


def test_who_may_only_read_is_offered_no_form(pages: Pages) -> None:
    worker, case = pages.browser(Role.CASE_WORKER), case_of(pages)
    registered(worker, case)
    officer = pages.browser(Role.DATA_PROTECTION_OFFICER)
    officer.open(case)
    assert "Cousin Tamarisk" in section(officer)
    assert "/family/" not in officer.page
    officer.open(f"{case}/family/new", 403)
    stranger = pages.browser(Role.CASE_MANAGER, of=pages.other)
    stranger.open(f"{case}/family/new", 404)


def test_replies_and_tasks_stand_on_the_desk_and_in_the_case_until_they_are_done(pages_on_both: Pages) -> None:
    pages = pages_on_both
    worker, case = pages.browser(Role.CASE_WORKER), case_of(pages)
    about: dict[str, Any] = {"organisation_id": pages.own.organisation_id, "case_id": UUID(case.rpartition("/")[2])}
    reply = FamilyReplied(
        **about, person_id=uuid7(), contact_id=uuid7(), reply_id=uuid7(), channel="page", intent="not_missing"
    )
    asked = AttentionRequested(**about, request_id=uuid7(), reason="call_the_family", due_by=utc_now())
    with transaction(pages.engine) as session:
        keep_reply(session, reply, "I live with <b>Tariq</b>.", utc_now())
        ask_for_attention(session, asked, utc_now())
    desk = worker.open("/intake/my-work")
    assert "Says: I am not missing" in desk
    assert "Call the family" in desk
    worker.open(case)
    assert "I live with &lt;b&gt;Tariq" in section(worker)
    assert "Check first who wrote this" in section(worker)
    worker.send(f"{case}/family-replies/{reply.reply_id}/done", {})
    worker.open(case)
    worker.send(f"{case}/attention/{asked.request_id}/done", {})
    assert "Mark as done" not in worker.open(case)
    assert "I am not missing" not in worker.open("/intake/my-work")


def test_why_messages_wait_or_were_not_sent_stands_on_the_case_with_what_to_do_next(pages_on_both: Pages) -> None:
    pages = pages_on_both
    worker, case = pages.browser(Role.CASE_WORKER), case_of(pages)
    registered(worker, case)
    about = {"organisation_id": pages.own.organisation_id, "case_id": UUID(case.rpartition("/")[2]), "channel": "sms"}
    with transaction(pages.engine) as session:
        for status, reason in (("held", "case_held"), ("cancelled", "opted_out"), ("permanent-failure", None)):
            told = FamilyMessageStatusChanged(**about, notification_id=uuid7(), status=status, reason=reason)
            note_family_message(session, told, utc_now())
    worker.open(case)
    shown = re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", section(worker)))
    assert re.search(r"Held back Since \d.* The case is on hold\. It goes out by itself once the operator", shown)
    assert "The family wants no messages. Nothing is sent until the family itself asks" in shown
    assert "Did not arrive: the number or address does not work" in shown


def test_a_reply_of_a_case_that_is_nobodys_is_counted_at_the_top_of_a_managers_work(pages_on_both: Pages) -> None:
    pages = pages_on_both
    case = case_of(pages)
    about = {"organisation_id": pages.own.organisation_id, "case_id": UUID(case.rpartition("/")[2])}
    ids = {"person_id": uuid7(), "contact_id": uuid7(), "reply_id": uuid7()}
    with transaction(pages.engine) as session:
        session.execute(update(Case).values(assigned_to=None))
        keep_reply(session, FamilyReplied(**about, **ids, channel="sms"), "Hello", utc_now())
    manager, worker = pages.browser(Role.CASE_MANAGER), pages.browser(Role.CASE_WORKER)
    page = manager.open("/intake/my-work")
    assert re.search(r'<a href="#families"><span class="kb-figure">1</span> families to be told, or answered', page)
    assert page.index('href="#families"') < page.index('id="families"')
    assert (
        "Nobody&#39;s yet" in page[page.index('id="families"') :].partition("</section>")[0] or "Nobody's yet" in page
    )
    assert "families to be told" not in worker.open("/intake/my-work")
    assert "Wrote to you" in manager.open(case)
    assert "The family" in manager.page


def test_complaints_are_shown_to_those_who_may_read_them(pages: Pages) -> None:
    complaint = ComplaintReceived(organisation_id=pages.own.organisation_id, complaint_id=uuid7(), about="staff")
    with transaction(pages.engine) as session:
        keep_complaint(session, complaint, ComplaintText(text="He <i>shouted</i> at me."), utc_now())
    worker, manager = pages.browser(Role.CASE_WORKER), pages.browser(Role.CASE_MANAGER)
    assert "Complaints" not in worker.open("/intake/my-work")
    worker.open("/intake/complaints", 403)
    assert "Complaints and thanks" in manager.open("/intake/my-work")
    assert "He <i>shouted</i> at me." in manager.open("/intake/complaints")
    assert "<i>" not in manager.page
    manager.send(f"/intake/complaints/{complaint.complaint_id}/done", {})
    assert "Dealt with" in manager.open("/intake/complaints")
    assert "Mark as dealt with" not in manager.page
