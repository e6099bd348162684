"""The shapes of data protection: bases, erasures, holds, requests."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Literal
from uuid import UUID

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

from services.intake.casework.forms import Day, Form, clean_text
from shared.events.intake import BasisName, Purpose


class LegalBasisIn(Form):
    """Why a person's data may be used for a purpose."""

    purpose: Purpose
    basis: BasisName
    recipient_id: UUID | None = None
    """The organisation that may receive; left out: this organisation alone."""
    expires_on: Day | None = None
    """The last day on which it counts."""


class LegalBasisOf(LegalBasisIn):
    """The same, given with a case."""

    person: Annotated[int, Field(strict=True, ge=0)]
    """The number of one of the case's people, from 0."""


class PurposeIn(Form):
    """What a person withdraws its consent to, or objects to."""

    purpose: Purpose
    recipient_id: UUID | None = None
    """Left out: for everyone."""


class Wish(Form):
    """Whether the person wishes that nothing of it is shared."""

    wish: bool


class LegalBasisOut(BaseModel):
    """A legal basis, or the person's no."""

    model_config = ConfigDict(from_attributes=True)

    id: UUID
    purpose: str
    basis: str
    recipient_id: UUID | None
    assessed_by: UUID | None
    recorded_at: datetime
    expires_on: date | None


class MayUse(BaseModel):
    """The answer to whether something may be used."""

    allowed: bool
    ground: str
    sentence: str


class ErasureIn(Form):
    """Why a person is to be erased."""

    person_id: UUID
    reason: Literal["subject_request", "retention", "entered_in_error"]


class ErasureOut(BaseModel):
    """An erasure, and how far it has come."""

    model_config = ConfigDict(from_attributes=True)

    id: UUID
    person_id: UUID
    reason: str
    state: str
    proposed_by: UUID | None
    proposed_at: datetime
    approved_by: UUID | None
    approved_at: datetime | None
    declined_by: UUID | None
    declined_at: datetime | None


class Confirmation(BaseModel):
    """A service has erased the person from a case."""

    model_config = ConfigDict(from_attributes=True)

    service: str
    case_id: UUID
    confirmed_at: datetime


class ErasureShown(ErasureOut):
    """An erasure with what the other services have confirmed so far, case by case."""

    confirmed: list[Confirmation]


class HoldIn(Form):
    """Why a person's data is kept."""

    reason: Literal["court_order", "investigation", "complaint", "claim"]


class HoldOut(BaseModel):
    """A legal hold."""

    model_config = ConfigDict(from_attributes=True)

    id: UUID
    person_id: UUID
    reason: str
    placed_by: UUID | None
    placed_at: datetime
    lifted_by: UUID | None
    lifted_at: datetime | None


class RequestIn(Form):
    """What a person asks for."""

    kind: Literal["copy", "correct", "object", "erase"]
    received_on: Day | None = None
    """Left out: today."""
    note: Annotated[Annotated[str, Field(max_length=2000)] | None, BeforeValidator(clean_text)] = None


class Outcome(Form):
    """What became of a request."""

    outcome: Literal["done", "partly", "refused"]


class RequestOut(BaseModel):
    """A person's request, and whether its day has passed."""

    model_config = ConfigDict(from_attributes=True)

    id: UUID
    person_id: UUID
    kind: str
    received_on: date
    due_on: date
    answered_at: datetime | None
    outcome: str | None
    overdue: bool


class DuePerson(BaseModel):
    """Somebody whose every case is closed for longer than its kind is kept."""

    model_config = ConfigDict(from_attributes=True)

    id: UUID


class RetentionOut(BaseModel):
    """What retention finds due: proposals for two people, and open cases to look at."""

    persons: list[DuePerson]
    reviews: list[UUID]
