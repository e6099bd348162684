"""Questions on a page: what a browser posts becomes an answer as it stands on the wire, and back."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from pydantic import TypeAdapter, create_model

from services.intake.casework.contacts import zones
from services.intake.casework.forms import Form
from services.intake.casework.questions import Question
from shared.errors import FieldError, InvalidInput
from shared.pages import FormData, marked
from shared.web import validated

MOST_FORMS = 5
"""Of a repeated part of a form, on one page."""
NUMBER = re.compile(r"-?[0-9]{1,9}(\.[0-9]{1,9})?")
TEXTS_END = re.compile(r"[\r\n]+")


def number_in(form: FormData, name: str) -> int:
    """The whole number in a field that our own page filled; 0 for anything else, which no version is."""
    typed = form.one(name)
    return int(typed) if typed.isascii() and typed.isdigit() and len(typed) < 10 else 0


@dataclass(frozen=True)
class Problem:
    """What is wrong with an answer. `field` is the id that the list of problems leads to; empty: the page."""

    field: str
    text: str
    title: str = ""
    """The question, where the list of problems stands away from it."""


def read_answer(question: Question, form: FormData, name: str) -> Any:
    """The answer as it stands on the wire; None where none was given. What cannot be one is left for validation."""
    match question.kind:
        case "choices" | "languages" | "countries" | "attachments":
            return [one for one in form.many(name) if one] or None
        case "texts":
            return [line.strip() for line in TEXTS_END.split(form.one(name)) if line.strip()] or None
        case "yes_no":
            return {"yes": True, "no": False}.get(form.one(name))
        case "day":
            return _day(form, name)
        case "moment":
            return _moment(form, name)
        case "number":
            return _number(form.one(name))
        case "form":
            return read_answers(question.questions, form, f"{name}.") or None
        case "forms":
            parts = [read_answers(question.questions, form, f"{name}.{number}.") for number in range(MOST_FORMS)]
            return [part for part in parts if part] or None
        case _:
            return form.one(name) or None


def read_answers(questions: Iterable[Question], form: FormData, prefix: str = "") -> dict[str, Any]:
    """The answers that were given."""
    found = {one.name: read_answer(one, form, f"{prefix}{one.name}") for one in questions}
    return {name: answer for name, answer in found.items() if answer is not None}


def typed_answers(questions: Iterable[Question], answers: Mapping[str, Any], prefix: str = "") -> FormData:
    """The answers as a browser would post them: what stands in the fields of a page."""
    form = FormData()
    for question in questions:
        answer = answers.get(question.name, question.default)
        if answer is not None:
            _type_answer(form, question, f"{prefix}{question.name}", answer)
    return form


def _type_answer(form: FormData, question: Question, name: str, answer: Any) -> None:
    match question.kind:
        case "choices" | "languages" | "countries" | "attachments":
            form[name] = [str(one) for one in answer]
        case "texts":
            form[name] = ["\n".join(map(str, answer))]
        case "yes_no":
            form[name] = ["yes" if answer else "no"]
        case "day":
            year, month, day = str(answer).split("-")
            form |= {f"{name}-year": [year], f"{name}-month": [month], f"{name}-day": [day]}
        case "moment":
            moment = answer if isinstance(answer, datetime) else datetime.fromisoformat(str(answer))
            _type_answer(form, AS_DAY, name, moment.date().isoformat())
            offset = f"{moment:%z}"
            form |= {f"{name}-time": [f"{moment:%H:%M}"], f"{name}-offset": [f"{offset[:3]}:{offset[3:5]}"]}
        case "form":
            form |= typed_answers(question.questions, answer if isinstance(answer, Mapping) else {}, f"{name}.")
        case "forms":
            for number, part in enumerate(answer):
                form |= typed_answers(question.questions, part, f"{name}.{number}.")
        case _:
            form[name] = [str(answer)]


def checked(form: type[Form], answers: Mapping[str, Any]) -> Form:
    """The filled form. Raises `InvalidInput`."""
    filled: Form = validated(TypeAdapter(form), dict(answers))
    return filled


def check_alone(form: type[Form], name: str, answer: Any) -> None:
    """Look at one answer without the others. Raises `InvalidInput`."""
    field = form.model_fields[name]
    if answer is None and not field.is_required():
        return
    alone = create_model("Alone", __base__=Form, **{name: (field.annotation, field)})  # type: ignore[call-overload] # a field as Pydantic holds it
    validated(TypeAdapter(alone), {} if answer is None else {name: answer})


def problems_of(error: InvalidInput, questions: Sequence[Question], prefix: str = "") -> tuple[Problem, ...]:
    """What is wrong, each once, with the id of the field it is wrong with, and the question where there are several."""
    found: dict[str, Problem] = {}
    for one in error.fields:
        field = _id_of(one.field, questions, prefix)
        found.setdefault(field, Problem(field, problem_text(one), _title_of(one.field, questions)))
    return tuple(found.values()) or (Problem("", DOES_NOT_FIT),)


def problem_text(error: FieldError) -> str:
    """What to do about an error, in words for a case worker."""
    return _WORDS.get(error.code) or _WORDS.get(error.code.partition("_")[0]) or DOES_NOT_FIT


def _title_of(pointer: str, questions: Sequence[Question]) -> str:
    name = pointer.removeprefix("#").strip("/").partition("/")[0]
    return next((one.title for one in questions if one.name == name and len(questions) > 1), "")


def _id_of(pointer: str, questions: Sequence[Question], prefix: str) -> str:
    """A JSON pointer as the id of a field: the first part that a browser can stand on."""
    parts = pointer.removeprefix("#").strip("/").split("/")
    question = next((one for one in questions if one.name == parts[0]), None)
    if question is None:
        return f"{prefix}{questions[0].name}" if questions else ""
    if question.kind in {"form", "forms"}:
        inner = parts[1:] if question.kind == "form" else parts[2:]
        number = "" if question.kind == "form" else f"{parts[1] if len(parts) > 1 else 0}."
        return _id_of("/".join(inner), question.questions, f"{prefix}{question.name}.{number}")
    return f"{prefix}{question.name}"


def _number(typed: str) -> int | float | str | None:
    """Digits in any script, with a point or a comma; what is no number is left for validation."""
    plain = _digits(typed).replace("٫", ".").replace(",", ".")
    if NUMBER.fullmatch(plain) is None:
        return typed or None
    return float(plain) if "." in plain else int(plain)


def _digits(typed: str) -> str:
    """Digits of any script as ASCII; everything else as it is."""
    return "".join(str(unicodedata.decimal(one, one)) for one in typed)


def _day(form: FormData, name: str) -> str | None:
    day, month, year = (_digits(form.one(f"{name}-{part}")) for part in ("day", "month", "year"))
    if not (day or month or year):
        return None
    return f"{year:0>4}-{month:0>2}-{day:0>2}"


def _moment(form: FormData, name: str) -> str | None:
    day, time = _day(form, name), form.one(f"{name}-time")
    if day is None and not time:
        return None
    moment, clock = f"{day or ''}T{time.replace('.', ':'):0>5}:00", form.one(f"{name}-offset") or "+00:00"
    return _by_clock(moment, clock) if clock in zones() else f"{moment}{clock}"


def _by_clock(moment: str, zone: str) -> str:
    """A moment by the clock of a time zone, summer time included; what is none is left for validation."""
    try:
        return datetime.fromisoformat(moment).replace(tzinfo=ZoneInfo(zone)).isoformat()
    except ValueError:
        return moment


AS_DAY = Question(
    name="due_on",
    title=marked("By which day must something be done next?"),
    hint=marked("Leave it empty where nothing is urgent."),
    kind="day",
    needed=False,
    personal=False,
    codes={},
    questions=(),
    default=None,
    longest=None,
)
"""The day by which something must be done."""
DOES_NOT_FIT = marked("This answer does not fit: look at it again.")
_WORDS = {
    "missing": marked("Answer this question."),
    "string_type": marked("Answer this question."),
    "literal_error": marked("Choose one of the answers."),
    "uuid": marked("Choose one of the answers."),
    "string_too_long": marked("This text is too long."),
    "string_pattern_mismatch": marked("This is not written as such a code is written."),
    "date": marked("Give a real day, for example 27 3 2025."),
    "day_ahead": marked("This day lies ahead: give the day on which it happened."),
    "day_within": marked("Choose a day from today on, within 30 days."),
    "no_such_day": marked("Give a real day, for example 27 3 2025."),
    "partial_date": marked("Give a year, a year and a month, or a whole day."),
    "dates_reversed": marked("The last day lies before the first day."),
    "broken": marked("This text has characters that cannot be kept: type it anew."),
    "control": marked("This text has characters that cannot be kept: type it anew."),
    "people_count": marked("Somebody is missing here, or there is one too many in a part: add or remove people."),
    "related_twice": marked("These two people are related twice: keep one of the two."),
    "unknown_person": marked("Choose two people of this case."),
    "no_such_case": marked("There is no such case. Give its reference, as KB-XXXXX-XXXXX-X."),
    "no_purpose": marked("Say for what the data may be used, or take this answer away."),
    "grant_twice": marked("Name each grant once."),
    "shares_over_100": marked("The shares must not exceed 100 per cent together."),
    "moment": marked("Give a day and a time, for example 27 3 2025, 14:30."),
    "datetime": marked("Give a day and a time, for example 27 3 2025, 14:30."),
    "timezone": marked("Give a day and a time, for example 27 3 2025, 14:30."),
    "greater": marked("This number or day is too small or too early."),
    "less": marked("This number or day is too large or too late."),
    "int": marked("Give a number in digits."),
    "decimal": marked("Give a number in digits."),
    "float": marked("Give a number in digits."),
    "clock": marked("Give a time of day, for example 9:00."),
    "hours": marked("It opens and closes at the same time: give two different times."),
    "ages": marked("The highest age is below the lowest."),
    "places": marked("A full or closed service has no free places: take the number away, or choose another answer."),
    "provider": marked("Choose an organisation of this hub."),
    "phone": marked("Begin with + and the country's code, then 8 to 15 digits: for example +218 91 234 5678."),
    "email": marked("Write it as name@example.org."),
    "no_address": marked("Give at least one number or address."),
    "alias": marked("Choose a name that does not look like a web address, a number with dots or an e-mail address."),
    "zone": marked("Choose a place from the list."),
    "too": marked("Give fewer answers here, or more, as the question asks."),
}
