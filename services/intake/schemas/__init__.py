"""The shapes that intake accepts and answers."""

from __future__ import annotations

from collections import Counter
from datetime import date, datetime
from typing import Annotated, Any, Literal, Union, cast
from uuid import UUID

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    TypeAdapter,
    ValidationInfo,
    create_model,
    field_validator,
    model_validator,
)
from pydantic_core import PydanticCustomError

from services.intake.casework import CASE_TYPES, CaseType
from services.intake.casework.forms import Code, Day, Form, LongText, ShortText
from services.intake.casework.people import PersonIn, RelationKind
from services.intake.schemas.protection import LegalBasisOf

LARGEST_COUNT = 1_000_000

Count = Annotated[int, Field(strict=True, ge=0, le=LARGEST_COUNT)]
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

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True, str_strip_whitespace=True)

    occurred_from: Day = Field(
        description="First day on which it may have happened. IOM: the estimated date of death; where that is not "
        "known, the day the body was found or the day a witness reported. Month and year are always "
        "recorded.",
    )
    occurred_to: Day = Field(
        description="Last day on which it may have happened, inclusive: `occurred_from` itself where the day is "
        "known, the end of the month where only the month is. IOM dates a cumulative incident by the "
        "last day of its period.",
    )
    dead: Count | None = Field(
        None,
        description="People confirmed dead: bodies recovered (IOM “Number of Dead”; a minimum estimate, blank = "
        "unknown).",
    )
    missing: Count | None = Field(
        None,
        description="People missing and presumed dead, as after a shipwreck: people on board less survivors and "
        "bodies recovered (IOM “Minimum Estimated Number of Missing”; blank = none reported, so "
        "unknown).",
    )
    survivors: Count | None = Field(
        None,
        description="People known to have survived (IOM “Number of Survivors”; blank = unknown).",
    )
    females: Count | None = Field(
        None,
        description="Women and girls among the dead and missing (IOM “Number of Females”; blank = unknown).",
    )
    males: Count | None = Field(
        None,
        description="Men and boys among the dead and missing (IOM “Number of Males”; blank = unknown).",
    )
    children: Count | None = Field(
        None,
        description="People under 18 among the dead and missing (IOM “Number of Children”; blank = unknown). They "
        "are counted among females and males too where their sex is known.",
    )
    kind: IncidentKind = Field(
        "incident",
        description="IOM “Incident Type”: one incident; one of several entries into which an incident was split; "
        "a total over a period that the source does not break down by incident.",
    )
    route: ShortText = Field(
        None,
        description="The migration route, in the source's words (IOM “Migration route”; blank = unknown).",
    )
    region: ShortText = Field(None, description="The region in which it happened (IOM “Region of Incident”).")
    region_of_origin: ShortText = Field(
        None,
        description="Where the people came from (IOM “Region of Origin”; “(P)” there means presumed from the place).",
    )
    countries_of_origin: LongText = Field(
        None,
        description="Countries the people came from, in the source's words (IOM “Country of Origin”; may name "
        "several).",
    )
    cause: ShortText = Field(None, description="What the people died of (IOM “Cause of Death”).")
    place: LongText = Field(
        None,
        description="Where it happened, in words (IOM “Location of death”). Most places are approximate.",
    )
    source: LongText = Field(None, description="Who reported it (IOM “Information Source”; may name several).")
    latitude: Latitude | None = Field(
        None,
        description="Degrees north, WGS 84. IOM: often the nearest known place, not the exact one.",
    )
    longitude: Longitude | None = Field(
        None,
        description="Degrees east, WGS 84. IOM: often the nearest known place, not the exact one.",
    )

    @field_validator("occurred_to")
    @classmethod
    def _ends_after_it_begins(cls, value: date, seen: ValidationInfo) -> date:
        """On the field, not on the model, so that it is reported together with all other errors."""
        begin = seen.data.get("occurred_from")
        if begin is not None and value < begin:
            raise PydanticCustomError("dates_reversed", "occurred_to must not lie before occurred_from")
        return value


class IncidentCaseIn(BaseModel):
    """A mass incident as an organisation submits it."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    type: Literal["mass_incident"]
    incident: IncidentIn


class CasePersonIn(Form):
    """A person's part in a submitted case."""

    role: Code
    """One of the roles that the case's type declares."""
    person: PersonIn


class RelationIn(Form):
    """`person` is the `kind` of `other`; both are numbers of the case's people, from 0."""

    person: Annotated[int, Field(strict=True, ge=0)]
    other: Annotated[int, Field(strict=True, ge=0)]
    kind: RelationKind


class PeopleCaseIn(BaseModel):
    """A case about people, as an organisation submits it. Each type has its own `details`."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True, defer_build=True)

    type: str
    details: Form
    people: Annotated[tuple[CasePersonIn, ...], Field(max_length=60)] = ()
    relations: Annotated[tuple[RelationIn, ...], Field(max_length=200)] = ()
    legal_bases: Annotated[tuple[LegalBasisOf, ...], Field(max_length=200)] = ()

    @field_validator("relations")
    @classmethod
    def _relates_no_pair_twice(cls, value: tuple[RelationIn, ...]) -> tuple[RelationIn, ...]:
        counted = Counter((one.person, one.other) for one in value)
        for number, one in enumerate(value):
            if counted[one.person, one.other] > 1:
                raise PydanticCustomError(
                    "related_twice",
                    "Relation {number} (from 0) is given again: one person is one kind of another",
                    {"number": number},
                )
        return value

    @model_validator(mode="after")
    def _has_the_people_it_needs(self) -> PeopleCaseIn:
        roles = CASE_TYPES[self.type].people
        counted = Counter(one.role for one in self.people)
        if counted.keys() - roles.keys():
            raise PydanticCustomError(
                "unknown_role", "people: only these roles are known here: {roles}", {"roles": ", ".join(roles)}
            )
        for name, role in roles.items():
            if counted[name] < role.least or counted[name] > (role.most or len(self.people)):
                raise PydanticCustomError(
                    "people_count",
                    "people: {role} must be given {least} to {most} times",
                    {"role": name, "least": role.least, "most": role.most or "any number of"},
                )
        if any(max(r.person, r.other) >= len(self.people) or r.person == r.other for r in self.relations):
            raise PydanticCustomError("unknown_person", "relations: each must relate two people of this case")
        if any(one.person >= len(self.people) for one in self.legal_bases):
            raise PydanticCustomError("unknown_person", "legal_bases: each must name one of this case's people")
        return self


def _shape_of(kind: CaseType) -> type[PeopleCaseIn]:
    title = "".join(word.title() for word in kind.name.split("_"))
    return create_model(
        f"{title}CaseIn",
        __base__=PeopleCaseIn,
        __doc__=f"{kind.title}: as an organisation submits it.",
        type=(cast("Any", Literal[kind.name]), ...),
        details=(kind.details, ...),
    )


PEOPLE_CASES: dict[str, type[PeopleCaseIn]] = {
    name: _shape_of(kind) for name, kind in CASE_TYPES.items() if name != "mass_incident"
}
SubmittedCase = IncidentCaseIn | PeopleCaseIn
CASE_SHAPES: dict[str, TypeAdapter[Any]] = {
    name: TypeAdapter(PEOPLE_CASES.get(name, IncidentCaseIn)) for name in CASE_TYPES
}
"""The shape of a submitted case by its `type`."""
_LATER = ConfigDict(defer_build=True)
"""Made when first used, as `PeopleCaseIn` is: the forms of every type together are a twentieth of a start."""
_ANY_CASE: Any = Annotated[Union[IncidentCaseIn, *PEOPLE_CASES.values()], Field(discriminator="type")]
CASE_IN: TypeAdapter[SubmittedCase] = TypeAdapter(_ANY_CASE, config=_LATER)
"""For documents alone: errors of a union name the type in their place; `CASE_SHAPES` validate."""
CASES_IN: TypeAdapter[list[SubmittedCase]] = TypeAdapter(list[_ANY_CASE], config=_LATER)


class Reason(BaseModel):
    """Why a case is moved."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    reason: Code | None = None


class CaseRef(BaseModel):
    """A case in a list, or just submitted."""

    model_config = ConfigDict(from_attributes=True)

    id: UUID
    reference: str
    type: str
    status: str
    version: int
    created_at: datetime
    merged_into: UUID | None = None
    """The case that is worked on instead of this duplicate."""


class PersonOut(BaseModel):
    """A person of a case, as its holder sees it."""

    id: UUID
    role: str
    person: PersonIn | None
    """None: erased."""


class RelationOut(BaseModel):
    """`person_id` is the `kind` of `other_id`."""

    model_config = ConfigDict(from_attributes=True)

    person_id: UUID
    other_id: UUID
    kind: str


class CaseOut(CaseRef):
    """A case with its facts."""

    incident: IncidentIn | None = None
    details: dict[str, Any] | None = None
    people: list[PersonOut] = []
    relations: list[RelationOut] = []
    held_by: list[str]
    """The services that hold the case: they send and share nothing for it until an operator has looked."""


class TimelineOut(BaseModel):
    """One change of a case."""

    model_config = ConfigDict(from_attributes=True)

    case_id: UUID
    """The case itself, or a duplicate that was merged into it."""
    number: int
    at: datetime
    user_id: UUID | None
    what: str
    reason: str | None
    status: str
    facts: dict[str, Any] | None


def incident_out(row: object) -> IncidentIn:
    """The stored facts in the shape in which they were sent."""
    return IncidentIn.model_construct(**{name: getattr(row, name) for name in IncidentIn.model_fields})
