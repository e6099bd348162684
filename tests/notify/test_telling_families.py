"""Families are told: what is said, when, in which language, and never what it is about."""

from __future__ import annotations

import os
from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, select, update

from services.notify.commands.family.replies import opt_out
from services.notify.commands.pauses import pause_channel, resume_channel
from services.notify.domain import FamilyAddress, FamilyCode, FamilyContact, Notification
from services.notify.senders import Handed, MailboxSender
from services.notify.settings import PERIOD
from shared.access import Actor, Role
from shared.crypto import KeyRing
from shared.database import reading, transaction, utc_now
from shared.events import (
    AppointmentSet,
    CaseClosed,
    CaseMerged,
    CaseMergeUndone,
    CaseStatusChanged,
    ConsentWithdrawn,
    FamilyContactChanged,
    FamilyContactWithdrawn,
    NewsReleased,
    PersonErased,
)
from tests.notify.families import MAIL, NUMBER, Families

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


def test_an_appointment_says_day_and_time_in_the_familys_zone_and_nothing_else(families: Families) -> None:
    family = families.family(time_zone="Africa/Addis_Ababa")
    at = utc_now().replace(hour=9, minute=30, second=0, microsecond=0) + timedelta(days=5)
    families.tell(AppointmentSet(**family, at=at, how="visit"))
    families.deliver()
    (sent,) = families.sms.taken
    assert "12:30" in sent.text
    assert "visit" not in sent.text.lower()


def test_an_appointment_that_is_over_is_not_told(families: Families) -> None:
    family = families.family()
    families.tell(AppointmentSet(**family, at=utc_now() - timedelta(minutes=1), how="in_person"))
    assert families.messages("appointment") == []
    families.tell(AppointmentSet(**family, at=utc_now() + timedelta(hours=1), how="in_person"))
    families.later(timedelta(hours=2))
    with transaction(families.engine) as session:
        session.execute(update(Notification).values(moment=utc_now() - timedelta(minutes=1)))
    assert families.deliver() == 0
    assert (families.message("appointment").status, families.message("appointment").reason) == ("expired", "past")
    assert families.told()["attention.requested"] == 1


def test_an_appointment_of_a_family_that_said_stop_is_a_task(families: Families) -> None:
    family = families.family()
    at = utc_now() + timedelta(days=2)
    families.tell(AppointmentSet(**family, at=at, how="visit"))
    with transaction(families.engine) as session:
        opt_out(session, session.scalars(select(FamilyContact)).one(), utc_now())
    families.tell(AppointmentSet(**family, at=at + timedelta(days=1), how="visit"))
    assert families.deliver() == 0
    assert {(one.status, one.reason) for one in families.messages("appointment")} == {("cancelled", "opted_out")}
    assert families.told()["attention.requested"] == 2


def test_codes_that_were_sent_to_an_old_number_open_nothing_any_more(families: Families) -> None:
    about = families.about()
    families.tell(families.consent(about))
    given = families.contact(about)
    families.tell(given)
    families.deliver()
    with reading(families.engine) as session:
        (old,) = session.scalars(select(FamilyCode.digest)).all()
    families.tell(
        FamilyContactChanged(**dict(families.contact(about, sms="+251911000043")) | {"contact_id": given.contact_id})
    )
    families.deliver()
    with reading(families.engine) as session:
        (new,) = session.scalars(select(FamilyCode.digest)).all()
    assert new != old


def test_an_appointment_within_quiet_hours_becomes_a_task_at_once(families: Families) -> None:
    now = utc_now()
    quiet = {"quiet_from": (now - timedelta(minutes=5)).time(), "quiet_to": (now + timedelta(hours=3)).time()}
    family = families.family(**quiet)
    families.tell(AppointmentSet(**family, at=now + timedelta(hours=1), how="visit"))
    families.deliver()
    assert (families.message("appointment").status, families.message("receipt").status) == ("expired", "held")
    assert families.told()["attention.requested"] == 1


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


def test_a_number_that_was_silent_for_90_days_is_checked_before_anything_else_goes_there(families: Families) -> None:
    family = families.family()
    families.change(heard_at=utc_now() - timedelta(days=91))
    families.tell(NewsReleased(**family))
    families.deliver()
    families.deliver()
    (sent,) = families.sms.taken
    assert families.message("contact_check").status == "sending"
    assert families.message("news").reason == "unverified"
    assert "help.example" not in sent.text
    families.change(heard_at=utc_now())
    families.later(timedelta(minutes=16))
    families.deliver()
    assert families.message("news").status == "sending"


def test_a_check_that_nobody_answers_becomes_a_task(families: Families) -> None:
    families.sms.says = [Handed("delivered")]
    family = families.family()
    families.change(heard_at=utc_now() - timedelta(days=91))
    families.tell(NewsReleased(**family))
    families.deliver()
    families.later(timedelta(hours=73))
    families.deliver()
    assert (families.message("news").status, families.message("news").reason) == ("expired", "unverified")
    assert families.told()["attention.requested"] == 1


def test_a_changed_contact_is_written_to_at_its_new_address(families: Families) -> None:
    about = families.about()
    families.tell(families.consent(about))
    given = families.contact(about)
    families.tell(given)
    changed = families.contact(about, sms=None, mail=MAIL, language="am")
    families.tell(FamilyContactChanged(**dict(changed) | {"contact_id": given.contact_id}))
    families.deliver()
    assert {(sent.to, sent.language) for sent in families.mail.taken} == {(MAIL, "am")}
    assert len(families.messages("receipt")) == 2
    assert families.sms.taken == []


def test_what_waits_for_a_withdrawn_contact_is_never_sent(families: Families) -> None:
    about = families.about()
    families.tell(families.consent(about))
    given = families.contact(about)
    families.tell(given)
    families.tell(FamilyContactWithdrawn(**about, contact_id=given.contact_id))
    assert families.deliver() == 0
    assert families.message("receipt").status == "cancelled"
    assert families.one_contact().sealed is None


def test_an_erased_person_can_be_reached_nowhere(families: Families) -> None:
    family = families.family()
    families.tell(NewsReleased(**family))
    contact = families.one_contact()
    families.tell(PersonErased(**family, person_id=contact.person_id))
    assert families.deliver() == 0
    assert families.one_contact().sealed is None
    with reading(families.engine) as session:
        assert session.scalars(select(FamilyAddress)).all() == []
        assert session.scalars(select(FamilyCode)).all() == []
    assert families.message("news").reason == "erased"


def test_a_day_that_brings_much_is_told_together(families: Families) -> None:
    """Somebody asks for five relatives: five cases, one telephone."""
    person = families.factory.id()
    for _ in range(5):
        about = {**families.about(), "person_id": person}
        families.tell(families.consent(about), families.contact(about))
        families.deliver()
    assert len(families.messages("receipt")) == 3
    assert families.message("digest").count == 2


def test_each_appointment_is_told_however_much_a_day_brings(families: Families) -> None:
    family = families.family()
    at = utc_now() + timedelta(days=9)
    for number in range(5):
        families.tell(AppointmentSet(**family, at=at + timedelta(hours=number), how="visit"))
    assert len(families.messages("appointment")) == 5


def test_a_voice_contact_is_a_task_for_a_case_worker(families: Families) -> None:
    from shared.events import ContactAddress, ContactDetails

    about = families.about()
    families.tell(families.consent(about))
    details = ContactDetails(addresses=(ContactAddress(channel="voice", address=NUMBER),), spoken_word="harvest")
    families.tell(families.contact(about, sealed=details))
    assert families.deliver() == 0
    assert families.message("receipt").reason == "case_worker_calls"
    assert families.told()["attention.requested"] == 1


def test_nothing_of_a_contact_can_be_read_in_the_database(families: Families, keys: KeyRing) -> None:
    family: dict[str, Any] = families.family(alias="Blue bird", mail=MAIL)
    families.tell(NewsReleased(**family))
    families.deliver()
    with reading(families.engine) as session:
        tables = families.consumer.engine.dialect.get_table_names(session.connection())
        everything = repr([session.connection().exec_driver_sql(f'SELECT * FROM "{one}"').all() for one in tables])
    for secret in (NUMBER, NUMBER[4:], MAIL, "Blue bird"):
        assert secret not in everything
    assert str(family["case_id"]).replace("-", "") in everything.replace("-", "")


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


def test_times_of_day_are_kept_as_they_were_given(families: Families) -> None:
    families.family(quiet_from=time(21, 30), quiet_to=time(7))
    assert (families.one_contact().quiet_from, families.one_contact().quiet_to) == (21 * 60 + 30, 7 * 60)


def test_letters_in_the_mailbox_go_with_whom_they_were_for(families: Families, tmp_path: Path) -> None:
    box = MailboxSender(tmp_path)
    families.senders_by_channel = {"sms": box}
    about = families.about()
    families.tell(families.consent(about), families.contact(about))
    other = families.about()
    families.tell(families.consent(other), families.contact(other))
    families.deliver()
    for letter in tmp_path.glob("*/*.json"):
        os.utime(letter, (0, (utc_now() - timedelta(minutes=11)).timestamp()))
    delivery = families.delivery()
    delivery.clear_mailbox()
    assert len(box.messages(9)) == 2
    families.tell(PersonErased(**about))
    delivery.clear_mailbox()
    assert len(box.messages(9)) == 1


def test_the_family_of_a_duplicate_is_told_what_the_case_that_is_worked_on_says(families: Families) -> None:
    duplicate, worked_on = families.family(), families.about()
    about = {name: worked_on[name] for name in ("organisation_id", "case_id")}
    families.tell(CaseMerged(**duplicate, case_type="tracing_request", into=about["case_id"]))
    families.tell(NewsReleased(**about))
    families.deliver()
    assert len(families.sms.taken) == 1
    families.tell(CaseClosed(**about, case_type="tracing_request", reason="found", closed_on=date(2026, 11, 29)))
    assert families.one_contact().write_next_at is None
    families.tell(CaseMergeUndone(**duplicate, case_type="tracing_request", out_of=about["case_id"]))
    families.tell(NewsReleased(**about))
    assert len(families.messages("news")) == 1


def test_a_second_contact_of_a_case_gets_its_receipt_and_the_first_one_no_other(families: Families) -> None:
    about = families.about()
    families.tell(families.consent(about))
    families.tell(families.contact(about))
    families.tell(families.contact(about, sms=None, mail=MAIL))
    families.deliver()
    assert (len(families.sms.taken), len(families.mail.taken)) == (1, 1)


def test_what_a_family_chose_on_its_page_outlives_a_correction_of_its_number(families: Families) -> None:
    about = families.about()
    families.tell(families.consent(about))
    given = families.contact(about)
    families.tell(given)
    families.change(chosen_at=utc_now(), language="am", quiet_from=17 * 60, quiet_to=10 * 60)
    corrected = families.contact(about, sms="+251911000043")
    families.tell(FamilyContactChanged(**dict(corrected) | {"contact_id": given.contact_id}))
    kept = families.one_contact()
    assert (kept.language, kept.quiet_from, kept.quiet_to) == ("am", 17 * 60, 10 * 60)


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
