"""Child: an unaccompanied or separated child, from identification to a lasting solution.

*Inter-agency Guiding Principles on Unaccompanied and Separated Children* (2004) and the *Field Handbook* of the
inter-agency working group (2017): identification, interim care, tracing, verification, reunification, follow-up.
UNHCR, *Best Interests Procedure Guidelines* (2021). Codes for care after Primero's care arrangement form.
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
from services.intake.casework.forms import (
    Codes,
    CountryCode,
    Day,
    Form,
    NeededText,
    PastDay,
    PersonalName,
    PersonalText,
    PlaceCode,
)
from services.intake.casework.found_person import (
    DECISION,
    VIEW,
    answer_deed,
    best_interests_deeds,
    pass_on_deed,
)
from services.intake.casework.history import Asked, History, Need, newest, recorded
from services.intake.casework.life_cycle import CHILD_PROTECTION, MANAGERS, Deed, LifeCycle, Move
from services.intake.casework.service_delivery import DELIVERIES

Care = Annotated[
    str,
    Codes(
        {
            "relative": "With a relative",
            "unrelated_caregiver": "With a caregiver who is no relative",
            "foster_family": "In a foster family",
            "residential": "In residential care",
            "child_headed": "In a household headed by a child",
            "peers": "With other children",
            "independent": "Living alone, with support",
            "none": "Without care",
            "other": "Another arrangement",
        }
    ),
]


class ChildDetails(Form):
    """How the child was found, how it was separated, and who cares for it now."""

    separation: Annotated[
        str,
        Codes(
            {
                "unaccompanied": "Unaccompanied: no adult responsible for the child",
                "separated": "Separated: with other relatives",
                "orphaned": "Both parents are known to be dead",
                "unknown": "Not known yet",
            }
        ),
    ] = Field(title="Is the child unaccompanied or separated?")
    identified_at: MetAt = Field(title="Where was the child identified?")
    identified_on: PastDay = Field(title="On which day?")
    identified_in: PlaceCode | None = Field(None, title="In which place?")
    separated_on: Day | None = Field(
        None, title="When was the child separated?", description="The first day of the month or year where unsure."
    )
    separated_in: PlaceCode | None = Field(None, title="In which place was the child separated?")
    cause: Annotated[
        str,
        Codes(
            {
                "flight": "Lost each other in flight or on the way",
                "sent": "Sent ahead by the family",
                "left_by_choice": "Left on the child's own decision",
                "conflict": "Armed conflict or violence",
                "disaster": "Disaster",
                "death_of_caregiver": "Death of the caregiver",
                "detention_of_caregiver": "Arrest, detention or deportation of the caregiver",
                "abduction": "Abduction or trafficking",
                "abandonment": "Abandonment",
                "medical": "Medical evacuation",
                "other": "Another cause",
                "unknown": "Not known",
            }
        ),
    ] = Field("unknown", title="How was the child separated?")
    route: Route | None = Field(None, title="On which route?")
    risk: Annotated[
        str,
        Codes(
            {
                "high": "High: act today",
                "medium": "Medium: act within a week",
                "low": "Low: act within two weeks",
            }
        ),
    ] = Field(title="How great is the risk for the child?")
    care_now: Care = Field(title="Who cares for the child now?")
    family_in: CountryCode | None = Field(None, title="In which country is the family, as far as known?")
    story: PersonalText = Field(None, title="What does the child tell?", description="In the child's own words.")
    wishes: PersonalText = Field(None, title="What does the child wish?")


class CareArrangement(Form):
    """Who cares for the child from now on."""

    care: Care = Field(title="Who cares for the child?")
    since: PastDay = Field(title="Since which day?")
    caregiver: PersonalName = Field(None, title="What is the caregiver's name?")
    address: PersonalName = Field(None, title="Where does the child stay?")
    caregiver_checked: bool = Field(False, title="Was the caregiver checked?")
    note: PersonalText = Field(None, title="What should colleagues know?")


class Guardian(Form):
    """Who stands up for the child in procedures."""

    since: PastDay = Field(title="Since which day?")
    name: PersonalName = Field(None, title="What is the guardian's name?")


class FamilyVerified(Form):
    """Both sides were asked, apart from each other, whether they belong together."""

    result: Annotated[
        str,
        Codes(
            {
                "confirmed": "They are the child's family, and can and wish to care for the child",
                "family_unable": "They are the child's family, but cannot care for the child",
                "family_unwilling": "They are the child's family, but do not wish to",
                "not_the_family": "They are not the child's family",
            }
        ),
    ] = Field(title="What came of it?")
    verified_on: PastDay = Field(title="On which day?")
    grounds: NeededText = Field(title="On which grounds?", description="What child and family each told.")


class Visit(Form):
    """A visit to the child in care or after reunification."""

    visited_on: PastDay = Field(title="On which day did you visit?")
    seen_alone: bool = Field(title="Did you speak to the child alone?")
    well: Annotated[
        str, Codes({"well": "Well", "some_concern": "There is some concern", "at_risk": "The child is at risk"})
    ] = Field(title="How is the child?")
    note: PersonalText = Field(None, title="What did you see and hear?")


def _decided(of_what: str, sentence: str) -> Need:
    """The newest decision on this question is favourable, and the child's view was heard before it, not after."""

    def met(history: History, _asked: Asked) -> bool:
        decision = history.last(DECISION, of_what=of_what)
        return (
            decision is not None
            and decision.facts.get("decision") == "in_best_interests"
            and not history.since(DECISION, of_what=of_what).all(VIEW)
        )

    return Need(f"decided_{of_what}", sentence, met)


CARE_ARRANGED = recorded("arrange_care", "Record who cares for the child first.")
VIEW_RECORDED = recorded(VIEW, "Record the child's view first.")
FAMILY_CONFIRMED = newest(
    "verify_family",
    "Verify first that they are the child's family, and can and wish to care for it.",
    result="confirmed",
)
REUNIFICATION_DECIDED = _decided(
    "reunification", "A reunification needs the child's view and a best interests decision made after it."
)
CARE_DECIDED = _decided("care", "A lasting care arrangement needs the child's view and a best interests decision.")
VISITED = recorded("visit_child", "Visit the child at least once first.")

LIFE_CYCLE = LifeCycle(
    states={
        "identified": "Identified; nobody has taken the case on",
        "in_care": "Cared for, and being assessed",
        "tracing": "The family is being looked for",
        "family_found": "A family was found, and is being verified",
        "reunited": "Back with the family, and visited",
        "lasting_care": "In lasting care, and visited",
        "closed": "Work on it has ended",
    },
    closed=frozenset({"closed"}),
    moves=(
        Move("take_on", "Take it on", ("identified",), "in_care", needs=(CARE_ARRANGED,)),
        Move("start_tracing", "Look for the family", ("in_care",), "tracing", needs=(VIEW_RECORDED,)),
        Move("find_family", "Say that a family was found", ("in_care", "tracing"), "family_found"),
        Move(
            "resume_tracing",
            "Go on looking for the family",
            ("family_found",),
            "tracing",
            reasons={"not_the_family": (), "family_unable": (), "not_in_best_interests": ()},
        ),
        Move(
            "reunite",
            "Reunite the child with the family",
            ("family_found",),
            "reunited",
            roles=CHILD_PROTECTION,
            needs=(FAMILY_CONFIRMED, REUNIFICATION_DECIDED),
            by_person=True,
        ),
        Move(
            "place",
            "Place the child in lasting care",
            ("in_care", "tracing", "family_found"),
            "lasting_care",
            roles=CHILD_PROTECTION,
            needs=(CARE_ARRANGED, CARE_DECIDED),
            by_person=True,
        ),
        Move(
            "return_to_care",
            "Take the child back into care",
            ("reunited", "lasting_care"),
            "in_care",
            reasons={"at_risk": (), "care_broke_down": ()},
        ),
        Move(
            "close",
            "Close the case",
            ("reunited", "lasting_care"),
            "closed",
            roles=MANAGERS,
            reasons={"plan_completed": (VISITED,), "turned_18": ()},
        ),
        Move(
            "close",
            "Close the case",
            ("identified", "in_care", "tracing", "family_found"),
            "closed",
            roles=MANAGERS,
            reasons={
                "turned_18": (),
                "not_a_separated_child": (),
                "unreachable": (ATTEMPTED,),
                "died": (DEATH_CONFIRMED,),
                "entered_in_error": (),
            },
        ),
        reopening("in_care"),
    ),
    deeds=(
        ADD_NOTE,
        ATTEMPT_CONTACT,
        *APPOINTMENTS,
        *DELIVERIES,
        Deed("arrange_care", "Record who cares for the child", form=CareArrangement),
        Deed("appoint_guardian", "Record the guardian", form=Guardian),
        answer_deed("child"),
        *best_interests_deeds("child"),
        *death_deeds("child"),
        Deed("verify_family", "Verify the family", form=FamilyVerified, by_person=True),
        pass_on_deed("pass_on_news", "Record that the family was told of the child", "child", MANAGERS),
        Deed("visit_child", "Record a visit to the child", form=Visit),
    ),
)

CHILD = CaseType(
    name="child",
    title="Unaccompanied or separated child",
    details=ChildDetails,
    life_cycle=LIFE_CYCLE,
    people={
        "child": PersonRole("Child", least=1, most=1, principal=True),
        "caregiver": PersonRole("Caregiver", most=5),
        "sibling": PersonRole("Brother or sister, together with the child", most=20),
        "relative": PersonRole("Relative who is looked for", most=20),
    },
    restricted=True,
    happened_on="identified_on",
    place="identified_in",
)
