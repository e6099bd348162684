"""Appointments: set by the family's clock, moved, corrected and cancelled; others learn day and time alone."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import Engine, select

from services.intake.commands.family import note_choice
from services.intake.domain import FamilyContact
from shared.access import Role
from shared.database import reading, transaction, utc_now
from shared.events import (
    AppointmentCancelled,
    AppointmentChanged,
    AppointmentSet,
    FamilyContactRegistered,
    FamilyPreferencesChosen,
    Logged,
)
from shared.messaging.log import PART_COLUMNS, parts_of
from shared.messaging.tables import event_log
from tests.intake.contacts.conftest import Desk
from tests.intake.contacts.test_pages import FORM, case_of, registered, section
from tests.intake.pages.conftest import Pages

WAS, AT = "2027-03-27T14:30:00+02:00", "2027-03-29T09:00:00+03:00"


def recorded(desk: Desk, engine: Engine) -> list[dict[str, Any]]:
    """What others learn of appointments, oldest first."""
    kinds: dict[str, Any] = {one.TYPE: one for one in (AppointmentSet, AppointmentChanged, AppointmentCancelled)}
    with reading(engine) as session:
        own = event_log.c.type.in_(kinds)
        rows = session.execute(select(event_log.c.type, *PART_COLUMNS).where(own).order_by(event_log.c.ordinal)).all()
    facts = [Logged("intake", 0, 0, b"", b"", parts_of(row[1:]), desk.keys, kinds[row[0]]).event for row in rows]
    return [{"type": one.TYPE, **one.model_dump(mode="json", exclude={"organisation_id", "case_id"})} for one in facts]


def do(desk: Desk, deed: str, status: int = 200, **body: str) -> Any:
    return desk.ask("POST", f"cases/{desk.case}/deeds/{deed}", body, status=status)


def test_an_appointment_is_moved_and_cancelled_and_others_learn_day_and_time(desk: Desk) -> None:
    do(desk, "change_appointment", 409, was=WAS, at=AT)
    do(desk, "set_appointment", at=WAS, how="visit", place="LBY")
    do(desk, "change_appointment", 409, was=AT, at=WAS)
    do(desk, "change_appointment", was="2027-03-27T12:30:00+00:00", at=AT, how="by_phone")
    do(desk, "change_appointment", was=AT, at=AT, how="video")
    do(desk, "cancel_appointment", 409, was=WAS)
    do(desk, "cancel_appointment", was=AT)
    do(desk, "cancel_appointment", 409, was=AT)
    first, second, third = recorded(desk, desk.intake.engine)
    assert (first["type"], second["type"], third["type"]) == (
        "appointment.set",
        "appointment.changed",
        "appointment.cancelled",
    )
    assert second == {
        "type": "appointment.changed",
        "was": "2027-03-27T12:30:00Z",
        "at": "2027-03-29T09:00:00+03:00",
        "how": "by_phone",
    } or (second["was"][:10], second["at"][:10]) == ("2027-03-27", "2027-03-29")
    assert set(third) == {"type", "at"}


def test_a_contact_that_comes_later_brings_the_appointments_that_lie_ahead(desk: Desk) -> None:
    times = {name: soon(days) for name, days in (("over", -1), ("moved", 2), ("cancelled", 3), ("stands", 5))}
    for at in times.values():
        do(desk, "set_appointment", at=at, how="visit")
    later = soon(9)
    do(desk, "change_appointment", was=times["moved"], at=later, how="visit")
    do(desk, "cancel_appointment", was=times["cancelled"])
    desk.register()
    with reading(desk.intake.engine) as session:
        own = select(*PART_COLUMNS).where(event_log.c.type == FamilyContactRegistered.TYPE)
        (parts,) = session.execute(own).all()
    told = Logged("intake", 0, 0, b"", b"", parts_of(parts), desk.keys, FamilyContactRegistered).event
    assert [one.isoformat() for one in told.appointments] == [times["stands"], later]


def soon(days: int) -> str:
    return (utc_now().replace(microsecond=0) + timedelta(days=days)).isoformat()


def test_the_page_of_a_case_lists_the_appointments_that_lie_ahead(pages: Pages) -> None:
    worker, case = pages.browser(Role.CASE_WORKER), case_of(pages)
    assert "Appointments" not in worker.open(case)
    at = utc_now() + timedelta(days=40)
    set_one = f"{case}/do/set_appointment"
    version = re.search(r'name="version" value="(\d+)"', worker.open(set_one))
    assert version
    day = {"at-day": str(at.day), "at-month": str(at.month), "at-year": str(at.year), "at-time": "14:30"}
    worker.send(set_one, {**day, "at-offset": "+02:00", "how": "visit", "version": version[1]})
    listed = worker.open(case).split("Appointments", 1)[1].split("</dd>", 1)[0]
    assert f"{at.day} {at:%B %Y} 14:30 (+0200)" in listed


def test_the_form_has_the_familys_clock_and_its_summer_time(pages: Pages) -> None:
    worker, case = pages.browser(Role.CASE_WORKER), case_of(pages)
    worker.open(case)
    form = f"{case}/do/set_appointment"
    assert 'value="+00:00" selected' in worker.open(form)
    registered(worker, case, time_zone="Europe/Rome")
    page = worker.open(form)
    assert re.search(r"By the family(&#39;|')s clock: .?Italy – Rome", page)
    assert re.search(r'<option value="Europe/Rome" selected', page)
    day = {"at-day": "29", "at-month": "6", "at-year": "2027", "at-time": "14:30", "how": "visit"}
    version = re.search(r'name="version" value="(\d+)"', page)
    assert version
    worker.send(form, {**day, "at-offset": "Europe/Rome", "version": version[1]})
    page = worker.open(f"{case}/do/cancel_appointment")
    assert "29 June 2027 14:30 (+0200)" in page
    assert 'value="2027-06-29T14:30:00+02:00"' in page
    version = re.search(r'name="version" value="(\d+)"', page)
    assert version
    worker.send(f"{case}/do/cancel_appointment", {"was": "2027-06-29T14:30:00+02:00", "version": version[1]})
    assert "Cancel an appointment" in worker.open(case)
    assert "Set an appointment first" in worker.open(f"{case}/do/cancel_appointment")


@pytest.mark.parametrize("typed", [{"at-day": "31", "at-month": "2"}, {"at-time": "half two"}, {"at-year": ""}])
def test_a_moment_that_is_none_is_asked_again_also_by_the_familys_clock(pages: Pages, typed: dict[str, str]) -> None:
    worker, case = pages.browser(Role.CASE_WORKER), case_of(pages)
    registered(worker, case)
    page = worker.open(f"{case}/do/set_appointment")
    version = re.search(r'name="version" value="(\d+)"', page)
    assert version
    given = {"at-day": "29", "at-month": "6", "at-year": "2027", "at-time": "14:30", "how": "visit"}
    sent = {**given, **typed, "at-offset": "Africa/Tripoli", "version": version[1]}
    refused = worker.send(f"{case}/do/set_appointment", sent, 422)
    assert "Give a day and a time" in refused or "Give a real day" in refused
    assert '<option value="Africa/Tripoli" selected' in refused


def test_likely_clocks_come_first_each_clock_of_a_country_once_and_the_rest_by_part_of_the_world(pages: Pages) -> None:
    worker, case = pages.browser(Role.CASE_WORKER), case_of(pages)
    registered(worker, case)
    page = worker.open(f"{case}/family/new")
    groups = re.findall(r'<optgroup label="([^"]+)">(.*?)</optgroup>', page, re.DOTALL)
    assert groups[0][0] == "Countries of this case"
    assert "Libya – Tripoli" in groups[0][1]
    assert [title for title, _ in groups[1:]] == ["Africa", "Americas", "Antarctica", "Asia", "Europe", "Oceania"]
    world = "".join(found for _, found in groups[1:])
    zones = re.findall(r'<option value="([^"]+)"', world)
    assert len(zones) == len(set(zones)) < 360
    assert {"America/Argentina/Buenos_Aires", "America/New_York", "Europe/Moscow", "Africa/Tripoli"} <= set(zones)
    assert "America/Argentina/Cordoba" not in zones
    refused = worker.send(f"{case}/family/new", {**FORM, "time_zone": "America/Argentina/Cordoba"}, 422)
    assert refused.count('value="America/Argentina/Cordoba" selected') == 1


def test_what_the_family_chose_stands_on_the_case_and_in_the_form(pages_on_both: Pages) -> None:
    pages = pages_on_both
    worker, case = pages.browser(Role.CASE_WORKER), case_of(pages)
    registered(worker, case)
    with transaction(pages.engine) as session:
        row = session.scalars(select(FamilyContact)).one()
        about = {"organisation_id": row.organisation_id, "case_id": row.case_id, "person_id": row.person_id}
        night = {
            "quiet_from": utc_now().time().replace(hour=22, minute=0),
            "quiet_to": utc_now().time().replace(hour=7, minute=15),
        }
        note_choice(session, FamilyPreferencesChosen(**about, contact_id=row.id, language="so", **night), utc_now())
        contact = row.id
    worker.open(case)
    shown = section(worker)
    assert "The family chose language and quiet hours itself" in shown
    assert "Somali" in shown
    assert "22:00–07:15" in shown
    assert "Chose language and quiet hours on its page" in worker.page
    form = worker.open(f"{case}/family/{contact}/change")
    assert "changes nothing" in form
    assert re.search(r'<option value="so" selected>', form)
    assert 'value="22:00"' in form
