"""Who gets reports: staff add and end them; each is one, sees no other, and stays what it is at rest."""

from __future__ import annotations

from datetime import timedelta
from email.message import EmailMessage
from uuid import uuid4

import pytest
from sqlalchemy import select, update

from services.notify.admin.keys import RENEWALS
from services.notify.app import build
from services.notify.commands.report_readers import forget_ended_readers
from services.notify.domain import ReportReader
from services.notify.settings import ENDED_READERS_KEPT
from shared.access import Role
from shared.crypto import KeyRing
from shared.database import reading, transaction, utc_now
from shared.messaging.log import open_ledger
from shared.vault import data_key
from tests.client import TestClient
from tests.notify.reports.conftest import ADDRESS, House, link_of


def test_a_reader_is_listed_with_who_added_it_and_when(house: House) -> None:
    added = house.add(language="fr", formats=["xlsx"])
    (shown,) = house.asks("GET", "report-readers").json()["items"]
    assert shown == added
    assert (shown["address"], shown["language"], shown["formats"]) == (ADDRESS, "fr", ["xlsx"])
    assert (shown["added_by"], shown["ended_at"]) == (str(house.user), None)
    assert house.asks("GET", f"report-readers/{added['id']}").json() == added


def test_an_address_that_is_added_twice_for_a_grant_is_one(house: House) -> None:
    first = house.add()
    again = house.add(ADDRESS.lower(), language="es", formats=["csv"])
    assert again == first | {"language": "es", "formats": ["csv"]}
    assert house.add(grant_id=str(uuid4()))["id"] != first["id"], "another grant"
    house.publish()
    assert len(house.deliveries) == 1


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"address": "two@donor.example, three@donor.example"}, "#/address"),
        ({"address": "x@donor.example\r\nBcc: y@donor.example"}, "#/address"),
        ({"language": "xx"}, "#/language"),
        ({"formats": ["exe"]}, "#/formats/0"),
        ({"formats": []}, "#/formats"),
    ],
)
def test_what_is_malformed_is_refused_field_by_field(house: House, given: dict[str, object], field: str) -> None:
    asked = {"grant_id": str(house.grant_id), "address": ADDRESS} | given
    answer = house.asks("POST", "report-readers", json=asked)
    assert answer.status_code == 422
    assert field in answer.text
    assert "donor.example" not in answer.text.replace("name@donor.example", "")
    assert house.readers == []


def test_staff_who_keep_grants_add_and_end_and_others_only_look_without_addresses(house: House) -> None:
    added, asked = house.add(), {"grant_id": str(house.grant_id), "address": "b@donor.example"}
    for role in (Role.AUDITOR, Role.ADMINISTRATOR, Role.REPORT_APPROVER):
        assert house.asks("POST", "report-readers", house.actor(role), json=asked).status_code == 403
        assert house.asks("DELETE", f"report-readers/{added['id']}", house.actor(role)).status_code == 403
        (shown,) = house.asks("GET", "report-readers", house.actor(role)).json()["items"]
        assert shown["address"] is None
    for role in (Role.CASE_WORKER, Role.DONOR_READER):
        for path in ("report-readers", "report-mails", f"report-readers/{added['id']}"):
            assert house.asks("GET", path, house.actor(role)).status_code == 403
    assert house.asks("POST", "report-readers", house.actor(system=True), json=asked).status_code == 403
    assert house.asks("POST", "report-readers", house.actor(Role.FINANCE_OFFICER), json=asked).status_code == 201


def test_another_organisations_readers_and_mails_are_not_found(house: House) -> None:
    added = house.add()
    house.publish()
    stranger = house.actor(other=True)
    assert house.asks("GET", "report-readers", stranger).json() == {"items": []}
    assert house.asks("GET", "report-mails", stranger).json() == {"items": []}
    for method, path in (
        ("GET", f"report-readers/{added['id']}"),
        ("DELETE", f"report-readers/{added['id']}"),
        ("GET", f"report-mails/{house.only.id}"),
        ("POST", f"report-mails/{house.only.id}/again"),
    ):
        assert house.asks(method, path, stranger).status_code == 404
    assert house.readers[0].ended_at is None


def test_what_waits_for_a_reader_whom_staff_ended_is_not_sent(house: House) -> None:
    added = house.add()
    house.publish()
    assert house.asks("DELETE", f"report-readers/{added['id']}").status_code == 204
    assert house.deliver() == 0
    assert (house.only.status, house.only.reason) == ("cancelled", "ended")
    ended = house.asks("GET", f"report-readers/{added['id']}").json()
    assert (ended["ended_for"], ended["ended_by"]) == ("staff", str(house.user))
    assert house.add()["id"] != added["id"], "added anew, with a history of its own"


def test_no_address_is_readable_at_rest_and_it_is_forgotten_some_time_after_the_end(house: House) -> None:
    added = house.add()
    (kept,) = house.readers
    assert kept.sealed is not None
    assert b"donor" not in kept.sealed.lower()
    assert b"donor" not in kept.digest.lower()
    house.asks("DELETE", f"report-readers/{added['id']}")
    forgotten = []
    for later in (ENDED_READERS_KEPT - timedelta(hours=1), ENDED_READERS_KEPT + timedelta(hours=1)):
        with transaction(house.engine) as session:
            forgotten.append(forget_ended_readers(session, utc_now() + later))
    assert forgotten == [0, 1]
    assert house.readers[0].sealed is None
    with reading(house.engine) as session:
        assert session.scalars(select(data_key.c.wrapped)).all() == [None]
    assert house.asks("GET", f"report-readers/{added['id']}").json()["address"] is None


def ending(house: House) -> str:
    """The link in the mail that a new reader got."""
    house.add()
    house.publish()
    house.deliver()
    return link_of(house.letters[-1])


def test_a_mail_program_ends_it_with_one_click(house: House) -> None:
    link = ending(house)
    letter = house.letters[0]
    assert letter["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert letter["List-Unsubscribe"].startswith("<https://")
    clicked = house.client.post(link, data={"List-Unsubscribe": "One-Click"})
    assert clicked.status_code == 200
    assert house.readers[0].ended_for == "reader"
    house.publish()
    assert house.deliver() == 0


def test_to_look_at_the_page_ends_nothing_its_button_does_and_it_can_be_taken_back(house: House) -> None:
    link = ending(house)
    page = house.client.get(link)
    assert "Send me no more of these reports" in page.text
    assert page.headers["Cache-Control"] == "no-store"
    assert house.readers[0].ended_at is None
    assert "You get no more of these reports" in house.client.post(link).text
    ended_at = house.readers[0].ended_at
    assert ended_at is not None
    house.client.post(link)
    assert house.readers[0].ended_at == ended_at, "once"
    assert "You get these reports again" in house.client.post(link, data={"again": "1"}).text
    (back,) = house.readers
    assert (back.ended_at, back.returned_at is not None) == (None, True)
    house.publish()
    assert house.deliver() == 1


def test_a_wrong_link_shows_the_same_pages_and_does_nothing(house: House) -> None:
    link = ending(house)
    wrong = link[:-4] + "AAAA"
    house.client.post(wrong)
    house.client.post(wrong, data={"again": "1"})
    assert (house.readers[0].ended_at, house.readers[0].returned_at) == (None, None)
    for method, form in (("GET", None), ("POST", {}), ("POST", {"again": "1"})):
        right_page, wrong_page = (house.client.request(method, one, data=form) for one in (link, wrong))
        assert right_page.status_code == wrong_page.status_code == 200
        assert right_page.headers.keys() == wrong_page.headers.keys()
        assert right_page.text.replace(link, "") == wrong_page.text.replace(wrong, "")


def test_the_link_is_long_and_only_its_digest_is_kept(house: House) -> None:
    token = ending(house).rpartition("/")[2]
    assert len(token) == 43, "256 bits"
    with reading(house.engine) as session:
        kept = repr([vars(one) for one in house.deliveries]) + repr(session.scalars(select(ReportReader)).all())
    assert token not in kept


def test_who_ended_it_is_added_again_only_if_they_asked_for_it(house: House) -> None:
    house.client.post(ending(house))
    asked = {"grant_id": str(house.grant_id), "address": ADDRESS.upper()}
    assert house.asks("POST", "report-readers", json=asked).status_code == 409
    assert house.asks("POST", "report-readers", json=asked | {"asked_again": True}).status_code == 201


def test_what_staff_ended_nobody_takes_back_by_the_link(house: House) -> None:
    link = ending(house)
    house.asks("DELETE", f"report-readers/{house.readers[0].id}")
    house.client.post(link, data={"again": "1"})
    assert house.readers[0].ended_at is not None


def test_where_the_address_is_forgotten_it_cannot_be_taken_back(house: House) -> None:
    link = ending(house)
    house.client.post(link)
    with transaction(house.engine) as session:
        session.execute(update(ReportReader).values(ended_at=utc_now() - ENDED_READERS_KEPT - timedelta(days=1)))
    with transaction(house.engine) as session:
        forget_ended_readers(session, utc_now())
    house.client.post(link, data={"again": "1"})
    assert house.readers[0].ended_at is not None


def test_without_https_no_mail_program_is_offered_one_click(house: House) -> None:
    house.add()
    house.publish()
    house.post(base="http://127.0.0.1:8080").deliver_due()
    (letter,) = house.letters
    assert isinstance(letter, EmailMessage)
    assert letter["List-Unsubscribe"].startswith("<http://127.0.0.1:8080/notify/u/")
    assert letter["List-Unsubscribe-Post"] is None


def test_after_the_master_key_was_rotated_an_address_is_still_one(house: House) -> None:
    added = house.add()
    rotated = KeyRing((bytes(range(32, 64)), *house.keys.masters))
    open_ledger(house.engine, "notify", rotated)
    house.keys = rotated
    house.client = TestClient(build(house.engine, rotated), raise_server_exceptions=False)
    assert house.add()["id"] == added["id"], "before it is indexed anew"
    before = house.readers[0].digest
    assert RENEWALS["readers of reports"](house.engine) == 1
    assert house.readers[0].digest != before
    assert RENEWALS["readers of reports"](house.engine) == 0
    assert house.add()["id"] == added["id"]
