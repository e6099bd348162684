"""What the shapes that reporting takes are made of."""

from __future__ import annotations

import re
from functools import cache
from typing import Annotated
from zoneinfo import available_timezones

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field
from pydantic_core import PydanticCustomError

NARRATIVE = 20_000
"""Characters of one section."""


class Shape(BaseModel):
    """What is sent in: it knows its fields, and never repeats a value in an error."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)


def _clean(value: object) -> object:
    """The text without white space around it, with LF line ends. Raises for what no database can hold."""
    if not isinstance(value, str):
        return value
    if _UNSTORABLE.search(value.replace("\r", "\n")):
        raise PydanticCustomError("control_character", "Text must not contain control characters or lone surrogates")
    return value.replace("\r\n", "\n").replace("\r", "\n").strip()


_UNSTORABLE = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff]")


def _one_line(value: str) -> str:
    if "\n" in value or "\t" in value:
        raise PydanticCustomError("one_line", "This must be one line")
    return value


def _known_zone(value: str) -> str:
    if value not in _zones():
        raise PydanticCustomError("time_zone", "This must be a time zone's name, such as Africa/Addis_Ababa")
    return value


@cache
def _zones() -> frozenset[str]:
    return frozenset(available_timezones())


Line = Annotated[str, Field(min_length=1, max_length=200), AfterValidator(_one_line), BeforeValidator(_clean)]
"""A name or a title."""
LineIfAny = Annotated[str, Field(max_length=200), AfterValidator(_one_line), BeforeValidator(_clean)]
Words = Annotated[str, Field(min_length=1, max_length=2000), BeforeValidator(_clean)]
"""A reason."""
Narrative = Annotated[str, Field(max_length=NARRATIVE), BeforeValidator(_clean)]
"""Paragraphs, an empty line between them."""
Number = Annotated[str, Field(pattern=r"^[a-z0-9_]{1,60}$")]
"""A grant's, in the form in which services delivered name it."""
Code = Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9_.:-]{0,59}$")]
Country = Annotated[str, Field(pattern=r"^[A-Z]{3}$")]
"""ISO 3166-1 alpha-3."""
Currency = Annotated[str, Field(pattern=r"^[A-Z]{3}$")]
"""ISO 4217."""
TimeZone = Annotated[str, Field(max_length=60), AfterValidator(_known_zone)]
Tag = Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9 .:/-]{0,39}$")]
"""Of a framework: `SDG 10.7`, `GCM 8`."""
