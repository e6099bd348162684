"""The page of reports by mail: who gets them, and what became of each mail."""

from __future__ import annotations

import re
from uuid import uuid4

import pytest
from sqlalchemy import update

from services.notify.domain import OrganisationName, ReportDelivery
from services.notify.pages.staff.visits import TOKEN
from shared.access import Actor, Role, issue_token
from shared.database import transaction
from tests.notify.reports.conftest import ADDRESS, House, link_of


class Browser:
    """Somebody signed in; follows no redirect by itself."""

    def __init__(self, house: House, actor: Actor | None = None, language: str = "en") -> None:
        self.house, self.actor, self.language, self.page = house, actor or house.actor(), language, ""

    def open(self, path: str, status: int = 200) -> str:
        return self._seen("GET", path, status)

    def send(self, path: str, status: int = 303, **fields: object) -> str:
        """The form of the page that is open; where it leads, or the page."""
        token = re.search(r'name="form_token" value="([0-9a-f]+)"', self.page)
        return self._seen("POST", path, status, data={"form_token": token[1] if token else "", **fields})

    def _seen(self, method: str, path: str, status: int, **sent: object) -> str:
        cookies = f"{TOKEN}={issue_token(self.house.keys, self.actor)}; kinbridge_language={self.language}"
        answer = self.house.client.request(method, path, headers={"Cookie": cookies}, follow_redirects=False, **sent)
        assert answer.status_code == status, answer.text[:2000]
        self.page = answer.text
        return str(answer.headers["location"]) if answer.is_redirect else self.page


def test_staff_add_somebody_for_a_grant_see_what_was_mailed_and_end_it(house: House) -> None:
    manager, here = Browser(house), f"/notify/reports?grant_id={house.grant_id}"
    assert "Nobody gets reports by mail yet." in manager.open(here)
    sent = {"grant_id": str(house.grant_id), "address": ADDRESS, "language": "fr", "formats": ["pdf", "csv"]}
    assert manager.send("/notify/reports/readers", **sent) == f"{here}&done=added"
    page = manager.open(f"{here}&done=added")
    assert all(one in page for one in (ADDRESS, "Français", "PDF CSV", "by you", "goes there, too"))
    house.publish()
    house.deliver()
    page = manager.open("/notify/reports")
    assert all(one in page for one in ("RFL-2026/17", "The mail server has it", "1 July 2026"))
    reader = house.readers[0].id
    assert manager.send(f"/notify/reports/readers/{reader}/end") == f"{here}&done=ended"
    assert "Send nothing more" not in manager.open(here)
    assert house.readers[0].ended_for == "staff"


def test_what_was_entered_wrongly_stays_with_why_and_nothing_is_added(house: House) -> None:
    manager = Browser(house)
    manager.open(f"/notify/reports?grant_id={house.grant_id}")
    wrong = {"grant_id": str(house.grant_id), "address": "no address", "language": "ar", "formats": ["csv"]}
    page = manager.send("/notify/reports/readers", 422, **wrong)
    assert "Write one e-mail address" in page
    assert 'value="no address"' in page
    assert '<option value="ar" lang="ar" selected>' in page
    assert manager.send("/notify/reports/readers", 422, **wrong | {"address": ADDRESS, "formats": []})
    manager.send("/notify/reports/readers", 404, **wrong | {"grant_id": "none"})
    assert house.readers == []


def test_who_ended_the_mails_is_added_again_only_with_a_mark(house: House) -> None:
    house.add()
    house.publish()
    house.deliver()
    house.client.post(link_of(house.letters[0]))
    manager = Browser(house)
    manager.open(f"/notify/reports?grant_id={house.grant_id}")
    sent = {"grant_id": str(house.grant_id), "address": ADDRESS, "language": "en", "formats": ["pdf"]}
    assert "They asked for these mails again" in manager.send("/notify/reports/readers", 409, **sent)
    manager.send("/notify/reports/readers", **sent, asked_again="1")
    assert len(house.readers) == 2


def test_a_mail_that_failed_is_sent_again_with_a_button(house: House) -> None:
    house.add()
    house.publish()
    manager = Browser(house)
    assert "Send it again" not in manager.open("/notify/reports")
    with transaction(house.engine) as session:
        failed = {"status": "outcome-unknown", "reason": "no_answer", "next_attempt_at": None}
        session.execute(update(ReportDelivery).values(**failed))
    assert "ask whether it arrived" in manager.open("/notify/reports")
    manager.send(f"/notify/reports/mails/{house.only.id}/again")
    assert house.only.again_by == house.user
    assert house.deliver() == 1


def test_who_keeps_no_grants_sees_no_address_and_changes_nothing(house: House) -> None:
    reader = house.add()["id"]
    house.publish()
    auditor = Browser(house, house.actor(Role.ADMINISTRATOR))
    page = auditor.open(f"/notify/reports?grant_id={house.grant_id}")
    assert ADDRESS not in page
    assert "Not shown" in page
    assert "/end" not in page
    auditor.send(f"/notify/reports/readers/{reader}/end", 403)
    for stranger in (Browser(house, house.actor(Role.CASE_WORKER)), Browser(house, house.actor(Role.DONOR_READER))):
        stranger.open("/notify/reports", 403)


def test_another_organisation_sees_none_of_it(house: House) -> None:
    reader = house.add()["id"]
    house.publish()
    other = Browser(house, house.actor(other=True))
    with transaction(house.engine) as session:
        session.add(OrganisationName(organisation_id=house.other, short_name="other", name="Other"))
    page = other.open(f"/notify/reports?grant_id={house.grant_id}")
    assert ADDRESS not in page
    assert reader not in page
    for path in (f"readers/{reader}/end", f"mails/{house.only.id}/again", f"readers/{uuid4()}/end"):
        other.open("/notify/reports")
        other.send(f"/notify/reports/{path}", 404)


@pytest.mark.parametrize("language", ["fr", "es", "ar"])
def test_the_page_is_in_every_language(house: House, language: str) -> None:
    house.add()
    house.publish()
    page = Browser(house, language=language).open(f"/notify/reports?grant_id={house.grant_id}")
    assert f'lang="{language}"' in page
    assert "Reports by mail" not in page


def test_a_finance_officer_comes_in_for_reports_alone(house: House) -> None:
    officer = Browser(house, house.actor(Role.FINANCE_OFFICER))
    page = officer.open(f"/notify/reports?grant_id={house.grant_id}")
    assert "Finance officer" in page
    assert "/notify/messages" not in page
    sent = {"grant_id": str(house.grant_id), "address": ADDRESS, "language": "en", "formats": ["pdf"]}
    officer.send("/notify/reports/readers", **sent)
    officer.open("/notify/messages", 403)
