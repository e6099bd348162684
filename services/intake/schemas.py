"""The shapes that intake accepts and answers."""

import re
from datetime import date, datetime
from typing import Annotated, Literal
from uuid import UUID

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationInfo, field_validator
from pydantic_core import PydanticCustomError

FIRST_YEAR, LAST_YEAR = 1900, 2100
LARGEST_COUNT = 1_000_000
SHORT_TEXT, LONG_TEXT = 200, 2000


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


_UNSTORABLE = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff]")
_ISO_DAY = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)

FIRST_DAY, LAST_DAY = date(FIRST_YEAR, 1, 1), date(LAST_YEAR, 12, 31)
Day = Annotated[date, BeforeValidator(plain_day), Field(ge=FIRST_DAY, le=LAST_DAY)]
Count = Annotated[int, Field(strict=True, ge=0, le=LARGEST_COUNT)]
ShortText = Annotated[Annotated[str, Field(max_length=SHORT_TEXT)] | None, BeforeValidator(clean_text)]
LongText = Annotated[Annotated[str, Field(max_length=LONG_TEXT)] | None, BeforeValidator(clean_text)]
Latitude = Annotated[float, Field(strict=True, ge=-90, le=90, allow_inf_nan=False)]
Longitude = Annotated[float, Field(strict=True, ge=-180, le=180, allow_inf_nan=False)]
IncidentKind = Literal["incident", "split_incident", "cumulative_incident"]


class IncidentIn(BaseModel):
    """An incident in which people died or went missing on the way, as an organisation reports it.

    The fields and their rules follow the data dictionary of IOM's Missing Migrants Project. Its figures
    are minimum estimates: many deaths are never recorded. A figure left out or null is unknown, which is
    not zero. Whole-row totals are not taken: they follow from the figures. No field may describe a
    person.
    """

    model_config = ConfigDict(
        frozen=True,
        extra="forbid",
        hide_input_in_errors=True,
        str_strip_whitespace=True,
        use_attribute_docstrings=True,
    )

    occurred_from: Day
    """First day on which it may have happened. IOM: the estimated date of death; where that is not known,
    the day the body was found or the day a witness reported. Month and year are always recorded."""

    occurred_to: Day
    """Last day on which it may have happened, inclusive: `occurred_from` itself where the day is known,
    the end of the month where only the month is. IOM dates a cumulative incident by the last day of its
    period."""

    dead: Count | None = None
    """People confirmed dead: bodies recovered (IOM "Number of Dead"; a minimum estimate, blank = unknown)."""

    missing: Count | None = None
    """People missing and presumed dead, as after a shipwreck: people on board less survivors and bodies
    recovered (IOM "Minimum Estimated Number of Missing"; blank = none reported, so unknown)."""

    survivors: Count | None = None
    """People known to have survived (IOM "Number of Survivors"; blank = unknown)."""

    females: Count | None = None
    """Women and girls among the dead and missing (IOM "Number of Females"; blank = unknown)."""

    males: Count | None = None
    """Men and boys among the dead and missing (IOM "Number of Males"; blank = unknown)."""

    children: Count | None = None
    """People under 18 among the dead and missing (IOM "Number of Children"; blank = unknown). They are
    counted among females and males too where their sex is known."""

    kind: IncidentKind = "incident"
    """IOM "Incident Type": one incident; one of several entries into which an incident was split; a total
    over a period that the source does not break down by incident."""

    route: ShortText = None
    """The migration route, in the source's words (IOM "Migration route"; blank = unknown)."""

    region: ShortText = None
    """The region in which it happened (IOM "Region of Incident")."""

    region_of_origin: ShortText = None
    """Where the people came from (IOM "Region of Origin"; "(P)" there means presumed from the place)."""

    countries_of_origin: LongText = None
    """Countries the people came from, in the source's words (IOM "Country of Origin"; may name several)."""

    cause: ShortText = None
    """What the people died of (IOM "Cause of Death")."""

    place: LongText = None
    """Where it happened, in words (IOM "Location of death"). Most places are approximate."""

    source: LongText = None
    """Who reported it (IOM "Information Source"; may name several)."""

    latitude: Latitude | None = None
    """Degrees north, WGS 84. IOM: often the nearest known place, not the exact one."""

    longitude: Longitude | None = None
    """Degrees east, WGS 84. IOM: often the nearest known place, not the exact one."""

    @field_validator("occurred_to")
    @classmethod
    def _ends_after_it_begins(cls, value: date, seen: ValidationInfo) -> date:
        """On the field, not on the model, so that it is reported together with all other errors."""
        begin = seen.data.get("occurred_from")
        if begin is not None and value < begin:
            raise PydanticCustomError("dates_reversed", "occurred_to must not lie before occurred_from")
        return value


class CaseIn(BaseModel):
    """A case as an organisation submits it. Of the case types on the wire, this release takes `mass_incident`."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    type: Literal["mass_incident"]
    incident: IncidentIn


class CaseRef(BaseModel):
    """A case in a list, or just submitted."""

    model_config = ConfigDict(from_attributes=True)

    id: UUID
    type: str
    status: str
    created_at: datetime


class CaseOut(CaseRef):
    """A case with its facts."""

    incident: IncidentIn
    held_by: list[str]
    """The services that hold the case: they send and share nothing for it until an operator has looked."""


class CaseList(BaseModel):
    """One page of cases. `next` is the `after` of the next page, null on the last."""

    items: list[CaseRef]
    next: UUID | None


def incident_out(row: object) -> IncidentIn:
    """The stored facts in the shape in which they were sent."""
    return IncidentIn.model_construct(**{name: getattr(row, name) for name in IncidentIn.model_fields})
