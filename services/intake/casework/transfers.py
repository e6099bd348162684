"""Transfers: another organisation takes a case over, with its history and its keys; and the steps of either kind.

The steps are those of a referral (`casework.referrals`), and two differ: who accepts a transfer is responsible from
then on, so that it cannot be taken back; and it is complete when the people know who is responsible now. Who offers or
accepts one answers for the organisation. That a transfer ends the sender's responsibility, and a referral does not, is
the distinction of *Inter-agency Guidelines for Case Management and Child Protection* (Child Protection Working Group,
2014).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Literal
from uuid import UUID

from pydantic import Field

from services.intake.casework.common import Question
from services.intake.casework.forms import Codes, CountryCode, Form, OtherOrganisation, PersonalText
from services.intake.casework.life_cycle import MANAGERS
from services.intake.casework.protection import PURPOSES
from services.intake.casework.referrals import (
    DECLINED_FOR,
    REFERRED,
    STEPS,
    URGENCIES,
    WAITS_FOR_ANSWER,
    Reply,
    Side,
    Step,
)

Kind = Literal["referral", "transfer"]
WHOLE_FILE = "whole_file"
"""What an agreement must name before a case can be handed over under it."""

WHY_TRANSFERRED: Mapping[str, str] = {
    "person_moved": "The person has moved to where the other organisation works",
    "family_lives_there": "The family lives where the other organisation works",
    "their_mandate": "The case falls under the other organisation's mandate",
    "person_asks": "The person asks for it",
    "office_closes": "Our work here ends",
}
TRANSFER_DECLINED_FOR: Mapping[str, str] = {
    "no_capacity": DECLINED_FOR["no_capacity"],
    "out_of_area": DECLINED_FOR["out_of_area"],
    "no_language": DECLINED_FOR["no_language"],
    "not_our_mandate": "The case does not fall under our mandate",
    "not_safe": DECLINED_FOR["not_safe"],
    "known_already": "We work on a case of this person already",
}
TRANSFER_REVOKED_FOR: Mapping[str, str] = {
    "person_declined": "The person does not want it any more",
    "we_keep_it": "We go on with the case ourselves",
    "another_organisation": "Another organisation takes it over",
    "offered_in_error": "It was offered in error",
}
TRANSFER_ENDED_AS: Mapping[str, str] = {
    "people_told": "The people of the case know who is responsible now",
    "people_not_reached": "The people of the case could not be reached yet",
}

TRANSFER_STEPS = (
    Step("acknowledge", "Say that you have seen it", "receiver", ("offered",), "acknowledged"),
    Step("accept", "Take the case over", "receiver", ("offered", "acknowledged"), "accepted", roles=MANAGERS),
    Step(
        *("decline", "Decline it", "receiver", ("offered", "acknowledged"), "declined"),
        reasons=TRANSFER_DECLINED_FOR,
        roles=MANAGERS,
    ),
    Step(
        *("ask", "Ask for information", "receiver", ("offered", "acknowledged"), "information_requested"),
        form=Question,
    ),
    Step("answer", "Answer the question", "sender", ("information_requested",), "acknowledged", form=Reply),
    Step("hand_over", "Say that papers and contacts were handed over", "sender", ("accepted",), "handed_over"),
    Step(
        *("complete", "Complete it", "receiver", ("accepted", "handed_over"), "completed"),
        reasons=TRANSFER_ENDED_AS,
    ),
    Step(
        *("revoke", "Take it back", "sender", tuple(sorted(WAITS_FOR_ANSWER)), "revoked"),
        reasons=TRANSFER_REVOKED_FOR,
        roles=MANAGERS,
    ),
)
STEPS_OF: Mapping[str, tuple[Step, ...]] = {"referral": STEPS, "transfer": TRANSFER_STEPS}


def step_named(kind: str, name: str) -> Step | None:
    """The step of that name of a referral or transfer."""
    return next((one for one in STEPS_OF[kind] if one.name == name), None)


def steps_from(kind: str, state: str, side: Side) -> tuple[Step, ...]:
    """What that side may do now."""
    return tuple(one for one in STEPS_OF[kind] if one.side == side and state in one.sources)


SHOWN_FIRST: Mapping[str, str] = {name: words for name, words in REFERRED.items() if name != "attachments"}
"""What can be shown while the receiver decides; photos and documents come with the whole file."""


class AskTransfer(Form):
    """A case is offered to another organisation, which is to be responsible for it."""

    receiver_id: Annotated[UUID, OtherOrganisation()] = Field(
        title="Which organisation is to take the case over?",
        description="Those with whom an agreement is in force that allows transfers.",
    )
    why: Annotated[str, Codes(WHY_TRANSFERRED)] = Field(title="Why is the case handed over?")
    purpose: Annotated[str, Codes(PURPOSES)] = Field(title="For what may it use the data?")
    country: CountryCode | None = Field(
        None, title="In which country are the people now?", description="An agreement may cover only some."
    )
    urgency: Annotated[str, Codes(URGENCIES)] = Field("medium", title="How urgent is it?")
    fields: Annotated[
        tuple[Annotated[str, Codes(SHOWN_FIRST)], ...], Field(min_length=1, max_length=len(SHOWN_FIRST))
    ] = Field(
        title="What does it need to know before it decides?",
        description="This is shown while it decides. Whoever accepts takes the whole case over.",
    )
    note: PersonalText = Field(
        None,
        title="What else must it know before it decides?",
        description="Written for the receiver: name nobody whom it need not know.",
    )


TRANSFER_FORMS = (AskTransfer,)
TRANSFER_WORDS: Mapping[str, str] = {
    **WHY_TRANSFERRED,
    **TRANSFER_DECLINED_FOR,
    **TRANSFER_REVOKED_FOR,
    **TRANSFER_ENDED_AS,
}
"""What the codes of transfers are called, where a referral calls them otherwise."""
TRANSFER_TITLES: Mapping[str, str] = {one.name: one.title for one in TRANSFER_STEPS}
