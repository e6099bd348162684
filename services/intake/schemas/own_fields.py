"""The shapes of own fields, and of what a case answered to them."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from pydantic import BaseModel

from services.intake.casework.own_answers import OwnAnswers
from services.intake.casework.own_fields import words_in


class OwnFieldsOut(BaseModel):
    """One version of what an organisation asks on a type of case. Version 0: nothing was asked yet."""

    case_type: str
    version: int
    fields: dict[str, Any] | None
    """The JSON Schema (2020-12); null where nothing more is asked."""
    made_at: datetime | None
    made_by: UUID | None


class EarlierAnswer(BaseModel):
    """An answer that the newest version, under which the case was answered since, has no place for."""

    version: int
    name: str
    title: str
    value: Any


class OwnAnswersOut(BaseModel):
    """What a case answered to its organisation's own fields, and under which version of them."""

    version: int
    answers: dict[str, Any]
    earlier: list[EarlierAnswer]


def own_out(kept: OwnAnswers | None) -> OwnAnswersOut | None:
    """As its holder sees it."""
    if kept is None:
        return None
    earlier = [
        EarlierAnswer(version=one.version, name=one.name, title=words_in(one.field, "") or one.name, value=one.value)
        for one in kept.earlier
    ]
    return OwnAnswersOut(version=kept.version, answers=dict(kept.answers), earlier=earlier)
