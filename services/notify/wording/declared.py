"""What leads to which message to a family: one table. What is not in it says nothing to anybody."""

from __future__ import annotations

from services.notify.wording.kinds import (
    Appointment,
    AppointmentCancelled,
    AppointmentChanged,
    ContactCheck,
    Digest,
    HelpAnswer,
    Kind,
    News,
    OptInConfirmed,
    OptOutConfirmed,
    Receipt,
    ReplyReceived,
    UnknownSender,
    WithUs,
)


def kind_for(cause: str) -> type[Kind] | None:
    """The kind of message to which an event type, a `job:` or a `reply:` leads; None: nothing is said."""
    return DECLARED.get(cause)


DECLARED: dict[str, type[Kind]] = {
    "family_contact.registered": Receipt,
    "family_contact.changed": Receipt,
    "appointment.set": Appointment,
    "appointment.changed": AppointmentChanged,
    "appointment.cancelled": AppointmentCancelled,
    "news.released": News,
    "family.opted_out": OptOutConfirmed,
    "family.opted_in": OptInConfirmed,
    "family.replied": ReplyReceived,
    "job:with_us": WithUs,
    "job:contact_check": ContactCheck,
    "job:digest": Digest,
    "reply:help": HelpAnswer,
    "reply:unknown_sender": UnknownSender,
}
"""Cause → kind; the urgency is the kind's.

- A receipt goes to a contact when it is registered, and again when a change brings a number or address that it did not
  have. The family sees it arrive while the case worker is with it. A contact check comes later, from the job alone:
  for a number that counts as unverified after long silence or a permanent failure. A check on the first day would only
  ask a family to prove itself.
- Whoever is registered later is told of the appointments that were set before and still lie ahead.
- Who was never told of an appointment is told of no change of it, but of the new one, and of no cancellation.
- Closing a case sends nothing, nor does a change of status, a match, or a death: whether a message goes out never
  depends on them. `family.told` sends nothing either: a person was there.
- Where others read what arrives, every kind with a code is said as `GetInTouch`, whatever its cause, and a receipt is
  not sent.
- STOP and START become `family.opted_out` and `family.opted_in`; what follows on them is said once, here.
- The periodic "with us" goes on unchanged after `news.released`, until the case is closed.
"""
