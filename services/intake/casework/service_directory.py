"""What an entry of the service directory says: a service, where and when it is, whom it is for, whether there is room.

Nothing of it is personal: it is read by every organisation of the hub. Hours are structured, days with from and to, for
two reasons: they are said in the reader's language, and a keeper who moves an hour need not write a sentence in four
languages. What no such row can say (a holiday, a month of fasting) stands in a short text beside them.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from pydantic import AfterValidator, BaseModel, BeforeValidator, Field, ValidationInfo, field_validator
from pydantic_core import PydanticCustomError

from services.intake.casework.forms import (
    LONG_TEXT,
    SHORT_TEXT,
    Codes,
    Form,
    LanguageTag,
    LongText,
    OtherOrganisation,
    PlaceCode,
    clean_text,
)
from services.intake.casework.questions import form_words
from services.intake.casework.service_categories import SECTORS
from services.intake.casework.service_delivery import ServiceCategory

MOST_HOURS = 3
"""Rows of opening hours: weekdays, a pause at noon, the day that is different."""
MOST_LANGUAGES = 20
OLDEST = 120
MOST_PLACES = 100_000

SECTIONS: Mapping[str, tuple[str, ...]] = {
    "What it is": ("category", "title", "provider_id", "free_of_charge"),
    "Where and when": ("place", "address", "languages", "hours", "hours_note"),
    "For whom": ("open_to", "age_from", "age_to", "conditions"),
    "Room, and how to refer": ("capacity", "free_places", "how_to_refer"),
}
"""Heading → the questions under it, in the order in which a page asks them."""
DAYS: Mapping[str, str] = {
    "mo": "Monday",
    "tu": "Tuesday",
    "we": "Wednesday",
    "th": "Thursday",
    "fr": "Friday",
    "sa": "Saturday",
    "su": "Sunday",
}
GROUPS: Mapping[str, str] = {
    "women": "Women",
    "men": "Men",
    "children": "Children",
    "unaccompanied_children": "Unaccompanied and separated children",
    "families": "Families",
    "older_people": "Older people",
    "people_with_disabilities": "People with disabilities",
    "survivors_of_violence": "Survivors of violence",
    "families_of_missing": "Families of missing people",
}
CAPACITY: Mapping[str, str] = {
    "open": "Open: there is room",
    "limited": "Limited: ask before you send somebody",
    "full": "Full: there is no room at present",
    "closed": "Closed at present",
}
FRESHNESS: Mapping[str, str] = {
    "fresh": "Confirmed",
    "due": "To be confirmed",
    "stale": "Stale",
}
"""How long ago somebody confirmed that an entry is right."""
DOUBTS: Mapping[str, str] = {
    "withdrawn": "This service was withdrawn from the directory: choose another.",
    "stale": "Nobody has confirmed this for more than 90 days. Ask before you send somebody.",
    "full": "There was no room when it was last confirmed. Ask before you send somebody.",
    "closed": "It was closed when it was last confirmed. Ask before you send somebody.",
}
"""What whoever chooses a service is warned of."""
CONFIRMERS: Mapping[str, str] = {
    "case_manager": "a case manager",
    "administrator": "an administrator",
    "system": "the organisation's own system",
}
"""As what somebody confirmed an entry: other organisations see no more of whoever it was."""


def _clock(value: object) -> object:
    """A time of day as HH:MM, however it was typed: 9, 9:00, 9.00, digits of any script. Raises `clock_form`."""
    typed = unicodedata.normalize("NFKC", value).strip() if isinstance(value, str) else ""
    plain = "".join(str(unicodedata.decimal(one, one)) for one in typed)
    found = _TIME.fullmatch(plain)
    if found is None:
        raise PydanticCustomError("clock_form", "A time must be given as HH:MM, from 00:00 to 24:00")
    return f"{found['hour'] or 24:0>2}:{found['minute'] or '00'}"


_TIME = re.compile(r"(?P<hour>[01]?\d|2[0-3])([:.h](?P<minute>[0-5]\d))?|24([:.h]00)?", re.ASCII)


def _each_once(values: tuple[Any, ...]) -> tuple[Any, ...]:
    return tuple(dict.fromkeys(values))


Time = Annotated[str, Field(pattern=r"^([01][0-9]|2[0-3]):[0-5][0-9]$|^24:00$"), BeforeValidator(_clock)]
"""A time of day at the place."""
NeededShort = Annotated[Annotated[str, Field(max_length=SHORT_TEXT)], BeforeValidator(clean_text)]
NeededLong = Annotated[Annotated[str, Field(max_length=LONG_TEXT)], BeforeValidator(clean_text)]
Capacity = Annotated[str, Codes(CAPACITY)]
Group = Annotated[str, Codes(GROUPS)]


class Opening(Form):
    """Days on which it is open from one time to another. An end before the beginning is that of the next morning."""

    days: Annotated[tuple[Annotated[str, Codes(DAYS)], ...], Field(min_length=1), AfterValidator(_each_once)] = Field(
        title="On which days?"
    )
    opens: Time = Field(title="Opens at", description="For example 9:00.")
    closes: Time = Field(title="Closes at", description="24:00 is midnight.")

    @field_validator("closes")
    @classmethod
    def _is_open_for_a_while(cls, closes: str, known: ValidationInfo) -> str:
        if known.data.get("opens") in (closes, "24:00"):
            raise PydanticCustomError("hours_empty", "It must be open for a while")
        return closes


class ServiceIn(Form):
    """A service that people can be sent to, as it is now."""

    category: ServiceCategory = Field(title="What kind of service is it?")
    title: NeededShort = Field(title="What is it called?", description="In a few words, as you would tell a colleague.")
    provider_id: Annotated[UUID, OtherOrganisation()] | None = Field(
        None,
        title="Which organisation provides it?",
        description="Name another one only where it has nobody here who could keep this up to date.",
    )
    place: PlaceCode = Field(
        title="In which place?", description="Its code: a p-code such as LY0203, or a country such as LBY."
    )
    address: LongText = Field(None, title="Where exactly?", description="As people are told how to get there.")
    languages: Annotated[tuple[LanguageTag, ...], Field(max_length=MOST_LANGUAGES), AfterValidator(_each_once)] = Field(
        (), title="In which languages are people served?"
    )
    hours: Annotated[tuple[Opening, ...], Field(max_length=MOST_HOURS)] = Field(
        (),
        title="Opening hours",
        description="By the clock of the place. Leave it empty where there are no fixed hours.",
    )
    hours_note: LongText = Field(
        None, title="What else is there to know about the hours?", description="Holidays, appointments, seasons."
    )
    open_to: Annotated[tuple[Group, ...], AfterValidator(_each_once)] = Field(
        (), title="For whom is it?", description="Choose nothing where everybody may come."
    )
    age_from: Annotated[int, Field(strict=True, ge=0, le=OLDEST)] | None = Field(None, title="From which age?")
    age_to: Annotated[int, Field(strict=True, ge=0, le=OLDEST)] | None = Field(None, title="Up to which age?")
    conditions: LongText = Field(
        None,
        title="What else must be so?",
        description="For example residence, nationality, papers that are asked for.",
    )
    capacity: Capacity = Field(title="Is there room?")
    free_places: Annotated[int, Field(strict=True, ge=0, le=MOST_PLACES)] | None = Field(
        None, title="How many free places?"
    )
    free_of_charge: bool = Field(title="Is it free of charge?")
    how_to_refer: NeededLong = Field(
        title="How is somebody referred?",
        description="A desk, a number or an address of the service, never of a member of staff. No names of people.",
    )

    @field_validator("age_to")
    @classmethod
    def _ages_ascend(cls, age_to: int | None, known: ValidationInfo) -> int | None:
        age_from = known.data.get("age_from")
        if age_to is not None and age_from is not None and age_to < age_from:
            raise PydanticCustomError("ages_reversed", "The highest age must not be below the lowest")
        return age_to

    @field_validator("free_places")
    @classmethod
    def _has_places_while_open(cls, free_places: int | None, known: ValidationInfo) -> int | None:
        if free_places and known.data.get("capacity") in {"full", "closed"}:
            raise PydanticCustomError("places_while_full", "A full or closed service has no free place")
        return free_places


class ChosenService(BaseModel):
    """What an entry said when somebody was referred to it: it may change afterwards."""

    title: str
    place: str
    address: str | None
    how_to_refer: str
    confirmed_at: datetime
    doubts: tuple[str, ...]
    """Codes of `DOUBTS`: of what the sender was warned."""


def directory_phrases() -> Iterator[str]:
    """Every phrase of the directory, for translators."""
    yield from form_words(ServiceIn)
    yield from SECTIONS
    for words in (FRESHNESS, DOUBTS, CONFIRMERS):
        yield from words.values()
    yield from (title for title, _ in SECTORS.values())
