"""What may be decided of a possible match by whoever looks at it, with the questions of each answer."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from services.intake.casework.found_person import Answer
from services.intake.casework.life_cycle import MANAGERS
from services.intake.casework.matching import DECIDES, LOOK_FURTHER, Release, Side, Step, decides
from services.intake.casework.questions import Question, questions
from services.intake.commands.matches.found_standing import FoundStanding, standing_of
from services.intake.domain import Match
from services.intake.pages.desk import Seat
from services.intake.pages.errors import told_in
from services.intake.pages.showing import isolated
from shared.access import Act
from shared.errors import Conflict
from shared.pages import Language, marked, say

ASKED = ("relationship_verified", "verified_by", "person_agrees", "asked_on", "text", "by")
"""The questions of every step, in the order in which they are asked."""
OF_THE_LIVING = frozenset({"person_agrees", "asked_on"})
A_COLLEAGUE = marked("a colleague")
ITS_ANSWER = marked("Its answer stands on its own case.")
BY_MANAGER = marked("A death is passed on by a case manager alone. Tell yours what you see.")
HINTS = {
    LOOK_FURTHER: marked(
        "{other} is asked nothing and learns nothing: it must not know yet that there is anything to decide. Note what "
        "your own side must find out. The note stands in the history here, your case is due on the day that you say, "
        "and the decision stays open."
    ),
    "release": marked("{other} then sees what is shared of this record, and decides second."),
    "confirm": marked("It then counts as one person on both sides."),
    "ask": marked("{other} is asked, and answers here."),
    "answer": marked("{other} reads it, and has its full time again to decide."),
    "reject": marked("The two records stay apart."),
    "take_back": marked("{other} is shown nothing of the record any more: it ends at once."),
    "undo": marked("The two records count as two people's again, on both sides."),
    "reconsider": marked("It is open again, and is decided anew."),
}
"""What comes of a step."""
READS_ONLY = marked("Your role may read this, and decides nothing of it.")
OF_CHILD = marked(
    "One of the two may be a child: a child protection officer says “same person”. Tell yours what you see."
)
BY_ANOTHER = marked("You released it: a colleague says “same person”, or not.")
_ORDER = ("release", "confirm", LOOK_FURTHER, "answer", "ask", "reject", "take_back", "undo", "reconsider")


@dataclass(frozen=True)
class Choice:
    """One thing that may be done, with what it asks."""

    step: Step
    hint: str
    questions: Sequence[Question]
    decides: bool
    """An answer to what is to be decided now; else something beside it."""
    waits_for: str = ""
    """What must be recorded first; then nothing is asked."""
    known: str = ""
    """What the person's own answer says."""

    @property
    def name(self) -> str:
        return self.step.name


def choices(seat: Seat, row: Match, steps: Sequence[Step], other: str, language: Language) -> list[Choice]:
    """Each of these steps once, in the order in which they are offered. `other`: the other organisation's name, empty
    where both records are of one."""
    once: Mapping[str, Step] = {step.name: step for step in reversed(steps)}
    whom = isolated(other) if other else say(language, A_COLLEAGUE)
    found = []
    for name in sorted(once, key=_ORDER.index):
        step = once[name]
        hint = say(language, HINTS[name]).format(other=whom)
        choice = Choice(step, hint[:1].upper() + hint[1:], questions(step.form), step.side == decides(row.state))
        found.append(_release(seat, row, choice, language) if name == "release" else choice)
    return found


def _release(seat: Seat, row: Match, choice: Choice, language: Language) -> Choice:
    standing = standing_of(seat.session, row)
    waits = _waits_for(seat, standing, language)
    return replace(
        choice,
        questions=() if waits else release_questions(standing),
        waits_for=waits,
        known=_known(standing, language),
    )


def _waits_for(seat: Seat, standing: FoundStanding, language: Language) -> str:
    try:
        standing.check()
    except Conflict as error:
        return told_in(language, error) or ""
    if standing.standing == "dead" and seat.actor.roles.isdisjoint(MANAGERS):
        return say(language, BY_MANAGER)
    return ""


def release_questions(standing: FoundStanding) -> list[Question]:
    """Of a dead person nobody is asked what it agrees to; of a living one both answers are needed."""
    asked = sorted(questions(Release), key=lambda one: ASKED.index(one.name))
    if standing.standing == "dead":
        return [one for one in asked if one.name not in OF_THE_LIVING]
    return [replace(one, needed=True, hint=ITS_ANSWER if one.name == "person_agrees" else one.hint) for one in asked]


def _known(standing: FoundStanding, language: Language) -> str:
    codes = next(one.codes for one in questions(Answer) if one.name == "agrees_to")
    return say(language, codes.get(standing.agrees_to, standing.agrees_to)) if standing.agrees_to else ""


def why_not(seat: Seat, row: Match, sides: tuple[Side, ...], offered: Sequence[Choice]) -> str:
    """Why the visitor does not decide, though it is the own side's to do; empty where it is not, or may."""
    main = DECIDES.get(row.state)
    if main is None or main.side not in sides or any(one.name == main.name for one in offered):
        return ""
    if not seat.actor.may(Act.CHANGE_CASES):
        return READS_ONLY
    return BY_ANOTHER if row.released_by == seat.actor.user_id and row.state == "released" else OF_CHILD
