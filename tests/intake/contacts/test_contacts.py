"""How a family is told: who may say so, of whom, and what intake keeps of it."""

from __future__ import annotations

import json
from datetime import time
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import select, update

from services.intake.commands.protection import approve_erasure, propose_erasure
from services.intake.domain import AcceptedRequest, Case, FamilyContact, PersonViewed
from shared.database import reading, table_of
from shared.events import CATALOGUE, ContactDetails
from shared.events.envelope import Logged
from shared.messaging.log import PART_COLUMNS, parts_of
from shared.messaging.tables import event_log
from tests.databases import Databases
from tests.intake.contacts.conftest import ALIAS, CONTACT, MAILBOX, NUMBER, WORD, Desk

KINDS = {kind.TYPE: kind for kind in CATALOGUE}


def told(desk: Desk, kind: str) -> list[Logged[Any]]:
    """The facts of that type in intake's log, as a consumer reads them."""
    statement = select(*PART_COLUMNS).where(event_log.c.type == kind).order_by(event_log.c.ordinal)
    with reading(desk.intake.engine) as session:
        rows = session.execute(statement).all()
    return [Logged("intake", 0, 1, b"", b"", parts_of(tuple(row)), desk.keys, KINDS[kind]) for row in rows]


def details_in(logged: Logged[Any]) -> ContactDetails:
    sealed = logged.unsealed()
    assert sealed is not None
    return ContactDetails.model_validate_json(sealed)


def test_a_contact_is_told_to_notify_and_its_address_to_notify_alone(desk: Desk) -> None:
    made = desk.register()
    assert desk.headers["etag"] == '"1"'
    (fact,) = told(desk, "family_contact.registered")
    assert (fact.event.contact_id, fact.event.person_id) == (UUID(made["id"]), desk.enquirer)
    assert (fact.event.language, fact.event.fallbacks, fact.event.time_zone) == ("ar", ("fr",), "Africa/Tripoli")
    assert (fact.event.quiet_from, fact.event.quiet_to, fact.event.shared_phone) == (time(21), time(7, 30), True)
    details = details_in(fact)
    assert [(one.channel, one.address) for one in details.addresses] == [("sms", NUMBER), ("email", MAILBOX)]
    assert (details.alias, details.spoken_word) == (ALIAS, WORD)
    shown = desk.ask("GET", f"{desk.contacts}/{made['id']}")
    assert shown["contact"]["addresses"] == [
        {"channel": "sms", "hint": "…42"},
        {"channel": "email", "hint": "c…@q…"},
    ]
    assert shown["contact"]["alias"] == ALIAS
    assert desk.ask("GET", desk.contacts) == [shown]
    with reading(desk.intake.engine) as session:
        seen = session.scalars(select(PersonViewed.person_id).where(PersonViewed.purpose == "contact")).all()
    assert seen == [desk.enquirer, desk.enquirer]


def test_no_address_stands_in_the_clear_in_any_row_or_file_of_intake(
    desk: Desk, database: Databases, caplog: pytest.LogCaptureFixture
) -> None:
    body = {"person_id": str(desk.enquirer), **CONTACT}
    first = desk.ask("POST", desk.contacts, body, status=201, Idempotency_Key="contact-1")
    assert desk.ask("POST", desk.contacts, body, status=201, Idempotency_Key="contact-1") == first
    desk.ask("PUT", f"{desk.contacts}/{first['id']}", CONTACT, If_Match='"1"')
    wrong = {**CONTACT, "addresses": [{"channel": "sms", "address": "0917731442"}]}
    refused = desk.ask("PUT", f"{desk.contacts}/{first['id']}", wrong, status=422, If_Match='"2"')
    assert "7731442" not in json.dumps(refused)
    hidden = [NUMBER[-9:], MAILBOX.partition("@")[0], "quay.example", ALIAS, WORD]
    with reading(desk.intake.engine) as session:
        tables = [*AcceptedRequest.metadata.sorted_tables, event_log]
        rows = "".join(repr(session.execute(select(table)).all()) for table in tables)
        answers = session.scalars(select(table_of(AcceptedRequest).c.answer)).all()
    assert len(told(desk, "family_contact.registered")) == len(answers) == 1
    assert not [one for one in hidden if one in rows + caplog.text]
    if database.backend == "sqlite":
        folder = Path(str(desk.intake.engine.url.database)).parent
        files = b"".join(one.read_bytes() for one in folder.rglob("*") if one.is_file())
        assert b"Red-Cross-A" in files
        assert not [one for one in hidden if one.encode() in files]


def test_a_change_gives_the_contact_anew_against_the_version_that_was_read(desk: Desk) -> None:
    made = desk.register()
    one = f"{desk.contacts}/{made['id']}"
    new = {**CONTACT, "language": "fr", "addresses": [{"channel": "voice", "address": "+٢١٨٩١٧٧٣١٤٤٣"}]}
    assert desk.ask("PUT", one, new, If_Match='"1"')["version"] == 2
    assert details_in(told(desk, "family_contact.changed")[0]).addresses[0].address == "+218917731443"
    desk.ask("PUT", one, new, status=412, If_Match='"1"')
    shown = desk.ask("GET", one)
    assert (shown["contact"]["language"], shown["contact"]["fallbacks"]) == ("fr", [])
    assert desk.headers["etag"] == '"2"'


def test_a_withdrawn_contact_keeps_nothing_and_is_changed_no_more(desk: Desk) -> None:
    made = desk.register()
    one = f"{desk.contacts}/{made['id']}"
    desk.ask("DELETE", one, status=412, If_Match='"7"')
    assert desk.ask("DELETE", one, If_Match='"1"')["version"] == 2
    assert [fact.event.contact_id for fact in told(desk, "family_contact.withdrawn")] == [UUID(made["id"])]
    shown = desk.ask("GET", one)
    assert shown["withdrawn_at"] is not None
    assert shown["contact"] is None
    desk.ask("PUT", one, CONTACT, status=409, If_Match="*")
    with reading(desk.intake.engine) as session:
        assert session.scalars(select(FamilyContact.sealed)).all() == [None]


def test_a_case_tells_in_its_timeline_that_it_was_done_and_not_what(desk: Desk) -> None:
    made = desk.register()
    *_, last = desk.ask("GET", f"cases/{desk.case}/timeline")
    assert last["what"] == "register_contact"
    assert last["facts"] == {"person": str(desk.enquirer), "contact": made["id"]}
    assert [fact.event.what for fact in told(desk, "case.updated")] == ["record"]


def test_without_a_legal_basis_nobody_is_told_and_the_refusal_says_what_to_do(desk: Desk) -> None:
    made = desk.register()
    desk.ask("POST", f"persons/{desk.enquirer}/withdrawals", {"purpose": "notification"}, status=201)
    refused = desk.register(status=409)
    assert "Protection" in refused["detail"]
    desk.ask("PUT", f"{desk.contacts}/{made['id']}", CONTACT, status=409, If_Match="*")
    desk.ask("DELETE", f"{desk.contacts}/{made['id']}", If_Match="*")


def test_the_sought_person_is_not_written_to_and_nobody_of_another_case_is(desk: Desk) -> None:
    desk.allow(desk.sought)
    assert "who asked" in desk.register(status=409, person_id=str(desk.sought))["detail"]
    desk.register(status=404, person_id=str(desk.case))


def test_nobody_is_told_of_a_closed_case_and_a_contact_of_it_can_still_be_ended(desk: Desk) -> None:
    made = desk.register()
    with desk.acting() as session:
        session.execute(update(Case).where(Case.id == desk.case).values(status="closed"))
    assert "closed" in desk.register(status=409)["detail"]
    desk.ask("PUT", f"{desk.contacts}/{made['id']}", CONTACT, status=409, If_Match="*")
    desk.ask("DELETE", f"{desk.contacts}/{made['id']}", If_Match="*")


def test_who_may_not_work_on_the_case_says_nothing_of_it(desk: Desk) -> None:
    made = desk.register()
    one = f"{desk.contacts}/{made['id']}"
    desk.register(status=403, actor=desk.officer)
    assert desk.ask("GET", one, actor=desk.officer)["id"] == made["id"]
    desk.ask("GET", one, actor=desk.intake.other, status=404)
    desk.ask("GET", desk.contacts, actor=desk.intake.other, status=404)
    desk.ask("PUT", one, CONTACT, actor=desk.intake.other, status=404, If_Match="*")
    desk.ask("DELETE", one, actor=desk.intake.other, status=404, If_Match="*")
    desk.register(status=404, actor=desk.intake.other)
    assert told(desk, "family_contact.changed") == told(desk, "family_contact.withdrawn") == []


def test_an_erased_person_is_told_nothing_and_nothing_of_its_contact_opens(desk: Desk) -> None:
    made = desk.register()
    with desk.acting() as session:
        session.execute(update(Case).where(Case.id == desk.case).values(status="closed"))
        erasure = propose_erasure(session, desk.worker, desk.enquirer, "subject_request")
        approve_erasure(session, desk.manager, erasure.id)
    shown = desk.ask("GET", f"{desk.contacts}/{made['id']}")
    assert shown["contact"] is None
    assert shown["withdrawn_at"] is not None
    (fact,) = told(desk, "family_contact.registered")
    assert fact.erased
    assert fact.parts.sealed is None
    with desk.acting() as session:
        session.execute(update(Case).where(Case.id == desk.case).values(status="in_progress"))
    assert "erased" in desk.register(status=409)["detail"]


def test_what_a_person_is_handed_of_its_data_tells_how_it_is_told(desk: Desk) -> None:
    desk.register()
    copy = desk.ask("GET", f"persons/{desk.enquirer}/copy")
    (contact,) = copy["contacts"]
    assert contact["kept"]["alias"] == ALIAS
    assert desk.ask("GET", f"persons/{desk.sought}/copy")["contacts"] == []
