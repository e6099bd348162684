"""Where others read what arrives: one sentence for everything that would bring a code, and nothing to open with it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import Engine, func, select

from services.notify.domain import FamilyCode
from services.notify.senders import Handed
from services.notify.settings import PERIOD
from shared.crypto import KeyRing
from shared.database import reading, utc_now
from shared.events import AppointmentSet, AttentionRequested, FamilyContactChanged, NewsReleased
from shared.events.envelope import readable
from shared.messaging.feed import LocalFeed
from shared.messaging.sequencer import Sequencer
from tests.notify.families import PAGE, Families

SENTENCE = "Please get in touch with the service you contacted."
NEVER_SAID = ("Blue bird", "Code", PAGE, "request")


@pytest.fixture
def families(database: Callable[[str], Engine], keys: KeyRing) -> Families:
    made = Families(database, keys)
    made.sms.says = [Handed("delivered")]
    return made


def asked(families: Families) -> list[Any]:
    """What case workers were asked to do."""
    Sequencer(families.engine).sequence()
    feed = LocalFeed(families.engine, "notify")
    found = [one for p in range(8) for one in feed.page(p, 0) if one.type == AttentionRequested.TYPE]
    return [readable(one, AttentionRequested, families.keys).event for one in found]


def living_codes(families: Families) -> int:
    with reading(families.engine) as session:
        return session.scalar(select(func.count()).select_from(FamilyCode)) or 0


def test_news_the_periodic_message_and_appointments_are_one_sentence_without_alias_code_or_page(
    families: Families,
) -> None:
    family = families.family(shared_phone=True, alias="Blue bird")
    families.tell(NewsReleased(**family))
    families.tell(AppointmentSet(**family, at=utc_now() + timedelta(days=3), how="visit"))
    families.deliver()
    families.later(PERIOD)
    families.delivery().write_periodic()
    families.deliver()
    assert {one.kind for one in families.messages() if one.status == "delivered"} == {"news", "with_us", "appointment"}
    texts = {one.text for one in families.sms.taken}
    assert len(families.sms.taken) == 3
    assert len(texts) == 1
    (text,) = texts
    assert text.startswith(SENTENCE)
    assert not [word for word in NEVER_SAID if word in text]
    assert living_codes(families) == 0


def test_an_appointment_is_a_case_worker_s_to_tell_too_and_once(families: Families) -> None:
    family = families.family(shared_phone=True)
    families.sms.says = [Handed("temporary-failure"), Handed("delivered")]
    families.tell(AppointmentSet(**family, at=utc_now() + timedelta(days=3), how="visit"))
    families.deliver()
    families.later(timedelta(minutes=1))
    families.deliver()
    assert families.message("appointment").attempts == 2
    assert [one.reason for one in asked(families)] == ["call_the_family"]


def test_a_receipt_is_not_sent_there_and_its_reason_is_shown(families: Families) -> None:
    families.family(shared_phone=True)
    receipt = families.message("receipt")
    assert (receipt.status, receipt.reason, receipt.attempts) == ("cancelled", "shared_phone", 0)


def test_once_others_use_the_telephone_the_codes_that_lie_on_it_open_nothing(families: Families) -> None:
    about = families.about()
    families.tell(families.consent(about))
    given = families.contact(about, alias="Blue bird")
    families.tell(given)
    families.deliver()
    assert living_codes(families) == 1
    families.tell(FamilyContactChanged(**{**dict(given), "shared_phone": True}))
    assert living_codes(families) == 0
    assert families.one_contact().shared_phone
