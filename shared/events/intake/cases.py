"""Facts about cases. They carry codes and ids: never a name, a place of a person, or a word that somebody wrote."""

from __future__ import annotations

from datetime import date, datetime
from typing import ClassVar
from uuid import UUID

from pydantic import BaseModel, ConfigDict

from shared.events.envelope import Event


class PersonFigures(BaseModel):
    """One person of a case, as it is counted: without any token of the person."""

    model_config = ConfigDict(frozen=True, hide_input_in_errors=True)

    role: str
    sex: str = "unknown"
    age_band: str = "unknown"
    nationality: str | None = None


class _CaseFact(Event):
    SOURCES: ClassVar[tuple[str, ...]] = ("intake",)

    case_id: UUID
    case_type: str


class CaseSubmitted(_CaseFact):
    """An organisation took a case in."""

    TYPE: ClassVar[str] = "case.submitted"

    status: str
    submitted_on: date
    place: str | None = None
    """Admin p-code or country of the event that the case is about."""
    people: tuple[PersonFigures, ...] = ()


class CaseUpdated(_CaseFact):
    """Something of the case was changed or recorded that changes no status: what, never how it reads now."""

    TYPE: ClassVar[str] = "case.updated"

    what: str
    """`record` for whatever was recorded on it, else update, assign, add_person …: which deed would say too much."""
    version: int
    place: str | None = None
    """With `update`: the place as it is now."""
    people: tuple[PersonFigures, ...] | None = None
    """Where the people were changed: how they are counted now. None: as before."""


class CaseStatusChanged(_CaseFact):
    """The case moved in its life cycle."""

    TYPE: ClassVar[str] = "case.status_changed"

    move: str
    was: str
    status: str
    version: int


class CaseMerged(_CaseFact):
    """A person found the case to be a duplicate: another one of the same organisation is worked on instead."""

    TYPE: ClassVar[str] = "case.merged"

    into: UUID


class CaseMergeUndone(_CaseFact):
    """They are two cases after all."""

    TYPE: ClassVar[str] = "case.merge_undone"

    out_of: UUID


class CaseClosed(_CaseFact):
    """The work on the case has ended."""

    TYPE: ClassVar[str] = "case.closed"

    reason: str | None = None
    """To count by. No message may depend on it."""
    closed_on: date


class NewsReleased(Event):
    """There is news for the family. Never which: the event is the same for every outcome."""

    TYPE: ClassVar[str] = "news.released"
    SOURCES: ClassVar[tuple[str, ...]] = ("intake",)

    case_id: UUID


class FamilyTold(Event):
    """A case worker told the family."""

    TYPE: ClassVar[str] = "family.told"
    SOURCES: ClassVar[tuple[str, ...]] = ("intake",)

    case_id: UUID
    told_on: date


class AppointmentSet(Event):
    """A person is expected at a day and time."""

    TYPE: ClassVar[str] = "appointment.set"
    SOURCES: ClassVar[tuple[str, ...]] = ("intake",)

    case_id: UUID
    at: datetime
    how: str


class AppointmentChanged(Event):
    """An appointment was moved to another day or time."""

    TYPE: ClassVar[str] = "appointment.changed"
    SOURCES: ClassVar[tuple[str, ...]] = ("intake",)

    case_id: UUID
    was: datetime
    at: datetime
    how: str


class AppointmentCancelled(Event):
    """An appointment does not take place."""

    TYPE: ClassVar[str] = "appointment.cancelled"
    SOURCES: ClassVar[tuple[str, ...]] = ("intake",)

    case_id: UUID
    at: datetime
