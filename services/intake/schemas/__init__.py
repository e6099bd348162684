"""The shapes that intake accepts and answers."""

from __future__ import annotations

from collections import Counter
from datetime import datetime
from typing import Annotated, Any, Literal, Union, cast
from uuid import UUID

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    TypeAdapter,
    create_model,
    field_validator,
    model_validator,
)
from pydantic_core import PydanticCustomError

from services.intake.casework import CASE_TYPES, CaseType
from services.intake.casework.forms import Code, Form
from services.intake.casework.mass_incident import INCIDENT_KINDS, LARGEST_COUNT, IncidentIn
from services.intake.casework.people import PersonIn, RelationKind
from services.intake.schemas.own_fields import OwnAnswersOut
from services.intake.schemas.protection import LegalBasisOf


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
    own: Annotated[dict[str, Any], Field(max_length=100)] = Field(
        {}, description="Answers to the organisation's own fields: GET /own-fields/{case_type} tells which there are."
    )

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
    own: OwnAnswersOut | None = None
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
    """None: a system, or somebody of an organisation that had the case before."""
    former_holder_id: UUID | None
    """The organisation whose change it was, where the case was transferred since."""
    what: str
    reason: str | None
    status: str
    facts: dict[str, Any] | None

    @classmethod
    def told(cls, entry: object) -> TimelineOut:
        """An entry without the staff of another organisation."""
        out = cls.model_validate(entry)
        return out if out.former_holder_id is None else out.model_copy(update={"user_id": None})


def incident_out(row: object) -> IncidentIn:
    """The stored facts in the shape in which they were sent."""
    return IncidentIn.model_construct(**{name: getattr(row, name) for name in IncidentIn.model_fields})


__all__ = [
    "CASES_IN",
    "CASE_IN",
    "CASE_SHAPES",
    "INCIDENT_KINDS",
    "LARGEST_COUNT",
    "PEOPLE_CASES",
    "CaseOut",
    "CasePersonIn",
    "CaseRef",
    "IncidentCaseIn",
    "IncidentIn",
    "PeopleCaseIn",
    "PersonOut",
    "Reason",
    "RelationIn",
    "RelationOut",
    "SubmittedCase",
    "TimelineOut",
    "incident_out",
]
