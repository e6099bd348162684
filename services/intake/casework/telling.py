"""Who is told in which type of case, and what the codes of telling families are called, in a case worker's words."""

from __future__ import annotations

from collections.abc import Mapping

REACHED: Mapping[str, tuple[str, ...]] = {
    "tracing_request": ("enquirer",),
    "registration": ("registered",),
    "child": ("child", "caregiver", "relative"),
    "detention": ("detainee", "relative"),
    "protection_incident": ("survivor",),
    "assistance": ("assisted",),
    "red_cross_message": ("sender",),
}
"""Type of case → the roles of those who are told: who asked, or who has nobody asking for him. The sought person of a
tracing request is none: a message would tell that somebody looks for it."""
CHANNELS: Mapping[str, str] = {"sms": "Text message", "email": "E-mail", "voice": "Call"}
REPLY_CHANNELS: Mapping[str, str] = {"sms": "Text message", "email": "E-mail", "page": "On the family page"}
INTENTS: Mapping[str, str] = {
    "reply": "Wrote to you",
    "safe": "Says: I am safe",
    "not_missing": "Says: I am not missing",
    "share_with_nobody": "Says: share with nobody",
    "change_contact": "Asks to be reached otherwise",
}
MESSAGE_STATES: Mapping[str, str] = {
    "created": "Written, not yet sent",
    "held": "Held back: the case is on hold",
    "sending": "Being sent",
    "delivered": "Arrived",
    "temporary-failure": "Did not arrive yet: it is tried again",
    "permanent-failure": "Did not arrive: the number or address does not work",
    "technical-failure": "Did not arrive: something failed on our side",
    "outcome-unknown": "Nobody knows whether it arrived",
    "cancelled": "Not sent: nothing allows it any more",
    "expired": "Not sent: it was too late",
}
TELL_THE_FAMILY = "tell_the_family"
ATTENTION: Mapping[str, str] = {
    TELL_THE_FAMILY: "Tell the family the released news; look first whether it still stands",
    "no_approved_language": "Tell the family yourself: no approved text is in a language that it understands",
    "no_way_to_reach": "Ask the family how to reach it: no message can be sent",
    "not_delivered": "Ask the family how to reach it: a message did not arrive",
    "outcome_unknown": "Ask the family whether a message arrived: nobody knows",
    "call_the_family": "Call the family",
    "unverified_contact": "Check with the family whether the number or address is still its own",
}
"""Why a case worker must do something, as what is to be done."""
COMPLAINTS: Mapping[str, str] = {
    "staff": "About a member of the staff",
    "messages": "About the messages",
    "service": "About a service",
    "other": "About something else",
}
