"""Red Cross message: family news on an open form, collected, checked, carried, delivered, answered.

ICRC, *Restoring Family Links in disasters: field manual* (2009), Red Cross messages: family or private news alone;
a message that cannot be delivered goes back to the sender, who is told. A death is never told by a message, nor by the
reason for which one comes back.
"""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from services.intake.casework.case_type import CaseType, PersonRole
from services.intake.casework.common import ADD_NOTE, MetAt, reopening
from services.intake.casework.forms import (
    Code,
    Codes,
    CountryCode,
    Form,
    LanguageTag,
    NeededText,
    OwnAffair,
    PastDay,
    PersonalName,
    PersonalText,
    PlaceCode,
)
from services.intake.casework.history import REOPEN, Asked, History, Need, recorded
from services.intake.casework.life_cycle import Deed, LifeCycle, Move


class MessageDetails(Form):
    """Where the message was collected, and where it is to go."""

    collected_at: MetAt = Field(title="Where was the message collected?")
    collected_on: PastDay = Field(title="On which day?")
    collected_in: PlaceCode | None = Field(None, title="In which place?")
    goes_to_country: CountryCode = Field(title="To which country does it go?")
    goes_to: PlaceCode | None = Field(None, title="To which place does it go?")
    address: PersonalName = Field(None, title="Where is the addressee to be found?")
    language: LanguageTag | None = Field(None, title="In which language is it written?")
    encloses: Annotated[
        tuple[
            Annotated[str, Codes({"photo": "A photo", "document": "An official document", "drawing": "A drawing"})], ...
        ],
        Field(max_length=3),
    ] = Field((), title="What is enclosed?")
    grant: Annotated[Code | None, OwnAffair()] = Field(
        None,
        title="Which grant pays for it?",
        description="The grant's code, as finance uses it: the message counts in the report to its donor.",
    )
    message: PersonalText = Field(
        None, title="What does the message say?", description="Family news alone. Leave it out where paper is carried."
    )


class Check(Form):
    """The message was read for family news only."""

    result: Annotated[
        str,
        Codes(
            {
                "family_news_only": "Family news only",
                "other_content": "It holds more than family news",
                "unreadable": "It cannot be read",
                "address_missing": "The address is missing",
            }
        ),
    ] = Field(title="What does the check say?")


class DeliveryAttempt(Form):
    """An attempt to deliver."""

    how: Annotated[str, Codes({"visit": "By a visit", "phone": "By phone", "through_others": "Through others"})] = (
        Field(title="How did you try?")
    )
    tried_on: PastDay = Field(title="On which day?")


class Reply(Form):
    """The addressee's answer, on the second part of the form."""

    replied_on: PastDay = Field(title="On which day?")
    reply: PersonalText = Field(
        None, title="What does the reply say?", description="Leave it out where paper is carried."
    )


class SenderTold(Form):
    """The sender was told that the message could not be delivered."""

    told_on: PastDay = Field(title="On which day?")
    how: Annotated[str, Codes({"in_person": "In person", "by_phone": "By phone", "letter": "By letter"})] = Field(
        title="How was the sender told?"
    )


class Rewritten(Form):
    """The sender wrote the message anew."""

    message: NeededText = Field(title="What does the message say now?")


def _checked(deed: str, sentence: str) -> Need:
    """The newest check found family news only."""

    def met(history: History, _asked: Asked) -> bool:
        last = history.last(deed)
        return last is not None and last.facts.get("result") == "family_news_only"

    return Need(f"{deed}_passed", sentence, met)


CHECKED = _checked("check_message", "Check the message for family news only first.")
REPLY_CHECKED = _checked("check_reply", "Check the reply for family news only first.")
NOT_FAMILY_NEWS = Need(
    "check_failed",
    "Record the check that the message did not pass first.",
    lambda history, _asked: (
        (last := history.last("check_message")) is not None and last.facts.get("result") != "family_news_only"
    ),
)
TRIED = Need(
    "delivery_tried",
    "Record at least one attempt to deliver it first.",
    lambda history, _asked: bool(history.since(REOPEN, "send").all("attempt_delivery")),
)
REPLY_COLLECTED = recorded("collect_reply", "Record the reply first.")
SENDER_TOLD = recorded("tell_sender", "Tell the sender first that it could not be delivered.")

LIFE_CYCLE = LifeCycle(
    states={
        "collected": "Collected, and not yet checked",
        "with_sender": "Given back to the sender, to be written anew",
        "checked": "Checked: family news only",
        "sent": "On its way",
        "delivered": "Delivered to the addressee",
        "returned": "It could not be delivered, and came back",
        "reply_sent": "The reply is on its way to the sender",
        "answered": "The reply was delivered to the sender",
        "closed": "Work on it has ended",
    },
    closed=frozenset({"closed"}),
    moves=(
        Move("approve", "Let it go: family news only", ("collected",), "checked", needs=(CHECKED,)),
        Move("give_back", "Give it back to the sender", ("collected",), "with_sender", needs=(NOT_FAMILY_NEWS,)),
        Move(
            "collect_again",
            "Collect it again",
            ("with_sender",),
            "collected",
            needs=(
                Need(
                    "rewritten",
                    "Record what the sender wrote anew first.",
                    lambda history, _asked: bool(history.since("give_back").all("rewrite_message")),
                ),
            ),
        ),
        Move("send", "Send it", ("checked",), "sent"),
        Move(
            "deliver",
            "Say that it was delivered",
            ("sent",),
            "delivered",
            reasons={"handed_over": (), "read_aloud": (), "by_phone": ()},
        ),
        Move(
            "return",
            "Say that it came back",
            ("sent",),
            "returned",
            reasons={
                "addressee_not_found": (TRIED,),
                "moved_away": (TRIED,),
                "not_accepted": (TRIED,),
                "no_access": (),
            },
        ),
        Move("send_again", "Send it again", ("returned",), "sent"),
        Move("send_reply", "Send the reply", ("delivered",), "reply_sent", needs=(REPLY_COLLECTED, REPLY_CHECKED)),
        Move("deliver_reply", "Say that the reply was delivered", ("reply_sent",), "answered"),
        Move("close", "Close it", ("answered",), "closed", reasons={"reply_delivered": ()}),
        Move("close", "Close it", ("reply_sent",), "closed", reasons={"no_further_means": ()}),
        Move("close", "Close it", ("delivered",), "closed", reasons={"no_reply": ()}),
        Move("close", "Close it", ("returned",), "closed", reasons={"sender_told": (SENDER_TOLD,)}),
        Move(
            "close",
            "Close it",
            ("collected", "with_sender", "checked"),
            "closed",
            reasons={"withdrawn": (), "entered_in_error": ()},
        ),
        reopening("collected"),
    ),
    deeds=(
        ADD_NOTE,
        Deed("check_message", "Check the message", form=Check),
        Deed("rewrite_message", "Record what the sender wrote anew", form=Rewritten),
        Deed("attempt_delivery", "Record an attempt to deliver", form=DeliveryAttempt),
        Deed("collect_reply", "Record the reply", form=Reply),
        Deed("check_reply", "Check the reply", form=Check),
        Deed("tell_sender", "Record that the sender was told", form=SenderTold),
    ),
)

RED_CROSS_MESSAGE = CaseType(
    name="red_cross_message",
    title="Red Cross message",
    details=MessageDetails,
    life_cycle=LIFE_CYCLE,
    people={
        "sender": PersonRole("Sender", least=1, most=1, principal=True),
        "addressee": PersonRole("Addressee", least=1, most=1),
    },
    happened_on="collected_on",
    place="collected_in",
)
