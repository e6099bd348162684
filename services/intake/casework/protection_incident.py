"""Protection incident: forced return, pushback, abuse, trafficking, extortion and the like.

Kinds and perpetrators by class after the protection incident categories of the Global Protection Cluster's Protection
Analytical Framework (2021) and the Mixed Migration Centre's 4Mi survey; consent and do-no-harm after ICRC,
*Professional Standards for Protection Work* (2018). A perpetrator is a class, never a name; an incident is not verified
by asking the survivor again.
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
    Route,
    reopening,
)
from services.intake.casework.forms import Codes, CountryCode, Form, PastDay, PersonalText, PlaceCode
from services.intake.casework.history import Need, recorded
from services.intake.casework.life_cycle import MANAGERS, Deed, LifeCycle, Move
from services.intake.casework.service_delivery import DELIVERIES

Kind = Annotated[
    str,
    Codes(
        {
            "forced_return": "Forced return to a country of danger",
            "pushback": "Pushback at a border or at sea",
            "denied_asylum": "Access to asylum denied",
            "denied_rescue": "Rescue at sea or in the desert denied or late",
            "killing": "Killing",
            "disappearance": "Enforced disappearance",
            "abduction": "Abduction or kidnapping",
            "arbitrary_detention": "Arbitrary arrest or detention",
            "torture": "Torture or cruel treatment",
            "physical_violence": "Physical violence",
            "sexual_violence": "Sexual violence",
            "trafficking": "Trafficking",
            "forced_labour": "Forced labour",
            "extortion": "Extortion",
            "robbery": "Robbery, or taking of documents",
            "family_separation": "Separation of a family",
            "child_recruitment": "Recruitment of a child",
            "denied_assistance": "Assistance denied",
            "other": "Something else",
        }
    ),
]


class IncidentDetails(Form):
    """What is said to have happened, where, to how many, and by whom, by class."""

    kinds: Annotated[tuple[Kind, ...], Field(min_length=1, max_length=10)] = Field(title="What happened?")
    occurred_on: PastDay | None = Field(
        None, title="On which day?", description="The first day of the month where only that is known."
    )
    country: CountryCode | None = Field(None, title="In which country?")
    occurred_in: PlaceCode | None = Field(None, title="In which place?")
    route: Route | None = Field(None, title="On which route?")
    perpetrator: Annotated[
        str,
        Codes(
            {
                "border_force": "Border or coast guard",
                "police": "Police",
                "military": "Armed forces",
                "armed_group": "Armed group or militia",
                "smugglers": "Smugglers",
                "traffickers": "Traffickers or a criminal gang",
                "employer": "Employer",
                "community": "Members of the community",
                "travellers": "Other travellers",
                "family": "Family or partner",
                "humanitarian_staff": "Staff of a humanitarian organisation",
                "unknown": "Not known",
            }
        ),
    ] = Field("unknown", title="Who did it?", description="The class alone: never a name.")
    people_affected: Annotated[int, Field(strict=True, ge=1, le=100_000)] | None = Field(
        None, title="How many people did it happen to?"
    )
    told_by: Annotated[
        str,
        Codes(
            {
                "survivor": "The survivor",
                "family": "The survivor's family",
                "witness": "A witness",
                "staff": "Our own staff saw it",
                "organisation": "Another organisation",
            }
        ),
    ] = Field(title="Who told you?")
    account: PersonalText = Field(None, title="What happened, in the words in which it was told?")


class Consent(Form):
    """What the survivor agrees to. The newest counts; without one nothing leaves the case."""

    agrees_to: Annotated[
        str,
        Codes(
            {
                "referral_and_advocacy": "To be referred, and that it is raised without the name",
                "referral_only": "To be referred",
                "advocacy_only": "That it is raised without the name",
                "nothing": "To nothing beyond talking to us",
            }
        ),
    ] = Field(title="What does the survivor agree to?")
    asked_on: PastDay = Field(title="On which day was the survivor asked?")


class RiskAssessment(Form):
    """How great the danger still is."""

    risk: Annotated[
        str,
        Codes({"high": "High: act today", "medium": "Medium: act within a week", "low": "Low"}),
    ] = Field(title="How great is the danger now?")
    plan: PersonalText = Field(None, title="What was agreed for the survivor's safety?")


class Review(Form):
    """How well the account fits what else is known. Not by asking the survivor again."""

    fits: Annotated[
        str,
        Codes(
            {
                "several_sources": "Several independent sources say the same",
                "one_credible_source": "One credible source",
                "contradicted": "Other sources contradict it",
            }
        ),
    ] = Field(title="How well is it supported?")
    note: PersonalText = Field(None, title="What did you compare it with?")


class Referral(Form):
    """The survivor was referred, having agreed."""

    to: Annotated[
        str,
        Codes(
            {
                "medical": "Medical care",
                "psychosocial": "Mental health and psychosocial support",
                "legal": "Legal help",
                "shelter": "Safe shelter",
                "child_protection": "Child protection",
                "anti_trafficking": "Support for survivors of trafficking",
                "international_protection": "International protection",
            }
        ),
    ] = Field(title="To which service?")
    referred_on: PastDay = Field(title="On which day?")


def _agreed(*answers: str) -> Need:
    return Need(
        "survivor_agreed",
        "The survivor must have agreed to this: record what the survivor agrees to first.",
        lambda history, _asked: (
            (last := history.last("record_consent")) is not None and last.facts.get("agrees_to") in answers
        ),
    )


ASSESSED = recorded("assess_risk", "Assess the danger first.")
LIFE_CYCLE = LifeCycle(
    states={
        "reported": "Reported, and not yet looked at",
        "assessed": "The danger is assessed",
        "in_support": "The survivor is being supported",
        "closed": "Work on it has ended",
    },
    closed=frozenset({"closed"}),
    moves=(
        Move("assess", "Say that the danger is assessed", ("reported",), "assessed", needs=(ASSESSED,)),
        Move("support", "Begin to support the survivor", ("assessed",), "in_support"),
        Move(
            "close",
            "Close the incident",
            ("assessed", "in_support"),
            "closed",
            roles=MANAGERS,
            reasons={
                "support_completed": (recorded("deliver_service", "Record the service or referral first."),),
                "referred": (recorded("refer", "Record the referral first."),),
                "person_declines": (recorded("record_consent", "Record what the survivor agrees to first."),),
                "recorded_for_analysis": (),
                "unreachable": (ATTEMPTED,),
            },
        ),
        Move("close", "Close the incident", ("reported",), "closed", roles=MANAGERS, reasons={"entered_in_error": ()}),
        reopening("assessed"),
    ),
    deeds=(
        ADD_NOTE,
        ATTEMPT_CONTACT,
        *APPOINTMENTS,
        *DELIVERIES,
        Deed("record_consent", "Record what the survivor agrees to", form=Consent),
        Deed("assess_risk", "Assess the danger", form=RiskAssessment),
        Deed("review_account", "Review the account", form=Review, roles=MANAGERS),
        Deed(
            "refer",
            "Record a referral",
            form=Referral,
            needs=(_agreed("referral_and_advocacy", "referral_only"),),
        ),
        Deed(
            "raise_with_authorities",
            "Record that it was raised, without names",
            roles=MANAGERS,
            needs=(_agreed("referral_and_advocacy", "advocacy_only"),),
            by_person=True,
        ),
    ),
)

PROTECTION_INCIDENT = CaseType(
    name="protection_incident",
    title="Protection incident",
    details=IncidentDetails,
    life_cycle=LIFE_CYCLE,
    people={
        "survivor": PersonRole("Survivor", most=20, principal=True),
        "witness": PersonRole("Witness", most=10),
    },
    restricted=True,
    sharing="with_consent",
    happened_on="occurred_on",
    place="occurred_in",
)
