"""The shapes of agreements and referrals."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

from services.intake.casework.forms import NARRATIVE, Code, Form, ReferenceCode, clean_text
from services.intake.casework.service_directory import ChosenService


class AgreementOut(BaseModel):
    """An agreement. `state`: proposed, declined, not_yet, in_force, over."""

    model_config = ConfigDict(from_attributes=True)

    id: UUID
    organisation_id: UUID
    receiver_id: UUID
    purposes: list[str]
    fields: list[str]
    own_titles: dict[str, Any] | None
    """Of own fields among them: what they were called when it was proposed."""
    countries: list[str]
    valid_from: date
    valid_to: date | None
    proposed_at: datetime
    signed_at: datetime | None
    paper: str | None
    declined_at: datetime | None
    ended_at: datetime | None
    state: str


class PaperIn(Form):
    """The paper that a provider without an account signed."""

    paper: ReferenceCode


class LinkIn(Form):
    """For how many days a link is good."""

    days: Annotated[int, Field(strict=True, ge=1, le=14)] = 7


class LinkOut(BaseModel):
    """A link, whose address is told this once."""

    path: str
    ends_at: datetime


class StepIn(Form):
    """One act on a referral: a reason where the act wants one, a text for a question or an answer."""

    reason: Code | None = None
    text: Annotated[Annotated[str, Field(max_length=NARRATIVE)] | None, BeforeValidator(clean_text)] = None


class ReferralOut(BaseModel):
    """A referral, without what is shared under it. `due_at`: when the silence ends."""

    model_config = ConfigDict(from_attributes=True)

    id: UUID
    reference: str
    kind: Literal["referral", "transfer"]
    case_id: UUID | None
    """The sender's case; left out for the receiver, until it has taken the case over."""
    case_reference: str | None
    """Of a case that was handed over: what both sides call it."""
    organisation_id: UUID
    receiver_id: UUID
    purpose: str
    service: str
    """A category of service; of a transfer: `whole_file`."""
    service_entry_id: UUID | None
    chosen: ChosenService | None
    """What the entry of the service directory said when it was chosen, and what there was to doubt of it."""
    why: str | None
    """Why a case is handed over."""
    country: str | None
    urgency: str
    fields: list[str]
    state: str
    version: int
    offered_at: datetime
    due_at: datetime | None
    reminded: bool
    reason: str | None


class ReferralPage(BaseModel):
    """One page of referrals, the newest first; `next` asks for the page behind it."""

    items: list[ReferralOut]
    next: UUID | None


class LeftOut(BaseModel):
    """Somebody whom the case is about and who is not shared, and why not."""

    person_id: UUID
    ground: str
    sentence: str


class PreviewOut(BaseModel):
    """Exactly what the receiver would be shown. Nothing was sent."""

    agreement_id: UUID
    fields: list[str]
    shared: dict[str, Any]
    shown_until: date | None
    left_out: list[LeftOut]
    doubts: tuple[str, ...]
    """What to warn of before somebody is referred to the service that was chosen: stale, full, closed."""


class StepOut(BaseModel):
    """What happened, on which side. Staff of the other side are not named."""

    number: int
    at: datetime
    side: Literal["sender", "receiver"] | None
    user_id: UUID | None
    what: str
    reason: str | None
    text: str | None


class ReferralShown(ReferralOut):
    """A referral with what is shared, its history, and what the reader's side may do now."""

    shared: dict[str, Any] | None
    shared_at: datetime | None
    hidden_because: str | None
    """Why nothing is shown: a ground of `may-use`, `over` or `agreement_over`."""
    history: list[StepOut]
    possible: list[str]
