"""Assistance: services delivered to a person, a household or a group, with or without names.

What is counted, and how, follows IFRC's 3W (who does what, where, when) and the counting of people reached by sex, age
and disability in its Federation-wide databank. A group served at a distribution needs no names.
"""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from services.intake.casework.case_type import CaseType, PersonRole
from services.intake.casework.common import ADD_NOTE, APPOINTMENTS, ATTEMPT_CONTACT, ATTEMPTED, MetAt, reopening
from services.intake.casework.forms import Codes, Form, PastDay, PersonalText, PlaceCode
from services.intake.casework.history import recorded
from services.intake.casework.life_cycle import LifeCycle, Move
from services.intake.casework.service_categories import SECTORS
from services.intake.casework.service_delivery import DELIVERIES


class AssistanceDetails(Form):
    """Who asked for what, where."""

    of_whom: Annotated[
        str,
        Codes({"person": "A person", "household": "A household", "group": "A group, counted without names"}),
    ] = Field(title="Who is assisted?")
    asked_at: MetAt = Field(title="Where was the assistance asked for?")
    asked_on: PastDay = Field(title="On which day?")
    place: PlaceCode | None = Field(None, title="In which place?")
    needs: Annotated[
        tuple[Annotated[str, Codes({code: title for code, (title, _) in SECTORS.items()})], ...],
        Field(max_length=10),
    ] = Field((), title="What is needed?")
    household_size: Annotated[int, Field(strict=True, ge=1, le=100)] | None = Field(
        None, title="How many people live in the household?"
    )
    situation: PersonalText = Field(None, title="What is the situation?")


SERVED = recorded("deliver_service", "Record the service that was delivered first.")
LIFE_CYCLE = LifeCycle(
    states={
        "requested": "Assistance was asked for",
        "being_assisted": "Services are being delivered",
        "closed": "Work on it has ended",
    },
    closed=frozenset({"closed"}),
    moves=(
        Move("accept", "Agree to assist", ("requested",), "being_assisted"),
        Move(
            "close",
            "Close it",
            ("being_assisted",),
            "closed",
            reasons={
                "needs_met": (SERVED,),
                "no_further_means": (),
                "person_declines": (),
                "unreachable": (ATTEMPTED,),
            },
        ),
        Move(
            "close",
            "Close it",
            ("requested",),
            "closed",
            reasons={"not_eligible": (), "helped_by_others": (), "person_declines": (), "entered_in_error": ()},
        ),
        reopening("being_assisted"),
    ),
    deeds=(ADD_NOTE, ATTEMPT_CONTACT, *APPOINTMENTS, *DELIVERIES),
)

ASSISTANCE = CaseType(
    name="assistance",
    title="Assistance",
    details=AssistanceDetails,
    life_cycle=LIFE_CYCLE,
    people={
        "assisted": PersonRole("Assisted person", most=1, principal=True),
        "household": PersonRole("Member of the household", most=30),
    },
    discreet=True,
    happened_on="asked_on",
    place="place",
)
