"""What SMS providers say: their answers to a message, their receipts and inbound messages, signed as they sign."""

from __future__ import annotations

import json
import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal
from urllib.parse import parse_qs, urlencode, urlsplit
from uuid import uuid4

from services.notify.senders import Arrived
from services.notify.senders.twilio import signature as twilio_signature
from services.notify.senders.vonage import signature as vonage_signature
from services.notify.wording.segments import count

Provider = Literal["twilio", "vonage", "africastalking"]
Word = tuple[str, str | None]
"""A status and an error code."""
WORDS: dict[Provider, dict[Literal["on its way", "arrived", "failed", "gone"], Word]] = {
    "twilio": {
        "on its way": ("sent", None),
        "arrived": ("delivered", None),
        "failed": ("undelivered", "30003"),
        "gone": ("undelivered", "30005"),
    },
    "vonage": {
        "on its way": ("buffered", "0"),
        "arrived": ("delivered", "0"),
        "failed": ("failed", "2"),
        "gone": ("failed", "3"),
    },
    "africastalking": {
        "on its way": ("Sent", None),
        "arrived": ("Success", None),
        "failed": ("AbsentSubscriber", None),
        "gone": ("Failed", "UserDoesNotExist"),
    },
}
FORM = {"Content-Type": "application/x-www-form-urlencoded"}


@dataclass(frozen=True)
class Taken:
    """A message that the provider took: it is on its way to somebody's phone."""

    reference: str
    ids: tuple[str, ...]
    """One; Vonage gives one to each segment."""
    to: str
    text: str
    callback: str | None
    client_ref: str = ""
    """As it was given to Vonage, and comes back in receipts."""


def http(status: int, body: bytes, headers: Mapping[str, str] | None = None) -> bytes:
    """A whole answer of HTTP/1.1."""
    lines = {"Content-Type": "application/json", "Content-Length": str(len(body)), **(headers or {})}
    head = "".join(f"{name}: {value}\r\n" for name, value in lines.items())
    return f"HTTP/1.1 {status} Told\r\n{head}\r\n".encode() + body


def taken_from(provider: Provider, form: Mapping[str, str]) -> Taken:
    """What a provider makes of a form that was sent to it."""
    if provider == "twilio":
        callback = form.get("StatusCallback")
        reference = parse_qs(urlsplit(callback or "").query).get("reference", ["?"])[0]
        return Taken(reference, (f"SM{uuid4().hex}",), form["To"], form["Body"], callback)
    if provider == "vonage":
        ids = tuple(str(uuid4()) for _ in range(max(1, count(form["text"]).segments)))
        given = form["client-ref"]
        return Taken(given.partition(".")[0], ids, f"+{form['to']}", form["text"], form.get("callback"), given)
    return Taken(form["to"], (f"ATXid_{uuid4().hex}",), form["to"], form["message"], None)


def accepted(provider: Provider, message: Taken) -> bytes:
    """The answer to a message that was taken."""
    if provider == "twilio":
        parts = str(max(1, count(message.text).segments))
        told = {"sid": message.ids[0], "status": "queued", "num_segments": parts, "error_code": None, "to": message.to}
        return http(201, json.dumps(told).encode())
    if provider == "vonage":
        messages = [{"to": message.to[1:], "message-id": one, "status": "0"} for one in message.ids]
        return http(200, json.dumps({"message-count": str(len(messages)), "messages": messages}).encode())
    recipient = {"statusCode": 101, "number": message.to, "status": "Success", "messageId": message.ids[0]}
    about = {"Message": "Sent to 1/1 Total Cost: KES 0.8000", "Recipients": [recipient]}
    return http(201, json.dumps({"SMSMessageData": about}).encode())


def refused(provider: Provider, code: str) -> bytes:
    """The answer to a message that was not."""
    if provider == "twilio":
        return http(400, json.dumps({"code": int(code), "message": "to +4915112345678", "status": 400}).encode())
    if provider == "vonage":
        messages = [{"status": code, "error-text": "no"}]
        return http(200, json.dumps({"message-count": "1", "messages": messages}).encode())
    recipient = {"statusCode": int(code), "number": "+254711000000", "status": "No", "messageId": "None"}
    return http(201, json.dumps({"SMSMessageData": {"Message": "Sent to 0/1", "Recipients": [recipient]}}).encode())


def twilio_calls(url: str, fields: Mapping[str, str], secret: str) -> Arrived:
    """A callback as Twilio makes it: a signed form."""
    signed = twilio_signature(secret.encode(), url, list(fields.items())).decode()
    return Arrived("POST", url, {**FORM, "X-Twilio-Signature": signed}, urlencode(fields).encode())


def vonage_calls(
    url: str,
    fields: Mapping[str, str],
    secret: str,
    how: Literal["json", "form", "get"] = "json",
    bits: int = 256,
) -> Arrived:
    """A webhook as Vonage calls it, in one of its three forms."""
    signed = {**fields, "sig": vonage_signature(secret.encode(), list(fields.items()), bits=bits)}
    if how == "get":
        return Arrived("GET", f"{url}?{urlencode(signed)}", {}, b"")
    body = json.dumps(signed).encode() if how == "json" else urlencode(signed).encode()
    return Arrived("POST", url, {"Content-Type": "application/json"} if how == "json" else FORM, body)


def africas_talking_calls(url: str, fields: Mapping[str, str]) -> Arrived:
    """A notification as Africa's Talking sends it: a form, unsigned."""
    return Arrived("POST", url, FORM, urlencode(fields).encode())


def receipts_of(provider: Provider, message: Taken, url: str, secret: str, words: Sequence[Word]) -> list[Arrived]:
    """What a provider tells of a message: for each word (its status, its error code or none) a request per segment.

    `url` counts where the message named no callback. `words` may lie: come doubled, late, contradict one another.
    """
    told = []
    for status, code in words:
        for one in message.ids:
            told.append(_receipt(provider, message, one, message.callback or url, secret, status, code))
    return told


def lying(provider: Provider, truth: Word, chance: random.Random) -> list[Word]:
    """Words about one message as a bad provider sends them: the truth among them, some twice, some wrong, in no order;
    now and then none at all."""
    others = [word for word in WORDS[provider].values() if chance.random() < 0.3]
    words = [truth, *others] * chance.choice([1, 1, 2])
    chance.shuffle(words)
    return words if chance.random() > 0.05 else []


def _receipt(
    provider: Provider, message: Taken, one: str, url: str, secret: str, status: str, code: str | None
) -> Arrived:
    if provider == "twilio":
        fields = {"MessageSid": one, "MessageStatus": status, "To": message.to, **({"ErrorCode": code} if code else {})}
        return twilio_calls(url, fields, secret)
    if provider == "vonage":
        fields = {"messageId": one, "status": status, "err-code": code or "0", "msisdn": message.to[1:]}
        return vonage_calls(
            url, {**fields, "client-ref": message.client_ref or message.reference, "timestamp": "1790000000"}, secret
        )
    fields = {"id": one, "status": status, "phoneNumber": message.to, **({"failureReason": code} if code else {})}
    return africas_talking_calls(url, fields)
