"""What many types of case share: notes, attempts at contact, appointments, and the codes that several forms use."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from services.intake.casework.forms import Codes, Form, Moment, NeededText, PastDay, PersonalText, PlaceCode
from services.intake.casework.history import REOPEN, recorded
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
    how: Annotated[
        str,
        Codes({"in_person": "In person", "by_phone": "By phone", "visit": "We visit", "video": "By video call"}),
    ] = Field("in_person", title="How do you meet?")
    place: PlaceCode | None = Field(None, title="In which place?")


ADD_NOTE = Deed("add_note", "Add a note", form=Note)
ATTEMPT_CONTACT = Deed("attempt_contact", "Record an attempt at contact", form=Attempt)
SET_APPOINTMENT = Deed("set_appointment", "Set an appointment", form=Appointment, due="at")
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
