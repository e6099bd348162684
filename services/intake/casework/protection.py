"""Data protection in a case worker's words: why data may be used, what a person may ask for, and how it ends.

The codes are those of the facts (`shared.events.intake`) and of the interface for programs (`schemas.protection`).
"""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from pydantic import BeforeValidator, Field, ValidationInfo, field_validator
from pydantic_core import PydanticCustomError

from services.intake.casework.forms import Codes, Day, Form, OtherOrganisation, clean_text

PURPOSES = {
    "tracing": "To look for missing people",
    "sharing": "To share it with another organisation",
    "notification": "To tell the family",
    "reporting": "To count it in reports, without names",
    "assistance": "To give help",
}
BASES = {
    "consent": "The person agrees",
    "vital_interest": "It may save a life, and the person cannot be asked",
    "public_interest": "It is our task under humanitarian law",
    "legitimate_interest": "It is needed for our work, and harms nobody",
}
STOP_WORDS = {"withdrawal": "The person took its consent back", "objection": "The person objected"}
REQUESTS = {
    "copy": "A copy of everything that is held",
    "correct": "A correction",
    "object": "That the data is not used",
    "erase": "To be erased",
}
OUTCOMES = {"done": "Done as asked", "partly": "Done in part", "refused": "Refused, and the person was told why"}
HOLDS = {
    "court_order": "A court orders it",
    "investigation": "An investigation goes on",
    "complaint": "A complaint is not yet decided",
    "claim": "A legal claim may follow",
}
ERASURES = {
    "subject_request": "The person asks for it",
    "retention": "It was kept as long as it is needed",
    "entered_in_error": "It was entered in error",
    "proposed": "proposed",
    "erased": "erased",
    "declined": "declined",
}
_OTHERS = "Leave it open where it is for our own organisation alone."
Purpose = Annotated[str, Codes(PURPOSES)]


Basis = Annotated[str, Codes(BASES)]
ASSESSED = "Consent counts only from somebody who could say no, and knew for what it is."


class AskUse(Form):
    """Why a person's data may be used by our own organisation: asked once, while a case is written."""

    purposes: Annotated[tuple[Purpose, ...], Field(max_length=len(PURPOSES))] = Field(
        (),
        title="For what may this person's data be used?",
        description="Without a reason it is used for nothing. More can be recorded later, under Protection.",
    )
    basis: Basis | None = Field(None, title="Why may it be used?", description=ASSESSED, validate_default=True)

    @field_validator("basis")
    @classmethod
    def _together(cls, value: str | None, others: ValidationInfo) -> str | None:
        if value is None and others.data.get("purposes"):
            raise PydanticCustomError("missing_basis", "Say why the data may be used")
        if value is not None and not others.data.get("purposes", True):
            raise PydanticCustomError("no_purpose", "Say for what the data may be used")
        return value


class AskBasis(Form):
    """Why a person's data may be used for a purpose."""

    purpose: Purpose = Field(title="For what may the data be used?")
    basis: Basis = Field(title="Why may it be used?", description=ASSESSED)
    recipient_id: Annotated[UUID, OtherOrganisation()] | None = Field(
        None, title="Which other organisation may use it?", description=_OTHERS
    )
    expires_on: Day | None = Field(
        None, title="What is the last day on which this counts?", description="Leave it empty where there is none."
    )


class AskStop(Form):
    """What a person takes its consent back for, or objects to."""

    purpose: Purpose = Field(title="For what may the data no longer be used?")
    recipient_id: Annotated[UUID, OtherOrganisation()] | None = Field(
        None,
        title="By which other organisation?",
        description="Leave it open where it is meant for everyone, ourselves too.",
    )


class AskWish(Form):
    """Whether the person wishes that nothing of it is shared."""

    wish: bool = Field(
        title="Does this person want to share with nobody?",
        description="Yes: nothing of it leaves this organisation. No: it may leave again only where the person agrees.",
    )


class AskRequest(Form):
    """What a person asks for."""

    kind: Annotated[str, Codes(REQUESTS)] = Field(title="What does the person ask for?")
    received_on: Day | None = Field(
        None, title="On which day did the person ask?", description="Empty: today. It is answered within 30 days."
    )
    note: Annotated[Annotated[str, Field(max_length=2000)] | None, BeforeValidator(clean_text)] = Field(
        None, title="What exactly?", description="In the person's own words, as far as they help."
    )


class AskOutcome(Form):
    """What became of a request."""

    outcome: Annotated[str, Codes(OUTCOMES)] = Field(title="What became of it?")


class AskHold(Form):
    """Why a person's data is kept."""

    reason: Annotated[str, Codes(HOLDS)] = Field(title="Why must the data be kept?")


class AskErasure(Form):
    """Why a person is to be erased."""

    reason: Annotated[
        str, Codes({code: ERASURES[code] for code in ("subject_request", "retention", "entered_in_error")})
    ] = Field(title="Why is the person to be erased?")


PROTECTION_FORMS = (AskUse, AskBasis, AskStop, AskWish, AskRequest, AskOutcome, AskHold, AskErasure)
