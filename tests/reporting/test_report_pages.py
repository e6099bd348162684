"""Reports' pages: opened by intake's token; from what is due to a published issue, and what a donor's reader sees."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field

import pytest
from sqlalchemy import Engine

from services.reporting import app
from services.reporting.pages.visits import TOKEN
from shared.access import Actor, issue_token
from shared.crypto import KeyRing
from shared.pages import HEADERS
from tests.client import TestClient
from tests.reporting.grants.conftest import (
    APPROVER,
    CASE_WORKER,
    DONOR,
    MANAGER,
    STRANGER,
    WRITING_APPROVER,
    Office,
)


@dataclass
class Visitor:
    """Somebody at a browser, who came in by intake's token."""

    office: Office
    actor: Actor
    page: str = ""
    client: TestClient = field(init=False)

    def __post_init__(self) -> None:
        self.client = TestClient(app.build(self.office.engine, self.office.keys), raise_server_exceptions=False)
        came = self.client.get(
            "/reporting/enter", params={"token": issue_token(self.office.keys, self.actor)}, follow_redirects=False
        )
        assert came.status_code == 303

    def open(self, path: str, status: int = 200) -> str:
        answer = self.client.get(path, follow_redirects=False)
        assert answer.status_code == status, (path, answer.status_code, answer.text[-800:])
        self.page = answer.text
        return self.page

    def send(self, path: str, status: int = 303, **fields: str) -> str:
        """A form of the page that is open; where it leads, or the page that says why not."""
        hidden = dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)">', self.page))
        answer = self.client.post(path, data=hidden | fields, follow_redirects=False)
        assert answer.status_code == status, (path, answer.status_code, answer.text[-800:])
        if status == 303:
            return str(answer.headers["location"])
        return answer.text


@pytest.fixture
def office(database: Callable[[str], Engine], keys: KeyRing) -> Office:
    return Office(database("reporting"), keys)


def test_whoever_is_not_signed_in_is_sent_to_intake_and_back_to_the_page(office: Office) -> None:
    answer = office.client.get("/reporting/reports", follow_redirects=False)
    assert (answer.status_code, answer.headers["location"]) == (303, "/intake/reports?to=/reporting/reports")
    assert office.client.post(f"/reporting/reports/{office.factory.id()}/draft", data={}).status_code == 401
    came = office.client.get("/reporting/enter?token=a.b.c", follow_redirects=False)
    assert came.status_code == 401


def test_the_token_stands_in_a_cookie_of_this_host_and_in_no_address(office: Office) -> None:
    token = issue_token(office.keys, MANAGER)
    for to, goes in (("/reporting/reports", "/reporting/reports"), ("https://evil.example", "/reporting/reports")):
        came = office.client.get("/reporting/enter", params={"token": token, "to": to}, follow_redirects=False)
        assert came.headers["location"] == goes
        cookie = came.headers["set-cookie"].lower()
        assert cookie.startswith(f"{TOKEN}={token}".lower())
        assert "httponly" in cookie


def test_a_report_goes_from_due_to_published_on_the_pages_alone(office: Office) -> None:
    office.incident("2026-08-03", 4)
    report = office.opened(office.grant())
    writer, judge = Visitor(office, MANAGER), Visitor(office, APPROVER)
    here = f"/reporting/reports/{report}"

    assert f'href="{here}"' in writer.open("/reporting/reports")
    writer.open(here)
    assert writer.send(f"{here}/draft") == f"{here}?done=drafted"
    assert "DRAFT" in writer.open(f"{here}/draft/html")
    writer.open(here)
    assert "Every section must be signed." in writer.page
    assert writer.send(f"{here}/sections/lessons_learned", text="Go early.\r\n\r\nStay.") == f"{here}?done=written"
    page = writer.send(f"{here}/submit", 409)  # the version of the page that was open
    assert "Somebody changed this meanwhile" in page
    for key in ("overall_performance", "lessons_learned"):
        writer.open(here)
        assert writer.send(f"{here}/sections/{key}", text="Go early.", sign="yes") == f"{here}?done=signed"
    writer.open(here)
    assert writer.send(f"{here}/submit") == f"{here}?done=submitted"

    judge.open(here)
    assert "Write a reason" in judge.send(f"{here}/send-back", 422, reason=" ")
    assert judge.send(f"{here}/send-back", reason="Say more.") == f"{here}?done=sent_back"
    assert "Say more." in writer.open(here)
    writer.send(f"{here}/draft")
    writer.open(here)
    writer.send(f"{here}/submit")
    judge.open(here)
    assert judge.send(f"{here}/approve") == f"{here}?done=approved"
    judge.open(here)
    assert judge.send(f"{here}/publish") == f"{here}?done=published"
    assert f"/reporting/issues/{report}/1" in judge.open(here)


def test_who_submitted_a_report_is_told_that_somebody_else_approves_it(office: Office) -> None:
    report = office.opened(office.grant())
    here = f"/reporting/reports/{report}"
    office.written(report)
    both = Visitor(office, WRITING_APPROVER)
    both.open(here)
    both.send(f"{here}/draft")
    both.open(here)
    both.send(f"{here}/submit")

    assert "You submitted it: somebody else approves it." in both.open(here)
    assert "Two people see to a report" in both.send(f"{here}/approve", 409)


def test_what_was_written_is_kept_where_it_is_refused(office: Office) -> None:
    report = office.opened(office.grant())
    here = f"/reporting/reports/{report}"
    first, second = Visitor(office, MANAGER), Visitor(office, MANAGER)
    first.open(here)
    second.open(here)
    first.send(f"{here}/sections/lessons_learned", text="One.")

    page = second.send(f"{here}/sections/lessons_learned", 409, text="Two <b>.")
    assert "Two &lt;b&gt;." in page
    assert "Somebody changed this meanwhile" in page
    assert "too long" in first.send(f"{here}/sections/lessons_learned", 422, text="x" * 60_000)


def test_words_that_cannot_be_printed_are_not_submitted(office: Office) -> None:
    report = office.opened(office.grant())
    here = f"/reporting/reports/{report}"
    office.done(MANAGER, "POST", f"/reports/{report}/draft")
    office.written(report)
    writer = Visitor(office, MANAGER)
    writer.open(here)
    writer.send(f"{here}/sections/lessons_learned", text="中文", sign="yes")
    writer.open(here)

    page = writer.send(f"{here}/submit", 422)
    assert "U+4E2D, U+6587" in page
    assert "sections/" in page
    assert "Drafted" in writer.open(here)


def test_a_donors_reader_sees_what_was_published_for_it_and_nothing_else(office: Office) -> None:
    office.incident("2026-08-03", 1234)
    report = office.opened(office.grant())
    waiting = office.opened(office.grant(number="other_2026"))
    office.published(report)
    donor = Visitor(office, DONOR)

    page = donor.open("/reporting/reports")
    assert "My grants" in page
    assert f'href="/reporting/issues/{report}/1"' in page
    assert waiting not in page
    assert "What is due" not in page
    page = donor.open(f"/reporting/issues/{report}/1")
    assert "Read the report" in page
    for form in ("pdf", "xlsx", "csv", "json"):
        answer = donor.client.get(f"/reporting/issues/{report}/1/{form}")
        assert answer.status_code == 200
        assert answer.headers["content-disposition"].endswith(f'-1.{form}"')
    donor.open(f"/reporting/reports/{report}", 403)
    donor.open(f"/reporting/issues/{waiting}/1", 404)
    donor.open(f"/reporting/issues/{report}/1/exe", 404)


def test_an_issue_says_what_changed_since_the_last_one_and_stays_with_staff(office: Office) -> None:
    office.incident("2026-08-03", 4)
    report = office.opened(office.grant())
    office.published(report)
    office.incident("2026-08-04", 7)
    judge, writer = Visitor(office, APPROVER), Visitor(office, MANAGER)
    here = f"/reporting/reports/{report}"
    judge.open(here)
    judge.send(f"{here}/restate", reason="Late facts.")
    office.published(report)

    page = writer.open(f"/reporting/issues/{report}/2")
    assert "What changed since the last issue" in page
    assert "Late facts." in page
    assert "+7" in page
    assert "This page is not here" in Visitor(office, STRANGER).open(f"/reporting/issues/{report}/2", 404)


def test_a_donors_reader_sees_what_changed_since_the_period_before(office: Office) -> None:
    office.incident("2026-05-02", 4)
    office.incident("2026-08-03", 1011)
    grant = office.grant()
    before, report = office.opened(grant, "2026-04-01", "2026-06-30"), office.opened(grant)
    kept_back = office.opened(grant, "2026-01-01", "2026-03-31")
    office.published(kept_back, "internal")
    office.published(before)
    office.published(report)
    donor = Visitor(office, DONOR)

    page = donor.open(f"/reporting/issues/{report}/1")
    assert "What changed since the period before" in page
    shown = re.findall(r'<td class="govuk-table__cell" data-label="([^"]*)"><bdi dir="ltr">([^<]*)</bdi>', page)
    assert [figure for _, figure in shown] == ["4", "1,011", "+1,007"]
    assert shown[0][0].startswith("1 April 2026")
    assert "period before" not in donor.open(f"/reporting/issues/{before}/1"), "the one before was not for the donor"
    assert "period before" in Visitor(office, MANAGER).open(f"/reporting/issues/{before}/1")


def test_the_page_of_an_issue_has_its_own_policy_and_every_other_page_the_sites(office: Office) -> None:
    report = office.opened(office.grant())
    office.published(report)
    visitor = Visitor(office, MANAGER)

    for path in ("/reporting/reports", f"/reporting/reports/{report}", f"/reporting/issues/{report}/1"):
        answer = visitor.client.get(path)
        assert answer.headers["cache-control"] == "no-store"
        assert {name: answer.headers[name] for name in HEADERS} == HEADERS
    answer = visitor.client.get(f"/reporting/issues/{report}/1/html")
    assert "content-security-policy" not in answer.headers
    assert "default-src 'none'; style-src 'sha256-" in answer.text
    assert answer.headers["x-frame-options"] == "DENY"


def test_a_form_that_another_page_made_changes_nothing(office: Office) -> None:
    report = office.opened(office.grant())
    visitor = Visitor(office, MANAGER)
    visitor.open(f"/reporting/reports/{report}")

    visitor.send(f"/reporting/reports/{report}/draft", 403, form_token="another")
    assert "There is no draft yet." in visitor.open(f"/reporting/reports/{report}")


def test_whose_role_is_not_about_reports_is_told_so(office: Office) -> None:
    assert "You may not do this" in Visitor(office, CASE_WORKER).open("/reporting/reports", 403)
    report = office.opened(office.grant())
    office.submitted(report)
    writer = Visitor(office, MANAGER)
    assert "A colleague whose role allows it does the next step." in writer.open(f"/reporting/reports/{report}")
    writer.send(f"/reporting/reports/{report}/approve", 403)


@pytest.mark.parametrize("language", ["ar", "fr", "es"])
def test_the_pages_speak_the_visitors_language(office: Office, language: str) -> None:
    report = office.opened(office.grant())
    visitor = Visitor(office, MANAGER)
    visitor.open(f"/reporting/language/{language}", 303)

    for path in ("/reporting/reports", f"/reporting/reports/{report}"):
        page = visitor.open(path)
        assert f'<html lang="{language}" dir="{"rtl" if language == "ar" else "ltr"}"' in page
        assert "What is due" not in page
        assert "What comes next" not in page
