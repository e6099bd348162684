"""What an organisation asks of its own on a type of case: a JSON Schema (2020-12) that can be drawn as a form.

An object of flat fields: text, a choice, several choices, a number, yes or no, a day. What cannot be drawn, or
would let an answer cost more than its length (a regular expression), is refused with its place and the way out.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, TypeAdapter, ValidationError, model_validator
from pydantic_core import PydanticCustomError

from services.intake.casework import CASE_TYPES
from services.intake.casework.forms import LONG_TEXT, SHORT_TEXT, LanguageTag, clean_text
from services.intake.casework.questions import Kind, Question
from shared.errors import FieldError, InvalidInput, pointer

DIALECT = "https://json-schema.org/draft/2020-12/schema"
MOST_FIELDS, MOST_CHOICES = 30, 60
LARGEST = 10**12
"""Of a number, below zero too."""
FIELD_NAME = re.compile(r"[a-z][a-z0-9_]{0,39}")
CODED: frozenset[Kind] = frozenset({"choice", "choices", "yes_no", "number", "day"})
"""Kinds of answers that may be shared with another organisation: a text could name anybody."""
TYPES = tuple(name for name, kind in CASE_TYPES.items() if kind.people)
"""Types of case that may have own fields: the others hold no personal data, and no key to keep it under."""

OWN = "own:"
OWN_CODE = re.compile(rf"{OWN}([a-z_]{{1,40}})\.({FIELD_NAME.pattern})")
"""An own field as an agreement names it: `own:registration.shelter`."""
MOST_SHARED = 40
"""Own fields that one agreement may name."""


def _finite(value: object) -> object:
    if isinstance(value, bool):
        raise PydanticCustomError("float_type", "Give a number")
    return value


Wording = Annotated[Annotated[str, Field(min_length=1, max_length=SHORT_TEXT)], BeforeValidator(clean_text)]
Hint = Annotated[Annotated[str, Field(min_length=1, max_length=500)], BeforeValidator(clean_text)]
OptionCode = Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9_.-]{0,59}$")]
Bound = Annotated[Annotated[int | float, Field(ge=-LARGEST, le=LARGEST, allow_inf_nan=False)], BeforeValidator(_finite)]


class Named(BaseModel):
    """What is read by people, in the organisation's own language, and in others by their tags (BCP 47)."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True, hide_input_in_errors=True, defer_build=True)

    title: Wording | None = None
    titles: Annotated[dict[LanguageTag, Wording], Field(max_length=20)] = Field({}, alias="x-titles")


class Option(Named):
    """One answer of a choice."""

    const: OptionCode
    title: Wording


class _Field(Named):
    description: Hint | None = None
    descriptions: Annotated[dict[LanguageTag, Hint], Field(max_length=20)] = Field({}, alias="x-descriptions")


class TextField(_Field):
    """A text: how long it may be must be said. No regular expressions."""

    type: Literal["string"]
    maxLength: Annotated[int, Field(ge=1, le=LONG_TEXT)]  # JSON Schema's word


class DayField(_Field):
    """A day, YYYY-MM-DD."""

    type: Literal["string"]
    format: Literal["date"]


class ChoiceField(_Field):
    """One of several answers: `oneOf` with a code (`const`) and a `title` each, or `enum` with codes alone."""

    type: Literal["string"]
    enum: Annotated[list[OptionCode], Field(min_length=1, max_length=MOST_CHOICES)] | None = None
    oneOf: Annotated[list[Option], Field(min_length=1, max_length=MOST_CHOICES)] | None = None  # its word

    @model_validator(mode="after")
    def _says_each_once(self) -> ChoiceField:
        if (self.enum is None) == (self.oneOf is None):
            raise PydanticCustomError("choices", "Give either enum or oneOf")
        codes = self.enum if self.enum is not None else [one.const for one in self.oneOf or ()]
        if len(set(codes)) < len(codes):
            raise PydanticCustomError("choices", "Give each code once")
        return self


class NumberField(_Field):
    """A whole number (`integer`) or any (`number`)."""

    type: Literal["integer", "number"]
    minimum: Bound | None = None
    maximum: Bound | None = None

    @model_validator(mode="after")
    def _in_order(self) -> NumberField:
        if self.minimum is not None and self.maximum is not None and self.minimum > self.maximum:
            raise PydanticCustomError("bounds", "The maximum lies below the minimum")
        return self


class YesNoField(_Field):
    """Yes or no."""

    type: Literal["boolean"]


class ChoicesField(_Field):
    """Any of several answers, each once."""

    type: Literal["array"]
    items: ChoiceField
    uniqueItems: Literal[True]  # JSON Schema's word


PropertyName = Annotated[str, Field(pattern=rf"^{FIELD_NAME.pattern}$")]


class _Document(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", strict=True, hide_input_in_errors=True, defer_build=True)

    dialect: Literal["https://json-schema.org/draft/2020-12/schema"] | None = Field(None, alias="$schema")
    type: Literal["object"]
    required: Annotated[list[str], Field(max_length=MOST_FIELDS)] = []
    additionalProperties: Literal[False] = False  # JSON Schema's word


class OwnFieldsSchema(_Document):
    """A JSON Schema (2020-12) of an organisation's own fields; each property is of one of the kinds of field."""

    properties: Annotated[
        dict[PropertyName, TextField | DayField | ChoiceField | NumberField | YesNoField | ChoicesField],
        Field(min_length=1, max_length=MOST_FIELDS),
    ]


class _Frame(_Document):
    """The document around its fields, which are looked at one by one: an error of a union would name every kind."""

    properties: Annotated[dict[PropertyName, dict[str, Any]], Field(min_length=1, max_length=MOST_FIELDS)]


_FRAME = TypeAdapter(_Frame)
_KINDS: Mapping[Kind, type[_Field]] = {
    "text": TextField,
    "long_text": TextField,
    "day": DayField,
    "choice": ChoiceField,
    "choices": ChoicesField,
    "number": NumberField,
    "yes_no": YesNoField,
}


def checked_schema(document: object) -> dict[str, Any]:
    """The document with what it left out (`$schema`, `additionalProperties`). Raises `InvalidInput` with the places."""
    try:
        frame = _FRAME.validate_python(document)
    except ValidationError as error:
        raise _refused(error) from None
    refused: list[FieldError] = []
    fields = {}
    for name, field in frame.properties.items():
        try:
            fields[name] = _checked_field(field, ("properties", name))
        except InvalidInput as error:
            refused += error.fields
    unknown = [number for number, name in enumerate(frame.required) if name not in frame.properties]
    refused += [
        FieldError(pointer(("required", number)), "unknown_field", "There is no such field in properties.")
        for number in unknown
    ]
    if len(set(frame.required)) < len(frame.required):
        refused.append(FieldError("#/required", "twice", "Name each field once."))
    if refused:
        raise InvalidInput(NO_SCHEMA, tuple(refused))
    required = {"required": frame.required} if frame.required else {}
    return {"$schema": DIALECT, "type": "object", "properties": fields, **required, "additionalProperties": False}


NO_SCHEMA = "These fields cannot be asked so; each place is named in `errors`."


def kind_of(field: Mapping[str, Any]) -> Kind:
    """How a field is asked."""
    match field.get("type"):
        case "integer" | "number":
            return "number"
        case "boolean":
            return "yes_no"
        case "array":
            return "choices"
        case _ if "format" in field:
            return "day"
        case _ if "enum" in field or "oneOf" in field:
            return "choice"
    longest = field.get("maxLength")
    return "long_text" if isinstance(longest, int) and longest > SHORT_TEXT else "text"


def meaning_of(field: Mapping[str, Any]) -> str:
    """The kind that a name keeps for ever: a short text may become a long one, and nothing else."""
    kind = kind_of(field)
    return "text" if kind == "long_text" else str(field["type"]) if kind == "number" else kind


def question_of(name: str, field: Mapping[str, Any], language: str, *, needed: bool = False) -> Question:
    """A field as pages ask it, in that language where its words are given in it."""
    return Question(
        name=name,
        title=words_in(field, language) or name.replace("_", " ").capitalize(),
        hint=words_in(field, language, "description") or None,
        kind=kind_of(field),
        needed=needed,
        personal=True,
        codes=codes_of(field, language),
        questions=(),
        default=None,
        longest=field.get("maxLength"),
    )


def questions_in(schema: Mapping[str, Any], language: str) -> tuple[Question, ...]:
    """Every field of a schema as pages ask it, in its order."""
    required = schema.get("required", ())
    fields = schema["properties"].items()
    return tuple(question_of(name, field, language, needed=name in required) for name, field in fields)


def words_in(field: Mapping[str, Any], language: str, of: Literal["title", "description"] = "title") -> str:
    """The title, or the description, in that language; else as the organisation wrote it first."""
    translated: Mapping[str, str] = field.get(f"x-{of}s", {})
    return translated.get(language) or str(field.get(of, ""))


def codes_of(field: Mapping[str, Any], language: str) -> dict[str, str]:
    """The codes of a choice, each with what it is called."""
    choice = field.get("items", field)
    if "oneOf" in choice:
        return {one["const"]: words_in(one, language) for one in choice["oneOf"]}
    return {code: code for code in choice.get("enum", ())}


def own_code(case_type: str, name: str) -> str:
    """An own field as agreements and referrals name it."""
    return f"{OWN}{case_type}.{name}"


def _checked_field(field: dict[str, Any], place: tuple[str, ...]) -> dict[str, Any]:
    if field.get("type") not in ("string", "integer", "number", "boolean", "array"):
        raise InvalidInput(NO_SCHEMA, (FieldError(pointer((*place, "type")), "field_type", _WAYS["field_type"]),))
    shape = _KINDS[kind_of(field)]
    try:
        checked = TypeAdapter(shape).validate_python(field)
    except ValidationError as error:
        raise _refused(error, place, shape) from None
    return checked.model_dump(by_alias=True, exclude_unset=True)


def _refused(error: ValidationError, place: tuple[str, ...] = (), shape: type[BaseModel] = _Frame) -> InvalidInput:
    allowed = ", ".join(field.alias or name for name, field in shape.model_fields.items())
    fields = []
    for one in error.errors(include_url=False, include_input=False):
        code, key = one["type"], "[key]" in one["loc"]
        where: tuple[int | str, ...] = (*place, *(part for part in one["loc"] if part != "[key]"))
        if key or (code == "extra_forbidden" and not _KEYWORD.fullmatch(str(where[-1]))):
            where = (*where[:-1], "(unknown)")
        way = _WAYS["name" if shape is _Frame else "language"] if key else _WAYS.get(code, one["msg"])
        fields.append(FieldError(pointer(where), code, way.replace("{allowed}", allowed)))
    return InvalidInput(NO_SCHEMA, tuple(fields))


_KEYWORD = re.compile(r"[$A-Za-z][A-Za-z-]{0,30}")
_WAYS = {
    "field_type": "A field is of the type string, integer, number, boolean or array: nothing lies inside others.",
    "extra_forbidden": "This is not used here: take it away. Possible here: {allowed}.",
    "missing": "This must be said. Possible here: {allowed}.",
    "name": "A field's name is small Latin letters, digits and underlines, 40 at most, and begins with a letter.",
    "language": "A language is named by its tag (BCP 47), for example `ar`.",
    "model_type": "Give an object.",
    "dict_type": "Give an object.",
    "string_pattern_mismatch": "A code is Latin letters, digits, points, hyphens and underlines, 60 at most.",
}
