"""Appointments: day and time in the family's zone, and a task where they cannot be told."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import Engine, select, update

from services.notify.commands.family.replies import opt_out
from services.notify.domain import FamilyContact, Notification
from services.notify.queries.family_pages import appointments_ahead
from services.notify.senders import Handed
from services.notify.settings import LOOK_AGAIN
from shared.crypto import KeyRing
from shared.database import reading, transaction, utc_now
from shared.events import AppointmentCancelled, AppointmentChanged, AppointmentSet, FamilyContactChanged
from tests.notify.families import Families

FATES = ("person_found_alive", "death_confirmed", "person_declined_contact")


@pytest.fixture
def families(database: Callable[[str], Engine], keys: KeyRing) -> Families:
    return Families(database, keys)


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


def test_an_appointment_within_quiet_hours_becomes_a_task_at_once(families: Families) -> None:
    now = utc_now()
    quiet = {"quiet_from": (now - timedelta(minutes=5)).time(), "quiet_to": (now + timedelta(hours=3)).time()}
    family = families.family(**quiet)
    families.tell(AppointmentSet(**family, at=now + timedelta(hours=1), how="visit"))
    families.deliver()
    assert (families.message("appointment").status, families.message("receipt").status) == ("expired", "held")
    assert families.told()["attention.requested"] == 1


def test_each_appointment_is_told_however_much_a_day_brings(families: Families) -> None:
    family = families.family()
    at = utc_now() + timedelta(days=9)
    for number in range(5):
        families.tell(AppointmentSet(**family, at=at + timedelta(hours=number), how="visit"))
    assert len(families.messages("appointment")) == 5


def moved(family: dict[str, Any], was: datetime, at: datetime) -> AppointmentChanged:
    return AppointmentChanged(**family, was=was, at=at, how="visit")


def test_who_was_told_of_an_appointment_is_told_its_new_time_and_that_it_is_cancelled(families: Families) -> None:
    family = families.family(time_zone="Africa/Addis_Ababa")
    was = utc_now().replace(hour=9, minute=30, second=0, microsecond=0) + timedelta(days=5)
    at = was + timedelta(days=1, hours=1)
    families.tell(AppointmentSet(**family, at=was, how="visit"))
    families.deliver()
    families.tell(moved(family, was, at))
    families.deliver()
    families.tell(AppointmentCancelled(**family, at=at))
    families.deliver()
    first, second, third = (one.text for one in families.sms.taken)
    assert "12:30" in first
    assert "new time" in second
    assert "13:30" in second
    assert third.startswith("Cancelled")
    assert "13:30" in third
    assert "visit" not in f"{second}{third}".lower()


def test_who_was_told_nothing_yet_is_told_the_new_time_alone_and_of_no_cancellation(families: Families) -> None:
    family = families.family()
    was, at = utc_now() + timedelta(days=5), utc_now() + timedelta(days=6)
    families.tell(AppointmentSet(**family, at=was, how="visit"))
    families.tell(moved(family, was, at))
    first, second = families.messages("appointment")
    assert (first.status, first.reason, second.status, second.moment) == ("cancelled", "overtaken", "created", at)
    families.tell(AppointmentCancelled(**family, at=at))
    assert families.deliver() == 0
    assert families.messages("appointment_changed") == families.messages("appointment_cancelled") == []
    assert families.told()["attention.requested"] == 0


def test_an_appointment_whose_outcome_nobody_knows_is_not_sent_again_once_it_was_moved(families: Families) -> None:
    family = families.family()
    was, at = utc_now() + timedelta(days=5), utc_now() + timedelta(days=6)
    families.sms.says = [Handed("outcome-unknown"), Handed("accepted")]
    families.tell(AppointmentSet(**family, at=was, how="visit"))
    families.deliver()
    families.tell(moved(family, was, at))
    families.deliver()
    for _ in range(3):
        families.later(LOOK_AGAIN + timedelta(seconds=1))
        families.deliver()
    assert (families.message("appointment").status, families.message("appointment").reason) == (
        "cancelled",
        "overtaken",
    )
    assert families.message("appointment_changed").status == "sending"
    assert len(families.sms.taken) == 2


def test_an_appointment_that_was_moved_into_the_past_is_told_as_cancelled(families: Families) -> None:
    family = families.family()
    was = utc_now() + timedelta(days=5)
    families.tell(AppointmentSet(**family, at=was, how="visit"))
    families.deliver()
    families.tell(moved(family, was, utc_now() - timedelta(hours=1)))
    families.deliver()
    assert families.message("appointment_cancelled").moment == was


def test_a_cancellation_that_a_family_cannot_be_told_is_a_task(families: Families) -> None:
    family = families.family()
    at = utc_now() + timedelta(days=2)
    families.tell(AppointmentSet(**family, at=at, how="visit"))
    families.deliver()
    with transaction(families.engine) as session:
        opt_out(session, session.scalars(select(FamilyContact)).one(), utc_now())
    families.tell(AppointmentCancelled(**family, at=at))
    families.deliver()
    assert families.message("appointment_cancelled").reason == "opted_out"
    assert families.told()["attention.requested"] == 1


def test_the_familys_page_lists_the_appointments_that_stand(families: Families) -> None:
    family = families.family()
    was, at, other = (utc_now() + timedelta(days=days) for days in (5, 6, 3))
    families.tell(AppointmentSet(**family, at=was, how="visit"), AppointmentSet(**family, at=other, how="visit"))
    families.deliver()
    families.tell(moved(family, was, at))
    with reading(families.engine) as session:
        contact = session.scalars(select(FamilyContact.id)).one()
        assert appointments_ahead(session, contact, utc_now()) == [other, at]
        assert appointments_ahead(session, contact, other) == [at]
    families.tell(AppointmentCancelled(**family, at=other))
    with reading(families.engine) as session:
        assert appointments_ahead(session, contact, utc_now()) == [at]


def test_who_is_registered_later_is_told_once_of_what_lies_ahead(families: Families) -> None:
    about, now = families.about(), utc_now()
    ahead = [now + timedelta(days=days) for days in (2, 3)]
    families.tell(families.consent(about))
    registered = families.contact(about, appointments=(now - timedelta(hours=1), *ahead))
    families.tell(registered)
    assert [one.moment for one in families.messages("appointment")] == ahead
    assert len(families.messages("receipt")) == 1
    families.deliver()
    families.tell(FamilyContactChanged(**{name: value for name, value in registered if name != "appointments"}))
    case = {name: about[name] for name in ("organisation_id", "case_id")}
    families.tell(AppointmentCancelled(**case, at=ahead[0]))
    assert [one.moment for one in families.messages("appointment")] == ahead
    assert families.message("appointment_cancelled").moment == ahead[0]
