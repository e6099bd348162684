"""SMS by Twilio's Programmable Messaging.

Sending and looking up: "Message resource", https://www.twilio.com/docs/messaging/api/message-resource.
Receipts: "Outbound message status in status callbacks",
https://www.twilio.com/docs/messaging/guides/outbound-message-status-in-status-callbacks.
Inbound: "Twilio's request to your webhook URL", https://www.twilio.com/docs/messaging/guides/webhook-request.
Signature: "Secure webhooks", https://www.twilio.com/docs/usage/webhooks/webhooks-security.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import quote, urlencode, urlsplit, urlunsplit
from uuid import UUID

from services.notify.domain.statuses import Result
from services.notify.senders.arrived import Fields, form_of, header, query_of, reference_in, required, text_in
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
from services.notify.senders.codes import TWILIO, meaning, shown
from services.notify.senders.gateway import Answer, Gateway, is_number, provider_id_in, without_code

ADDRESS = "https://api.twilio.com"
_UNDER_WAY = {"accepted", "scheduled", "queued", "sending", "sent", "receiving", "received"}
_ARRIVED = {"delivered", "read"}
_FAILED = {"undelivered", "failed"}
_STANDARD_PORTS = {"https": 443, "http": 80}


class TwilioSender:
    """Hands messages to Twilio. The same reference twice is two messages there: Twilio knows our reference only as part
    of the address to which it sends receipts."""

    name = "twilio"
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
        per_second: float = 50.0,
    ) -> None:
        """`account` is the Account SID, `secret` its auth token, `sent_from` a number, a sender id or the SID of a
        messaging service (MG…), `callback` where receipts go (without one, none come)."""
        self._gateway = Gateway(url, auth=(account, secret))
        self._path = f"/2010-04-01/Accounts/{quote(account, safe='')}/Messages"
        self._from = {"MessagingServiceSid" if sent_from.startswith("MG") else "From": sent_from}
        self._callback = callback
        self.per_second = per_second

    def send(self, outgoing: Outgoing) -> Handed:
        """See `FamilySender.send`."""
        if not is_number(outgoing.to):
            return Handed("permanent-failure", code="not-a-number")
        form = {"To": outgoing.to, "Body": outgoing.text, **self._from}
        if self._callback:
            form["StatusCallback"] = f"{self._callback}?{urlencode({'reference': outgoing.reference})}"
        answer = self._gateway.post(f"{self._path}.json", form)
        return answer if isinstance(answer, Handed) else _handed(answer)

    def look_up(self, reference: UUID, provider_id: str | None) -> Handed | None:  # noqa: ARG002 - it knows SIDs alone
        """By the message's SID; None without one, or where Twilio does not know it."""
        if provider_id_in(provider_id) is None:
            return None
        answer = self._gateway.get(f"{self._path}/{quote(str(provider_id), safe='')}.json")
        if isinstance(answer, Handed):
            return Handed("outcome-unknown", provider_id, answer.code)
        if answer.status == 404:
            return None
        found = _handed(answer)
        if not 200 <= answer.status < 300:  # the question failed, not the message
            return Handed("outcome-unknown", provider_id, found.code, found.retry_after)
        return found


class TwilioReceiver:
    """Understands Twilio's callbacks, all of them forms signed with the account's auth token."""

    name = "twilio"

    def __init__(self, secret: str) -> None:
        self._secret = secret.encode()

    def receipts(self, request: Arrived) -> Sequence[Receipt]:
        """One receipt of the whole message (`part` 0): Twilio does not tell its segments apart."""
        fields = self._genuine(request)
        code = fields.get("ErrorCode")
        result = _result(required(fields, "MessageStatus"), code)
        if result is None:
            raise Refused("The field MessageStatus has no status of Twilio's.")
        reference = reference_in(dict(query_of(request)), "reference")
        return [Receipt(self.name, _sid(fields), reference, result, shown(TWILIO, code), part=0)]

    def inbound(self, request: Arrived) -> Sequence[Inbound]:
        """One message."""
        fields = self._genuine(request)
        return [Inbound(self.name, _sid(fields), required(fields, "From"), text_in(fields, "Body"))]

    def _genuine(self, request: Arrived) -> Mapping[str, str]:
        """The form's fields, once the signature is right."""
        if request.method != "POST":
            raise Refused("Twilio's callbacks are POST requests.")
        form = form_of(request)
        given = header(request, "X-Twilio-Signature").encode("utf-8", "replace")
        matches = [hmac.compare_digest(given, signature(self._secret, url, form)) for url in _spellings(request.url)]
        if not any(matches):
            raise BadSignature("The request is not signed by the provider.")
        return dict(form)


def signature(secret: bytes, url: str, form: Fields) -> bytes:
    """Base64 of HMAC-SHA1 over the address and each parameter's name and value, sorted by name."""
    signed = url + "".join(name + value for name, value in sorted(set(form)))
    return base64.b64encode(hmac.new(secret, signed.encode("utf-8", "replace"), hashlib.sha1).digest())


def _handed(answer: Answer) -> Handed:
    """What an answer says: a message of Twilio's, an error with its code, or no more than an HTTP status."""
    body: Any = answer.body if isinstance(answer.body, dict) else {}
    if 200 <= answer.status < 300:
        return _message(body) or without_code(answer)
    code = str(body.get("code", ""))
    if 400 <= answer.status < 500 and answer.status != 429 and code in TWILIO:
        return Handed(TWILIO[code], code=code, retry_after=answer.retry_after)
    return without_code(answer)


def _message(body: Mapping[str, Any]) -> Handed | None:
    sid, code = provider_id_in(body.get("sid")), body.get("error_code")
    told = None if code is None else str(code)
    result = _result(str(body.get("status", "")), told)
    if sid is None or result is None:
        return None
    parts = str(body.get("num_segments", ""))
    count = int(parts) if parts.isascii() and parts.isdigit() and len(parts) < 4 else 1
    return Handed(result, sid, shown(TWILIO, told), parts=max(1, count))


def _result(status: str, code: str | None) -> Result | None:
    """What a status of Twilio's says; None for a word that is none."""
    if status in _ARRIVED:
        return "delivered"
    if status in _UNDER_WAY:
        return "accepted"
    if status == "canceled":
        return "technical-failure"
    return meaning(TWILIO, code) if status in _FAILED else None


def _sid(fields: Mapping[str, str]) -> str:
    sid = provider_id_in(required(fields, "MessageSid"))
    if sid is None:
        raise Refused("The field MessageSid is no SID.")
    return sid


def _spellings(url: str) -> set[str]:
    """The address as it came, without its port, and with the standard one: Twilio signs either."""
    try:
        parts = urlsplit(url)
        host, port = parts.hostname or "", parts.port or _STANDARD_PORTS.get(parts.scheme)
    except ValueError as error:
        raise Refused("The address cannot be read.") from error
    bare = f"[{host}]" if ":" in host else host
    return {url, urlunsplit(parts._replace(netloc=bare)), urlunsplit(parts._replace(netloc=f"{bare}:{port}"))}
