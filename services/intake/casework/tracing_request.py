"""Tracing request: a family asks for a relative with whom it lost contact.

Fields and steps follow the practice of Restoring Family Links (ICRC, *Restoring Family Links in disasters: field
manual*, 2009, tracing request form; ICRC, *Strategy for Restoring Family Links 2020-2025*).
"""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

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
from services.intake.casework.death import death_deeds
from services.intake.casework.forms import (
    AboutPerson,
    Codes,
    CountryCode,
    Day,
    Form,
    OtherCase,
    PastDay,
    PersonalName,
    PersonalText,
    PlaceCode,
)
from services.intake.casework.found_person import (
    ANSWER,
    CONFIRMED_DEATH,
    DEATH_IN_PERSON,
    MAY_BE_PASSED_ON,
    SAID_NO,
    answer_deed,
    best_interests_deeds,
    standing,
)
from services.intake.casework.history import REOPEN, Asked, History, Need, recorded
from services.intake.casework.life_cycle import MANAGERS, Deed, LifeCycle, Move
from services.intake.casework.people import KIN, RELATIONS
from services.intake.casework.service_delivery import DELIVERIES


class TracingDetails(Form):
    """What the enquirer tells."""

    relationship: Annotated[
        str,
        Codes({**KIN, "other_relative": RELATIONS["other_relative"], "friend": "Friend"}),
    ] = Field(title="What is the enquirer to the sought person?")
    how_contact_was_lost: Annotated[
        str,
        Codes(
            {
                "migration": "On the way, migrating or fleeing",
                "shipwreck": "Shipwreck",
                "conflict": "Armed conflict or violence",
                "disaster": "Disaster",
                "detention": "Arrest or detention",
                "displacement": "Displacement inside the country",
                "trafficking": "Trafficking or abduction",
                "other": "Another way",
                "unknown": "Not known",
            }
        ),
    ] = Field("unknown", title="How was contact lost?", description="The story comes later.")
    last_contact_on: Day | None = Field(
        None,
        title="When was the last contact?",
        description="The first day of the month or year where only that is known.",
    )
    last_contact_exact_to: (
        Annotated[str, Codes({"day": "To the day", "month": "To the month", "year": "To the year"})] | None
    ) = Field(None, title="How exactly is that known?")
    last_contact_by: (
        Annotated[
            str,
            Codes(
                {
                    "in_person": "They met",
                    "phone": "By phone",
                    "message": "By message or social media",
                    "letter": "By letter",
                    "through_others": "Through others",
                }
            ),
        ]
        | None
    ) = Field(None, title="How were they last in contact?")
    last_known_country: CountryCode | None = Field(None, title="In which country was the sought person then?")
    last_known_place: PlaceCode | None = Field(None, title="In which place was the sought person then?")
    destination_country: CountryCode | None = Field(None, title="Where did the sought person want to go?")
    route: Route | None = Field(None, title="On which route was the sought person?")
    circumstances: PersonalText = Field(None, title="How was contact lost, in the enquirer's words?")
    travelled_with: PersonalText = Field(None, title="Who was with the sought person?")
    vessel: PersonalText = Field(
        None, title="Which boat, vehicle or group was it?", description="Where and when it left, how many were on it."
    )
    already_searched: PersonalText = Field(None, title="Where has the family already asked?")


class Search(Form):
    """A step of the search, by ourselves or a partner."""

    how: Annotated[
        str,
        Codes(
            {
                "lists_checked": "Lists and registers were checked",
                "partner_asked": "A partner was asked",
                "field_visit": "A place was visited",
                "photo_published": "The enquirer's own photo was published",
                "community_asked": "The community was asked",
                "medico_legal_asked": "A medico-legal institution was asked",
            }
        ),
    ] = Field(title="What was done?")
    searched_on: PastDay | None = Field(None, title="On which day?")
    country: CountryCode | None = Field(None, title="In which country?")
    note: PersonalText = Field(None, title="What came of it?")


class FoundIn(AboutPerson):
    """Another case of this organisation holds the person who is sought here."""

    found_in: Annotated[UUID, OtherCase()] = Field(
        title="In which case is the person found?",
        description="The person's own answer, recorded there, then counts here.",
    )


class Told(AboutPerson):
    """How the family was told, and when; a death is told in person."""

    told: Annotated[
        str, Codes({"news": "The released news", "no_news": "That there is no news, or that the search ends"})
    ] = Field(title="What was the family told?")
    how: Annotated[
        str,
        Codes(
            {
                "in_person": "In person",
                "by_partner_in_person": "In person, by a partner organisation",
                "by_phone": "By phone",
            }
        ),
    ] = Field(title="How was the family told?", description="A death is told in person.")
    told_on: PastDay = Field(title="On which day?")
    told_by: PersonalName = Field(None, title="Who told the family, if not you?")
    note: PersonalText = Field(None, title="How did it go?")


def _released(history: History, person: str | None) -> bool:
    """News of the person was released, and no newer answer or death has come since."""
    return standing(history, person) in {"agrees", "dead"} and bool(
        history.about(person).since(ANSWER, SAID_NO, CONFIRMED_DEATH).all("release_news")
    )


def _told_of(known: str) -> Need:
    """Somebody of whom this is known was told of, since the case was opened."""

    def met(history: History, _asked: Asked) -> bool:
        told = history.since(REOPEN).all("tell_family", told="news")
        return any(standing(history, one.facts.get("about")) == known for one in told)

    return Need(
        f"family_told_{known}", "Tell the family the released news first, and record who told it and when.", met
    )


FAMILY_TOLD = recorded("tell_family", "Tell the family first, and record who told it and when.")
NEWS_IS_RELEASED = Need(
    "news_released",
    "Only released news is told to the family: release it first, after the newest answer.",
    lambda history, asked: asked.facts.get("told") != "news" or _released(history, asked.about),
    of_what_is_asked=True,
)
LIFE_CYCLE = LifeCycle(
    states={
        "submitted": "Received, not yet looked at",
        "in_progress": "Being looked into",
        "waiting_for_enquirer": "The enquirer was asked something",
        "closed": "Work on it has ended",
    },
    closed=frozenset({"closed"}),
    moves=(
        Move("accept", "Take it on", ("submitted",), "in_progress"),
        Move("ask_enquirer", "Wait for the enquirer", ("in_progress",), "waiting_for_enquirer"),
        Move("resume", "Go on with it", ("waiting_for_enquirer",), "in_progress"),
        Move(
            "close",
            "Close the request",
            ("submitted", "in_progress", "waiting_for_enquirer"),
            "closed",
            reasons={
                "located": (_told_of("agrees"),),
                "fate_established": (_told_of("dead"),),
                "withdrawn": (FAMILY_TOLD,),
                "no_further_means": (FAMILY_TOLD,),
                "unreachable": (ATTEMPTED,),
            },
        ),
        reopening("in_progress"),
    ),
    deeds=(
        ADD_NOTE,
        ATTEMPT_CONTACT,
        *APPOINTMENTS,
        *DELIVERIES,
        Deed("record_search", "Record a step of the search", form=Search),
        Deed("link_found_person", "Say in which case the person is found", form=FoundIn, about="sought"),
        Deed("unlink_found_person", "Say that it is not the same person", form=FoundIn, about="sought"),
        answer_deed("sought"),
        *best_interests_deeds("sought"),
        *death_deeds("sought"),
        Deed(
            "release_news",
            "Release the news",
            roles=MANAGERS,
            form=AboutPerson,
            needs=(MAY_BE_PASSED_ON,),
            about="sought",
            by_person=True,
        ),
        Deed(
            "tell_family",
            "Record that the family was told",
            form=Told,
            needs=(NEWS_IS_RELEASED, DEATH_IN_PERSON),
            about="sought",
            by_person=True,
        ),
    ),
)

TRACING_REQUEST = CaseType(
    name="tracing_request",
    title="Tracing request",
    details=TracingDetails,
    life_cycle=LIFE_CYCLE,
    people={
        "enquirer": PersonRole("Enquirer", least=1, most=1),
        "sought": PersonRole("Sought person", least=1, most=20, principal=True),
        "companion": PersonRole("Companion", most=20),
    },
    discreet=True,
    happened_on="last_contact_on",
    place="last_known_place",
)
