"""What notify tells intake of messages to families: why one is held, that it went on, how it ended; never which."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any, get_args

import pytest
from sqlalchemy import Engine, select

from services.notify.commands.ending import Told
from services.notify.commands.family.replies import opt_out
from services.notify.commands.holding import hold_back
from services.notify.domain import ChannelPause, FamilyContact
from services.notify.pages.staff.words import REASONS
from shared.crypto import KeyRing
from shared.database import reading, transaction, utc_now
from shared.events import (
    AppointmentSet,
    CaseHeld,
    CaseHoldEnded,
    ConsentWithdrawn,
    FamilyContactWithdrawn,
    FamilyMessageStatusChanged,
    Logged,
    NewsReleased,
    PersonErased,
)
from shared.events.notify import MessageReason
from shared.messaging.log import PART_COLUMNS, parts_of
from shared.messaging.tables import event_log
from tests.notify.families import Families


@pytest.fixture
def families(database: Callable[[str], Engine], keys: KeyRing) -> Families:
    return Families(database, keys)


def told(families: Families) -> list[tuple[str, str | None]]:
    """(status, reason) of what notify told of messages, oldest first."""
    with reading(families.engine) as session:
        own = event_log.c.type == FamilyMessageStatusChanged.TYPE
        rows = session.execute(select(*PART_COLUMNS).where(own).order_by(event_log.c.ordinal)).all()
    facts = [
        Logged("notify", 0, 0, b"", b"", parts_of(row), families.keys, FamilyMessageStatusChanged).event for row in rows
    ]
    return [(one.status, one.reason) for one in facts]


def quiet_now() -> dict[str, Any]:
    now = utc_now()
    return {"quiet_from": (now - timedelta(minutes=5)).time(), "quiet_to": (now + timedelta(hours=3)).time()}


def test_a_message_that_waits_says_why_once_and_that_it_went_on(families: Families) -> None:
    families.family(**quiet_now())
    for _ in range(2):
        families.deliver()
        families.later(timedelta(minutes=1))
    assert told(families) == [("held", "quiet_hours")]
    families.change(quiet_from=0, quiet_to=0)
    families.later(timedelta(hours=4))
    families.deliver()
    assert told(families) == [("held", "quiet_hours"), ("sending", None)]


def test_another_reason_to_wait_is_told_anew(families: Families) -> None:
    families.family(**quiet_now())
    families.change(quiet_from=0, quiet_to=0)
    with transaction(families.engine) as session:
        session.add(
            ChannelPause(
                organisation_id=families.organisation.organisation_id,
                channel="sms",
                paused_at=utc_now(),
                paused_by=families.factory.id(),
            )
        )
    families.later(timedelta(hours=4))
    families.deliver()
    assert told(families) == [("held", "quiet_hours"), ("held", "paused")]


def test_while_a_case_is_held_its_messages_say_so_and_go_out_once_it_is_not(families: Families) -> None:
    family = families.family()
    hold = {**family, "held_source": "intake", "first_position": 7}
    families.tell(CaseHeld(**hold))
    families.tell(NewsReleased(**family))
    with transaction(families.engine) as session:
        assert hold_back(session, utc_now()) == 1
        assert hold_back(session, utc_now()) == 0
    assert families.deliver() == 0
    assert told(families)[-1] == ("held", "case_held")
    families.tell(CaseHoldEnded(**hold))
    assert families.deliver() == 1
    assert told(families)[-1] == ("sending", None)


def test_what_is_not_sent_says_what_forbids_it(families: Families) -> None:
    about = families.about()
    families.tell(families.consent(about))
    contact = families.contact(about, **quiet_now())
    families.tell(contact)
    families.deliver()
    families.tell(ConsentWithdrawn(**about, purpose="notification"))
    families.change(quiet_from=0, quiet_to=0)
    families.later(timedelta(hours=4))
    families.deliver()
    assert told(families)[-1] == ("cancelled", "consent_withdrawn")


def test_a_family_that_said_stop_and_a_contact_that_ended_leave_no_message_that_seems_to_wait(
    families: Families,
) -> None:
    about = families.about()
    families.tell(families.consent(about))
    contact = families.contact(about, **quiet_now())
    families.tell(contact)
    families.deliver()
    families.tell(FamilyContactWithdrawn(**about, contact_id=contact.contact_id))
    assert told(families) == [("held", "quiet_hours"), ("cancelled", "withdrawn")]
    families.family(**quiet_now())
    with transaction(families.engine) as session:
        standing = select(FamilyContact).where(FamilyContact.withdrawn_at.is_(None))
        opt_out(session, session.scalars(standing).one(), utc_now())
    assert told(families)[-1] == ("cancelled", "opted_out")


def test_an_erased_persons_messages_end(families: Families) -> None:
    about = families.about()
    families.tell(families.consent(about))
    families.tell(families.contact(about, **quiet_now()))
    families.deliver()
    families.tell(PersonErased(**about))
    assert told(families)[-1] == ("cancelled", "erased")


def test_a_providers_code_is_told_to_nobody(families: Families) -> None:
    family = families.family()
    families.tell(AppointmentSet(**family, at=utc_now() + timedelta(days=1), how="visit"))
    (message,) = families.messages("appointment")
    with transaction(families.engine) as session:
        own = session.merge(message)
        own.end("permanent-failure", "21211")
        ended = Told(utc_now())
        ended.ended(own)
        ended.record(session)
    assert told(families)[-1] == ("permanent-failure", None)


def test_each_reason_has_words_for_whoever_looks_after_messages() -> None:
    assert set(get_args(MessageReason)) <= set(REASONS)
