"""Families are told: what is said, when, in which language, and never what it is about."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import Engine, select

from services.notify.commands.pauses import pause_channel, resume_channel
from services.notify.domain import FamilyCode
from services.notify.settings import PERIOD
from shared.access import Actor, Role
from shared.crypto import KeyRing
from shared.database import reading, transaction, utc_now
from shared.events import (
    CaseClosed,
    CaseStatusChanged,
    ConsentWithdrawn,
    NewsReleased,
)
from tests.notify.families import NUMBER, Families

FATES = ("person_found_alive", "death_confirmed", "person_declined_contact")


@pytest.fixture
def families(database: Callable[[str], Engine], keys: KeyRing) -> Families:
    return Families(database, keys)


def test_a_family_that_gives_a_contact_is_told_that_its_request_arrived(families: Families) -> None:
    about = families.about()
    families.tell(families.consent(about))
    families.tell(families.contact(about, alias="Blue bird"))
    assert families.deliver() == 1
    (sent,) = families.sms.taken
    assert (sent.to, sent.language) == (NUMBER, "en")
    assert "Blue bird" in sent.text
    assert "help.example/notify/f" in sent.text
    assert families.message("receipt").status == "sending"
    with reading(families.engine) as session:
        assert len(session.scalars(select(FamilyCode)).all()) == 1


def test_without_a_legal_basis_nothing_is_sent(families: Families) -> None:
    families.tell(families.contact(families.about()))
    assert families.deliver() == 0
    assert (families.message("receipt").status, families.message("receipt").reason) == ("cancelled", "no_legal_basis")


def test_a_consent_that_is_withdrawn_before_the_sending_stops_it(families: Families) -> None:
    about = families.about()
    families.tell(families.consent(about))
    families.tell(families.contact(about))
    families.tell(ConsentWithdrawn(**about, purpose="notification"))
    assert families.deliver() == 0
    assert families.message("receipt").reason == "consent_withdrawn"


def test_an_unapproved_language_is_never_sent_english_included(families: Families) -> None:
    families.family(language="ti", fallbacks=("am",))
    family = families.family(language="fr")
    assert [one.language for one in families.messages("receipt")] == ["am", None]
    refused = families.messages("receipt")[1]
    assert (refused.status, refused.reason, refused.about) == ("cancelled", "no_approved_language", family["case_id"])
    assert families.told()["attention.requested"] == 1


def test_quiet_hours_of_the_familys_own_zone_are_kept(families: Families) -> None:
    now = datetime.now(UTC)
    local = now + timedelta(hours=3)  # Addis Abeba has no summer time
    begins, ends = (local - timedelta(minutes=5)).time(), (local + timedelta(hours=1)).time()
    families.family(time_zone="Africa/Addis_Ababa", quiet_from=begins, quiet_to=ends)
    message = families.message("receipt")
    assert (message.status, message.reason) == ("held", "quiet_hours")
    assert message.next_attempt_at is not None
    assert timedelta(minutes=55) < message.next_attempt_at - now < timedelta(minutes=61)
    families.later(timedelta(hours=1, minutes=1))
    families.change(quiet_from=0, quiet_to=0)
    assert families.deliver() == 1


def test_timing_and_form_are_the_same_for_every_outcome(families: Families) -> None:
    """Three families whose cases end as differently as cases can; what each is told, and when, is told alike."""
    ends = {}
    for fate in FATES:
        family = families.family()
        families.tell(NewsReleased(**family))
        families.deliver()
        families.tell(
            CaseStatusChanged(**family, case_type="tracing_request", move=fate, was="open", status=fate, version=2)
        )
        families.tell(CaseClosed(**family, case_type="tracing_request", reason=fate, closed_on=date(2026, 11, 29)))
        families.deliver()
        (sent,) = families.sms.taken
        message = families.messages("news")[-1]
        code = sent.text.split(": ")[1][:14]
        ends[fate] = (
            sent.text.replace(code, "CODE"),
            message.channel,
            message.urgency,
            message.attempts,
            message.status,
            [one.kind for one in families.messages() if one.about == family["case_id"]],
        )
    assert len({str(end) for end in ends.values()}) == 1, ends


def test_news_and_the_periodic_message_are_the_same_words(families: Families) -> None:
    family = families.family()
    families.tell(NewsReleased(**family))
    families.deliver()
    families.later(PERIOD + timedelta(hours=1))
    families.delivery().write_periodic()
    families.deliver()
    news, periodic = (one.text for one in families.sms.taken)
    assert [len(part) for part in news.split(" ")] == [len(part) for part in periodic.split(" ")]
    assert sum(a != b for a, b in zip(news.split(" "), periodic.split(" "), strict=True)) <= 1  # the code


def test_the_periodic_message_goes_on_whatever_happens_until_the_case_is_closed(families: Families) -> None:
    family = families.family()
    for _ in range(2):
        families.later(PERIOD + timedelta(hours=1))
        families.change(heard_at=utc_now())
        families.delivery().write_periodic()
        families.tell(NewsReleased(**family))
    assert len(families.messages("with_us")) == 2
    families.tell(CaseClosed(**family, case_type="tracing_request", reason="found", closed_on=date(2026, 11, 29)))
    families.later(PERIOD + timedelta(hours=1))
    families.delivery().write_periodic()
    assert len(families.messages("with_us")) == 2
    families.tell(
        CaseStatusChanged(**family, case_type="tracing_request", move="reopen", was="closed", status="open", version=9)
    )
    families.later(PERIOD + timedelta(hours=1))
    families.delivery().write_periodic()
    assert len(families.messages("with_us")) == 3


def test_a_day_that_brings_much_is_told_together(families: Families) -> None:
    """Somebody asks for five relatives: five cases, one telephone."""
    person = families.factory.id()
    for _ in range(5):
        about = {**families.about(), "person_id": person}
        families.tell(families.consent(about), families.contact(about))
        families.deliver()
    assert len(families.messages("receipt")) == 3
    assert families.message("digest").count == 2


def test_one_organisations_surge_delays_no_other(families: Families) -> None:
    other = families.factory.organisation(short_name="clinic-b", name="Clinic B")
    families.tell(other)
    families.approve("en", organisation=other.organisation_id)
    quick = families.family(organisation=other.organisation_id)
    surge = families.family()
    for _ in range(60):
        families.tell(NewsReleased(**surge))
    families.tell(NewsReleased(**quick))
    families.deliver()
    references = [families.attempts(one)[0].id for one in families.messages("news") if one.about == quick["case_id"]]
    order = [one.reference for one in families.sms.taken]
    assert order.index(references[0]) < 4


def test_what_a_pause_held_back_goes_out_when_it_ends(families: Families) -> None:
    family = families.family()
    manager = Actor(family["organisation_id"], roles=frozenset({Role.CASE_MANAGER}), user_id=families.factory.id())
    with transaction(families.engine) as session:
        pause_channel(session, manager, "sms")
    families.tell(NewsReleased(**family))
    assert families.deliver() == 0
    assert families.message("news").reason == "paused"
    with transaction(families.engine) as session:
        resume_channel(session, manager, "sms")
    assert families.deliver() == 1
