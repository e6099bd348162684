"""Tracing request: a family asks for a relative with whom it lost contact.

Fields and steps follow the practice of Restoring Family Links (ICRC, *Restoring Family Links in disasters: field
manual*, 2009, tracing request form; ICRC, *Strategy for Restoring Family Links 2020-2025*).
"""

from __future__ import annotations

from typing import Literal

from services.intake.casework.case_type import CaseType, PersonRole
from services.intake.casework.forms import CountryCode, Day, Form, PersonalText, PlaceCode
from services.intake.casework.life_cycle import (
    MANAGERS,
    Deed,
    History,
    LifeCycle,
    Move,
    Need,
    by_another,
    recorded,
)
from shared.access import Actor

ATTEMPTS = 3
"""Contact attempts before an enquirer counts as unreachable."""


class TracingDetails(Form):
    """What the enquirer tells."""

    relationship: Literal[
        "spouse",
        "parent",
        "child",
        "sibling",
        "grandparent",
        "grandchild",
        "aunt_uncle",
        "niece_nephew",
        "cousin",
        "guardian",
        "other_relative",
        "friend",
    ]
    """What the enquirer is to the sought person."""
    how_contact_was_lost: Literal[
        "migration", "shipwreck", "conflict", "disaster", "detention", "displacement", "trafficking", "other"
    ] = "migration"
    """The circumstance, coded; the story goes into `circumstances`."""
    last_contact_on: Day | None = None
    """Day of the last contact; the first day of the month or year where only that is known."""
    last_known_country: CountryCode | None = None
    last_known_place: PlaceCode | None = None
    destination_country: CountryCode | None = None
    route: (
        Literal[
            "central_mediterranean",
            "western_mediterranean",
            "eastern_mediterranean",
            "atlantic",
            "balkans",
            "sahara",
            "horn_of_africa",
            "darien",
            "us_mexico_border",
            "other",
        ]
        | None
    ) = None
    """Where the sought person was on the way, in the terms of IOM's Missing Migrants Project."""
    circumstances: PersonalText = None
    """How contact was lost, in the enquirer's words."""
    travelled_with: PersonalText = None
    """Who was with the sought person."""


class Answer(Form):
    """What the found person, spoken to alone, wishes to happen (ICRC Professional Standards: consent is
    indispensable before news or whereabouts are passed on)."""

    agrees_to: Literal["news_and_contact", "news_only", "nothing"]
    note: PersonalText = None


class AccountOfDeath(Form):
    """A death needs a named source."""

    source: Literal["authority_record", "medico_legal_institution", "witness", "organisation"]
    source_name: PersonalText
    note: PersonalText = None


class Told(Form):
    """How the family was told; a death is told in person."""

    how: Literal["in_person", "by_phone", "by_partner_in_person"]
    note: PersonalText = None


class Note(Form):
    """A note for colleagues."""

    note: PersonalText


class Attempt(Form):
    """An attempt to reach the enquirer."""

    how: Literal["phone", "message", "visit", "letter", "through_others"]
    note: PersonalText = None


def _answer_allows(history: History, _actor: Actor) -> bool:
    answer = history.last("record_answer")
    return answer is not None and answer.facts.get("agrees_to") in {"news_and_contact", "news_only"}


MAY_TELL = Need(
    "answer_or_confirmed_death",
    "News is released only after the found person agreed to it, or a death was confirmed by a second person.",
    lambda history, actor: _answer_allows(history, actor) or bool(history.all("confirm_death")),
)
FAMILY_TOLD = recorded("tell_family", "Tell the family first, and record who told it and when.")
ATTEMPTED = recorded(
    "attempt_contact", f"Record at least {ATTEMPTS} attempts to reach the enquirer first.", times=ATTEMPTS
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
                "located": (FAMILY_TOLD,),
                "fate_established": (FAMILY_TOLD,),
                "withdrawn": (FAMILY_TOLD,),
                "no_further_means": (FAMILY_TOLD,),
                "unreachable": (ATTEMPTED,),
            },
        ),
        Move(
            "reopen",
            "Open it again",
            ("closed",),
            "in_progress",
            roles=MANAGERS,
            reasons={"new_information": (), "closed_in_error": ()},
        ),
    ),
    deeds=(
        Deed("add_note", "Add a note", form=Note),
        Deed("attempt_contact", "Record an attempt to reach the enquirer", form=Attempt),
        Deed("record_answer", "Record what the found person agrees to", form=Answer),
        Deed("record_account_of_death", "Record an account of death", form=AccountOfDeath),
        Deed(
            "confirm_death",
            "Confirm the death",
            roles=MANAGERS,
            needs=(
                by_another(
                    "record_account_of_death", "A death is confirmed by another person than the one who recorded it."
                ),
            ),
        ),
        Deed("release_news", "Release the news", roles=MANAGERS, needs=(MAY_TELL,)),
        Deed("tell_family", "Record that the family was told", form=Told),
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
    happened_on="last_contact_on",
    place="last_known_place",
)
