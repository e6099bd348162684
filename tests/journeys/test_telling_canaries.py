"""How a family is reached, and what it writes, stands in the clear nowhere but in the mailbox, which is no provider.

The whole system, embedded on SQLite, and on PostgreSQL with the broker: a contact is given, a message goes out, the
family opens its page, writes back, complains, makes mistakes; then every file, log line, answer and event is searched.
"""

from __future__ import annotations

import json
import re
from typing import Any
from uuid import UUID

from sqlalchemy import select

from services.notify.domain import FamilyContact
from shared.access import Role
from shared.database import reading
from tests.client import TestClient
from tests.journeys.hidden import ADDRESS, FULL, PHONE, STORY, seen_in
from tests.journeys.places import Organisation, Place, organisation, running
from tests.journeys.test_canaries import erase, searched_everywhere

ALIAS, WORD = "canaryletter", "canarysong"
REQUEST: dict[str, Any] = {
    "type": "tracing_request",
    "details": {"relationship": "parent"},
    "people": [
        {"role": "enquirer", "person": {"names": [{"full": FULL}]}},
        {"role": "sought", "person": {"names": [{"full": "Somebody Else"}]}},
    ],
    "relations": [{"person": 0, "other": 1, "kind": "parent"}],
    "legal_bases": [
        {"person": 0, "purpose": "notification", "basis": "consent"},
        {"person": 0, "purpose": "tracing", "basis": "consent"},
        {"person": 1, "purpose": "tracing", "basis": "vital_interest"},
    ],
}


def approve(own: Organisation, language: str) -> None:
    manager = own.actor(Role.CASE_MANAGER)
    digest = own.call(manager, "GET", f"languages/{language}", service="notify").json()["digest"]
    approved = {"json": {"digest": digest}}
    answer = own.call(manager, "PUT", f"languages/{language}/approval", service="notify", **approved)
    assert answer.status_code == 200, answer.text


def give_a_contact(own: Organisation) -> tuple[UUID, UUID]:
    """A case, and how its enquirer is reached. The case and the enquirer."""
    worker = own.actor(Role.CASE_WORKER)
    case_id = own.call(worker, "POST", "cases", json=REQUEST).json()["id"]
    people = own.call(worker, "GET", f"cases/{case_id}", keep=False).json()["people"]
    enquirer = next(one["id"] for one in people if one["role"] == "enquirer")
    contact = {
        "person_id": enquirer,
        "addresses": [{"channel": "sms", "address": PHONE}, {"channel": "email", "address": f"{WORD}@{ALIAS}.example"}],
        "alias": ALIAS,
        "spoken_word": WORD,
        "language": "en",
        "time_zone": "Africa/Tripoli",
        "shared_phone": False,
        "quiet_from": "00:00",
        "quiet_to": "00:00",
    }
    path = f"cases/{case_id}/family-contacts"
    for wrong in (
        {**contact, "addresses": [{"channel": "sms", "address": f"{PHONE}99999"}]},
        {**contact, "alias": f"www.{ALIAS}.example"},
        {**contact, "language": ALIAS, "time_zone": WORD, FULL: ALIAS},
        {**contact, "person_id": ALIAS},
    ):
        assert own.call(worker, "POST", path, json=wrong).status_code == 422
    made = own.call(worker, "POST", path, json=contact, headers={"Idempotency-Key": PHONE})
    assert made.status_code == 201, made.text
    assert seen_in(own.call(worker, "GET", path, keep=False).text) <= {STORY, "request by canaryletter"}
    return UUID(case_id), UUID(enquirer)


def letter_to(own: Organisation) -> dict[str, str]:
    """What the family's telephone shows."""
    assert own.system.wait_until_arrived()
    (written,) = (own.place.settings.data_dir / "mailbox").rglob("*.json")
    found: dict[str, str] = json.loads(written.read_text())
    return found


def answer_as_the_family(own: Organisation, code: str) -> None:
    """It opens its page, writes, complains; others try codes, and send what no page takes."""
    with TestClient(own.system.web(), base_url="http://kinbridge.test") as family:
        for wrong in (FULL, PHONE, "0000-0000-0000"):
            own.kept(family.post("/notify/f", data={"code": wrong}))
        assert family.post("/notify/f", data={"code": code}, follow_redirects=False).status_code == 303
        own.kept(family.get("/notify/f/case").text)
        said = {"text": f"{STORY} {ADDRESS}", "intent": "safe"}
        own.kept(family.post("/notify/f/reply", data=said))
        own.kept(family.post("/notify/f/complaint", data={"about": "staff", "text": f"{FULL} {ADDRESS}"}))
        own.kept(family.get(f"/notify/f/{FULL}?l={PHONE}"))
        own.kept(family.get("/notify/f/case").text)


def test_nothing_of_how_a_family_is_reached_stands_in_the_clear(place: Place) -> None:
    with running(place) as system, organisation(system, place) as own:
        approve(own, "en")
        case_id, enquirer = give_a_contact(own)
        letter = letter_to(own)
        assert (letter["to"], ALIAS in letter["text"], FULL in letter["text"]) == (PHONE, True, False)
        code = re.search(r"[0-9A-Z]{4}-[0-9A-Z]{4}-[0-9A-Z]{4}", letter["text"])
        assert code is not None
        answer_as_the_family(own, code[0])
        assert system.wait_until_arrived()
        worker = own.actor(Role.CASE_WORKER)
        (reply,) = own.call(worker, "GET", f"cases/{case_id}/family-replies", keep=False).json()
        assert (reply["text"], reply["intent"]) == (f"{STORY} {ADDRESS}", "safe")
        for service, path in (("notify", "notifications"), ("intake", f"cases/{case_id}/family-messages")):
            own.call(own.actor(Role.CASE_MANAGER), "GET", path, service=service)
        empty(place)
        searched_everywhere(system, place)
        erase(own, enquirer)
        with reading(system.engine("notify")) as session:
            assert session.scalars(select(FamilyContact.sealed)).all() == [None]
        searched_everywhere(system, place)
    with running(place) as system, TestClient(system.web()) as client:
        told = client.post("/notify/f", data={"code": code[0]})
        assert ALIAS not in told.text
        assert system.wait_until_arrived()


def empty(place: Place) -> None:
    """The mailbox stands for what a provider has; it is no part of what is kept."""
    for written in (place.settings.data_dir / "mailbox").rglob("*.json"):
        written.unlink()
