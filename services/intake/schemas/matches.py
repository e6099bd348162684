"""The shapes of matches."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Literal
from uuid import UUID

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

from services.intake.casework.forms import NARRATIVE, Code, Day, Form, PastDay, clean_text

SideName = Literal["holder", "enquirer"]


class MatchStepIn(Form):
    """One act on a match: a reason where the act wants one, and what the decision rests on or is asked in `text`.

    A release also says how the relationship was verified, and that the person was asked; who looks further says by
    when.
    """

    reason: Code | None = None
    text: Annotated[Annotated[str, Field(max_length=NARRATIVE)] | None, BeforeValidator(clean_text)] = None
    relationship_verified: bool | None = None
    verified_by: Code | None = None
    person_agrees: bool | None = None
    asked_on: PastDay | None = None
    by: Day | None = None


class MatchOut(BaseModel):
    """A match, without what the two records say. What the enquirer's side may not know is null there."""

    model_config = ConfigDict(from_attributes=True)

    id: UUID
    reference: str
    sides: list[SideName]
    """Which of the two the reader's organisation is; both, where it has both records."""
    case_id: UUID | None
    """The own case: of who holds both, the found person's."""
    other_case_id: UUID | None
    """The tracing request, where that is the own too."""
    other_organisation_id: UUID
    state: str
    version: int
    band: str
    probability: float
    child: bool
    proposed_at: datetime | None
    """Null for the enquirer's side: it does not learn how long the other has thought."""
    released_at: datetime | None
    confirmed_at: datetime | None
    due_at: datetime | None
    reminded: bool
    reason: str | None
    again: bool
    """The pair was rejected or withdrawn before, and facts have changed since. Always false for the enquirer's side."""


class MatchPage(BaseModel):
    """One page of matches, the newest first; `next` asks for the page behind it."""

    items: list[MatchOut]
    next: UUID | None


class Value(BaseModel):
    """Something that a record says, as it may be shown: as text, as a code of its kind, or as a birth."""

    of: Literal["text", "sex", "country", "place", "birth", "relation"]
    text: str | None = None
    code: str | None = None
    field: str | None = None
    """Of a place: the question that it answers, as `born_in` or `last_known_country`."""
    year: int | None = None
    month: int | None = None
    day: int | None = None
    stated_age: int | None = None
    stated_on: date | None = None
    estimated: bool = False


class TermOut(BaseModel):
    """What one comparison says, in bits: above 0 for the same person, below 0 for two. `reason`: a code of
    `matching.comparing.REASONS`, which has its words."""

    evidence: Literal["strong", "partial", "unknown", "different"]
    reason: str
    bits: float


class FieldOut(BaseModel):
    """One field of the two records side by side. `shown` is false where the agreement does not let it through: then
    neither the other side's values nor what was found of them is told."""

    field: str
    sought: list[Value]
    found: list[Value]
    shown: bool
    evidence: Literal["strong", "partial", "unknown", "different"] | None
    """The strongest of the terms."""
    bits: float | None
    """Their sum."""
    terms: list[TermOut]


class MatchStepOut(BaseModel):
    """What happened, on which side. Staff of the other side are not named."""

    number: int
    at: datetime
    side: SideName | None
    user_id: UUID | None
    what: str
    reason: str | None
    text: str | None


class MatchOffer(BaseModel):
    """What the reader may do now."""

    name: str
    side: SideName
    title: str
    reasons: list[str]
    """One of these is to be given, where there are any. Each step also wants a text."""


class MatchShown(MatchOut):
    """A match with both records side by side, its history, and what the reader may do now."""

    fields: list[FieldOut]
    hidden_because: str | None
    """Why the other side's record is not shown: `over`, `refused`, `erased`."""
    agrees_to: str | None
    """What the found person agreed to, once it is released."""
    of_dead: bool
    """Released, and a death is confirmed in the holder's case: there was nobody to be asked."""
    history: list[MatchStepOut]
    possible: list[MatchOffer]
