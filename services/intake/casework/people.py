"""Persons as case work records them: names in any script, partial dates and stated ages, relations.

Fields follow ICRC tracing forms and PFIF 1.4 (person record); disability the Washington Group short set.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Annotated, Any, cast

from pydantic import BeforeValidator, Field, model_validator
from pydantic_core import PydanticCustomError

from services.intake.casework.forms import Codes, CountryCode, Day, Form, LanguageTag, LongText, ShortText, clean_text

Sex = Annotated[str, Codes({"female": "Female", "male": "Male", "other": "Other", "unknown": "Not known"})]
AGE_BANDS = ("0-1", "2-4", "5", "6-11", "12", "13-17", "18-49", "50-59", "60-69", "70-79", "80+", "unknown")
"""Atomic bins that serve the UNHCR, IFRC and Sphere schemes."""
AGE_BAND_WORDS = {band: "Not known" if band == "unknown" else band.replace("-", "–") for band in AGE_BANDS}
_BAND_ENDS = (1, 4, 5, 11, 12, 17, 49, 59, 69, 79)
ADULT = 18
_A_YEAR = timedelta(days=366)
_Span = tuple[date, date]

NameText = Annotated[Annotated[str, Field(min_length=1, max_length=200)], BeforeValidator(clean_text)]


class Name(Form):
    """A name as it is written, in any script. Parts where they are known; not every name has a family name."""

    full: NameText = Field(title="Name", description="As it is written, in any script.")
    given: ShortText = Field(None, title="Given name")
    father: ShortText = Field(None, title="Father's name")
    grandfather: ShortText = Field(None, title="Grandfather's name")
    family: ShortText = Field(None, title="Family name")
    kind: Annotated[
        str,
        Codes(
            {
                "main": "Main name",
                "alias": "Another name",
                "nickname": "Nickname",
                "birth": "Name at birth",
                "other_spelling": "Another spelling or script",
            }
        ),
    ] = Field("main", title="What kind of name is it?")


class Birth(Form):
    """What is known of a birth: a day, a month, a year, or an age that was stated on a day."""

    year: Annotated[int, Field(strict=True, ge=1900, le=2100)] | None = Field(None, title="Year of birth")
    month: Annotated[int, Field(strict=True, ge=1, le=12)] | None = Field(None, title="Month of birth")
    day: Annotated[int, Field(strict=True, ge=1, le=31)] | None = Field(None, title="Day of birth")
    stated_age: Annotated[int, Field(strict=True, ge=0, le=120)] | None = Field(None, title="Age, as it was stated")
    stated_on: Day | None = Field(None, title="On which day was the age stated?")
    estimated: bool = Field(False, title="Is it an estimate?")

    @model_validator(mode="after")
    def _is_a_date_or_an_age(self) -> Birth:
        if (self.day is not None and self.month is None) or (self.month is not None and self.year is None):
            raise PydanticCustomError("partial_date", "Give a year, a year and month, or a whole date")
        if self.day is not None and self.month is not None and self.year is not None:
            try:
                date(self.year, self.month, self.day)
            except ValueError:
                raise PydanticCustomError("no_such_day", "There is no such day") from None
        if self.stated_age is not None and self.stated_on is None:
            raise PydanticCustomError("age_without_day", "An age needs the day on which it was stated")
        return self

    def earliest(self) -> date | None:
        """First day on which the person may have been born."""
        if self.year is not None:
            return date(self.year, self.month or 1, self.day or 1)
        if self.stated_age is not None and self.stated_on is not None:
            return _years_before(self.stated_on, self.stated_age + 1)
        return None

    def latest(self) -> date | None:
        """Last day on which the person may have been born."""
        if self.year is not None:
            if self.month is None:
                return date(self.year, 12, 31)
            return date(self.year, self.month, self.day or _days_in(self.year, self.month))
        if self.stated_age is not None and self.stated_on is not None:
            return _years_before(self.stated_on, self.stated_age)
        return None


Difficulty = Annotated[int, Field(ge=1, le=4)]
_DIFFICULTY = "1 none, 2 some, 3 a lot, 4 cannot do it at all."


class Disability(Form):
    """Washington Group short set: difficulty in six functions, 1 none, 2 some, 3 a lot, 4 cannot do at all."""

    seeing: Difficulty | None = Field(None, title="Difficulty seeing, even with glasses", description=_DIFFICULTY)
    hearing: Difficulty | None = Field(None, title="Difficulty hearing, even with a hearing aid")
    walking: Difficulty | None = Field(None, title="Difficulty walking or climbing steps")
    remembering: Difficulty | None = Field(None, title="Difficulty remembering or concentrating")
    self_care: Difficulty | None = Field(None, title="Difficulty washing all over or dressing")
    communicating: Difficulty | None = Field(None, title="Difficulty communicating in the usual language")


class PersonIn(Form):
    """A person. Everything here but sex, age band and nationality is stored encrypted under the person's own key."""

    names: Annotated[tuple[Name, ...], Field(max_length=20)] = Field(
        (), title="Names", description="A child too small to tell its name has none."
    )
    sex: Sex = Field("unknown", title="Sex")
    birth: Birth = Field(Birth(), title="Birth or age")
    nationality: CountryCode | None = Field(None, title="Nationality")
    languages: Annotated[tuple[LanguageTag, ...], Field(max_length=10)] = Field((), title="Languages")
    mother_name: ShortText = Field(None, title="Mother's name")
    father_name: ShortText = Field(None, title="Father's name")
    born_in: ShortText = Field(None, title="Place of birth")
    last_address: ShortText = Field(None, title="Last address")
    occupation: ShortText = Field(None, title="Occupation")
    marks: LongText = Field(None, title="Distinguishing marks", description="In words.")
    """No biometrics."""
    documents: Annotated[tuple[ShortText, ...], Field(max_length=10)] = Field(
        (), title="Documents", description="Kind and number of each."
    )
    disability: Disability | None = Field(None, title="Disability")
    share_with_nobody: bool = Field(
        False,
        title="Share with nobody",
        description="The person's own wish: nothing of it leaves this organisation.",
    )

    def main_name(self) -> str | None:
        """The name that lists show to the holder."""
        return next(
            (name.full for name in self.names if name.kind == "main"), self.names[0].full if self.names else None
        )


KIN = {
    "spouse": "Husband, wife or partner",
    "parent": "Mother or father",
    "child": "Son or daughter",
    "sibling": "Brother or sister",
    "grandparent": "Grandparent",
    "grandchild": "Grandchild",
    "aunt_uncle": "Aunt or uncle",
    "niece_nephew": "Niece or nephew",
    "cousin": "Cousin",
    "guardian": "Guardian",
}
RELATIONS = {
    **KIN,
    "ward": "Ward of a guardian",
    "same_household": "Member of the same household",
    "other_relative": "Another relative",
    "travel_companion": "Travel companion",
}
RelationKind = Annotated[str, Codes(RELATIONS)]
THE_OTHER_WAY = {
    "parent": "child",
    "child": "parent",
    "grandparent": "grandchild",
    "grandchild": "grandparent",
    "aunt_uncle": "niece_nephew",
    "niece_nephew": "aunt_uncle",
    "guardian": "ward",
    "ward": "guardian",
}
"""What the other is to somebody who is this to the other; any other relation is the same from both sides."""


def age_on(birth: Birth, day: date) -> int | None:
    """The age in years on a day, from the middle of what is possible; None where nothing is known."""
    earliest, latest = birth.earliest(), birth.latest()
    if earliest is None or latest is None:
        return None
    middle = earliest + (latest - earliest) / 2
    return max(0, day.year - middle.year - ((day.month, day.day) < (middle.month, middle.day)))


def could_be_one(one: PersonIn, other: PersonIn) -> bool:
    """False where sex, nationality or birth contradict each other; what is not known contradicts nothing.

    A stated age is often a year off, so births may lie a year apart.
    """
    if one.sex != other.sex and "unknown" not in {one.sex, other.sex}:
        return False
    if one.nationality and other.nationality and one.nationality != other.nationality:
        return False
    first, second = (one.birth.earliest(), one.birth.latest()), (other.birth.earliest(), other.birth.latest())
    if None in first or None in second:
        return True
    (begin, end), (other_begin, other_end) = cast("_Span", first), cast("_Span", second)
    return begin - _A_YEAR <= other_end and other_begin - _A_YEAR <= end


def may_be_minor(birth: Birth, day: date) -> bool:
    """True where the person may be under 18: the doubt speaks for the child."""
    latest = birth.latest()
    return latest is not None and _years_before(day, ADULT) < latest


def age_band(birth: Birth, day: date) -> str:
    """One of `AGE_BANDS`."""
    age = age_on(birth, day)
    if age is None:
        return "unknown"
    return next((band for band, end in zip(AGE_BANDS, _BAND_ENDS, strict=False) if age <= end), "80+")


def initials(names: Sequence[Name]) -> str:
    """How a minor, or a third person, is shown outside the holder: the first letter of each part of the main name."""
    shown = next((name.full for name in names if name.kind == "main"), names[0].full if names else "")
    return " ".join(f"{part[0]}." for part in shown.split() if part) or "?"


def _years_before(day: date, years: int) -> date:
    try:
        return day.replace(year=day.year - years)
    except ValueError:  # 29 February
        return day.replace(year=day.year - years, day=28)


def _days_in(year: int, month: int) -> int:
    following = date(year + month // 12, month % 12 + 1, 1)
    return (following - date.resolution).day


def person_dimensions(person: PersonIn, day: date, *, child: bool) -> dict[str, Any]:
    """What is kept in the clear of a person, to count by: sex, age band, nationality, whether a minor.

    `child`: the case is about this person as a child, who is a minor whatever is known of its birth.
    """
    return {
        "sex": person.sex,
        "age_band": age_band(person.birth, day),
        "nationality": person.nationality,
        "minor": child or may_be_minor(person.birth, day),
    }
