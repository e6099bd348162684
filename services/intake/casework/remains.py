"""Remains: human remains that a medico-legal institution examines; here, only its reference.

No name, no story, no biometric, DNA or dental data: they stay with the institution, which alone identifies (ICRC,
*Management of Dead Bodies after Disasters*, 2nd ed. 2016; *Forensic Identification of Human Remains*, 2013). Every
field is a code, a day, or a reference too narrow to hold a name. What an identification means for a family is told in
the tracing request, as an account of death from a named source.
"""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from services.intake.casework.case_type import CaseType
from services.intake.casework.common import Route, reopening
from services.intake.casework.forms import Codes, CountryCode, Form, PastDay, PlaceCode, ReferenceCode
from services.intake.casework.history import by_another, recorded
from services.intake.casework.life_cycle import MANAGERS, Deed, LifeCycle, Move


class RemainsDetails(Form):
    """Where the remains were found, and under which reference the institution holds them."""

    laboratory_reference: ReferenceCode = Field(
        title="What is the institution's reference?", description="Capital letters, digits, and . / - alone."
    )
    institution: ReferenceCode | None = Field(None, title="What is the institution's code?")
    country: CountryCode = Field(title="In which country were they found?")
    found_in: PlaceCode | None = Field(None, title="In which place were they found?")
    found_on: PastDay | None = Field(None, title="On which day?")
    found_at: (
        Annotated[
            str,
            Codes(
                {
                    "sea": "At sea",
                    "shore": "On a shore",
                    "river": "In or by a river",
                    "desert": "In a desert",
                    "border": "At a border",
                    "vehicle": "In a vehicle or vessel",
                    "grave": "In an unmarked grave",
                    "hospital": "In a hospital or morgue",
                    "other": "Somewhere else",
                }
            ),
        ]
        | None
    ) = Field(None, title="Where were they found?")
    route: Route | None = Field(None, title="On which route?")


class InstitutionNotice(Form):
    """What the institution lets us know: that it has, or has not, identified. Never whom."""

    notice: Annotated[
        str,
        Codes(
            {"identified": "The institution has identified the remains", "not_identified": "It could not identify them"}
        ),
    ] = Field(title="What does the institution say?")
    notice_reference: ReferenceCode = Field(title="What is the reference of its notice?")
    given_on: PastDay = Field(title="On which day?")


class RestingPlace(Form):
    """Where the remains are kept or buried, so that they can be found again."""

    kept: Annotated[
        str,
        Codes({"buried": "Buried, grave marked", "kept": "Kept by the institution", "handed_over": "Handed over"}),
    ] = Field(title="Where are the remains now?")
    grave_reference: ReferenceCode | None = Field(None, title="Under which reference?")
    place: PlaceCode | None = Field(None, title="In which place?")
    since: PastDay = Field(title="Since which day?")


NOTICED = recorded("record_notice", "Record the institution's notice of identification first.", notice="identified")
PLACED = recorded("record_resting_place", "Record where the remains are now first.")
LIFE_CYCLE = LifeCycle(
    states={
        "reported": "The remains are known, and not yet examined",
        "examined": "A medico-legal institution examines them",
        "identified": "The institution has identified them",
        "closed": "Work on it has ended; open cases are only reviewed",
    },
    closed=frozenset({"closed"}),
    moves=(
        Move("examine", "Say that the institution examines them", ("reported",), "examined"),
        Move(
            "identify",
            "Say that the institution has identified them",
            ("examined",),
            "identified",
            roles=MANAGERS,
            needs=(NOTICED, by_another("record_notice", "Another person than who recorded the notice confirms it.")),
            by_person=True,
        ),
        Move(
            "examine_again",
            "Say that the identification does not hold",
            ("identified",),
            "examined",
            roles=MANAGERS,
            reasons={"notice_withdrawn": (), "entered_in_error": ()},
        ),
        Move(
            "close",
            "Close the case",
            ("identified",),
            "closed",
            roles=MANAGERS,
            reasons={"handed_over": (PLACED,), "buried": (PLACED,)},
        ),
        Move(
            "close",
            "Close the case",
            ("reported", "examined"),
            "closed",
            roles=MANAGERS,
            reasons={"known_under_other_reference": (), "not_human": (), "entered_in_error": ()},
        ),
        reopening("examined"),
    ),
    deeds=(
        Deed("record_notice", "Record a notice of the institution", form=InstitutionNotice, by_person=True),
        Deed("record_resting_place", "Record where the remains are", form=RestingPlace),
    ),
)

REMAINS = CaseType(
    name="remains",
    title="Remains",
    details=RemainsDetails,
    life_cycle=LIFE_CYCLE,
    happened_on="found_on",
    place="found_in",
)
