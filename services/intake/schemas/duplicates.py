"""The shapes of duplicates: warned of, decided, merged."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated
from uuid import UUID

from pydantic import BaseModel, Field

from services.intake.casework.forms import Form
from services.intake.schemas import CaseRef


class PossibleDuplicate(BaseModel):
    """A case of the own organisation that may be the same as the one submitted."""

    id: UUID
    reference: str
    likeness: float
    """Of the likest names, from 0 to 1; sex, nationality and birth do not contradict each other."""


class Submitted(CaseRef):
    """A case just submitted. It is taken in whatever it may be a duplicate of."""

    possible_duplicates: tuple[PossibleDuplicate, ...] = ()


class SamePerson(Form):
    """A person of the duplicate, and the same person in the case that is worked on."""

    person: UUID
    same_as: UUID


class MergeIn(Form):
    """The duplicate that is merged into the case of the address."""

    duplicate: UUID
    same_people: Annotated[tuple[SamePerson, ...], Field(max_length=60)] = ()


class WarningOut(BaseModel):
    """Two cases that may be the same."""

    case: CaseRef
    other: CaseRef
    noticed_at: datetime
    decided: str | None
    """merged, different; None: nobody has looked."""
    decided_by: UUID | None
    decided_at: datetime | None


class WarningList(BaseModel):
    """One page of warnings; `more` where there is another behind it."""

    items: list[WarningOut]
    more: bool
