"""Answers to an organisation's own fields: checked against their schema, and kept with what is needed to read them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass, field
from datetime import date
from functools import lru_cache
from typing import TYPE_CHECKING, Any, NamedTuple

from pydantic_core import PydanticCustomError, from_json, to_json

from services.intake.casework.forms import FIRST_YEAR, LAST_YEAR, clean_text
from services.intake.casework.own_fields import (
    CODED,
    FIELD_NAME,
    LARGEST,
    MOST_CHOICES,
    OWN_CODE,
    kind_of,
    own_code,
)
from shared.errors import FieldError, InvalidInput, pointer

if TYPE_CHECKING:
    from jsonschema import Draft202012Validator

Place = tuple[int | str, ...]
MOST_ANSWERS = 100
"""That are looked at: more than any schema has fields."""


class Asked(NamedTuple):
    """One version of an organisation's own fields."""

    organisation_id: str
    version: int
    schema: Mapping[str, Any]


@dataclass(frozen=True)
class Earlier:
    """An answer that has no place in the newest version: kept, and shown as of its own."""

    version: int
    name: str
    field: Mapping[str, Any]
    value: Any


@dataclass(frozen=True)
class OwnAnswers:
    """What a case keeps, whole in itself: it is read without the schema, by whoever holds the case by then."""

    organisation_id: str
    """Whose fields these are: the case may have been handed over since."""
    version: int
    """Of the schema under which it was answered."""
    answers: Mapping[str, Any]
    fields: Mapping[str, Mapping[str, Any]]
    """Name → the field as it was asked."""
    earlier: tuple[Earlier, ...] = field(default=())

    def to_keep(self) -> bytes:
        """As it stands encrypted."""
        return to_json(asdict(self))

    @classmethod
    def kept(cls, stored: bytes) -> OwnAnswers:
        """What was kept."""
        found = from_json(stored)
        earlier = tuple(Earlier(**one) for one in found.pop("earlier"))
        return cls(**found, earlier=earlier)


def answered(asked: Asked, given: object, place: Place = (), was: OwnAnswers | None = None) -> OwnAnswers | None:
    """The answers under that version, with what `was` holds and the version has no place for; None for none at all.

    `given` takes the place of what was answered before, whole. Raises `InvalidInput`.
    """
    answers = checked_answers(asked.schema, given, place)
    fields = {name: asked.schema["properties"][name] for name in answers}
    earlier = no_longer_asked(asked, was)
    return OwnAnswers(asked.organisation_id, asked.version, answers, fields, earlier) if answers or earlier else None


def still_fitting(asked: Asked, was: OwnAnswers | None) -> dict[str, Any]:
    """The answers that have their place in a newer version too; none of another organisation's fields."""
    if was is None or was.organisation_id != asked.organisation_id:
        return {}
    return {name: value for name, value in was.answers.items() if _fits(asked.schema, name, value)}


def no_longer_asked(asked: Asked, was: OwnAnswers | None) -> tuple[Earlier, ...]:
    """The answers that have no place in a newer version, and those that had none in one before."""
    if was is None:
        return ()
    fitting = still_fitting(asked, was)
    left = (
        Earlier(was.version, name, was.fields[name], value)
        for name, value in was.answers.items()
        if name not in fitting
    )
    return (*was.earlier, *left)


def checked_answers(schema: Mapping[str, Any], given: object, place: Place = ()) -> dict[str, Any]:
    """The answers as they are kept, in the order in which they are asked: a blank text or null is none.

    Raises `InvalidInput` with the place of each, and never what stood there.
    """
    if not isinstance(given, Mapping) or len(given) > MOST_ANSWERS:
        raise InvalidInput(WRONG, (FieldError(pointer(place), "dict_type", "Send an object of answers."),))
    refused: dict[str, FieldError] = {}
    answers: dict[str, Any] = {}
    for name, value in given.items():
        try:
            plain = _plain(value)
        except PydanticCustomError as error:
            refused[name] = FieldError(pointer((*place, _told(name))), error.type, error.message())
            continue
        if plain is not None:
            answers[name] = plain
    for one in (*_beyond(answers, place), *_errors(schema, answers, place)):
        refused.setdefault(one.field, one)
    if refused:
        raise InvalidInput(WRONG, tuple(refused.values()))
    return {name: answers[name] for name in schema["properties"] if name in answers}


WRONG = "Some fields are not as they must be; each is named in `errors`."


def shared_own(
    kept: OwnAnswers | None, organisation_id: str, case_type: str, codes: frozenset[str]
) -> list[dict[str, Any]]:
    """Those of the answers that these codes name, with what is needed to read them: of fields of that organisation,
    which signed for them; never a text."""
    if kept is None or kept.organisation_id != organisation_id:
        return []
    return [
        {"name": name, "field": dict(kept.fields[name]), "value": value}
        for name, value in kept.answers.items()
        if own_code(case_type, name) in codes and kind_of(kept.fields[name]) in CODED
    ]


def own_codes(codes: Iterable[str], case_type: str) -> frozenset[str]:
    """Those of an agreement's codes that name an own field of this type of case."""
    parts = (OWN_CODE.fullmatch(one) for one in codes)
    return frozenset(one[0] for one in parts if one is not None and one[1] == case_type)


def _fits(schema: Mapping[str, Any], name: str, value: Any) -> bool:
    alone = {"type": "object", "properties": {name: schema["properties"].get(name, False)}}
    return not list(_errors(alone, {name: value}, ()))


def _plain(value: object) -> object:
    """A text without blanks around it, a whole number without a point; others as they are."""
    if isinstance(value, list):
        if len(value) > MOST_CHOICES:
            raise PydanticCustomError("too_long", "Give fewer answers")
        return [clean_text(one) for one in value] or None
    if isinstance(value, float) and value.is_integer() and abs(value) <= LARGEST:
        return int(value)
    return clean_text(value)


def _beyond(answers: Mapping[str, Any], place: Place) -> Iterator[FieldError]:
    """Numbers that no field takes, whatever its bounds."""
    for name, value in answers.items():
        if isinstance(value, int | float) and not isinstance(value, bool) and not -LARGEST <= value <= LARGEST:
            yield FieldError(pointer((*place, _told(name))), "less_than_equal", _WAYS["maximum"])


def _errors(schema: Mapping[str, Any], answers: Mapping[str, Any], place: Place) -> Iterator[FieldError]:
    for error in _validator(to_json(schema)).iter_errors(dict(answers)):
        for inside, code in _what(error):
            yield FieldError(pointer((*place, *inside)), code, _WAYS[error.validator])


def _what(error: Any) -> Iterator[tuple[Place, str]]:
    """(where, a code for programs) of an error: one for each field that is missing, or unknown."""
    inside: Place = tuple(error.absolute_path)
    match error.validator:
        case "required":
            yield from (((*inside, name), "missing") for name in error.validator_value if name not in error.instance)
        case "additionalProperties":
            known = error.schema["properties"]
            yield from (((*inside, _told(name)), "extra_forbidden") for name in error.instance if name not in known)
        case "type":
            yield inside, _TYPES[error.validator_value]
        case _:
            yield inside, _CODES[error.validator]


def _told(name: str) -> str:
    """A name that was sent in, if it reads as a field's: it may be a person's."""
    return name if FIELD_NAME.fullmatch(name) else "(unknown field)"


@lru_cache(maxsize=256)
def _validator(schema: bytes) -> Draft202012Validator:
    """Made when first needed: to load the library takes a tenth of a start, and most organisations ask nothing more."""
    from jsonschema import Draft202012Validator, FormatChecker

    checker = FormatChecker(formats=())
    checker.checks("date")(_is_day)
    return Draft202012Validator(from_json(schema), format_checker=checker)


def _is_day(value: object) -> bool:
    if not isinstance(value, str):
        return True
    try:
        return _ISO_DAY.fullmatch(value) is not None and FIRST_YEAR <= date.fromisoformat(value).year <= LAST_YEAR
    except ValueError:
        return False


_ISO_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_TYPES = {
    "string": "string_type",
    "integer": "int_type",
    "number": "float_type",
    "boolean": "bool_type",
    "array": "list_type",
    "object": "dict_type",
}
_CODES: Mapping[Any, str] = {
    "maxLength": "string_too_long",
    "enum": "literal_error",
    "oneOf": "literal_error",
    "const": "literal_error",
    "minimum": "greater_than_equal",
    "maximum": "less_than_equal",
    "format": "date_form",
    "uniqueItems": "too_many_times",
    None: "extra_forbidden",
}
_WAYS: Mapping[Any, str] = {
    "required": "This field must be answered.",
    "additionalProperties": "There is no such field: GET /own-fields/{case_type} tells which there are.",
    "type": "This answer is of another type than the field.",
    "maxLength": "This text is too long.",
    "enum": "Give one of the field's codes.",
    "oneOf": "Give one of the field's codes.",
    "const": "Give one of the field's codes.",
    "minimum": "This number is too small.",
    "maximum": "This number is too large.",
    "format": "A day is given as YYYY-MM-DD, from 1900 to 2100.",
    "uniqueItems": "Give each answer once.",
    None: "There is no such field.",
}
