"""SMS by Africa's Talking.

Sending: "Send SMS", https://developers.africastalking.com/docs/sms/sending/bulk. Receipts and inbound: "SMS
notifications", https://developers.africastalking.com/docs/sms/notifications, and its older "Delivery reports",
http://docs.africastalking.com/sms/deliveryreports (`codes` says what is from where). Nothing that it sends is signed:
the address to which it sends ends with a secret, and whoever knows that address is believed.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import unquote, urlsplit
from uuid import UUID

from services.notify.domain.statuses import Result
from services.notify.senders.arrived import form_of, must_match, required, text_in
from services.notify.senders.channel import Arrived, Channel, Handed, Inbound, Outgoing, Receipt, Refused
from services.notify.senders.codes import (
    AFRICAS_TALKING_RECEIPT,
    AFRICAS_TALKING_SENDING,
    AFRICAS_TALKING_WORDS,
    meaning,
    shown,
)
from services.notify.senders.gateway import Answer, Gateway, is_number, provider_id_in, without_code

ADDRESS = "https://api.africastalking.com"
_TAKEN = {"100", "101", "102"}
"""Processed, sent, queued."""
_STATUSES: dict[str, Result] = {
    "Success": "delivered",
    "Sent": "accepted",
    "Submitted": "accepted",
    "Buffered": "accepted",
    "AbsentSubscriber": "temporary-failure",
    "Expired": "technical-failure",
}
"""`Expired` says that the network threw it away for its content or its sender id, not that time ran out."""
_FAILED = {"Rejected", "Failed"}


class AfricasTalkingSender:
    """Hands messages to Africa's Talking, which knows nothing of our reference: receipts name its own id alone."""

    name = "africastalking"
    channel: Channel = "sms"
    takes_reference = False

    def __init__(
        self, account: str, secret: str, sent_from: str | None, *, url: str = ADDRESS, per_second: float = 50.0
    ) -> None:
        """`account` is the app's user name, `secret` its API key, `sent_from` a short code or sender id (None: the
        account's own)."""
        self._gateway = Gateway(url, headers={"apiKey": secret})
        self._always = {"username": account, **({"from": sent_from} if sent_from else {})}
        self.per_second = per_second

    def send(self, outgoing: Outgoing) -> Handed:
        """See `FamilySender.send`."""
        if not is_number(outgoing.to):
            return Handed("permanent-failure", code="not-a-number")
        form = {**self._always, "to": outgoing.to, "message": outgoing.text}
        answer = self._gateway.post("/version1/messaging", form)
        return answer if isinstance(answer, Handed) else _handed(answer)

    def look_up(self, reference: UUID, provider_id: str | None) -> Handed | None:  # noqa: ARG002 - there is no such call
        """None: it has no call that answers for a message that was sent."""
        return None


class AfricasTalkingReceiver:
    """Understands its notifications: forms, sent to an address whose last part is the secret."""

    name = "africastalking"

    def __init__(self, secret: str) -> None:
        self._secret = secret

    def receipts(self, request: Arrived) -> Sequence[Receipt]:
        """One receipt of the whole message (`part` 0), with the provider's id and no reference of ours."""
        fields = self._genuine(request)
        status, reason = required(fields, "status"), fields.get("failureReason") or None
        if status not in _STATUSES and status not in _FAILED:
            raise Refused("The field status has no status of Africa's Talking's.")
        result = _STATUSES.get(status) or meaning(AFRICAS_TALKING_RECEIPT, reason)
        return [Receipt(self.name, _id(fields), None, result, shown(AFRICAS_TALKING_RECEIPT, reason), part=0)]

    def inbound(self, request: Arrived) -> Sequence[Inbound]:
        """One message."""
        fields = self._genuine(request)
        return [Inbound(self.name, _id(fields), required(fields, "from"), text_in(fields, "text"))]

    def _genuine(self, request: Arrived) -> Mapping[str, str]:
        """The form's fields, once the secret in the address is right."""
        try:
            path = urlsplit(request.url).path
        except ValueError as error:
            raise Refused("The address cannot be read.") from error
        must_match(unquote(path.rpartition("/")[2]), self._secret)
        if request.method != "POST":
            raise Refused("Africa's Talking's notifications are POST requests.")
        return dict(form_of(request))


def _handed(answer: Answer) -> Handed:
    """What an answer says of its one recipient; without recipients, its one word says why."""
    about = answer.body.get("SMSMessageData") if isinstance(answer.body, dict) else None
    if not 200 <= answer.status < 300 or not isinstance(about, dict):
        return without_code(answer)
    recipients = about.get("Recipients")
    if isinstance(recipients, list) and len(recipients) == 1 and isinstance(recipients[0], dict):
        return _recipient(recipients[0])
    word = about.get("Message")
    if not recipients and isinstance(word, str) and word in AFRICAS_TALKING_WORDS:
        return Handed(AFRICAS_TALKING_WORDS[word], code=word)
    return without_code(answer)


def _recipient(told: Mapping[str, Any]) -> Handed:
    code = str(told.get("statusCode", ""))
    parts = told.get("messageParts")
    count = parts if isinstance(parts, int) and 1 <= parts <= 255 else 1
    if code in _TAKEN:
        return Handed("accepted", provider_id_in(told.get("messageId")), parts=count)
    if not code.isdigit():
        return Handed("outcome-unknown", code="unlisted")
    return Handed(meaning(AFRICAS_TALKING_SENDING, code), code=shown(AFRICAS_TALKING_SENDING, code))


def _id(fields: Mapping[str, str]) -> str:
    found = provider_id_in(required(fields, "id"))
    if found is None:
        raise Refused("The field id is no id.")
    return found
