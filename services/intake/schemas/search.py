"""The shapes of searches and their answers."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated
from uuid import UUID

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

from services.intake.casework.forms import Code, clean_text
from services.intake.casework.people import Name, Sex
from services.intake.schemas import CaseRef


class CaseInList(CaseRef):
    """A case as lists show it: nothing of a person."""

    place: str | None
    happened_on: date | None
    assigned_to: UUID | None
    due_on: date | None


class CaseList(BaseModel):
    """One page of cases. `next` is the `after` of the next page, null on the last."""

    items: list[CaseInList]
    next: str | None


class NameSearch(BaseModel):
    """A name to be looked for, in any script and order, perhaps misspelt. It travels in a body, never in an address."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    name: Annotated[Annotated[str, Field(min_length=1, max_length=200)], BeforeValidator(clean_text)]
    type: Code | None = None
    limit: Annotated[int, Field(strict=True, ge=1, le=50)] = 20


class FoundPerson(BaseModel):
    """A person of a case whose name is like the one asked for."""

    case: CaseRef
    person_id: UUID
    role: str
    names: tuple[Name, ...]
    sex: Sex
    age_band: str
    nationality: str | None
    likeness: float
    """From 0 to 1: of the spelling of the two names, and of nothing else."""
    why: tuple[str, ...]
    """two_names, sounds_alike, one_letter_apart: what the names have in common."""


class FoundPersons(BaseModel):
    """The likest first. Each person in it is recorded as seen."""

    items: list[FoundPerson]


class ViewOut(BaseModel):
    """A read of somebody's personal data."""

    model_config = ConfigDict(from_attributes=True)

    at: datetime
    user_id: UUID | None
    """None: an organisation's system."""
    case_id: UUID | None
    person_id: UUID | None
    purpose: str
    position: int | None


class ViewList(BaseModel):
    """One page of views. `next` is the `after` of the next page, null on the last."""

    items: list[ViewOut]
    next: int | None
