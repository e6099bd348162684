"""Referrals: another organisation is asked for a service, and the case stays with who asked.

The steps are those of inter-agency referral pathways (IASC, *Inter-Agency Referral Form and Guidance Note*, 2017;
Global Protection Cluster, *Inter-agency minimum standards for GBV*, standard 7): offered, acknowledged, accepted or
declined for a stated reason, handed over, completed. Who is silent is reminded, and what nobody answers goes back.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import Field, ValidationInfo, field_validator
from pydantic_core import CoreSchema, PydanticCustomError, core_schema

from services.intake.casework.common import Question
from services.intake.casework.forms import (
    AttachmentOfCase,
    Codes,
    CountryCode,
    Day,
    Form,
    NeededText,
    OtherOrganisation,
    PersonalText,
)
from services.intake.casework.life_cycle import CASE_WORK
from services.intake.casework.own_fields import MOST_SHARED, OWN_CODE
from services.intake.casework.protection import PURPOSES
from services.intake.casework.service_delivery import ServiceCategory
from shared.access import Role

Side = Literal["sender", "receiver"]

FIELDS: Mapping[str, str] = {
    "names": "Names (of a minor: initials)",
    "sex": "Sex",
    "birth": "Birth or age",
    "nationality": "Nationality",
    "languages": "Languages",
    "mother_name": "Mother's name (initials)",
    "father_name": "Father's name (initials)",
    "born_in": "Place of birth",
    "last_address": "Last address",
    "occupation": "Occupation",
    "marks": "Distinguishing marks",
    "documents": "Documents",
    "disability": "Disability",
    "facts": "What is coded about the case: never a story",
    "third_persons": "Other people of the case: initials, sex and age alone",
    "attachments": "Photos and documents, chosen one by one",
    "whole_file": "The whole case, when it is handed over: people, history and documents",
}
"""What an agreement may let through. `casework.sharing` makes less of some of it, whatever an agreement says."""
REFERRED: Mapping[str, str] = {name: words for name, words in FIELDS.items() if name != "whole_file"}
"""What can be ticked: the whole case goes by a transfer alone (`casework.transfers`)."""
OF_PERSON = tuple(name for name in REFERRED if name not in {"facts", "third_persons", "attachments"})


@dataclass(frozen=True, eq=False)
class FieldCodes(Codes):
    """The fields of every case, and own fields of an organisation, each named by itself."""

    def __get_pydantic_core_schema__(self, _source: Any, _handler: Any) -> CoreSchema:
        return core_schema.no_info_after_validator_function(self._known, core_schema.str_schema())

    def __get_pydantic_json_schema__(self, _schema: CoreSchema, _handler: Any) -> dict[str, Any]:
        return {"type": "string", "anyOf": [{"enum": list(self.words)}, {"pattern": rf"^{OWN_CODE.pattern}$"}]}

    def _known(self, value: str) -> str:
        if value not in self.words and not OWN_CODE.fullmatch(value):
            raise PydanticCustomError("literal_error", "Give one of the fields, or `own:type.name` for an own field")
        return value


MOST_NAMED = Field(min_length=1, max_length=len(FIELDS) + MOST_SHARED)

LINK_FIELDS = frozenset({"names", "sex", "birth", "languages", "disability"})
"""What a provider without an account may be shown by a link: enough to know whom to expect."""

URGENCIES: Mapping[str, str] = {
    "high": "High: answer within a day",
    "medium": "Medium: answer within three days",
    "low": "Low: answer within a week",
}


@dataclass(frozen=True)
class Times:
    """How long the receiver may be silent."""

    acknowledge: timedelta
    answer: timedelta


TIMES: Mapping[str, Times] = {
    "high": Times(timedelta(hours=4), timedelta(days=1)),
    "medium": Times(timedelta(days=1), timedelta(days=3)),
    "low": Times(timedelta(days=2), timedelta(days=7)),
}
"""After the first, both sides' managers see it; after the second it goes back to who sent it. The answer times are
those of the IASC's guidance note for high, medium and low priority."""

STATES: Mapping[str, str] = {
    "offered": "Offered, not yet looked at",
    "acknowledged": "Seen by the receiver",
    "information_requested": "The receiver asked something",
    "accepted": "Accepted",
    "handed_over": "Handed over",
    "completed": "Completed",
    "declined": "Declined",
    "revoked": "Taken back",
    "expired": "Nobody answered in time",
}
OPEN = frozenset({"offered", "acknowledged", "information_requested", "accepted", "handed_over"})
WAITS_FOR_ANSWER = frozenset({"offered", "acknowledged", "information_requested"})
"""What goes back to the sender when nobody answers."""
SHOWN_TO_RECEIVER = OPEN | {"completed"}
"""While what was shared is shown to the receiver."""
DECLINED_FOR: Mapping[str, str] = {
    "no_capacity": "We have no place at present",
    "not_eligible": "The person is not among those whom we can help",
    "not_our_service": "We do not give this service",
    "out_of_area": "The person is too far away",
    "no_language": "We do not speak the person's language",
    "not_safe": "It would not be safe for the person",
    "known_already": "We help this person already",
}
REVOKED_FOR: Mapping[str, str] = {
    "person_declined": "The person does not want it any more",
    "not_needed": "It is no longer needed",
    "another_provider": "Another organisation does it",
    "offered_in_error": "It was offered in error",
}
ENDED_AS: Mapping[str, str] = {
    "service_given": "The service was given",
    "given_in_part": "It was given in part",
    "did_not_come": "The person did not come",
    "person_declines": "The person declines further help",
}


class Reply(Form):
    """The sender's answer."""

    text: NeededText = Field(title="What do you answer?", description="The receiver reads exactly this.")


@dataclass(frozen=True)
class Step:
    """One act of one of the two sides."""

    name: str
    title: str
    side: Side
    sources: tuple[str, ...]
    target: str
    reasons: Mapping[str, str] = field(default_factory=dict)
    form: type[Form] | None = None
    roles: frozenset[Role] = CASE_WORK


class AskUpdate(Form):
    """What is sent beside the fields that are shared, when the receiver is brought up to date."""

    note: PersonalText = Field(
        None,
        title="What else must it know now?",
        description="Written for the receiver: name nobody whom it need not know. It takes the place of what you wrote "
        "before.",
    )


STEPS = (
    Step("acknowledge", "Say that you have seen it", "receiver", ("offered",), "acknowledged"),
    Step("accept", "Accept it", "receiver", ("offered", "acknowledged"), "accepted"),
    Step("decline", "Decline it", "receiver", ("offered", "acknowledged"), "declined", reasons=DECLINED_FOR),
    Step(
        "ask",
        "Ask for information",
        "receiver",
        ("offered", "acknowledged"),
        "information_requested",
        form=Question,
    ),
    Step("answer", "Answer the question", "sender", ("information_requested",), "acknowledged", form=Reply),
    Step("hand_over", "Say that the person was handed over", "sender", ("accepted",), "handed_over"),
    Step("complete", "Complete it", "receiver", ("accepted", "handed_over"), "completed", reasons=ENDED_AS),
    Step("revoke", "Take it back", "sender", tuple(sorted(OPEN)), "revoked", reasons=REVOKED_FOR),
)
STEP_WORDS: Mapping[str, str] = {
    "offer": "Offered",
    "acknowledge": "Seen",
    "accept": "Accepted",
    "decline": "Declined",
    "ask": "Asked for information",
    "answer": "Answered",
    "hand_over": "Handed over",
    "complete": "Completed",
    "revoke": "Taken back",
    "update": "What is shared was brought up to date",
    "remind": "Nobody has looked at it: both sides' managers were told",
    "expire": "Nobody answered in time: it went back to the sender",
}
"""What stands in a referral's history."""


def due_after(state: str, urgency: str, *, reminded: bool) -> timedelta | None:
    """How long a referral may stay in that state before something must happen, counted from its offer, or from the
    answer to a question; None where nothing waits for an answer."""
    if state not in WAITS_FOR_ANSWER:
        return None
    times = TIMES[urgency]
    return times.acknowledge if state == "offered" and not reminded else times.answer


class AskAgreement(Form):
    """A data-sharing agreement: what two organisations may tell each other, for what, and until when.

    What it must say follows ICRC, *Handbook on Data Protection in Humanitarian Action*, 2nd ed., chapter 4.
    """

    partner_id: Annotated[UUID, OtherOrganisation()] = Field(title="With which organisation?")
    purposes: Annotated[tuple[Annotated[str, Codes(PURPOSES)], ...], Field(min_length=1, max_length=len(PURPOSES))] = (
        Field(title="For what may data be shared?")
    )
    fields: Annotated[tuple[Annotated[str, FieldCodes(FIELDS)], ...], MOST_NAMED] = Field(
        title="What may be shared?",
        description="No more than these purposes need. Stories stay at home whatever stands here.",
    )
    countries: Annotated[tuple[CountryCode, ...], Field(max_length=50)] = Field(
        (),
        title="In which countries may the partner help people with it?",
        description="Empty: wherever the partner works.",
    )
    valid_from: Day = Field(title="What is the first day on which it counts?")
    valid_to: Day | None = Field(
        None, title="What is the last day on which it counts?", description="Empty: until one side ends it."
    )

    @field_validator("valid_to")
    @classmethod
    def _in_order(cls, value: Any, others: ValidationInfo) -> Any:
        first = others.data.get("valid_from")
        if value is not None and first is not None and value < first:
            raise PydanticCustomError("dates_reversed", "The last day lies before the first day")
        return value


class AskReferral(Form):
    """What is offered to another organisation, and how much of the case it learns."""

    receiver_id: Annotated[UUID, OtherOrganisation()] = Field(
        title="Which organisation is asked?", description="Those with whom an agreement is in force."
    )
    purpose: Annotated[str, Codes(PURPOSES)] = Field(title="For what may it use the data?")
    service: ServiceCategory = Field(title="Which service is asked for?")
    service_entry_id: UUID | None = Field(
        None,
        title="Which service of the directory is it?",
        description="Of the organisation that is asked, and of this kind. Empty: another service of it.",
    )
    country: CountryCode | None = Field(
        None, title="In which country is the person to be helped?", description="An agreement may cover only some."
    )
    urgency: Annotated[str, Codes(URGENCIES)] = Field("medium", title="How urgent is it?")
    fields: Annotated[tuple[Annotated[str, FieldCodes(REFERRED)], ...], MOST_NAMED] = Field(
        title="What does it need to know?",
        description="Only what stands in the agreement is shared, and never more than is ticked here.",
    )
    attachments: Annotated[tuple[Annotated[UUID, AttachmentOfCase()], ...], Field(max_length=20)] = Field(
        (),
        title="Which photos and documents may it see?",
        description="Those of a minor, of other people of the case, and of the case as a whole are not offered: they "
        "would show more than is shared.",
    )
    note: PersonalText = Field(
        None,
        title="What else must it know?",
        description="Written for the receiver: name nobody whom it need not know.",
    )


REFERRAL_FORMS = (AskAgreement, AskReferral, AskUpdate, Question, Reply)
REFERRAL_WORDS: Mapping[str, str] = {**STATES, **DECLINED_FOR, **REVOKED_FOR, **ENDED_AS, **URGENCIES, **FIELDS}
"""What the codes of referrals are called. Some are codes of case work too, and called otherwise there."""
STEP_TITLES: Mapping[str, str] = {one.name: one.title for one in STEPS}
