"""What the forms of case work are made of: field types, and the mark of personal text."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field
from pydantic.fields import FieldInfo
from pydantic_core import CoreSchema, PydanticCustomError, core_schema

FIRST_YEAR, LAST_YEAR = 1900, 2100
SHORT_TEXT, LONG_TEXT, NARRATIVE = 200, 2000, 8000


def clean_text(value: object) -> object:
    """The text without white space around it and with LF line ends; None for a blank one.

    Raises PydanticCustomError `control_character` for any control character but tab and line break
    (PostgreSQL cannot store NUL; the others are signs of a wrong encoding) and `broken_text` for a lone
    surrogate, which no UTF-8 can hold. What is no text passes, for Pydantic to refuse.
    """
    if not isinstance(value, str):
        return value
    if "\r" in value:
        value = value.replace("\r\n", "\n").replace("\r", "\n")
    if found := _UNSTORABLE.search(value):
        if found[0] >= "\ud800":
            raise PydanticCustomError("broken_text", "Text must be valid Unicode without lone surrogates")
        raise PydanticCustomError("control_character", "Text must not contain control characters")
    return value.strip() or None


def plain_day(value: object) -> object:
    """A date or a text of the form 2018-06-30; Pydantic alone would also take numbers for seconds since 1970.

    Raises PydanticCustomError `date_form` for anything else, also for a moment (a datetime).
    """
    if isinstance(value, datetime) or not isinstance(value, date | str):
        raise PydanticCustomError("date_form", "A day must be given as YYYY-MM-DD")
    if isinstance(value, str) and not _ISO_DAY.fullmatch(value):
        raise PydanticCustomError("date_form", "A day must be given as YYYY-MM-DD")
    return value


def plain_moment(value: object) -> object:
    """A moment with its offset from UTC: 2018-06-30T14:30+02:00. Raises PydanticCustomError `moment_form`."""
    try:
        moment = datetime.fromisoformat(value) if isinstance(value, str) else value
    except ValueError:
        moment = None
    if not isinstance(moment, datetime) or moment.tzinfo is None:
        raise PydanticCustomError("moment_form", "A moment must be given as YYYY-MM-DDTHH:MM with its offset from UTC")
    return moment


_UNSTORABLE = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff]")
_ISO_DAY = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)

FIRST_DAY, LAST_DAY = date(FIRST_YEAR, 1, 1), date(LAST_YEAR, 12, 31)
Day = Annotated[date, BeforeValidator(plain_day), Field(ge=FIRST_DAY, le=LAST_DAY)]


def _not_ahead(value: date) -> date:
    if value > datetime.now(UTC).date() + timedelta(days=1):  # a day more: somewhere it is tomorrow already
        raise PydanticCustomError("day_ahead", "This day lies ahead: give the day on which it happened")
    return value


PastDay = Annotated[Day, AfterValidator(_not_ahead)]
"""A day on which something happened."""
ShortText = Annotated[Annotated[str, Field(max_length=SHORT_TEXT)] | None, BeforeValidator(clean_text)]
LongText = Annotated[Annotated[str, Field(max_length=LONG_TEXT)] | None, BeforeValidator(clean_text)]

Code = Annotated[str, Field(pattern=r"^[a-z0-9_]{1,60}$")]


@dataclass(frozen=True)
class CodesOf:
    """Marks a code of a public standard, too long a list to stand here: a country, a place, a language."""

    what: Literal["country", "place", "language"]


CountryCode = Annotated[str, Field(pattern=r"^[A-Z]{3}$"), CodesOf("country")]
"""ISO 3166-1 alpha-3."""
PlaceCode = Annotated[str, Field(pattern=r"^[A-Z]{2,3}[A-Z0-9_-]{0,20}$"), CodesOf("place")]
"""An admin p-code (OCHA), or a country where no more is known."""
LanguageTag = Annotated[str, Field(pattern=r"^[a-z]{2,3}(-[A-Za-z0-9]{2,8})*$", max_length=35), CodesOf("language")]
"""BCP 47."""


@dataclass(frozen=True, eq=False)
class Codes:
    """The codes that a field may hold, each with what it is called: `Annotated[str, Codes({"visit": "A visit"})]`.

    Codes stand on the wire and in the clear; what they are called is for people, and is translated.
    """

    words: Mapping[str, str]

    def __get_pydantic_core_schema__(self, _source: Any, _handler: Any) -> CoreSchema:
        return core_schema.literal_schema(list(self.words))


class Personal:
    """Marks a field that may say something of a person: stored encrypted under the case's key, never in an event."""


class OwnAffair:
    """Marks a field that no other organisation is shown."""


class PersonOfCase:
    """Marks the id of one of the case's people."""


class AppointmentOfCase:
    """Marks the moment of one of the case's appointments."""


class ServiceOfCase:
    """Marks the id of one of the services that the case had."""


class OtherOrganisation:
    """Marks the id of another organisation of the hub, one that may receive data."""


class AttachmentOfCase:
    """Marks the id of a photo or document of the case, one that may be shared."""


class OtherCase:
    """Marks the id of another case of the same organisation."""


PersonalText = Annotated[Annotated[str, Field(max_length=NARRATIVE)] | None, BeforeValidator(clean_text), Personal()]
NeededText = Annotated[Annotated[str, Field(max_length=NARRATIVE)], BeforeValidator(clean_text), Personal()]
"""Personal text that must be given."""
PersonalName = Annotated[Annotated[str, Field(max_length=SHORT_TEXT)] | None, BeforeValidator(clean_text), Personal()]
"""A name, a number, an address: too short to tell a story."""
NeededName = Annotated[Annotated[str, Field(max_length=SHORT_TEXT)], BeforeValidator(clean_text), Personal()]
"""A personal name that must be given."""
ReferenceCode = Annotated[str, Field(pattern=r"^[A-Z0-9][A-Z0-9./-]{0,39}$")]
"""A reference that another institution gave. Too narrow to hold a name written as people write it."""
Moment = Annotated[datetime, BeforeValidator(plain_moment)]
"""A day and time with its offset from UTC."""


class Form(BaseModel):
    """A form of case work. Fields are coded (in the clear, to be counted and searched) or `Personal`.

    A field's title is the question as a case worker asks it, its description a hint.
    """

    model_config = ConfigDict(
        frozen=True, extra="forbid", hide_input_in_errors=True, str_strip_whitespace=True, defer_build=True
    )


class AboutPerson(Form):
    """A form about one person of the case."""

    about: Annotated[UUID, PersonOfCase()] | None = Field(
        None, title="Whom is it about?", description="May be left out where the case has only one such person."
    )


def is_own_affair(field: FieldInfo) -> bool:
    """True for a field marked `OwnAffair`."""
    return any(isinstance(mark, OwnAffair) for mark in field.metadata)


def is_personal(field: FieldInfo) -> bool:
    """True for a field marked `Personal`."""
    return any(isinstance(mark, Personal) or mark is Personal for mark in field.metadata)


def parted(form: Form) -> tuple[dict[str, Any], dict[str, Any]]:
    """(coded facts, personal text) of a filled form as JSON values; what was left out is in neither."""
    filled = form.model_dump(mode="json", exclude_none=True)
    fields = type(form).model_fields
    personal = {name: filled[name] for name in filled if is_personal(fields[name])}
    return {name: value for name, value in filled.items() if name not in personal}, personal
