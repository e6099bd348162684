"""The questions of a form, one by one, as a page asks them: made from the declarations, written nowhere else."""

from __future__ import annotations

import types
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from functools import cache
from typing import Annotated, Any, Literal, Union, get_args, get_origin
from uuid import UUID

from pydantic.fields import FieldInfo

from services.intake.casework.forms import (
    NARRATIVE,
    AppointmentOfCase,
    AttachmentOfCase,
    Codes,
    CodesOf,
    Form,
    OtherCase,
    OtherOrganisation,
    Personal,
    PersonOfCase,
    ServiceOfCase,
)

Kind = Literal[
    "choice",
    "choices",
    "yes_no",
    "day",
    "moment",
    "number",
    "text",
    "texts",
    "long_text",
    "country",
    "countries",
    "place",
    "language",
    "languages",
    "person",
    "appointment",
    "service",
    "case",
    "organisation",
    "attachments",
    "form",
    "forms",
]
_SEVERAL: Mapping[str | None, Kind] = {"language": "languages", "country": "countries"}
_OF_CASE: Mapping[Kind, type] = {
    "person": PersonOfCase,
    "appointment": AppointmentOfCase,
    "service": ServiceOfCase,
    "attachments": AttachmentOfCase,
    "case": OtherCase,
    "organisation": OtherOrganisation,
}
_PLAIN: Mapping[Any, Kind] = {
    bool: "yes_no",
    datetime: "moment",
    date: "day",
    int: "number",
    float: "number",
    Decimal: "number",
    UUID: "text",
    str: "text",
}


@dataclass(frozen=True)
class Question:
    """One question of a form."""

    name: str
    """The field's name on the wire."""
    title: str
    hint: str | None
    kind: Kind
    """What is answered: `choice` takes one of `codes`, `choices` several, `texts` several texts, `languages`,
    `countries` and `attachments` several; `form` and `forms` have `questions`."""
    needed: bool
    personal: bool
    codes: Mapping[str, str]
    """Code → what it is called."""
    questions: tuple[Question, ...]
    default: Any
    """The answer where none is given; None without one."""
    longest: int | None
    """The most characters of a text."""


@cache
def questions(form: type[Form]) -> tuple[Question, ...]:
    """The questions of a form in the order in which they are asked."""
    return tuple(_question(name, field) for name, field in form.model_fields.items())


def form_words(form: type[Form]) -> Iterator[str]:
    """Every title, hint and word for a code of a form, for translators."""
    for question in questions(form):
        yield question.title
        if question.hint:
            yield question.hint
        yield from question.codes.values()
    for nested in _nested(form):
        yield from form_words(nested)


def _question(name: str, field: FieldInfo) -> Question:
    marks = [*field.metadata, *_marks(field.annotation)]
    codes = next((mark for mark in marks if isinstance(mark, Codes)), None)
    plain, several = _plain(field.annotation)
    nested = plain if isinstance(plain, type) and issubclass(plain, Form) else None
    longest = max((mark.max_length for mark in marks if hasattr(mark, "max_length")), default=None)
    default = None if field.is_required() else field.get_default(call_default_factory=True)
    return Question(
        name=name,
        title=field.title or name.replace("_", " ").capitalize(),
        hint=field.description,
        kind=_kind(plain, several, codes, nested, marks, longest),
        needed=field.is_required(),
        personal=any(isinstance(mark, Personal) for mark in marks),
        codes=codes.words if codes else {},
        questions=questions(nested) if nested else (),
        default=default,
        longest=longest if plain is str and not several else None,
    )


def _kind(
    plain: Any, several: bool, codes: Codes | None, nested: type[Form] | None, marks: list[Any], longest: int | None
) -> Kind:
    if codes is not None:
        return "choices" if several else "choice"
    if nested is not None:
        return "forms" if several else "form"
    listed = next((mark.what for mark in marks if isinstance(mark, CodesOf)), None)
    if listed in _SEVERAL and several:
        return _SEVERAL[listed]
    if listed is not None:
        return listed
    of_case = next((kind for kind, mark in _OF_CASE.items() if any(isinstance(one, mark) for one in marks)), None)
    if of_case is not None:
        return of_case
    if plain is str and longest == NARRATIVE:
        return "long_text"
    return "texts" if several else _PLAIN[plain]


def _plain(annotation: Any) -> tuple[Any, bool]:
    """(the type without marks, unions and tuples; whether several may be given)."""
    origin = get_origin(annotation)
    if origin is Annotated:
        return _plain(get_args(annotation)[0])
    if origin in {Union, types.UnionType}:
        return _plain(next(one for one in get_args(annotation) if one is not types.NoneType))
    if origin is tuple:
        return _plain(get_args(annotation)[0])[0], True
    return annotation, False


def _marks(annotation: Any) -> Iterator[Any]:
    if get_origin(annotation) is Annotated:
        inner, *marks = get_args(annotation)
        for mark in marks:
            yield from mark.metadata if isinstance(mark, FieldInfo) else (mark,)
        yield from _marks(inner)
    else:
        for one in get_args(annotation):
            yield from _marks(one)


def _nested(form: type[Form]) -> Iterator[type[Form]]:
    for field in form.model_fields.values():
        plain, _ = _plain(field.annotation)
        if isinstance(plain, type) and issubclass(plain, Form):
            yield plain
