"""Registration: a person met at a service point, a shelter, a hospital, a landing place.

Fields follow the practice of humanitarian service points (IFRC, *Humanitarian service points: guidance note*, 2023),
the registration of people affected (ICRC, *Restoring Family Links in disasters: field manual*, 2009, registration
form) and UNHCR's specific needs codes (2009).
"""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from services.intake.casework.case_type import CaseType, PersonRole
from services.intake.casework.common import (
    ADD_NOTE,
    APPOINTMENTS,
    ATTEMPT_CONTACT,
    ATTEMPTED,
    MetAt,
    Route,
    reopening,
)
from services.intake.casework.death import DEATH_CONFIRMED, death_deeds
from services.intake.casework.forms import Codes, CountryCode, Form, PastDay, PersonalName, PersonalText, PlaceCode
from services.intake.casework.found_person import answer_deed, best_interests_deeds
from services.intake.casework.history import recorded
from services.intake.casework.life_cycle import LifeCycle, Move
from services.intake.casework.service_delivery import DELIVERIES

SpecificNeed = Annotated[
    str,
    Codes(
        {
            "child_at_risk": "Child at risk",
            "unaccompanied_child": "Unaccompanied or separated child",
            "woman_at_risk": "Woman at risk",
            "older_person": "Older person at risk",
            "single_parent": "Single parent or caregiver",
            "pregnant": "Pregnant, or with a small baby",
            "disability": "Person with a disability",
            "medical": "Serious medical condition",
            "legal_protection": "Need for legal and physical protection",
            "torture": "Survivor of torture",
            "violence": "Survivor of violence",
            "trafficking": "Survivor of trafficking",
        }
    ),
]
Wish = Annotated[
    str,
    Codes(
        {
            "tell_family": "To tell the family: I am alive",
            "find_family": "To find the family",
            "be_found": "To be found, if somebody of the family asks",
            "assistance": "Help with something needed now",
            "information": "Information",
            "nothing": "Nothing at present",
        }
    ),
]


class RegistrationDetails(Form):
    """Where the person was met, where it is going, and what it needs and wishes."""

    met_at: MetAt = Field(title="Where did you meet the person?")
    met_on: PastDay = Field(title="On which day?")
    met_in: PlaceCode | None = Field(None, title="In which place?")
    came_from: CountryCode | None = Field(None, title="From which country did the person set out?")
    going_to: CountryCode | None = Field(None, title="To which country does the person want to go?")
    route: Route | None = Field(None, title="On which route?")
    travels: (
        Annotated[
            str,
            Codes(
                {
                    "alone": "Alone",
                    "with_family": "With family",
                    "with_others": "With others",
                    "separated": "Separated from the family on the way",
                }
            ),
        ]
        | None
    ) = Field(None, title="With whom does the person travel?")
    wishes: Annotated[tuple[Wish, ...], Field(max_length=6)] = Field((), title="What does the person wish?")
    specific_needs: Annotated[tuple[SpecificNeed, ...], Field(max_length=12)] = Field(
        (), title="Which specific needs does the person have?"
    )
    staying_at: PersonalName = Field(None, title="Where does the person stay?")
    reached_by: PersonalName = Field(None, title="How can the person be reached?")
    account: PersonalText = Field(None, title="What does the person tell?")


LIFE_CYCLE = LifeCycle(
    states={
        "registered": "The person was met and registered",
        "in_contact": "Somebody works with the person",
        "moved_on": "The person has gone on, and can still be reached",
        "closed": "Work on it has ended",
    },
    closed=frozenset({"closed"}),
    moves=(
        Move("take_on", "Take it on", ("registered",), "in_contact"),
        Move("move_on", "Say that the person has moved on", ("registered", "in_contact"), "moved_on"),
        Move("return", "Say that the person is back", ("moved_on",), "in_contact"),
        Move(
            "close",
            "Close the registration",
            ("registered", "in_contact", "moved_on"),
            "closed",
            reasons={
                "needs_met": (recorded("deliver_service", "Record the service that met the needs first."),),
                "nothing_needed": (),
                "person_declines": (),
                "unreachable": (ATTEMPTED,),
                "died": (DEATH_CONFIRMED,),
                "entered_in_error": (),
            },
        ),
        reopening("in_contact"),
    ),
    deeds=(
        ADD_NOTE,
        ATTEMPT_CONTACT,
        *APPOINTMENTS,
        *DELIVERIES,
        answer_deed("registered"),
        *best_interests_deeds("registered"),
        *death_deeds("registered"),
    ),
)

REGISTRATION = CaseType(
    name="registration",
    title="Registration",
    details=RegistrationDetails,
    life_cycle=LIFE_CYCLE,
    people={
        "registered": PersonRole("Registered person", least=1, most=1, principal=True),
        "companion": PersonRole("Travels together with", most=30),
        "relative": PersonRole("Relative to be told or found", most=20),
    },
    happened_on="met_on",
    place="met_in",
)
