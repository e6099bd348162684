"""The shapes of changes to a case."""

from __future__ import annotations

from typing import Annotated, Any
from uuid import UUID

from pydantic import BaseModel, Field, TypeAdapter

from services.intake.casework.forms import Form
from services.intake.casework.people import RelationKind
from services.intake.schemas import CaseRef


class RelatedIn(Form):
    """`person` is the `kind` of `other`; both are people of the case."""

    person: UUID
    other: UUID
    kind: RelationKind


RELATIONS_IN: TypeAdapter[list[RelatedIn]] = TypeAdapter(Annotated[list[RelatedIn], Field(max_length=400)])


class PersonAdded(CaseRef):
    """The case as it is now, and who was added."""

    person_id: UUID


class MergePatch(BaseModel):
    """Some fields with their new values; null takes a value away (JSON Merge Patch, RFC 7396)."""

    model_config = {"extra": "allow"}


def patched(was: dict[str, Any], patch: dict[str, Any]) -> dict[str, Any]:
    """A flat document with a merge patch applied."""
    return {name: value for name, value in {**was, **patch}.items() if value is not None}
