"""Appointments: day and time in the family's zone, and a task where they cannot be told."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from sqlalchemy import Engine, select, update

from services.notify.commands.family.replies import opt_out
from services.notify.domain import FamilyContact, Notification
from shared.crypto import KeyRing
from shared.database import transaction, utc_now
from shared.events import (
    AppointmentSet,
)
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
