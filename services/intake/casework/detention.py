"""Detention: an arrest is alleged, a detainee is visited or wishes to let the family know.

Fields follow the ICRC's practice (allegation of arrest, visit, notification of the family, attestation of detention;
ICRC, *Visits to persons deprived of their freedom*; *Health Care in Detention* apart). What is seen of conditions and
treatment is said to the detaining authorities alone: no field here may hold it, so there are codes, days, names and
numbers, and no room for a story. Shared case by case, with the detainee's consent.
"""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from services.intake.casework.case_type import CaseType, PersonRole
from services.intake.casework.common import APPOINTMENTS, reopening
from services.intake.casework.death import DEATH_CONFIRMED, SourceOfDeath, death_deeds
from services.intake.casework.forms import (
    AboutPerson,
    Codes,
    CountryCode,
    Form,
    PastDay,
    PersonalName,
    PlaceCode,
)
from services.intake.casework.found_person import ANSWER, AgreesTo, best_interests_deeds, pass_on_deed
from services.intake.casework.history import Need, recorded
from services.intake.casework.life_cycle import CASE_WORK, Deed, LifeCycle, Move
from services.intake.casework.service_delivery import DELIVERIES


class DetentionDetails(Form):
    """The arrest as it is alleged, or the detention as it is known."""

    known_from: Annotated[
        str,
        Codes(
            {
                "family": "The family alleges an arrest",
                "witness": "A witness alleges an arrest",
                "visit": "We met the detainee at a visit",
                "detainee": "The detainee turned to us",
                "released_detainee": "A released detainee told us",
                "organisation": "Another organisation told us",
            }
        ),
    ] = Field(title="How do you know of it?")
    kind: Annotated[
        str,
        Codes(
            {
                "immigration": "Immigration detention",
                "criminal": "Criminal proceedings or sentence",
                "security": "Security detention",
                "prisoner_of_war": "Prisoner of war",
                "civilian_internee": "Civilian internee",
                "non_state": "Held by an armed group",
                "unknown": "Not known",
            }
        ),
    ] = Field("unknown", title="What kind of detention is it?")
    arrested_on: PastDay | None = Field(None, title="On which day was the person arrested?")
    arrested_in: PlaceCode | None = Field(None, title="In which place was the person arrested?")
    held_in_country: CountryCode | None = Field(None, title="In which country is the person held?")
    held_in: PlaceCode | None = Field(None, title="In which place is the person held?")
    held_by: Annotated[
        str,
        Codes(
            {
                "police": "Police",
                "military": "Armed forces",
                "immigration_service": "Immigration service",
                "prison_service": "Prison service",
                "coast_guard": "Coast guard",
                "armed_group": "An armed group",
                "unknown": "Not known",
            }
        ),
    ] = Field("unknown", title="Who holds the person?")
    place_of_detention: PersonalName = Field(None, title="What is the place of detention called?")
    detainee_number: PersonalName = Field(None, title="Under which number is the person held?")


class DetentionVisit(Form):
    """A visit. Whom we met and when; nothing of what we saw."""

    visited_on: PastDay = Field(title="On which day did you visit?")
    kind: Annotated[str, Codes({"first": "First visit to this person", "repeated": "Repeated visit"})] = Field(
        title="Was it the first visit to this person?"
    )
    met: Annotated[
        str, Codes({"in_private": "Met in private", "not_in_private": "Met, but not in private", "not_met": "Not met"})
    ] = Field(title="Did you meet the person?")
    held_in: PlaceCode | None = Field(None, title="In which place was the person held?")


class Wish(AboutPerson):
    """What the detainee wishes, and consents to. The newest counts."""

    agrees_to: AgreesTo = Field(title="What may the family learn?")
    wishes: Annotated[
        tuple[
            Annotated[
                str,
                Codes(
                    {
                        "red_cross_message": "To write a Red Cross message",
                        "family_visit": "A visit of the family",
                        "legal_aid": "To be put in touch with legal aid",
                        "attestation": "An attestation of detention",
                    }
                ),
            ],
            ...,
        ],
        Field(max_length=5),
    ] = Field((), title="What does the detainee wish?")
    share_with_partners: bool = Field(
        title="May this case be shared with a partner organisation?",
        description="Asked for this case alone. Never with an authority.",
    )
    asked_on: PastDay = Field(title="On which day was the detainee asked?")
    interpreter: PersonalName = Field(None, title="Who interpreted?")


class Attempt(Form):
    """An attempt to learn where the person is held."""

    how: Annotated[
        str,
        Codes(
            {
                "authority_asked": "The detaining authority was asked",
                "lists_checked": "Lists of detainees were checked",
                "visit": "A place of detention was visited",
                "partner_asked": "A partner organisation was asked",
                "family_asked": "The family was asked again",
            }
        ),
    ] = Field(title="What did you do?")
    tried_on: PastDay = Field(title="On which day?")


class Ending(Form):
    """How the detention ended, or changed."""

    what: Annotated[
        str,
        Codes(
            {
                "released": "Released",
                "transferred": "Transferred to another place of detention",
                "deported": "Deported or returned",
                "escaped": "Escaped",
            }
        ),
    ] = Field(title="What happened?")
    happened_on: PastDay | None = Field(None, title="On which day?")
    known_from: Annotated[
        str,
        Codes({"person": "The person", "family": "The family", "authority": "The authority", "partner": "A partner"}),
    ] = Field(title="From whom do you know?")
    now_in: PlaceCode | None = Field(None, title="Where is the person now?")


MET = Need(
    "detainee_met",
    "Record the visit at which you met the person first.",
    lambda history, _asked: bool(
        history.all("visit_detainee", met="in_private") or history.all("visit_detainee", met="not_in_private")
    ),
)
SOUGHT = recorded("seek_detainee", "Record at least one attempt to learn where the person is held first.")
ENDED = recorded("record_ending", "Record how the detention ended first.")

LIFE_CYCLE = LifeCycle(
    states={
        "reported": "A detention was reported, and not yet looked into",
        "being_sought": "The detainee is being looked for",
        "in_detention": "The person is known to be detained",
        "ended": "The detention has ended",
        "closed": "Work on it has ended",
    },
    closed=frozenset({"closed"}),
    moves=(
        Move("seek", "Look for the detainee", ("reported",), "being_sought"),
        Move(
            "confirm_detention",
            "Say that the person is detained",
            ("reported", "being_sought"),
            "in_detention",
            reasons={"visited": (MET,), "authority_confirmed": (), "detainee_turned_to_us": ()},
        ),
        Move("end_detention", "Say that the detention has ended", ("in_detention",), "ended", needs=(ENDED,)),
        Move("detain_again", "Say that the person is detained again", ("ended",), "in_detention"),
        Move(
            "close",
            "Close the case",
            ("reported", "being_sought"),
            "closed",
            reasons={
                "no_further_means": (SOUGHT,),
                "withdrawn": (),
                "not_detained": (),
                "entered_in_error": (),
            },
        ),
        Move(
            "close",
            "Close the case",
            ("in_detention", "ended"),
            "closed",
            reasons={"detention_ended": (ENDED,), "no_further_means": (), "died": (DEATH_CONFIRMED,)},
        ),
        reopening("being_sought"),
    ),
    deeds=(
        *APPOINTMENTS,
        *DELIVERIES,
        Deed("seek_detainee", "Record an attempt to find the detainee", form=Attempt),
        Deed("visit_detainee", "Record a visit", form=DetentionVisit),
        Deed(ANSWER, "Record what the detainee wishes and agrees to", form=Wish, about="detainee"),
        *best_interests_deeds("detainee", in_words=False),
        pass_on_deed("notify_family", "Record that the family was told of the detention", "detainee", CASE_WORK),
        Deed("record_ending", "Record how the detention ended or changed", form=Ending),
        *death_deeds("detainee", SourceOfDeath),
    ),
)

DETENTION = CaseType(
    name="detention",
    title="Detention",
    details=DetentionDetails,
    life_cycle=LIFE_CYCLE,
    people={
        "detainee": PersonRole("Detainee", least=1, most=1, principal=True),
        "informant": PersonRole("Who told us", most=1),
        "relative": PersonRole("Relative to be told", most=20),
    },
    restricted=True,
    sharing="with_consent",
    happened_on="arrested_on",
    place="held_in",
)
