"""What families write: STOP and START at once, in every language; anything else to a case worker, sealed."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any
from urllib.parse import urlencode

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import Engine, select

from services.notify.commands.heard import hear_message
from services.notify.providers import router
from services.notify.senders import Handed, Inbound
from services.notify.senders.africastalking import AfricasTalkingReceiver
from shared.crypto import KeyRing
from shared.database import reading, transaction, utc_now
from shared.events import ContactAddress, ContactDetails, FamilyReplied, NewsReleased
from shared.events.envelope import Logged, readable
from shared.events.notify import ReplyText
from shared.messaging.feed import LocalFeed
from shared.messaging.sequencer import Sequencer
from shared.messaging.tables import event_log
from shared.web import add_routes, create_app
from tests.notify.families import MAIL, NUMBER, PAGE, Families

SECRET = "0123456789abcdefghijklmnopqrstuvwxyz"
BASE = "https://help.example"


@pytest.fixture
def families(database: Callable[[str], Engine], keys: KeyRing) -> Families:
    made = Families(database, keys)
    made.sms.says = [Handed("delivered")]
    return made


@pytest.fixture
def provider(families: Families) -> Iterator[TestClient]:
    """Where the provider calls us."""
    app = create_app("notify")
    receivers = {"africastalking": AfricasTalkingReceiver(SECRET)}
    add_routes(app, router(families.engine, receivers, families.senders, BASE, PAGE))
    with TestClient(app) as client:
        yield client


def hear(families: Families, text: str, sender: str = NUMBER, number: str = "1") -> bool | None:
    with transaction(families.engine) as session:
        return hear_message(session, Inbound("twilio", number, sender, text), utc_now())


def replies(families: Families) -> list[Logged[FamilyReplied]]:
    Sequencer(families.engine).sequence()
    feed = LocalFeed(families.engine, "notify")
    found = [one for p in range(8) for one in feed.page(p, 0) if one.type == FamilyReplied.TYPE]
    return [readable(one, FamilyReplied, families.keys) for one in found]


@pytest.mark.parametrize("word", ["STOP", "arrêt", "توقف", "停止", "СТОП", "አቁም", " Stop. "])
def test_stop_is_obeyed_at_once_in_any_language_and_spreads(families: Families, word: str) -> None:
    family = families.family()
    families.tell(NewsReleased(**family))
    assert hear(families, word) is True
    assert families.one_contact().opted_out_at is not None
    assert families.message("news").status == "cancelled"
    assert families.told()["family.opted_out"] == 1
    families.deliver()
    assert [one.kind for one in families.messages() if one.status == "delivered"] == ["receipt", "opt_out_confirmed"]
    families.tell(NewsReleased(**family))
    assert families.deliver() == 0


def test_start_undoes_it(families: Families) -> None:
    family = families.family()
    hear(families, "stop", number="1")
    hear(families, "START", number="2")
    families.tell(NewsReleased(**family))
    families.deliver()
    assert families.message("news").status == "delivered"
    assert families.message("opt_in_confirmed").status == "delivered"
    assert families.told()["family.opted_in"] == 1


def test_stop_holds_for_every_contact_at_that_number(families: Families) -> None:
    families.family()
    families.family()
    hear(families, "stop")
    assert families.told()["family.opted_out"] == 2
    assert len(families.messages("opt_out_confirmed")) == 1


def test_what_a_family_writes_is_sealed_to_its_organisation(families: Families, keys: KeyRing) -> None:
    family = families.family()
    assert hear(families, "My brother wrote to me") is True
    (reply,) = replies(families)
    assert (reply.event.case_id, reply.event.channel, reply.event.intent) == (family["case_id"], "sms", "reply")
    assert b"My brother wrote to me" in (reply.unsealed() or b"")
    with reading(families.engine) as session:
        rows = session.execute(select(event_log)).all()
    assert "My brother" not in repr(rows)


def test_a_message_that_comes_again_is_heard_once(families: Families) -> None:
    families.family()
    assert [hear(families, "hello") for _ in range(3)] == [True, None, None]
    assert families.told()["family.replied"] == 1


@pytest.mark.parametrize("text", ["", " ", "\u200f", "x" * 5_000, "\0"])
def test_odd_texts_do_no_harm(families: Families, text: str) -> None:
    families.family()
    assert hear(families, text) is True


def test_a_number_written_in_another_way_is_the_same_number(families: Families) -> None:
    families.family()
    assert hear(families, "help", sender="+251 911 000 042", number="1") is True
    assert hear(families, "help", sender="251911000042", number="2") is True
    assert hear(families, "help", sender="+251911000043", number="3") is False


def test_a_stranger_gets_one_neutral_answer_and_nothing_is_kept(families: Families, provider: TestClient) -> None:
    form = {"from": "+251911999999", "to": "22000", "text": "who are you", "date": "2026-11-29", "id": "A1"}
    for _ in range(2):
        assert provider.post(f"/notify/providers/africastalking/inbound/{SECRET}", **_form(form)).status_code == 204
    (answer,) = families.sms.taken
    assert answer.to == "+251911999999"
    with reading(families.engine) as session:
        tables = families.engine.dialect.get_table_names(session.connection())
        everything = repr([session.connection().exec_driver_sql(f'SELECT * FROM "{one}"').all() for one in tables])
    assert "911999999" not in everything


def test_a_receipt_comes_by_the_provider_s_own_door(families: Families, provider: TestClient) -> None:
    family = families.family()
    families.sms.name, families.sms.says = "africastalking", [Handed("accepted", "ATXid_1")]
    families.tell(NewsReleased(**family))
    families.deliver()
    form = {"id": "ATXid_1", "status": "Success", "phoneNumber": NUMBER, "networkCode": "63601"}
    answer = provider.post(f"/notify/providers/africastalking/receipts/{SECRET}", **_form(form))
    assert answer.status_code == 204
    assert families.message("news").status == "delivered"


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/notify/providers/africastalking/receipts/wrong", 401),
        ("/notify/providers/nobody/receipts", 404),
        (f"/notify/providers/africastalking/receipts/{SECRET}", 409),
    ],
)
def test_what_is_not_the_providers_is_refused(provider: TestClient, path: str, status: int) -> None:
    assert provider.post(path, content=b"\xff\xfe nonsense").status_code == status


def _form(fields: dict[str, str]) -> dict[str, Any]:
    return {
        "content": urlencode(fields).encode(),
        "headers": {"Content-Type": "application/x-www-form-urlencoded"},
    }


def test_another_word_than_start_does_not_verify_a_number_that_was_silent(families: Families) -> None:
    """It may be a new owner's, who must learn nothing."""
    family = families.family()
    families.change(heard_at=utc_now() - timedelta(days=91))
    families.tell(NewsReleased(**family))
    families.deliver()
    families.sms.taken.clear()
    hear(families, "who is this?", number="1")
    families.later(timedelta(minutes=16))
    families.deliver()
    assert families.message("news").reason == "unverified"
    assert not [one for one in families.sms.taken if PAGE in one.text]
    hear(families, "START", number="2")
    families.later(timedelta(minutes=16))
    families.deliver()
    assert families.message("news").status == "delivered"


def test_a_machine_that_answers_our_answers_is_not_answered_for_ever(families: Families) -> None:
    families.family()
    for number in range(20):
        assert hear(families, "I am out of the office", number=str(number)) is True
    assert len(families.messages("reply_received")) == 6
    assert families.told()["family.replied"] == 20


@pytest.mark.parametrize("words", ["توقف قلبه", "arrêt cardiaque", "cancel appointment", "لغو قرار"])
def test_what_may_mean_anything_is_read_by_a_person_and_stops_nothing(families: Families, words: str) -> None:
    families.family()
    hear(families, words)
    assert families.one_contact().opted_out_at is None
    assert families.told()["family.replied"] == 1


def test_whoever_asks_for_help_is_answered_and_read(families: Families) -> None:
    families.family()
    hear(families, "HELP")
    assert len(families.messages("help")) == 1
    assert families.told()["family.replied"] == 1


def test_an_answer_goes_to_the_number_that_wrote_and_to_no_other_address(families: Families) -> None:
    """The first address may be somebody else's."""
    about = families.about()
    families.tell(families.consent(about))
    given = families.contact(about, mail=MAIL)
    first, second = given.sealed.addresses
    families.tell(given.model_copy(update={"sealed": given.sealed.model_copy(update={"addresses": (second, first)})}))
    families.deliver()
    families.sms.taken.clear()
    families.mail.taken.clear()
    families.sms.says = [Handed("permanent-failure")]
    assert hear(families, "HELP") is True
    families.deliver()
    assert [one.to for one in families.sms.taken] == [NUMBER]
    assert families.mail.taken == []
    assert (families.message("help").channel, families.message("help").status) == ("sms", "permanent-failure")


def test_who_gave_a_number_for_calls_alone_is_not_answered_in_writing(families: Families) -> None:
    about = families.about()
    families.tell(families.consent(about))
    details = ContactDetails(addresses=(ContactAddress(channel="voice", address=NUMBER),))
    families.tell(families.contact(about).model_copy(update={"sealed": details}))
    assert hear(families, "stop") is True
    assert families.one_contact().opted_out_at is not None
    assert families.messages("opt_out_confirmed") == []


def test_a_picture_without_text_is_passed_on_as_something_that_came(families: Families) -> None:
    families.family()
    assert hear(families, " \u200f") is True
    (reply,) = replies(families)
    assert reply.event.intent == "reply"
    assert ReplyText.model_validate_json(reply.unsealed() or b"") == ReplyText(text="")
    assert len(families.messages("reply_received")) == 1
