"""How families are reached: kept, changed, checked, withdrawn, erased; and readable nowhere."""

from __future__ import annotations

import os
from collections.abc import Callable
from datetime import date, time, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, select

from services.notify.domain import FamilyAddress, FamilyCode
from services.notify.senders import Handed, MailboxSender
from shared.crypto import KeyRing
from shared.database import reading, utc_now
from shared.events import (
    CaseClosed,
    CaseMerged,
    CaseMergeUndone,
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
