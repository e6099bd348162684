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
    "held": "Held back",
    "sending": "Being sent",
    "delivered": "Arrived",
    "temporary-failure": "Did not arrive yet: it is tried again",
    "permanent-failure": "Did not arrive: the number or address does not work",
    "technical-failure": "Did not arrive: something failed on our side",
    "outcome-unknown": "Nobody knows whether it arrived",
    "cancelled": "Not sent",
    "expired": "Not sent: it was too late",
}
MESSAGE_REASONS: Mapping[str, tuple[str, str]] = {
    "quiet_hours": ("The family's quiet hours", "It goes out by itself when they end."),
    "paused": (
        "Your organisation paused the channel",
        "Ask whoever paused it; tell the family yourself what cannot wait.",
    ),
    "provider_rests": ("The provider asked us to wait", "It goes out by itself, later."),
    "unverified": (
        "The number may be somebody else's by now: it was asked first",
        "Ask the family whether it is still its own, and enter anew how it is told.",
    ),
    "case_held": ("The case is on hold", "It goes out by itself once the operator has looked."),
    "withdrawn": (
        "The contact was withdrawn",
        "Add another way of telling the family, if it still wants to be told.",
    ),
    "erased": ("The person was erased", ""),
    "opted_out": ("The family wants no messages", "Nothing is sent until the family itself asks for messages again."),
    "no_legal_basis": (
        "No legal basis for messages is recorded",
        "If there is one, record it under the person's Protection, consent and requests.",
    ),
    "expired": (
        "The legal basis for messages has ended",
        "If there is one, record it under the person's Protection, consent and requests.",
    ),
    "consent_withdrawn": ("Consent to messages was withdrawn", "Nothing is sent unless the person agrees again."),
    "objected": ("The person objected to messages", "Nothing is sent unless the person agrees again."),
    "no_approved_language": (
        "No language that the family understands is approved",
        "Tell the family yourself, and ask your organisation to approve a language of its.",
    ),
    "case_worker_calls": ("Nothing sends by this channel: a case worker calls", "Call the family."),
    "overtaken": ("The appointment was moved or cancelled first", ""),
    "shared_phone": ("Others read what arrives at that contact: this is not sent there", ""),
    "past": ("Its time had passed", "Call the family."),
    "nobody_answered": ("It did not arrive in three days", "Ask the family how to reach it."),
    "cannot_be_written": ("It could not be written: enter anew how the family is told", ""),
    "outcome_unknown": ("Nobody learnt in three days whether it arrived", "Ask the family."),
}
"""Why a message waits or was not sent → (in words, what a case worker does next; empty: nothing)."""
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
