"""SMS by Vonage's SMS API.

Sending: "Send an SMS", https://developer.vonage.com/messaging/sms/overview and its API reference,
https://developer.vonage.com/api/sms. Receipts: https://developer.vonage.com/messaging/sms/guides/delivery-receipts.
Inbound: https://developer.vonage.com/messaging/sms/guides/inbound-sms. Signature: "Signing messages",
https://developer.vonage.com/getting-started/concepts/signing-messages; of its algorithms only SHA-256 HMAC and SHA-512
HMAC are taken: the account must be set to one of them (MD5 and SHA-1 are not what to trust today).
"""

from __future__ import annotations

import hashlib
import hmac
import re
from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID
from zlib import crc32

from services.notify.domain.statuses import Result
from services.notify.senders.arrived import (
    Fields,
    form_of,
    header,
    json_of,
    must_match,
    query_of,
    reference_in,
    required,
    text_in,
)
from services.notify.senders.channel import (
    Arrived,
    BadSignature,
    Channel,
    Handed,
    Inbound,
    Outgoing,
    Receipt,
    Refused,
)
from services.notify.senders.codes import VONAGE_RECEIPT, VONAGE_SENDING, meaning, shown
from services.notify.senders.gateway import Answer, Gateway, is_number, provider_id_in, without_code
from services.notify.wording.segments import count, encoding_of

ADDRESS = "https://rest.nexmo.com"
MOST_PARTS = 255
"""Segments of one concatenated SMS (3GPP TS 23.040 §9.2.3.24.1)."""
_HASHES = {64: hashlib.sha256, 128: hashlib.sha512}
"""Length of a signature in hexadecimal digits → its hash."""
_STATUSES: dict[str, Result] = {
    "delivered": "delivered",
    "accepted": "accepted",
    "buffered": "accepted",
    "expired": "temporary-failure",
    "unknown": "outcome-unknown",
}
_FAILED = {"failed", "rejected"}
_CLIENT_REF = re.compile(r"([^.]*)(?:\.([0-9]{1,3}))?")


class VonageSender:
    """Hands messages to Vonage. The same reference twice is two messages there; it comes back in each receipt."""

    name = "vonage"
    channel: Channel = "sms"
    takes_reference = False

    def __init__(
        self,
        account: str,
        secret: str,
        sent_from: str,
        callback: str | None,
        *,
        url: str = ADDRESS,
        per_second: float = 30.0,
    ) -> None:
        """`account` and `secret` are the API key and its secret, `sent_from` a number or a sender id, `callback` where
        receipts go (without one, where the account's settings say)."""
        self._gateway = Gateway(url)
        self._always = {"api_key": account, "api_secret": secret, "from": sent_from.removeprefix("+")}
        if callback:
            self._always["callback"] = callback
        self.per_second = per_second

    def send(self, outgoing: Outgoing) -> Handed:
        """See `FamilySender.send`. Where some segments were taken and some not, the outcome is unknown."""
        if not is_number(outgoing.to):
            return Handed("permanent-failure", code="not-a-number")
        form = {
            **self._always,
            "to": outgoing.to.removeprefix("+"),
            "text": outgoing.text,
            "type": "text" if encoding_of(outgoing.text) == "gsm7" else "unicode",
            "client-ref": _client_ref(outgoing),
            "status-report-req": "1",
        }
        answer = self._gateway.post("/sms/json", form)
        return answer if isinstance(answer, Handed) else _handed(answer)

    def look_up(self, reference: UUID, provider_id: str | None) -> Handed | None:  # noqa: ARG002 - there is no such call
        """None: the SMS API does not answer for single messages."""
        return None


class VonageReceiver:
    """Understands Vonage's webhooks, sent as a GET, a form or JSON, and signed with the signature secret."""

    name = "vonage"

    def __init__(self, signature_secret: str) -> None:
        self._secret = signature_secret.encode()

    def receipts(self, request: Arrived) -> Sequence[Receipt]:
        """One receipt of one segment. Vonage gives each segment an id, not a number: `part` is made of the id, so that
        two segments are told apart; how many there are our own reference says."""
        fields = self._genuine(request)
        message, code = _message_id(fields), fields.get("err-code")
        status = required(fields, "status")
        if status not in _STATUSES and status not in _FAILED:
            raise Refused("The field status has no status of Vonage's.")
        result = _STATUSES.get(status) or meaning(VONAGE_RECEIPT, code)
        reference, parts = _referred_to(fields)
        part = part_of(message) if parts > 1 else 1
        return [Receipt(self.name, message, reference, result, shown(VONAGE_RECEIPT, code), part, parts)]

    def inbound(self, request: Arrived) -> Sequence[Inbound]:
        """One message, or one segment of a long one (each has an id of its own)."""
        fields = self._genuine(request)
        number = required(fields, "msisdn")
        sender = number if number.startswith("+") or not number.isdigit() else f"+{number}"
        return [Inbound(self.name, _message_id(fields), sender, text_in(fields, "text"))]

    def _genuine(self, request: Arrived) -> Mapping[str, str]:
        """The request's fields, once the signature is right."""
        fields = dict(_fields(request))
        given = fields.pop("sig", "").lower()
        if len(given) not in _HASHES:
            raise BadSignature("The request has no SHA-256 or SHA-512 signature.")
        must_match(given, signature(self._secret, list(fields.items()), bits=len(given) * 4))
        return fields


def signature(secret: bytes, fields: Fields, *, bits: int = 256) -> str:
    """Hexadecimal HMAC over `&name=value` of each field but `sig`, sorted by name; in values, & and = become _."""
    signed = "".join(f"&{name}={value.translate(_JOINERS)}" for name, value in sorted(fields))
    return hmac.new(secret, signed.encode("utf-8", "replace"), _HASHES[bits // 4]).hexdigest()


def part_of(message_id: str) -> int:
    """A number of a segment, from 1 to 32,767, made of its id."""
    return crc32(message_id.encode()) % 32_767 + 1


def _client_ref(outgoing: Outgoing) -> str:
    """Our reference, and behind a dot the number of segments where there are several: no receipt tells it."""
    parts = count(outgoing.text).segments
    return f"{outgoing.reference}.{parts}" if parts > 1 else str(outgoing.reference)


def _referred_to(fields: Mapping[str, str]) -> tuple[UUID | None, int]:
    """What `_client_ref` made: our reference and the number of segments."""
    found = _CLIENT_REF.fullmatch(fields.get("client-ref", ""))
    parts = int(found[2] or 1) if found else 0
    if found is None or not 1 <= parts <= MOST_PARTS:
        raise Refused("The field client-ref is no reference of ours.")
    return reference_in({"client-ref": found[1]} if found[1] else {}, "client-ref"), parts


def _fields(request: Arrived) -> Fields:
    if request.method == "GET":
        return query_of(request)
    if request.method != "POST":
        raise Refused("Vonage's webhooks are GET or POST requests.")
    return json_of(request) if "json" in header(request, "Content-Type").lower() else form_of(request)


def _message_id(fields: Mapping[str, str]) -> str:
    message = provider_id_in(required(fields, "messageId"))
    if message is None:
        raise Refused("The field messageId is no id.")
    return message


def _handed(answer: Answer) -> Handed:
    segments = answer.body.get("messages") if isinstance(answer.body, dict) else None
    if not 200 <= answer.status < 300 or not isinstance(segments, list) or not 1 <= len(segments) <= MOST_PARTS:
        return without_code(answer)
    codes = [_status(segment) for segment in segments]
    if None in codes:
        return Handed("outcome-unknown", code=f"http-{answer.status}")
    failed = [str(code) for code in codes if code != "0"]
    if not failed:
        return Handed("accepted", provider_id_in(segments[0].get("message-id")), parts=len(segments))
    result = meaning(VONAGE_SENDING, failed[0]) if len(failed) == len(codes) else "outcome-unknown"
    return Handed(result, code=shown(VONAGE_SENDING, failed[0]), retry_after=answer.retry_after, parts=len(segments))


def _status(segment: Any) -> str | None:
    status = segment.get("status") if isinstance(segment, dict) else None
    return str(status) if isinstance(status, str | int) else None


_JOINERS = str.maketrans("&=", "__")
