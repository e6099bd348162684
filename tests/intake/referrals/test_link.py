"""A provider without an account: the agreement on paper, a link that ends, one referral read and answered."""

from __future__ import annotations

import re
from datetime import timedelta
from uuid import UUID

import pytest
from sqlalchemy import func, select, update

from services.intake import commands
from services.intake.domain import LinkOpening, PersonViewed, Referral, ReferralLink
from shared.access import Role
from shared.database import reading, transaction, utc_now
from tests.applications import intake_on
from tests.client import TestClient
from tests.intake.referrals.conftest import Hub
from tests.staff import Browser


@pytest.fixture
def provider(hub: Hub) -> str:
    """A service provider that nobody works for here, with an agreement on paper."""
    with transaction(hub.engine) as session:
        made = commands.register_organisation(
            session, short_name="harbour-clinic", name="Harbour Clinic", kind="service_provider"
        )
        provider = str(made.id)
    terms = {
        "partner_id": provider,
        "purposes": ["assistance"],
        "fields": ["names", "sex", "marks"],
        "valid_from": "2020-01-01",
    }
    path = f"agreements/{hub.manager.post('agreements', terms, 201)['id']}/paper-signature"
    officer = hub.person(hub.sender, Role.DATA_PROTECTION_OFFICER)
    hub.manager.post(path, {"paper": "MOU-2026-7"}, 409)
    assert officer.post(path, {"paper": "MOU-2026-7"})["state"] == "in_force"
    return provider


def offered(hub: Hub, provider: str, *fields: str) -> str:
    case = hub.submit(basis=None)
    basis = {"purpose": "sharing", "basis": "consent", "recipient_id": provider}
    hub.manager.post(f"persons/{case.people[0]}/legal-bases", basis, 201)
    asked = hub.asked(receiver_id=provider, fields=list(fields or ("names", "sex")))
    return str(hub.worker.post(f"cases/{case.id}/referrals", asked, 201)["id"])


def browser(hub: Hub) -> Browser:
    return Browser(TestClient(intake_on(hub.engine, hub.keys), base_url="http://kinbridge.test"))


def test_a_provider_opens_the_link_asks_accepts_and_completes(hub: Hub, provider: str) -> None:
    path = f"referrals/{offered(hub, provider)}"
    link = hub.worker.post(f"{path}/link", {"days": 3}, 201)["path"]
    visitor = browser(hub)
    assert visitor.open(link, 303) == "/intake/link"
    landing = visitor.open("/intake/link")
    assert "Red Cross of Marenia" in landing
    assert "Tekle" not in landing
    with reading(hub.engine) as session:
        assert session.scalar(select(func.count()).select_from(LinkOpening)) == 0
    page = visitor.send("/intake/link", {}, 200)
    assert "Yonas Tekle" in page
    assert "A scar" not in page
    page = visitor.send("/intake/link/do/ask", {"version": "1", "text": ""}, 422)
    assert "Answer this question." in page
    visitor.send("/intake/link/do/ask", {"version": "1", "text": "In which language?"}, 200)
    assert hub.worker.get(path)["history"][-1]["text"] == "In which language?"
    hub.worker.post(f"{path}/steps/answer", {"text": "Tigrinya."})
    visitor.open("/intake/link")
    assert "Look at it as it is now" in visitor.send("/intake/link/do/accept", {"version": "2"}, 412)
    visitor.send("/intake/link/do/accept", {"version": "3"}, 200)
    assert "Choose the reason." in visitor.send("/intake/link/do/complete", {"version": "4"}, 422)
    visitor.send("/intake/link/do/complete", {"version": "4", "reason": "service_given"}, 200)
    assert hub.worker.get(path)["state"] == "completed"
    with reading(hub.engine) as session:
        assert session.scalar(select(func.count()).select_from(LinkOpening)) == 7
        seen = select(PersonViewed.purpose).where(PersonViewed.organisation_id == hub.receiver.organisation_id)
        assert session.scalars(seen).all() == []
        assert set(session.scalars(select(PersonViewed.purpose).where(PersonViewed.purpose == "link"))) == {"link"}


def test_a_link_ends_is_taken_back_and_shows_few_fields(hub: Hub, provider: str) -> None:
    referral = offered(hub, provider)
    path = f"referrals/{referral}"
    first = hub.worker.post(f"{path}/link", {}, 201)["path"]
    second = hub.worker.post(f"{path}/link", {}, 201)["path"]
    visitor = browser(hub)
    visitor.open(first, 404)
    assert visitor.open(second, 303) == "/intake/link"
    with transaction(hub.engine) as session:
        session.execute(update(ReferralLink).values(ends_at=utc_now() - timedelta(seconds=1)))
    assert "ask whoever sent it for a new one" in visitor.open("/intake/link", 404)
    third = hub.worker.post(f"{path}/link", {}, 201)["path"]
    headers = {"Authorization": f"Bearer {hub.worker.token}"}
    assert hub.client.delete(f"/intake/v1/{path}/link", headers=headers).status_code == 204
    visitor.open(third, 404)
    visitor.open("/intake/link/nothing", 404)
    much = offered(hub, provider, "names", "marks")
    assert "no more than" in hub.worker.post(f"referrals/{much}/link", {}, 409)["detail"]
    with reading(hub.engine) as session:
        assert session.get_one(Referral, UUID(referral)).state == "offered"


def test_a_no_of_the_person_closes_the_link_at_once(hub: Hub, provider: str) -> None:
    referral = offered(hub, provider)
    visitor = browser(hub)
    visitor.open(hub.worker.post(f"referrals/{referral}/link", {}, 201)["path"], 303)
    visitor.open("/intake/link")
    person = hub.worker.get(f"cases/{hub.worker.get(f'referrals/{referral}')['case_id']}")["people"][0]["id"]
    hub.worker.post(f"persons/{person}/objections", {"purpose": "sharing"}, 201)
    page = visitor.send("/intake/link", {}, 200)
    assert "Tekle" not in page
    assert "Nothing is shown here at present" in page


def test_a_signature_on_paper_binds_no_one_who_signs_here(hub: Hub) -> None:
    terms = {
        "partner_id": str(hub.receiver.organisation_id),
        "purposes": ["assistance"],
        "fields": ["names"],
        "valid_from": "2020-01-01",
    }
    path = f"agreements/{hub.manager.post('agreements', terms, 201)['id']}/paper-signature"
    officer = hub.person(hub.sender, Role.DATA_PROTECTION_OFFICER)
    assert "service provider" in officer.post(path, {"paper": "MOU-1"}, 409)["detail"]
    hub.their_manager.post(path, {"paper": "MOU-1"}, 409)


def test_a_case_worker_makes_a_link_on_a_page_sees_how_often_it_was_opened_and_takes_it_back(
    hub: Hub, provider: str
) -> None:
    referral = offered(hub, provider)
    worker, visitor = browser(hub), browser(hub)
    worker.sign_in(hub.sender.member(Role.CASE_WORKER))
    page = f"/intake/referrals/{referral}"
    assert f"{page}/link" in worker.open(page)
    worker.open(f"{page}/link")
    assert "Choose from 1 to 14 days." in worker.send(f"{page}/link", {"days": "30"}, 422)
    shown = worker.send(f"{page}/link", {"days": "2"}, 200)
    (address,) = re.findall(r"http://kinbridge\.test(/intake/link/[^<]+)", shown)
    visitor.open(address, 303)
    visitor.open("/intake/link")
    assert "Yonas Tekle" in visitor.send("/intake/link", {}, 200)
    again = worker.open(f"{page}/link")
    assert "It was opened: 1." in again
    assert address not in again
    worker.send(f"{page}/link", {"do": "revoke"})
    visitor.open("/intake/link", 404)
    assert "It was opened" not in worker.open(f"{page}/link")
