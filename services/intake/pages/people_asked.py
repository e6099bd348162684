"""How a person is asked for: a few questions a page, in the order of a tracing form."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from pydantic import TypeAdapter

from services.intake.casework.people import Birth, Disability, Name, PersonIn
from services.intake.casework.protection import AskUse
from services.intake.casework.questions import Question, questions
from services.intake.pages.fields import read_answers, typed_answers
from shared.pages import FormData, marked
from shared.web import validated

_OF_PERSON = {one.name: one for one in questions(PersonIn)}
_FULL = next(one for one in questions(Name) if one.name == "full")
_OF_BIRTH = {one.name: one for one in questions(Birth)}
FULL = replace(_FULL, title=marked("Full name"), hint=marked("As the family writes it, in any script."), needed=False)
OTHERS = replace(
    _OF_PERSON["documents"],
    name="others",
    title=marked("Other names and spellings"),
    hint=marked("One on each line: nicknames, other scripts, the name on a document."),
)
DIFFICULTIES = {
    "1": marked("No difficulty"),
    "2": marked("Some difficulty"),
    "3": marked("A lot of difficulty"),
    "4": marked("Cannot do it at all"),
}
"""The answers of the Washington Group short set, as its questions are read out."""
DISABILITY = tuple(replace(one, kind="choice", codes=DIFFICULTIES, hint=None) for one in questions(Disability))


@dataclass(frozen=True)
class Step:
    """One page about a person."""

    name: str
    title: str
    questions: tuple[Question, ...]
    hint: str = ""
    inside: str = ""
    """What holds the answers together, and is called as the page; empty: each is a field of the person."""


STEPS = (
    Step("names", marked("What is this person called?"), (FULL, OTHERS)),
    Step("sex", marked("What is this person's sex?"), (_OF_PERSON["sex"],)),
    Step(
        "birth",
        marked("When was this person born?"),
        tuple(_OF_BIRTH[name] for name in ("day", "month", "year", "stated_age", "estimated")),
        inside="birth",
    ),
    Step(
        "origin",
        marked("Where does this person come from?"),
        tuple(_OF_PERSON[name] for name in ("nationality", "languages", "born_in", "last_address")),
    ),
    Step(
        "more",
        marked("How can this person be recognised?"),
        tuple(_OF_PERSON[name] for name in ("mother_name", "father_name", "occupation", "marks", "documents")),
    ),
    Step(
        "disability",
        marked("Because of a health condition, does this person have difficulty with any of these?"),
        DISABILITY,
        hint=marked(
            "Read the questions out to everybody alike, and leave out what the person does not want to answer. The "
            "answers show what help must be like, and who is left behind."
        ),
        inside="disability",
    ),
    Step("use", marked("Why may this person's data be used?"), questions(AskUse), inside="use"),
    Step(
        "sharing",
        marked("Does this person want to share with nobody?"),
        (replace(_OF_PERSON["share_with_nobody"], needed=True),),
    ),
)


def step_named(name: str) -> Step | None:
    """The step of that name."""
    return next((one for one in STEPS if one.name == name), None)


def typed_step(step: Step, person: Mapping[str, Any]) -> FormData:
    """What stands in the fields of a step."""
    if step.name == "names":
        full, *others = [one["full"] for one in person.get("names", ())] or [""]
        return typed_answers(step.questions, {"full": full, "others": others})
    return typed_answers(step.questions, person.get(step.inside) or {} if step.inside else person)


def with_step(step: Step, person: Mapping[str, Any], form: FormData, today: date) -> dict[str, Any]:
    """The person with the answers of a posted step."""
    answers = read_answers(step.questions, form)
    rest = {name: known for name, known in person.items() if name not in _fields_of(step)}
    if step.name == "names":
        written = [*([answers["full"]] if "full" in answers else []), *answers.get("others", ())]
        names = [{"full": name, "kind": "alias" if number else "main"} for number, name in enumerate(written)]
        return {**rest, "names": names} if names else rest
    if step.name == "birth":
        if "stated_age" in answers:
            answers["stated_on"] = person.get("birth", {}).get("stated_on", today.isoformat())
        return {**rest, "birth": answers} if answers.keys() - {"estimated"} else rest
    if step.inside:
        return {**rest, step.inside: answers} if answers else rest
    return {**rest, **answers}


def check_person(person: Mapping[str, Any]) -> None:
    """Look at everything that was answered about a person. Raises `InvalidInput`."""
    validated(_PERSON, described(person))
    validated(_USE, person.get("use", {}), ("use",))


def described(person: Mapping[str, Any]) -> dict[str, Any]:
    """The person alone, without what the answers say of the use of its data."""
    return {name: known for name, known in person.items() if name != "use"}


_PERSON, _USE = TypeAdapter(PersonIn), TypeAdapter(AskUse)


def _fields_of(step: Step) -> set[str]:
    if step.inside or step.name == "names":
        return {step.inside or step.name}
    return {one.name for one in step.questions}
