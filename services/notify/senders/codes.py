"""What providers' codes mean for a message: declared tables, each with its source.

`permanent-failure`: this address will never take a message of ours (it does not exist, or its owner asked for that).
`technical-failure`: our own mistake (credentials, sender, content, registration): another try is no use until a person
has acted. `temporary-failure`: later it may arrive; so it is where credit has run out, since somebody tops it up within
the hours in which we try. **A code of no table is temporary**: a family is tried again rather than given up for a word
we do not know.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from services.notify.domain.statuses import Result

_SHORT_NUMBER = re.compile(r"[0-9]{1,5}")

PERMANENT: Result = "permanent-failure"
TEMPORARY: Result = "temporary-failure"
TECHNICAL: Result = "technical-failure"


def meaning(table: Mapping[str, Result], code: str | None) -> Result:
    """What a provider's code says about the message."""
    return table.get(code or "", TEMPORARY)


def shown(table: Mapping[str, Result], code: str | None) -> str | None:
    """The code as operators may see it: of the table or a short number, else "unlisted" (it could be anything, also an
    address)."""
    if not code or code == "0":
        return None
    return code if code in table or _SHORT_NUMBER.fullmatch(code) else "unlisted"


def _table(**codes: str) -> dict[str, Result]:
    """Code → meaning, from meaning → codes separated by blanks."""
    kinds: dict[str, Result] = {"permanent": PERMANENT, "temporary": TEMPORARY, "technical": TECHNICAL}
    return {code: kinds[kind] for kind, listed in codes.items() for code in listed.split()}


TWILIO = _table(
    # 21211 and 21614 no valid (mobile) number; 21610 opted out; 21635, 30006 landline; 30004 blocked by the recipient;
    # 30005 unknown handset; 30011 not supported by the receiving number
    permanent="21211 21217 21610 21614 21635 30004 30005 30006 30011",
    # 20429 too many requests; 21611, 30001 queue full; 30003 unreachable; 30008 unknown; 30009 segment missing;
    # 30017 congestion; 30022, 30023, 30027 rates and daily limits; 30036 validity expired; 30410 provider timed out
    temporary="20429 20500 20503 21611 30001 30003 30008 30009 30017 30022 30023 30026 30027 30036 30410",
    # 20003 credentials; 212xx and 216xx sender or text; 21408 region not permitted; 21612 no route from this sender;
    # 30002 account suspended; 30007 filtered; 30010 price; 30018, 30024, 30032, 30034 sender not registered
    technical="20001 20003 20008 20403 20404 21201 21212 21408 21421 21601 21602 21603 21604 21605 21606 21607 21608 "
    "21612 21617 21618 21619 21620 21622 21703 21704 30002 30007 30010 30012 30018 30019 30024 30032 30034 30035 30038 "
    "30039 30044",
)
"""Twilio, "Error and Warning Dictionary", https://www.twilio.com/docs/api/errors"""

VONAGE_SENDING = _table(
    permanent="6 7 33",  # unrecognised prefix, barred number, number de-activated
    temporary="1 5 9 10 13",  # throttled, internal error, credit, too many binds, communication failed
    technical="2 3 4 8 11 12 14 15 16 19 20 22 23 29 32",  # parameters, credentials, sender, signature
)
"""Vonage, "Troubleshooting SMS", https://developer.vonage.com/messaging/sms/guides/troubleshooting-sms"""

VONAGE_RECEIPT = _table(
    permanent="3 4 9 12 13 14",  # no longer active, barred by the user, opted out, no such number, age, blocked
    temporary="1 2 5 7 8 11 15 16 99",  # unknown, absent now, ported, busy, network, no route, credit, quota, other
    technical="6 10 39 50 51 52 53 54",  # spam filter, illegal message, sender, filters of India's registry
)
"""Vonage, "Delivery Receipts", section "DLR error codes",
https://developer.vonage.com/messaging/sms/guides/delivery-receipts"""

AFRICAS_TALKING_SENDING = _table(
    permanent="403 404 406",  # invalid number, unsupported type of number, on the blacklist
    # held for risk, credit, could not route, internal error, gateway error; 409 outside the hours of a sender id
    temporary="401 405 407 409 500 501",
    technical="402 502",  # sender id, rejected by gateway
)
"""Africa's Talking, "Send SMS", list of status codes, https://developers.africastalking.com/docs/sms/sending/bulk;
100 (processed), 101 (sent) and 102 (queued) are success. That page was not read by us in the original: numbers and
names are those on which public clients of the provider agree; 409 is told of on the page of its notifications."""

AFRICAS_TALKING_RECEIPT = _table(
    permanent="UserInBlackList UserInBlacklist NotNetworkSubcriber NotNetworkSubscriber UserDoesNotExist",
    temporary="UserIsInactive AbsentSubscriber DeliveryFailure InsufficientCredit UserAccountSuspended "
    "DoNotDisturbRejection",
    technical="InvalidLinkId UserNotSubscribedToProduct InvalidSenderId",
)
"""Africa's Talking, "Delivery reports", failure reasons, http://docs.africastalking.com/sms/deliveryreports, spelled as
there (`NotNetworkSubcriber`). The spelling without its slip is ours, as are `UserInBlacklist` and `InvalidSenderId`,
which are codes of sending. `InsufficientCredit` is the subscriber's. Of its newer page, "SMS notifications",
https://developers.africastalking.com/docs/sms/notifications, we know the text by a copy: `AbsentSubscriber` and
`Expired` are statuses there (`africastalking._STATUSES`), and `DoNotDisturbRejection` says that a promotional sender id
was used in Nigeria between 8 in the evening and 8 in the morning."""

AFRICAS_TALKING_WORDS = _table(
    permanent="InvalidPhoneNumber UserInBlacklist UnsupportedNumberType",
    temporary="RiskHold InsufficientBalance CouldNotRoute DoNotDisturbRejection InternalServerError GatewayError",
    technical="InvalidSenderId RejectedByGateway InvalidUsername InvalidRequest",
)
"""The same codes where the whole request is answered with one word instead of recipients. The last two stand in no list
that we found: whatever they are called, they are our own mistake."""

MAIL = _table(
    # 1.1, 1.2, 1.3 no such mailbox, system, or address; 1.6 moved; 1.10 null MX; 2.1 disabled; 4.4 no route (no such
    # domain); 6.7 and 1.9 an address beyond ASCII; 7.13 account disabled
    permanent="5.1.0 5.1.1 5.1.2 5.1.3 5.1.4 5.1.6 5.1.10 5.2.1 5.4.4 5.6.7 5.1.9 5.7.13",
    # mailbox full, system full or not accepting now, no answer, congestion, expired: said for ever, true for a while
    temporary="5.2.0 5.2.2 5.3.0 5.3.1 5.3.2 5.4.0 5.4.1 5.4.2 5.4.3 5.4.5 5.4.7 5.2.4",
    # our sender, size, protocol, content, authentication and the policies against us
    technical="5.1.7 5.1.8 5.2.3 5.3.3 5.3.4 5.3.5 5.4.6 5.5.0 5.5.1 5.5.2 5.5.3 5.5.4 5.5.5 5.5.6 5.6.0 5.6.1 5.6.2 "
    "5.6.3 5.6.4 5.6.5 5.6.6 5.7.0 5.7.1 5.7.2 5.7.3 5.7.4 5.7.5 5.7.6 5.7.7 5.7.8 5.7.9 5.7.20 5.7.21 5.7.22 5.7.23 "
    "5.7.24 5.7.25 5.7.26 5.7.27",
)
"""RFC 3463 "Enhanced Mail System Status Codes", RFC 5248's registry, RFC 7505 (null MX), RFC 7372 (DKIM, SPF)."""

MAIL_SUBJECTS: dict[str, Result] = {
    "1": PERMANENT,  # addressing
    "2": TEMPORARY,  # mailbox
    "3": TEMPORARY,  # mail system
    "4": TEMPORARY,  # network and routing
    "5": TECHNICAL,  # delivery protocol
    "6": TECHNICAL,  # content or media
    "7": TECHNICAL,  # security or policy
}
"""RFC 3463 §2 and §3: the second number of a code that `MAIL` does not list. What a bounce says is the last word of a
server that has tried for days: "other" (0) is our mistake until a person has looked, unless its SMTP reply says that
there is no such mailbox."""
NO_SUCH_MAILBOX = {550, 551, 553, 556}
"""Of a recipient, by a server without enhanced codes (RFC 5321 §4.2.3, RFC 7504)."""
_DIAGNOSTIC = re.compile(r"\s*smtp\s*;\s*([245][0-9][0-9])(?:[ -]+([245]\.[0-9]{1,3}\.[0-9]{1,3})\b)?", re.IGNORECASE)


def of_bounce(status: str, diagnostic: str) -> tuple[Result, str]:
    """What a delivery status notification's `Status` and `Diagnostic-Code` (RFC 3464 §2.3.4, §2.3.6) mean, and the code
    to show. Where the status says no more than "other", the server's own reply counts."""
    reply = _DIAGNOSTIC.match(diagnostic)
    if status.split(".")[1] == "0" and reply and reply.group(2):
        status = reply.group(2)
    kind, subject, _ = status.split(".")
    if kind != "5":
        return TEMPORARY, status
    if status in MAIL:
        return MAIL[status], status
    if subject == "0" and reply and int(reply.group(1)) in NO_SUCH_MAILBOX:
        return PERMANENT, status
    return MAIL_SUBJECTS.get(subject, TECHNICAL), status
