"""What many types of case share: notes, attempts at contact, appointments, and the codes that several forms use."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Annotated

from pydantic import Field

from services.intake.casework.forms import (
    AppointmentOfCase,
    Codes,
    Form,
    Moment,
    NeededText,
    PastDay,
    PersonalText,
    PlaceCode,
)
from services.intake.casework.history import REOPEN, Asked, Happened, History, Need, recorded
from services.intake.casework.life_cycle import MANAGERS, Deed, Move

ATTEMPTS = 3
"""Contact attempts before a person counts as unreachable."""

Route = Annotated[
    str,
    Codes(
        {
            "central_mediterranean": "Central Mediterranean",
            "western_mediterranean": "Western Mediterranean",
            "eastern_mediterranean": "Eastern Mediterranean",
            "atlantic": "Atlantic, to the Canary Islands",
            "balkans": "Western Balkans",
            "sahara": "Sahara",
            "horn_of_africa": "Horn of Africa to Yemen and the Gulf",
            "darien": "Darién",
            "us_mexico_border": "Between Mexico and the United States",
            "other": "Another route",
        }
    ),
]
"""Migration routes in the terms of IOM's Missing Migrants Project."""

MetAt = Annotated[
    str,
    Codes(
        {
            "service_point": "Humanitarian service point",
            "shelter": "Shelter",
            "hospital": "Hospital or clinic",
            "landing": "Landing place, after a rescue or crossing at sea",
            "border": "Border crossing",
            "transit": "Station, road or camp on the way",
            "community": "In the community",
            "office": "Our office",
            "other": "Somewhere else",
        }
    ),
]


Meeting = Annotated[
    str, Codes({"in_person": "In person", "by_phone": "By phone", "visit": "We visit", "video": "By video call"})
]
OneAppointment = Annotated[Moment, AppointmentOfCase()]
"""The moment of an appointment that the case has."""


class Question(Form):
    """What the other organisation is asked: what must be known before something is decided."""

    text: NeededText = Field(title="What must you know?", description="Ask for no more than you need to decide.")


class Note(Form):
    """A note for colleagues."""

    note: NeededText = Field(title="What should colleagues know?")


class Attempt(Form):
    """An attempt to reach somebody."""

    how: Annotated[
        str,
        Codes(
            {
                "phone": "By phone",
                "message": "By message",
                "visit": "By a visit",
                "letter": "By letter",
                "through_others": "Through others",
            }
        ),
    ] = Field(title="How did you try?")
    tried_on: PastDay | None = Field(None, title="On which day?")
    note: PersonalText = Field(None, title="What happened?")


class Appointment(Form):
    """A day and time at which the person is expected."""

    at: Moment = Field(title="When is the appointment?", description="Day and time, with the offset from UTC.")
    how: Meeting = Field("in_person", title="How do you meet?")
    place: PlaceCode | None = Field(None, title="In which place?")


class ChangedAppointment(Form):
    """An appointment that is moved, or was written down wrongly: as it is now."""

    was: OneAppointment = Field(title="Which appointment?")
    at: Moment = Field(title="When is it now?", description="Day and time, with the offset from UTC.")
    how: Meeting = Field("in_person", title="How do you meet?")
    place: PlaceCode | None = Field(None, title="In which place?")


class CancelledAppointment(Form):
    """An appointment that does not take place."""

    was: OneAppointment = Field(title="Which appointment?")


def standing_appointments(history: Iterable[Happened]) -> list[datetime]:
    """The appointments of a case that were set, moved and not cancelled, the earliest first."""
    stands: dict[datetime, None] = {}
    for one in history:
        if one.name in ("change_appointment", "cancel_appointment"):
            stands.pop(datetime.fromisoformat(one.facts["was"]), None)
        if one.name in ("set_appointment", "change_appointment"):
            stands[datetime.fromisoformat(one.facts["at"])] = None
    return sorted(stands)


def _stands(history: History, asked: Asked) -> bool:
    return datetime.fromisoformat(asked.facts["was"]) in standing_appointments(history)


_ONE_STANDS = (
    Need(
        "appointment_stands",
        "Set an appointment first: the case has none.",
        lambda history, _asked: bool(standing_appointments(history)),
    ),
    Need("appointment_named", "Choose an appointment that the case has.", _stands, of_what_is_asked=True),
)

ADD_NOTE = Deed("add_note", "Add a note", form=Note)
ATTEMPT_CONTACT = Deed("attempt_contact", "Record an attempt at contact", form=Attempt)
APPOINTMENTS = (
    Deed("set_appointment", "Set an appointment", form=Appointment, due="at"),
    Deed("change_appointment", "Move or correct an appointment", form=ChangedAppointment, needs=_ONE_STANDS, due="at"),
    Deed("cancel_appointment", "Cancel an appointment", form=CancelledAppointment, needs=_ONE_STANDS),
)
"""Families are told the day and time of each, and nothing else of it."""
ATTEMPTED = recorded("attempt_contact", f"Record at least {ATTEMPTS} attempts at contact first.", times=ATTEMPTS)


def reopening(target: str) -> Move:
    """The move that opens a closed case again: a manager's, with a reason."""
    return Move(
        REOPEN,
        "Open it again",
        ("closed",),
        target,
        roles=MANAGERS,
        reasons={"new_information": (), "closed_in_error": ()},
    )
