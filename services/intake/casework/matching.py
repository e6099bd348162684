"""Matches: a sought person and a found one may be the same. Who decides what, and in which order.

Whoever holds the found person's record decides first, alone: the enquirer's organisation does not learn that there is
anything to decide until the holder has verified the relationship, asked the person, and released it. Then the
enquirer's organisation confirms. Two people decide, never a machine (ICRC, *Restoring Family Links in disasters: field
manual*, 2009; *Handbook on Data Protection in Humanitarian Action*: consent is indispensable before news of a found
living person goes to the enquirer). For a child the child protection officers decide on both sides (UNHCR, *Best
Interests Procedure Guidelines*, 2021). The family is told nothing by any of this.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Annotated, Literal

from pydantic import AfterValidator, Field
from pydantic_core import PydanticCustomError

from services.intake.casework.common import Question
from services.intake.casework.forms import Codes, Day, Form, NeededText, PastDay
from services.intake.casework.life_cycle import CASE_WORK, MANAGERS
from shared.access import Role

Side = Literal["holder", "enquirer"]

STATES: Mapping[str, str] = {
    "proposed": "Proposed: only who holds the found person's record knows of it",
    "released": "Released to the enquirer's organisation",
    "information_asked": "The enquirer's organisation asked something",
    "confirmed": "Confirmed: the same person",
    "rejected": "Not the same person",
    "withdrawn": "Withdrawn: it may not be worked on any more",
}
OPEN = frozenset({"proposed", "released", "information_asked"})
STANDING = OPEN | {"confirmed"}
"""While the two records are taken for one person's, or may be."""
SHOWN_TO_OTHER = frozenset({"released", "information_asked", "confirmed"})
"""While the enquirer's side is shown the found person's record."""
BANDS: Mapping[str, str] = {"strong": "Strong likeness", "likely": "Likely the same", "possible": "Possibly the same"}
EVIDENCE: Mapping[str, str] = {
    "strong": "Speaks for the same person",
    "partial": "Fits in part",
    "unknown": "Not known",
    "different": "Speaks against it",
}
FIELDS: Mapping[str, str] = {
    "name": "Names",
    "birth": "Birth or age",
    "sex": "Sex",
    "nationality": "Nationality",
    "place": "Places",
    "father": "Father",
    "mother": "Mother",
    "relatives": "Relatives and companions",
    "marks": "Distinguishing marks",
}
"""What is compared, in the order in which it is shown."""
PASSES_AS: Mapping[str, frozenset[str]] = {
    "name": frozenset({"names"}),
    "birth": frozenset({"birth"}),
    "sex": frozenset({"sex"}),
    "nationality": frozenset({"nationality"}),
    "place": frozenset({"born_in", "last_address", "facts"}),
    "father": frozenset({"father_name"}),
    "mother": frozenset({"mother_name"}),
    "relatives": frozenset({"third_persons"}),
    "marks": frozenset({"marks"}),
}
"""What is compared → the fields of an agreement (`casework.referrals.FIELDS`) that let something of it through."""
PURPOSE = "tracing"
"""What data is used for when two records are compared: to look for missing people (`casework.protection.PURPOSES`)."""
PASSED_ON_FOR = "sharing"
"""What a found person's record is used for when it is released to another organisation."""

REJECTED_FOR: Mapping[str, str] = {
    "another_person": "It is another person",
    "birth_differs": "Birth or age do not fit",
    "family_differs": "The parents or relatives are others",
    "was_elsewhere": "The person cannot have been there then",
    "not_verified": "The relationship could not be verified",
}
HOLDER_REJECTS_FOR: Mapping[str, str] = {
    **REJECTED_FOR,
    "person_declines": "The person does not want the family to learn anything",
    "not_safe": "It would not be safe for the person",
}
TAKEN_BACK_FOR: Mapping[str, str] = {
    "person_declines": HOLDER_REJECTS_FOR["person_declines"],
    "not_safe": HOLDER_REJECTS_FOR["not_safe"],
    "released_in_error": "It was released in error",
}
UNDONE_FOR: Mapping[str, str] = {**REJECTED_FOR, "confirmed_in_error": "It was confirmed in error"}
WITHDRAWN_FOR: Mapping[str, str] = {
    "objected": "The person objected",
    "consent_withdrawn": "The person took its consent back",
    "share_with_nobody": "The person wishes to share with nobody",
    "erased": "The person was erased",
    "no_legal_basis": "There is no legal basis any more",
    "expired": "The legal basis has expired",
    "authority_recipient": "Nothing is shared with authorities",
    "agreement_over": "The agreement between the organisations is over",
    "request_closed": "The tracing request was closed",
    "merged": "The record was merged into another",
    "taken_off": "The person was taken off the case",
    "transferred": "The case went to another organisation",
    "person_declined": "The person does not agree any more",
}
"""Why a match is withdrawn without anybody deciding on it: somebody's word, or the rules, stand against it."""
NOT_TOLD = "no_longer_possible"
NOT_TOLD_WORDS: Mapping[str, str] = {NOT_TOLD: "It is no longer possible: why is the other side's matter"}
MAY_COME_AGAIN = frozenset(WITHDRAWN_FOR) - {"person_declined", "erased"}
"""What may have been put right when the pair comes up once more; any other pair does only where facts have changed."""

LINK, UNLINK = "link_found_person", "unlink_found_person"
"""What a confirmed match inside one organisation is in the tracing request: a link that people make there too."""
LOOK_FURTHER = "look_further"
"""Before the release nobody may be asked: what the holder still has to find out itself, it notes for itself."""
LOOKED_INTO = "look_into_match"
RELEASED, CONFIRMED, NOT_THE_SAME, WITHDRAWN = "release_match", "confirm_match", "reject_match", "withdraw_match"
TIMELINE: Mapping[str, str] = {
    LOOKED_INTO: "Something is to be found out for a possible match",
    RELEASED: "A match was released to the enquirer's organisation",
    CONFIRMED: "A match was confirmed",
    NOT_THE_SAME: "A match was rejected",
    WITHDRAWN: "A match was withdrawn",
}
"""What stands in the timelines of the two cases: of the tracing request nothing before the release."""
STEP_WORDS: Mapping[str, str] = {
    "propose": "Proposed",
    "propose_again": "Proposed again: facts have changed since it was decided",
    "facts_changed": "What is known of one of the two has changed",
    LOOK_FURTHER: "More is to be found out",
    "release": "Released",
    "ask": "Asked for information",
    "answer": "Answered",
    "confirm": "Confirmed",
    "reject": "Rejected",
    "take_back": "Taken back",
    "undo": "The confirmation was undone",
    "reconsider": "Taken up again",
    "withdraw": "Withdrawn",
    "remind": "Nobody has decided: the managers were told",
}
"""What stands in a match's own history."""

DECIDED_WITHIN: Mapping[str, timedelta] = {
    "proposed": timedelta(days=3),
    "information_asked": timedelta(days=3),
    "released": timedelta(days=7),
}
"""After this, the managers of whoever is to decide see that nobody has. Silence decides nothing: it stays open."""
LOOKS_FURTHER_WITHIN = timedelta(days=30)
"""No longer than so may the holder put its decision off: a family is waiting."""
NEXT_WITHIN = timedelta(days=3)
"""After a confirmation, both cases are due: somebody says what comes next."""


class Why(Form):
    """What a decision rests on."""

    text: NeededText = Field(title="What makes you say so?", description="Written for those who look at it later.")


class Release(Why):
    """What must stand before the enquirer's organisation learns of the match."""

    verified_by: Annotated[
        str,
        Codes(
            {
                "asked_the_person": "The person knew what only the family knows",
                "documents": "By documents",
                "photo": "By a photo that the person recognised",
                "other_relatives": "By other relatives",
                "institution": "By the record of an institution",
            }
        ),
    ] = Field(title="How was the relationship verified?")
    relationship_verified: bool = Field(title="Is the relationship verified?")
    person_agrees: bool | None = Field(
        None,
        title="Was the person asked in confidence, and does it agree?",
        description="Its answer stands on its own case. Leave it open for somebody whose death is confirmed there.",
    )
    asked_on: PastDay | None = Field(None, title="On which day was the person asked?")


def _soon(value: date) -> date:
    today = datetime.now(UTC).date()
    if not today - timedelta(days=1) <= value <= today + LOOKS_FURTHER_WITHIN:  # somewhere it is yesterday still
        raise PydanticCustomError("day_within", "This day must be today or within 30 days")
    return value


class LookFurther(Form):
    """What the holder must find out itself before it can decide. Nobody else learns of it."""

    text: NeededText = Field(
        title="What must be found out first?",
        description="Also say how: from the person in confidence, or from your own papers.",
    )
    by: Annotated[Day, AfterValidator(_soon)] = Field(
        title="By when will you know?",
        description="Within 30 days. Your case is due on that day, and this stays open.",
    )


class Reply(Form):
    """The holder's answer."""

    text: NeededText = Field(title="What do you answer?", description="The other organisation reads exactly this.")


@dataclass(frozen=True)
class Step:
    """One act of one of the two sides. All are done by people who have signed in."""

    name: str
    title: str
    side: Side
    sources: tuple[str, ...]
    target: str
    form: type[Form]
    reasons: Mapping[str, str] = field(default_factory=dict)
    roles: frozenset[Role] = CASE_WORK
    of_child: bool = False
    """Where one of the two may be a child, a child protection officer does it."""


STEPS = (
    Step("release", "Same person: release it", "holder", ("proposed",), "released", Release, of_child=True),
    Step(LOOK_FURTHER, "Need more information", "holder", ("proposed",), "proposed", LookFurther),
    Step("reject", "Not the same person", "holder", ("proposed",), "rejected", Why, HOLDER_REJECTS_FOR),
    Step("answer", "Answer the question", "holder", ("information_asked",), "released", Reply),
    Step(
        *("take_back", "Take the release back", "holder", ("released", "information_asked"), "withdrawn"),
        form=Why,
        reasons=TAKEN_BACK_FOR,
    ),
    Step("confirm", "Same person: confirm it", "enquirer", ("released",), "confirmed", Why, of_child=True),
    Step("ask", "Need more information", "enquirer", ("released",), "information_asked", Question),
    Step("reject", "Not the same person", "enquirer", ("released", "information_asked"), "rejected", Why, REJECTED_FOR),
    Step("undo", "Undo the confirmation", "holder", ("confirmed",), "rejected", Why, UNDONE_FOR, MANAGERS),
    Step("undo", "Undo the confirmation", "enquirer", ("confirmed",), "rejected", Why, UNDONE_FOR, MANAGERS),
    Step("reconsider", "Take it up again", "holder", ("rejected",), "proposed", Why),
    Step("reconsider", "Take it up again", "enquirer", ("rejected",), "released", Why),
)
DECIDES: Mapping[str, Step] = {
    state: next(step for step in STEPS if step.name == name and state in step.sources)
    for state, name in (("proposed", "release"), ("information_asked", "answer"), ("released", "confirm"))
}
"""State → the step that it waits for: whoever may not take it does not decide, though it may say no."""
MATCH_FORMS = (Why, Release, LookFurther, Question, Reply)
MATCH_WORDS: Mapping[str, str] = {
    **WITHDRAWN_FOR,
    **NOT_TOLD_WORDS,
    **HOLDER_REJECTS_FOR,
    **TAKEN_BACK_FOR,
    **UNDONE_FOR,
    **STATES,
}
"""What states and reasons of matches are called."""


def steps_from(state: str, side: Side) -> tuple[Step, ...]:
    """What that side may do in that state, whoever of it."""
    return tuple(one for one in STEPS if one.side == side and state in one.sources)


def decides(state: str) -> Side | None:
    """Whose decision a match in that state waits for; None where it waits for nobody's."""
    step = DECIDES.get(state)
    return step.side if step is not None else None
