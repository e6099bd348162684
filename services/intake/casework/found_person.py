"""What a found person wishes, and what must stand before news of it is passed on.

ICRC, *Professional Standards for Protection Work* (2018), and *Handbook on Data Protection in Humanitarian Action*:
consent is indispensable before a found living person's news or whereabouts go to the enquirer. For a child, UNHCR,
*Best Interests Procedure Guidelines* (2021): the child's view is heard, one person assesses, another decides.
"""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from services.intake.casework.forms import AboutPerson, Codes, NeededText, PastDay, PersonalName, PersonalText
from services.intake.casework.history import Asked, History, Need, is_another
from services.intake.casework.life_cycle import CHILD_PROTECTION, Deed
from shared.access import Role

ANSWER, VIEW, ASSESSMENT, DECISION = (
    "record_answer",
    "record_childs_view",
    "assess_best_interests",
    "decide_best_interests",
)
OF_THE_FOUND = frozenset({ANSWER, VIEW, ASSESSMENT, DECISION})
"""Deeds on the found person's own case that count for the tracing request in which it is sought."""
CONFIRMED_DEATH = "confirm_death"
OF_ONE_PERSON = OF_THE_FOUND | {
    "link_found_person",
    "unlink_found_person",
    "record_account_of_death",
    CONFIRMED_DEATH,
    "release_news",
    "tell_family",
    "share_with_nobody",
    "erase_person",
    "release_match",
    "confirm_match",
    "reject_match",
    "withdraw_match",
}
"""What says that a person was found, what it wishes, that it died or was erased: told to nobody but that person."""
SAID_NO = "said_no"
"""The person objected, took its consent back, or was erased: recorded beside the case, it overrides older answers."""
Standing = Literal["agrees", "nothing", "dead", "unknown"]
IN_PERSON = frozenset({"in_person", "by_partner_in_person"})
AGREEING = frozenset({"news_and_contact", "news_only"})

AgreesTo = Annotated[
    str,
    Codes(
        {
            "news_and_contact": "News, and how to reach the person",
            "news_only": "News, but not where the person is",
            "nothing": "Nothing: the family must not learn anything",
        }
    ),
]
OfWhat = Annotated[
    str,
    Codes(
        {
            "pass_on_news": "News of the child goes to the family",
            "reunification": "The child goes back to the family",
            "care": "The child's care arrangement",
            "other": "Something else",
        }
    ),
]


class Answer(AboutPerson):
    """What the found person, spoken to in confidence, wishes to happen."""

    agrees_to: AgreesTo = Field(title="What may the family learn?", description="The newest answer counts.")
    spoken_to: (
        Annotated[
            str,
            Codes(
                {
                    "alone": "Alone",
                    "with_interpreter": "With an interpreter of ours",
                    "with_guardian": "With the guardian",
                    "by_phone": "By phone",
                }
            ),
        ]
        | None
    ) = Field(None, title="How was the person spoken to?")
    answered_on: PastDay | None = Field(None, title="On which day?")
    note: PersonalText = Field(None, title="In the person's own words")


class HeardChild(AboutPerson):
    """That the child was heard, according to age and maturity, and what it wishes."""

    wishes: Annotated[
        str,
        Codes(
            {
                "wants_it": "The child wants it",
                "does_not_want_it": "The child does not want it",
                "unsure": "The child is not sure",
                "too_young": "The child is too young to say",
            }
        ),
    ] = Field(title="What does the child wish?")
    heard_on: PastDay | None = Field(None, title="On which day was the child heard?")


class ChildsView(HeardChild):
    """What the child thinks, in words."""

    view: NeededText = Field(title="The child's view, in the child's own words")


class Recommendation(AboutPerson):
    """A best interests assessment: one person gathers and recommends."""

    of_what: OfWhat = Field(title="What is assessed?")
    recommends: Annotated[
        str, Codes({"yes": "It is in the child's best interests", "no": "It is not", "not_yet": "More must be known"})
    ] = Field(title="What do you recommend?")


class Assessment(Recommendation):
    """The assessment, with its grounds."""

    grounds: NeededText = Field(title="On which grounds?")


class BareDecision(AboutPerson):
    """A best interests decision: a child protection officer decides, who is not the one who assessed."""

    of_what: OfWhat = Field(title="What is decided?")
    decision: Annotated[
        str, Codes({"in_best_interests": "It is in the child's best interests", "not_in_best_interests": "It is not"})
    ] = Field(title="What is the decision?")


class Decision(BareDecision):
    """The decision, with its grounds."""

    grounds: NeededText = Field(title="On which grounds?")


class PassedOn(AboutPerson):
    """The family was told: no more than was agreed to."""

    how: Annotated[
        str,
        Codes({"in_person": "In person", "by_phone": "By phone", "by_message": "By Red Cross message"}),
    ] = Field(title="How was the family told?", description="A death is told in person.")
    told_on: PastDay = Field(title="On which day?")
    told_to: PersonalName = Field(None, title="Who of the family was told?")


def standing(history: History, person: str | None) -> Standing:
    """What is known of a sought person now: the newest answer, no, or confirmed death overrides all before it."""
    known: Standing = "unknown"
    for one in history.about(person):
        if one.name == CONFIRMED_DEATH:
            known = "dead"
        elif one.name == SAID_NO:
            known = "nothing"
        elif one.name == ANSWER:
            known = "agrees" if one.facts.get("agrees_to") in AGREEING else "nothing"
    return known


def child_was_heard(history: History, person: str | None) -> bool:
    """The child's view is recorded, and the newest decision, made after a view, lets the news be passed on."""
    of_child = history.about(person)
    decision = of_child.last(DECISION, of_what="pass_on_news")
    return (
        bool(of_child.all(VIEW))
        and decision is not None
        and decision.facts.get("decision") == "in_best_interests"
        and not of_child.since(DECISION, of_what="pass_on_news").all(VIEW)
    )


def _may_be_passed_on(history: History, asked: Asked) -> bool:
    known = standing(history, asked.about)
    return known == "dead" or (known == "agrees" and (not asked.child or child_was_heard(history, asked.about)))


MAY_BE_PASSED_ON = Need(
    "answer_or_confirmed_death",
    "News is released only after the found person agreed to it (for a child also: its view and a best interests "
    "decision made after it), or a death was confirmed by a second person.",
    _may_be_passed_on,
    of_what_is_asked=True,
)
"""One sentence for every outcome: a refusal does not say whether somebody was found."""
VIEW_HEARD = Need(
    "childs_view",
    "Record the child's view first.",
    lambda history, asked: bool(history.about(asked.about).all(VIEW)),
    of_what_is_asked=True,
)
ASSESSED_BY_ANOTHER = Need(
    "assessed_by_another",
    "Best interests are decided after another person has assessed the same question.",
    lambda history, asked: is_another(
        history.about(asked.about).last(ASSESSMENT, of_what=asked.facts.get("of_what")), asked.actor
    ),
    of_what_is_asked=True,
)


def answer_deed(role: str) -> Deed:
    """The person in that role is asked what the family may learn."""
    return Deed(ANSWER, "Record what the person agrees to", form=Answer, about=role)


def best_interests_deeds(role: str, in_words: bool = True) -> tuple[Deed, ...]:
    """The steps of the best interests procedure for the person in that role; without words, by codes alone."""
    return (
        Deed(VIEW, "Record the child's view", form=ChildsView if in_words else HeardChild, about=role),
        Deed(
            ASSESSMENT,
            "Assess the child's best interests",
            form=Assessment if in_words else Recommendation,
            about=role,
            by_person=True,
        ),
        Deed(
            DECISION,
            "Decide what is in the child's best interests",
            roles=CHILD_PROTECTION,
            form=Decision if in_words else BareDecision,
            needs=(VIEW_HEARD, ASSESSED_BY_ANOTHER),
            about=role,
            by_person=True,
        ),
    )


DEATH_IN_PERSON = Need(
    "death_in_person",
    "The family is told this in person.",
    lambda history, asked: standing(history, asked.about) != "dead" or asked.facts.get("how") in IN_PERSON,
    of_what_is_asked=True,
)


def pass_on_deed(name: str, title: str, role: str, roles: frozenset[Role]) -> Deed:
    """The family is told of the person in that role, as far as that person agreed."""
    return Deed(
        name,
        title,
        roles=roles,
        form=PassedOn,
        needs=(MAY_BE_PASSED_ON, DEATH_IN_PERSON),
        about=role,
        by_person=True,
    )
