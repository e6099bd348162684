"""What stands in the database as a code, in words: marked for the catalogues, said in the reader's language."""

from __future__ import annotations

from babel import Locale

from shared.access import Role
from shared.pages import Language, marked

STATUSES = {
    "created": marked("Waits to be sent"),
    "held": marked("Held back"),
    "sending": marked("On its way"),
    "delivered": marked("Delivered"),
    "temporary-failure": marked("Failed, is tried again"),
    "permanent-failure": marked("Failed for good"),
    "technical-failure": marked("Failed by a fault of ours"),
    "outcome-unknown": marked("Nobody knows whether it arrived"),
    "cancelled": marked("Not sent"),
    "expired": marked("Given up"),
}
TAGS = {
    "delivered": "govuk-tag--green",
    "permanent-failure": "govuk-tag--red",
    "technical-failure": "govuk-tag--red",
    "outcome-unknown": "govuk-tag--yellow",
    "expired": "govuk-tag--red",
    "cancelled": "govuk-tag--grey",
}
"""Status → the colour of its tag; the words say the same without it."""
OUTCOMES = {**STATUSES, "accepted": marked("Accepted by the provider")}
REASONS = {
    "quiet_hours": marked("The family's quiet hours"),
    "case_held": marked("The case is on hold"),
    "paused": marked("Your organisation paused the channel"),
    "provider_rests": marked("The provider asked us to wait"),
    "unverified": marked("The number may be somebody else's by now: it was asked first"),
    "no_approved_language": marked("No language that the family understands is approved"),
    "case_worker_calls": marked("Nothing sends by this channel: a case worker calls"),
    "nobody_answered": marked("It did not arrive in three days"),
    "outcome_unknown": marked("Nobody learnt in three days whether it arrived"),
    "withdrawn": marked("The contact was withdrawn"),
    "opted_out": marked("The family wants no messages"),
    "past": marked("Its time had passed"),
    "shared_phone": marked("Others read what arrives at that contact: this is not sent there"),
    "overtaken": marked("The appointment was moved or cancelled first"),
    "cannot_be_written": marked("It could not be written: enter anew how the family is told"),
    "erased": marked("The person was erased"),
    "no_legal_basis": marked("No legal basis for messages is recorded"),
    "expired": marked("The legal basis for messages has ended"),
    "consent_withdrawn": marked("Consent to messages was withdrawn"),
    "objected": marked("The person objected to messages"),
    "share_with_nobody": marked("The person wants to share with nobody"),
    "authority_recipient": marked("It would have gone to an authority"),
}
CHANNELS = {
    "sms": marked("Text message"),
    "email": marked("E-mail"),
    "voice": marked("Call by a case worker"),
    "file": marked("File"),
}
KINDS = {
    "receipt": marked("Receipt of the request"),
    "with_us": marked("The request is with us"),
    "news": marked("News: please get in touch"),
    "appointment": marked("Appointment"),
    "appointment_changed": marked("Appointment moved"),
    "appointment_cancelled": marked("Appointment cancelled"),
    "digest": marked("Several messages in one"),
    "contact_check": marked("Is this still the right number?"),
    "opt_out_confirmed": marked("Messages ended"),
    "opt_in_confirmed": marked("Messages begin again"),
    "help": marked("Answer to a request for help"),
    "unknown_sender": marked("Answer to an unknown sender"),
    "reply_received": marked("Receipt of a reply"),
    "get_in_touch": marked("What is said instead where others read what arrives"),
    "import_finished": marked("An import has ended"),
}
DEEDS = {
    "approved": marked("Approved"),
    "withdrawn": marked("Approval withdrawn"),
    "paused": marked("Paused"),
    "resumed": marked("Resumed"),
}
POST_STATUSES = {**STATUSES, "sent": marked("The mail server has it")}
"""Of mails with reports."""
POST_TAGS = {**TAGS, "sent": "govuk-tag--green"}
POST_REASONS = {
    "file_missing": marked("One of the files could not be made"),
    "file_damaged": marked("One of the files did not arrive whole"),
    "another_issue": marked("The files were not those of the published issue"),
    "too_large": marked("The files are too large for a mail: send them in another way"),
    "no_mail_server": marked("This installation has no mail server"),
    "mail_server": marked("The mail server did not take it"),
    "refused": marked("The address does not take it"),
    "bounced": marked("It came back"),
    "no_answer": marked("The mail server did not say whether it has it: ask whether it arrived"),
    "restored": marked("It may have been sent before a backup was restored: ask whether it arrived"),
    "ended": marked("The address was ended first"),
    "no_address": marked("The address cannot be read: add it again"),
}
BETWEEN = marked("Something between organisations")
ROLES = {
    Role.CASE_MANAGER: marked("Case manager"),
    Role.CHILD_PROTECTION_OFFICER: marked("Child protection officer"),
    Role.DATA_PROTECTION_OFFICER: marked("Data protection officer"),
    Role.ADMINISTRATOR: marked("Administrator"),
    Role.FINANCE_OFFICER: marked("Finance officer"),
    Role.REPORT_APPROVER: marked("Report approver"),
    Role.AUDITOR: marked("Auditor"),
}
"""Those who open these pages: tokens carry no names."""


def kind_in_words(kind: str | None) -> str:
    """What a message is about, to be said in a language; empty where it may not be told."""
    return "" if kind is None else KINDS.get(kind, BETWEEN)


def reason_in_words(reason: str | None) -> str:
    """Why it waits or ended, to be said in a language; a code that has no words yet is better than nothing."""
    return "" if reason is None else REASONS.get(reason, reason.replace("_", " "))


def language_in(language: Language, tag: str) -> str:
    """The name of a language in the reader's (CLDR)."""
    name = Locale.parse(tag).get_display_name(language.locale) or tag
    return name[:1].upper() + name[1:]
