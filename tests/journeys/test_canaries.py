"""Nothing of a person stands in the clear anywhere, and after an erasure nothing of it opens anywhere.

The whole system, embedded on SQLite, and on PostgreSQL with the broker: submission, deeds, errors, requests, reports;
then every file, log line, answer and event is searched for the person's canaries. Then two people erase the person.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import quote, quote_plus
from uuid import UUID

import pytest
from anyascii import anyascii
from sqlalchemy import select, text

from kinbridge.embedded import EmbeddedSystem
from kinbridge.operations import OPERATIONS
from services.intake.domain import Case, CasePerson
from shared.access import Actor, Role
from shared.database import reading, transaction, utc_now, uuid7
from shared.messaging.feed import LocalFeed
from shared.settings import SERVICES
from shared.vault import data_key, vault_of
from tests.client import TestClient
from tests.intake.attachments.files import paper, photo, plainly
from tests.journeys import lived
from tests.journeys.hidden import (
    ADDRESS,
    ARABIC,
    CANARIES,
    CYRILLIC,
    ETHIOPIC,
    FULL,
    LETTER,
    PHONE,
    STORY,
    files_with,
    seen_in,
)
from tests.journeys.places import Organisation, Place, organisation, running
from tests.staff import Staff

PERSON = {
    "names": [
        {"full": FULL},
        {"full": ETHIOPIC, "kind": "other_spelling"},
        {"full": ARABIC, "kind": "other_spelling"},
        {"full": CYRILLIC, "kind": "alias"},
    ],
    "sex": "female",
    "birth": {"year": 1990},
    "last_address": ADDRESS,
    "marks": PHONE,
    "documents": [PHONE],
}
REQUEST: dict[str, Any] = {
    "type": "tracing_request",
    "details": {"relationship": "parent", "circumstances": STORY},
    "own": {"remark": f"{LETTER} {PHONE}", "shelter": "tent"},
    "people": [
        {"role": "enquirer", "person": {"names": [{"full": "Somebody Else"}]}},
        {"role": "sought", "person": PERSON},
    ],
    "relations": [{"person": 0, "other": 1, "kind": "parent"}],
    "legal_bases": [{"person": 1, "purpose": "tracing", "basis": "vital_interest"}],
}


OWN_FIELDS: dict[str, Any] = {
    "type": "object",
    "properties": {
        "remark": {"type": "string", "title": "Remark", "maxLength": 500},
        "shelter": {"type": "string", "title": "Shelter", "enum": ["tent", "house"]},
    },
}


def live_through_it(own: Organisation) -> tuple[UUID, UUID]:
    """Submission, deeds, requests, reads, reports. The case and its person."""
    worker, officer = own.actor(Role.CASE_WORKER), own.actor(Role.DATA_PROTECTION_OFFICER)
    asked = {"json": OWN_FIELDS, "headers": {"If-Match": "*"}}
    assert own.call(own.actor(Role.CASE_MANAGER), "PUT", "own-fields/tracing_request", **asked).status_code == 200
    submitted = own.call(worker, "POST", "cases", json=REQUEST)
    assert submitted.status_code == 201, submitted.text
    case_id = UUID(submitted.json()["id"])
    case = f"cases/{case_id}"
    own.call(worker, "POST", f"{case}/moves/accept", json={})
    assert own.call(worker, "POST", f"{case}/deeds/add_note", json={"note": STORY}).status_code == 200
    seen = own.call(worker, "GET", case, keep=False).json()
    assert seen["people"][1]["person"]["names"][1]["full"] == ETHIOPIC
    person_id = UUID(seen["people"][1]["id"])
    attach_it(own, case_id, person_id)
    asked = own.call(worker, "POST", f"persons/{person_id}/requests", json={"kind": "erase", "note": LETTER})
    assert asked.status_code == 201
    copy = own.call(officer, "GET", f"persons/{person_id}/copy", keep=False)
    assert seen_in(copy.text) == set(CANARIES)
    answers = {"json": {"remark": f"{STORY} {FULL}"}, "headers": {"If-Match": "*"}}
    assert own.call(worker, "PATCH", f"{case}/own", **answers).status_code == 200
    own.call(worker, "GET", "cases")
    own.call(worker, "GET", f"{case}/timeline")
    for service, path in (("notify", "notifications"), ("reporting", "incidents?from=2016-01-01&to=2026-12-31")):
        own.call(worker, "GET", path, service=service)
    own.place.answers.append(own.client.get("/").text)
    return case_id, person_id


FILES: tuple[tuple[bytes, Callable[[UUID], dict[str, str]]], ...] = (
    (photo(says=FULL), lambda person_id: {"title": f"{FULL}, {ADDRESS}", "person_id": str(person_id)}),
    (paper(says=LETTER), lambda _: {"title": STORY}),
    (photo(says=PHONE)[:300], lambda _: {"title": PHONE}),
    (b"<html>" + STORY.encode(), lambda _: {"title": STORY}),
)
"""Made before anything listens: what makes them tells it to the log."""


def attach_it(own: Organisation, case_id: UUID, person_id: UUID) -> None:
    """A photo and a document that tell of the person wherever files tell: where they were made, by whom, and more."""
    worker, path = own.actor(Role.CASE_WORKER), f"cases/{case_id}/attachments"
    answers = [
        own.call(worker, "POST", path, data=told(person_id), files={"file": (f"{FULL}.jpg", file)}, keep=number > 1)
        for number, (file, told) in enumerate(FILES)
    ]
    assert [one.status_code for one in answers] == [201, 201, 422, 422]
    for one in answers[:2]:
        kept = own.call(worker, "GET", f"{path}/{one.json()['id']}/content")
        assert seen_in(plainly(kept.content)) == set()


def live_on(own: Organisation, case_id: UUID, patch: pytest.MonkeyPatch) -> None:
    """The same person comes in again, by a batch and on pages; is searched for, merged, parted; things break."""
    worker, manager = own.actor(Role.CASE_WORKER), own.actor(Role.CASE_MANAGER)
    named = {"Idempotency-Key": FULL}
    for _ in range(2):
        again = own.call(worker, "POST", "cases", json=REQUEST, headers=named)
        batch = own.call(worker, "POST", "cases/batch", json=[REQUEST, {}], headers={"Idempotency-Key": PHONE})
    assert (again.status_code, batch.status_code) == (201, 200)
    assert [one["status"] for one in batch.json()["results"]] == [201, 422]
    note = {"json": {"note": STORY}, "headers": {"Idempotency-Key": ADDRESS}}
    assert own.call(worker, "POST", f"cases/{case_id}/deeds/add_note", **note).status_code == 200
    on_pages = lived.write_it_down_on_pages(own.system, own.staff, own.kept)
    found = own.call(worker, "POST", "search", json={"name": FULL}, keep=False)
    assert {one["case"]["id"] for one in found.json()["items"]} >= {str(case_id), on_pages}
    own.call(worker, "GET", "duplicates")
    merged = own.call(manager, "POST", f"cases/{case_id}/merge", json={"duplicate": on_pages})
    assert merged.status_code == 200, merged.text
    assert seen_in(own.call(worker, "GET", f"cases/{case_id}", keep=False).text) > {FULL, STORY}
    assert own.call(manager, "POST", f"cases/{on_pages}/undo-merge").status_code == 200
    lived.bring_a_wrong_file(own.system, own.place.settings.data_dir.parent, own.kept)
    lived.break_down(
        patch, lambda key: own.call(worker, "POST", "cases", json=REQUEST, headers={"Idempotency-Key": key})
    )
    lived.ask_as_operator(own.system, own.kept)


def share_it(own: Organisation, case_id: UUID, person_id: UUID) -> tuple[Actor, str]:
    """Referred to another organisation, which reads it and asks. Who reads there, and the referral."""
    other = Staff(own.system.engine("intake"), "clinic", "Clinic")
    theirs = Actor(other.organisation_id, roles=frozenset({Role.CASE_MANAGER}), user_id=uuid7())
    worker, manager = own.actor(Role.CASE_WORKER), own.actor(Role.CASE_MANAGER)
    terms = {
        "partner_id": str(other.organisation_id),
        "purposes": ["tracing"],
        "fields": ["names", "sex", "last_address", "marks", "documents", "facts", "own:tracing_request.shelter"],
        "valid_from": "2020-01-01",
    }
    agreement = own.call(manager, "POST", "agreements", json=terms).json()["id"]
    assert own.call(theirs, "POST", f"agreements/{agreement}/signature").status_code == 200
    basis = {"purpose": "sharing", "basis": "consent", "recipient_id": str(other.organisation_id)}
    assert own.call(worker, "POST", f"persons/{person_id}/legal-bases", json=basis).status_code == 201
    asked = {
        "receiver_id": str(other.organisation_id),
        "purpose": "tracing",
        "service": "primary_health_care",
        "fields": terms["fields"],
        "note": STORY,
    }
    assert own.call(worker, "POST", f"cases/{case_id}/referrals/preview", json=asked, keep=False).status_code == 200
    offered = own.call(worker, "POST", f"cases/{case_id}/referrals", json=asked)
    assert offered.status_code == 201, offered.text
    path = f"referrals/{offered.json()['id']}"
    assert seen_in(own.call(theirs, "GET", path, keep=False).text) == {
        FULL,
        ETHIOPIC,
        ARABIC,
        CYRILLIC,
        PHONE,
        ADDRESS,
        STORY,
    }
    assert own.call(theirs, "POST", f"{path}/steps/ask", json={"text": LETTER}).status_code == 200
    assert own.call(theirs, "POST", f"{path}/steps/ask", json={"text": LETTER}).status_code == 409
    own.call(worker, "POST", f"{path}/steps/answer", json={"text": STORY, FULL: STORY})
    assert own.call(worker, "POST", f"{path}/steps/answer", json={"text": STORY}).status_code == 200
    return theirs, path


def make_mistakes(own: Organisation, case_id: UUID) -> None:
    """Bad input that carries the canaries, everywhere where input is taken."""
    worker = own.actor(Role.CASE_WORKER)
    case = f"cases/{case_id}"
    wrong_person = {**PERSON, "sex": FULL, "birth": {"year": PHONE}}
    for body in (
        {**REQUEST, "people": [{"role": FULL, "person": wrong_person}]},
        {**REQUEST, "details": {"relationship": STORY, FULL: STORY}},
        {**REQUEST, "type": FULL},
        {**REQUEST, "own": {"remark": STORY * 30, "shelter": PHONE, FULL: STORY, "other": [FULL]}},
        {**REQUEST, "legal_bases": [{"person": FULL, "purpose": FULL}]},
        [FULL],
    ):
        assert own.call(worker, "POST", "cases", json=body).status_code == 422
    own.call(worker, "POST", "cases", content=f'{{"type": "{FULL}'.encode())
    own.call(worker, "POST", "cases/batch", json=[{**REQUEST, "type": ARABIC}, FULL])
    own.call(worker, "POST", f"{case}/deeds/add_note", json={"note": STORY, "more": STORY})
    own.call(worker, "POST", f"{case}/deeds/{FULL}", json={"note": STORY})
    own.call(worker, "POST", f"{case}/moves/close", json={"reason": CYRILLIC})
    own.call(worker, "GET", f"cases/{FULL}")
    own.call(worker, "GET", f"cases?after={CYRILLIC}&type={FULL}&limit={PHONE}")
    own.call(worker, "GET", "cases", headers={"Authorization": f"Bearer kb_{PHONE}"})
    own.call(worker, "POST", f"persons/{uuid7()}/objections", json={"purpose": FULL})


def searched_everywhere(system: EmbeddedSystem, place: Place) -> None:
    """Files, log lines, answers, events: none holds a canary in the clear."""
    place.settle()
    assert files_with(place.folders) == {}
    assert place.told.getvalue()
    assert seen_in(place.told.getvalue()) == set()
    for answer in place.answers:
        assert seen_in(answer) == set(), answer[:300]
    for service in SERVICES:
        feed = LocalFeed(system.engine(service), service)
        for partition in range(8):
            for event in feed.page(partition, 0):
                assert seen_in(event.parts.to_wire()) == set()
                opened = event.parts
                if opened.nonce is not None and opened.payload is not None:
                    plain = system.keys.decrypt(
                        event.header["keyid"], opened.nonce, opened.payload, opened.header.encode()
                    )
                    assert seen_in(plain) == set(), event.type


def erase(own: Organisation, person_id: UUID) -> None:
    """A manager proposes, the data protection officer approves; every service confirms."""
    with transaction(own.system.engine("intake")) as session:
        case = session.scalars(select(Case).join(CasePerson).where(CasePerson.person_id == person_id)).one()
        case.status, case.updated_at = "closed", utc_now()
        session.flush()
    body = {"person_id": str(person_id), "reason": "subject_request"}
    proposed = own.call(own.actor(Role.CASE_MANAGER), "POST", "erasures", json=body)
    assert proposed.status_code == 201, proposed.text
    path = f"erasures/{proposed.json()['id']}"
    officer = own.actor(Role.DATA_PROTECTION_OFFICER)
    assert own.call(officer, "POST", f"{path}/approval").status_code == 200
    assert own.system.wait_until_arrived()
    assert len(own.call(officer, "GET", path).json()["confirmed"]) == 2


def proved(system: EmbeddedSystem, person_id: UUID) -> dict[str, Any]:
    """What `kinbridge erase verify` says."""
    *_, found = OPERATIONS["erase verify"](system, person=str(person_id))
    return found


def wrapped_keys(system: EmbeddedSystem, *owners: UUID) -> list[bytes]:
    with reading(system.engine("intake")) as session:
        rows = session.scalars(select(data_key.c.wrapped).where(data_key.c.owner_id.in_(owners)))
        return [row for row in rows if row is not None]


def test_nothing_of_a_person_stands_in_the_clear_and_nothing_opens_once_it_is_erased(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    with running(place) as system, organisation(system, place) as own:
        case_id, person_id = live_through_it(own)
        live_on(own, case_id, monkeypatch)
        theirs, referral = share_it(own, case_id, person_id)
        make_mistakes(own, case_id)
        assert system.wait_until_arrived()
        searched_everywhere(system, place)
        keys = wrapped_keys(system, person_id, case_id)
        assert len(keys) == 2
    place.back_up()
    with running(place) as system, TestClient(system.web()) as client:
        own = Organisation(system, place, client, own.staff)
        erase(own, person_id)
        found = proved(system, person_id)
        assert found["faults"] == []
        assert found["not_confirmed_yet"] == []
        assert all(one["events"] for one in found["checked"].values())
        shown = own.call(own.actor(Role.CASE_MANAGER), "GET", f"cases/{case_id}")
        assert shown.json()["people"][1]["person"] is None
        assert shown.json()["own"] is None
        told = own.call(theirs, "GET", referral).json()
        assert (told["shared"], told["hidden_because"]) == (None, "erased")
        assert [one["text"] for one in told["history"]] == [None] * 3
        for service in SERVICES:
            for _ in OPERATIONS["rebuild"](system, service=service, accept_new_history=False):
                pass
        assert proved(system, person_id)["nothing_opens"]
        searched_everywhere(system, place)
        if system.engine("intake").dialect.name == "sqlite":
            held = b"".join(path.read_bytes() for path in place.settings.data_dir.glob("*.sqlite*"))
            assert not [key for key in keys if key in held]
    settings = place.restore()
    with running(place, settings) as system:
        assert wrapped_keys(system, person_id, case_id) == []
        with reading(system.engine("intake")) as session:
            assert vault_of(session).open(session, [person_id, case_id]) == {}
        assert system.wait_until_arrived()
        found = proved(system, person_id)
        assert found["faults"] == []
        assert found["not_confirmed_yet"] == []
        for service in SERVICES:
            with reading(system.engine(service)) as session:
                assert session.scalar(text("SELECT count(*) FROM alarm")) == 0


def test_a_canary_in_the_clear_is_found_in_every_form(tmp_path: Path) -> None:
    written = {
        "as it is": FULL.encode(),
        "UTF-16": ETHIOPIC.encode("utf-16"),
        "base64": b"xx" + base64.b64encode(b"ab" + ARABIC.encode() + b"cd"),
        "base64 for addresses": base64.urlsafe_b64encode(b"a" + ARABIC.encode() + b"cd"),
        "lower case": CYRILLIC.lower().encode(),
        "upper case": STORY.upper().encode(),
        "title case": STORY.title().encode(),
        "percent-encoded": quote_plus(ARABIC).encode(),
        "percent-encoded in lower case": quote(ETHIOPIC, safe="").lower().encode(),
        "hexadecimal": CYRILLIC.encode().hex().encode(),
        "JSON": json.dumps(ARABIC).encode(),
        "Latin letters": anyascii(ARABIC).encode(),
        "one word": FULL.split()[0].encode(),
        "among zeros": b"\0" * 64 + PHONE.encode() + b"\0" * 64,
    }
    for name, raw in written.items():
        (tmp_path / name).write_bytes(b"before " + raw + b" after")
    assert {Path(one).name for one in files_with([tmp_path])} == set(written)
    (tmp_path / "nothing").write_bytes(b"\0" * 4096 + b"Nobody in particular" * 100)
    assert len(files_with([tmp_path])) == len(written)
