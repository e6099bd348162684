"""What pages never do: take a stranger's form, run what somebody typed, tell an address what a case holds."""

from __future__ import annotations

import re
from typing import Any
from uuid import UUID

import pyotp
import pytest
from sqlalchemy import select, update

from services.intake import commands
from services.intake.casework.common import Note
from services.intake.casework.tracing_request import FoundIn
from services.intake.domain import CaseDraft, PersonViewed, SignedIn, User
from services.intake.domain.reference import new_reference
from services.intake.pages import visits
from services.intake.schemas import CASE_SHAPES, CasePersonIn
from shared.access import Role
from shared.database import reading, transaction, utc_now
from shared.vault import data_key
from tests.intake.lives.test_child import CHILD
from tests.intake.pages.conftest import Pages
from tests.staff import PASSWORD, Browser

HOSTILE = "<script>alert('CANARY')</script>"
TURNED = "Canary\u202egnp.exe"


def submitted(pages: Pages, name: str = "Aster Canary") -> str:
    """The address of a case that a case worker submitted."""
    actor = pages.own.member(Role.CASE_WORKER).actor
    body: dict[str, Any] = {
        "type": "tracing_request",
        "details": {"relationship": "parent", "circumstances": name},
        "people": [
            {"role": "enquirer", "person": {"names": [{"full": "Amina"}]}},
            {"role": "sought", "person": {"names": [{"full": name}], "birth": {"year": 1990}}},
        ],
    }
    with transaction(pages.engine) as session:
        case = commands.submit_case(
            session, actor, CASE_SHAPES[body["type"]].validate_python(body), idempotency_key=None, request=body
        )
    return f"/intake/cases/{case['id']}"


@pytest.mark.parametrize(
    ("fields", "headers"),
    [
        ({"form_token": ""}, {}),
        ({"form_token": "0" * 64}, {}),
        ({}, {"Origin": "https://evil.example"}),
        ({}, {"Origin": "null"}),
        ({}, {"Sec-Fetch-Site": "cross-site"}),
    ],
)
def test_a_form_that_is_not_ours_is_refused(pages: Pages, fields: dict[str, str], headers: dict[str, str]) -> None:
    case, worker = submitted(pages), pages.browser(Role.CASE_WORKER)
    worker.open(f"{case}/do/accept")
    assert "You may not do this" in worker.send(f"{case}/do/accept", fields, 403, **headers)
    stranger = pages.browser()
    stranger.open("/intake/sign-in")
    stranger.send("/intake/sign-in", {"name": "a", "password": "b", **fields}, 403, **headers)
    assert "Received, not yet looked at" in worker.open(case)


def test_a_form_of_another_session_is_refused(pages: Pages) -> None:
    case, worker, manager = submitted(pages), pages.browser(Role.CASE_WORKER), pages.browser(Role.CASE_MANAGER)
    manager.open(f"{case}/do/accept")
    worker.page = manager.page
    worker.send(f"{case}/do/accept", {}, 403)


def test_what_somebody_typed_is_never_run(pages: Pages) -> None:
    for name in (HOSTILE, TURNED, '" onfocus="alert(1)', "{{ 7 * 7 }}"):
        case, worker = submitted(pages, name), pages.browser(Role.CASE_WORKER)
        shown = worker.open(case)
        assert name in shown
        assert "<script" not in worker.page
        assert 'onfocus="' not in worker.page
        assert "{{" not in worker.page or name == "{{ 7 * 7 }}"
        if name == TURNED:
            assert f"<bdi>{TURNED}</bdi>" in worker.page
        policy = worker.answer.headers["content-security-policy"]
        assert "default-src 'none'" in policy
        assert "unsafe" not in policy


def test_a_page_is_kept_by_nobody(pages: Pages) -> None:
    worker = pages.browser(Role.CASE_WORKER)
    worker.open(submitted(pages))
    assert worker.answer.headers["cache-control"] == "no-store"
    assert worker.answer.headers["x-frame-options"] == "DENY"
    assert worker.answer.headers["x-content-type-options"] == "nosniff"


@pytest.mark.parametrize(("https", "name"), [(False, "kinbridge_session"), (True, "__Host-kinbridge_session")])
def test_the_cookie_is_for_this_site_alone(pages: Pages, https: bool, name: str) -> None:
    browser = pages.browser(Role.CASE_WORKER, https=https)
    kept = next(one for one in browser.answer.headers.get_list("set-cookie") if one.startswith(f"{name}="))
    assert "HttpOnly" in kept
    assert "SameSite=lax" in kept
    assert "Path=/" in kept
    assert "Domain" not in kept
    assert ("Secure" in kept) is https


def test_no_address_holds_what_a_case_says(pages: Pages) -> None:
    worker = pages.browser(Role.CASE_WORKER)
    case = submitted(pages, "Aster Canary")
    worker.open("/intake/cases/by-name")
    assert "Aster Canary" in worker.send("/intake/cases/by-name", {"name": "Aster Canari"}, 200)
    assert "canar" not in str(worker.answer.url).lower()
    draft = begun(worker)
    following = worker.send(f"{draft}/people/1/names", {"full": "Canary"})
    for page in ("/intake/cases", "/intake/my-work", case, f"{draft}/check", following):
        worker.open(page)
        assert not [one for one in re.findall(r'(?:href|action)="([^"]*)"', worker.page) if "canar" in one.lower()]


def test_an_ended_session_keeps_where_one_was(pages: Pages) -> None:
    case, worker = submitted(pages), pages.browser(Role.CASE_WORKER)
    worker.open(f"{case}/do/add_note")
    with transaction(pages.engine) as session:
        session.execute(update(SignedIn).values(ends_at=utc_now()))
    leads = worker.send(f"{case}/do/add_note", {"note": "n"}, 303, Referer=f"http://kinbridge.test{case}/do/add_note")
    assert leads == f"/intake/sign-in?ended=1&next={case}/do/add_note"
    assert "Your session has ended" in worker.open(leads)
    member = pages.own.member(Role.CASE_WORKER)
    worker.send("/intake/sign-in", {"name": member.sign_in_name, "password": PASSWORD, "next": f"{case}/do/add_note"})
    worker.open("/intake/sign-in/code")
    assert worker.send("/intake/sign-in/code", {"code": member.code}) == f"{case}/do/add_note"


@pytest.mark.parametrize("wanted", ["https://evil.example/", "//evil.example", "/intake//evil", "/intake/\\evil", "/x"])
def test_nobody_is_led_away(pages: Pages, wanted: str) -> None:
    browser = pages.browser()
    browser.open(f"/intake/sign-in?next={wanted}")
    assert 'name="next" value="/intake/my-work"' in browser.page


def test_many_attempts_lock_the_name_and_the_page_says_so(pages: Pages) -> None:
    pages.own.member(Role.CASE_WORKER)
    browser = pages.browser()
    browser.open("/intake/sign-in")
    name = pages.own.member(Role.CASE_WORKER).sign_in_name
    for _ in range(5):
        shown = browser.send("/intake/sign-in", {"name": name, "password": "wrong"}, 422)
    assert "There were too many attempts under this name" in shown
    assert "You can try again after" in shown


def test_an_invitation_leads_to_a_password_a_second_step_and_recovery_codes(pages: Pages) -> None:
    invitation = pages.own.invite(Role.CASE_WORKER, "new@example.org")
    browser = pages.browser()
    assert browser.open(f"/intake/invitation/{invitation.secret}", 303) == "/intake/invitation"
    assert "new@example.org" in browser.open("/intake/invitation")
    refused = browser.send("/intake/invitation", {"password": "password1234", "again": "password1234"}, 422)
    assert "guessed soon" in refused
    assert "not the same" in browser.send("/intake/invitation", {"password": PASSWORD, "again": "x"}, 422)
    browser.send("/intake/invitation", {"password": PASSWORD, "again": PASSWORD})
    shown = browser.open("/intake/sign-in/code")
    secret = re.search(r'dir="ltr">([A-Z2-7]{32})<', shown)
    assert secret
    codes = browser.send("/intake/sign-in/code", {"code": pyotp.TOTP(secret[1]).now()}, 200)
    assert len(re.findall(r"<code", codes)) == 10
    browser.open("/intake/my-work")
    assert "This invitation was used" in browser.open(f"/intake/invitation/{invitation.secret}", 404)
    browser.open("/intake/invitation", 404)


def test_a_form_that_is_behind_the_case_tells_who_changed_what(pages: Pages) -> None:
    case, worker, manager = submitted(pages), pages.browser(Role.CASE_WORKER), pages.browser(Role.CASE_MANAGER)
    worker.open(f"{case}/do/accept")
    manager.open(f"{case}/do/add_note")
    manager.send(f"{case}/do/add_note", {"note": "Wait for me"})
    shown = worker.send(f"{case}/do/accept", {}, 412)
    assert "Wait for me" in shown
    assert "Marta Ruiz" in shown
    worker.send(f"{case}/do/accept")


def test_what_must_be_done_first_is_said(pages: Pages) -> None:
    case, worker = submitted(pages), pages.browser(Role.CASE_WORKER)
    worker.open(f"{case}/do/close")
    shown = worker.send(f"{case}/do/close", {"reason": "located"}, 409)
    assert "Tell the family the released news first" in shown
    shown = worker.send(f"{case}/do/close", {}, 422)
    assert 'href="#reason"' in shown
    assert 'id="reason-error"' in shown


def test_a_wrong_reference_is_marked_at_its_question(pages: Pages) -> None:
    case, worker = submitted(pages), pages.browser(Role.CASE_WORKER)
    for reference in ("KB-XXXXX-XXXXX-X", new_reference()):
        worker.open(f"{case}/do/link_found_person")
        shown = worker.send(f"{case}/do/link_found_person", {"found_in": reference}, 422)
        assert 'href="#found_in"' in shown
        assert "Give its reference, as KB-XXXXX-XXXXX-X." in shown


def test_the_timeline_names_cases_by_reference_and_nobody_by_an_id(pages: Pages) -> None:
    case, worker = submitted(pages), pages.browser(Role.CASE_WORKER)
    manager = pages.own.member(Role.CASE_MANAGER).actor
    with transaction(pages.engine) as session:
        body = CASE_SHAPES["child"].validate_python(CHILD)
        made = commands.submit_case(session, manager, body, idempotency_key=None, request={})
        here = UUID(case.rpartition("/")[2])
        part = CasePersonIn.model_validate({"role": "sought", "person": {"names": [{"full": "Left Canary"}]}})
        left = commands.add_person(session, manager, here, part, None)
        found = FoundIn(found_in=UUID(made["id"]), about=left)
        commands.record_deed(session, manager, here, "link_found_person", found)
        commands.remove_person(session, manager, here, left, None)
    seen_by_manager = pages.browser(Role.CASE_MANAGER).open(case)
    assert f'href="/intake/cases/{made["id"]}"' in seen_by_manager
    assert made["reference"] in seen_by_manager
    shown = worker.open(case)
    assert "Another case" in shown
    assert "Name not known" in shown
    assert made["id"] not in shown
    assert made["reference"] not in shown
    assert str(left) not in shown


def test_what_changed_meanwhile_is_not_what_a_merged_duplicate_tells_of_before(pages: Pages) -> None:
    first, second = submitted(pages), submitted(pages, "Astar Canari")
    manager, worker = pages.own.member(Role.CASE_MANAGER).actor, pages.browser(Role.CASE_WORKER)
    ids = [UUID(one.rpartition("/")[2]) for one in (first, second)]
    with transaction(pages.engine) as session:
        for number in range(5):
            commands.record_deed(session, manager, ids[1], "add_note", Note(note=f"Of before {number}"))
        commands.merge_cases(session, manager, ids[0], ids[1])
    worker.open(f"{first}/do/accept")
    with transaction(pages.engine) as session:
        commands.record_deed(session, manager, ids[0], "add_note", Note(note="Of now"))
    shown = worker.send(f"{first}/do/accept", {}, 412)
    assert "Of now" in shown
    assert "Of before" not in shown


def test_another_organisation_finds_nothing_and_a_colleague_no_draft(pages: Pages) -> None:
    case, worker = submitted(pages), pages.browser(Role.CASE_WORKER)
    draft = begun(worker)
    stranger, manager = pages.browser(Role.CASE_MANAGER, of=pages.other), pages.browser(Role.CASE_MANAGER)
    for path in (case, f"{case}/do/accept", f"{case}/assign", draft, f"{draft}/check"):
        stranger.open(path, 404)
    for path in (draft, f"{draft}/check", f"{draft}/people/1/names"):
        manager.open(path, 404)
    manager.open(case)


def test_what_was_written_can_be_removed_for_good(pages: Pages) -> None:
    worker = pages.browser(Role.CASE_WORKER)
    draft = begun(worker)
    with reading(pages.engine) as session:
        sealed = session.scalar(select(CaseDraft.sealed))
        assert sealed is not None
        assert b"Canary" not in sealed
    worker.open(f"{draft}/remove")
    worker.send(f"{draft}/remove")
    worker.open(draft, 404)
    with reading(pages.engine) as session:
        owner = UUID(draft.rpartition("/")[2])
        assert session.scalar(select(data_key.c.wrapped).where(data_key.c.owner_id == owner)) is None


def test_every_look_at_a_person_is_recorded(pages: Pages) -> None:
    case, worker = submitted(pages), pages.browser(Role.CASE_WORKER)
    worker.open(case)
    worker.open("/intake/cases/by-name")
    worker.send("/intake/cases/by-name", {"name": "Aster Canary"}, 200)
    with reading(pages.engine) as session:
        seen = session.scalars(select(PersonViewed.purpose).order_by(PersonViewed.ordinal)).all()
    assert list(seen) == ["open", "open", "search"]


def test_errors_on_pages_are_pages_in_the_visitors_language(pages: Pages) -> None:
    browser = pages.browser()
    assert "<html" in browser.open("/intake/nowhere", 404)
    browser.open("/intake/language/fr", 303)
    assert '<html lang="fr"' in browser.open("/intake/nowhere", 404)
    form = {"Content-Type": "application/x-www-form-urlencoded"}
    found = browser.client.post("/intake/sign-in", content=b"x" * 9_000_000, headers=form)
    assert found.status_code == 413
    assert '<html lang="fr"' in found.text
    assert browser.client.get("/intake/v1/nowhere").headers["content-type"] == "application/problem+json"


def begun(worker: Browser) -> str:
    """The address of a draft with a name in it."""
    worker.open("/intake/new")
    draft = worker.send("/intake/new", {"type": "tracing_request"})
    worker.open(f"{draft}/people/2/names")
    worker.send(f"{draft}/people/2/names", {"full": "Aster Canary"})
    return draft


def test_the_pages_stand_whatever_is_typed(pages_on_both: Pages) -> None:
    pages = pages_on_both
    stranger, worker = pages.browser(), pages.browser(Role.CASE_WORKER)
    stranger.open("/intake/sign-in")
    stranger.send("/intake/sign-in", {"name": "a\0b", "password": "a\0b"}, 422)
    for asked in ("status=%00", "place=%00", "place=%ED%A0%80", "assigned=%00", "type=%00"):
        worker.open(f"/intake/cases?{asked}")
    worker.open("/intake/cases?reference=%00", 422)
    worker.open("/intake/cases?after=%00", 422)
    for year in ("9" * 20, "9" * 5000, "-1", "%00"):
        worker.open(f"/intake/cases?from-year={year}&from-month=1&from-day=1", 422)
    worker.open("/intake/cases/by-name")
    worker.send("/intake/cases/by-name", {"name": "Am\0al"}, 200)


def test_a_new_password_is_not_the_name_of_the_own_organisation(pages: Pages) -> None:
    """By the interface for programs; the other sessions end with the old one."""
    here, elsewhere = pages.browser(Role.CASE_WORKER), pages.browser(Role.CASE_WORKER)
    headers = {"Authorization": f"Bearer {here.client.cookies[visits.SESSION]}"}
    answers = [
        here.client.put("/intake/v1/me/password", json={"present": PASSWORD, "new": new}, headers=headers).status_code
        for new in ("Red Cross-A 2026", "seven herons over the old harbour")
    ]
    assert answers == [422, 204]
    here.open("/intake/my-work")
    assert elsewhere.open("/intake/my-work", status=303).startswith("/intake/sign-in")


def test_what_is_not_there_is_said_in_the_visitors_language_with_the_menu(pages: Pages) -> None:
    browser = pages.browser(Role.CASE_WORKER)
    with transaction(pages.engine) as session:
        session.execute(update(User).values(language="ar"))
    told = browser.open(f"/intake/cases/{UUID(int=7)}", status=404)
    assert '<html lang="ar" dir="rtl"' in told
    assert 'href="/intake/my-work"' in told
    assert "There is no such case" not in told
    browser.client.cookies.clear()
    assert browser.open(f"/intake/cases/{UUID(int=7)}", status=303).startswith("/intake/sign-in")
