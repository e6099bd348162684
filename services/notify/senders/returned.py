"""What comes back by mail: bounces (delivery status notifications, RFC 3464), and what families write.

A bounce names the message by the envelope id that we gave (RFC 3461 §4.4) or by our Message-ID in the headers that it
returns; either is made of the attempt's id, which nobody guesses. A letter is believed to be the family's answer where
it refers to such a Message-ID (RFC 5322 §3.6.4): its sender alone proves nothing. What a machine sent is no answer
(RFC 3834 §5). Whatever comes, nothing is raised.
"""

from __future__ import annotations

import codecs
import hashlib
import html
import re
from collections.abc import Iterator, Sequence
from email import message_from_bytes
from email.errors import MessageError
from email.message import Message
from email.utils import getaddresses
from uuid import UUID

from services.notify.domain.statuses import Result
from services.notify.senders.arrived import LONGEST_TEXT
from services.notify.senders.channel import Inbound, Receipt
from services.notify.senders.codes import of_bounce
from services.notify.senders.letter import domain_of, is_address
from services.notify.senders.smtp import SmtpSender

Letter = Message
ACTIONS: dict[str, Result] = {
    "delivered": "delivered",
    "relayed": "accepted",
    "expanded": "accepted",
    "delayed": "accepted",
}
"""RFC 3464 §2.3.3, but `failed`, of which its status tells more (`codes.of_bounce`)."""
MOST_PARTS = 50
_UUID = r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}"
_STATUS = re.compile(r"\s*([245]\.[0-9]{1,3}\.[0-9]{1,3})\b")
_QUOTE = re.compile(r"\s*(>|-{3,}|_{5,})")
_TAG = re.compile(r"<(style|script|head)\b.*?</\1\s*>|<(?:br|/p|/div|/li|/tr)\b[^<>]*>|<[^<>]*>", re.DOTALL | re.I)
_ALPHABETS = re.compile(
    r"ascii|utf-8|utf-16(-[lb]e)?|iso8859-\d+|iso2022_\w+|cp\d+|koi8-\w|gb\w+|big5\w*|euc_\w+|shift_jis\w*|tis-620"
)
_DIGITS_OF_A_DATE = 5
_MACHINES = {"bulk", "junk", "list", "auto_reply"}


def understood(content: bytes, our_address: str) -> Receipt | Inbound | None:
    """A bounce of a message of ours, or what somebody wrote; None for what is neither. `our_address` is whose mail it
    is."""
    try:
        letter = message_from_bytes(content)
        return _bounce(letter, our_address) if _is_report(letter) else _answer(letter, content, our_address)
    except (ValueError, LookupError, TypeError, AttributeError, RecursionError, MessageError):
        return None  # the parser of the standard library meets what no mail program writes


def _is_report(letter: Letter) -> bool:
    return letter.get_content_type() == "multipart/report"


def _bounce(letter: Letter, our_address: str) -> Receipt | None:
    about: UUID | None = None
    told: tuple[Result, str | None] | None = None
    for part in _parts(letter):
        if part.get_content_type() == "message/delivery-status":
            of_message, *recipients = _blocks(part)
            about = about or _id_in(of_message.get("Original-Envelope-Id"))
            told = told or next(filter(None, map(_recipient, recipients)), None)
        elif part.get_content_type() in ("text/rfc822-headers", "message/rfc822"):
            about = about or _returned_id(part, our_address)
    if about is None or told is None:
        return None
    return Receipt(SmtpSender.name, None, about, told[0], told[1], part=0)


def _blocks(part: Letter) -> list[Letter]:
    """The fields of the whole, and of each recipient."""
    return _inside(part) or [Message()]


def _inside(part: Letter) -> list[Letter]:
    """What a part consists of. A text has no parts, and is decoded by `_decoded` alone."""
    return [one for one in part.get_payload() if isinstance(one, Message)] if part.is_multipart() else []


def _recipient(fields: Letter) -> tuple[Result, str | None] | None:
    action = _text(fields.get("Action")).strip().lower()
    status = _STATUS.match(_text(fields.get("Status")))
    if action in ACTIONS:
        return ACTIONS[action], status.group(1) if status else None
    if action != "failed" or status is None:
        return None
    return of_bounce(status.group(1), _text(fields.get("Diagnostic-Code")))


def _returned_id(part: Letter, our_address: str) -> UUID | None:
    """The Message-ID among returned headers."""
    inner, *_ = _inside(part) or [message_from_bytes(_bytes(part))]
    return _ours(_text(inner.get("Message-ID")), our_address)


def _answer(letter: Letter, content: bytes, our_address: str) -> Inbound | None:
    senders = [address for _, address in getaddresses([_text(letter.get("From"))])]
    if len(senders) != 1 or not is_address(senders[0]) or senders[0].casefold() == our_address.casefold():
        return None
    if _by_a_machine(letter):
        return None
    named = _text(letter.get("Message-ID")).strip().encode("utf-8", "replace") or content
    name = hashlib.sha256(senders[0].casefold().encode() + b"\0" + named).hexdigest()
    referred = " ".join(_text(one) for field in ("In-Reply-To", "References") for one in letter.get_all(field, ()))
    said = _written(letter, our_address)[:LONGEST_TEXT].replace("\0", "\ufffd")
    return Inbound("mail", name, senders[0], said, "email", _ours(referred, our_address))


def _by_a_machine(letter: Letter) -> bool:
    submitted = _text(letter.get("Auto-Submitted")).strip().lower()
    return (
        submitted not in ("", "no")
        or _text(letter.get("Precedence")).strip().lower() in _MACHINES
        or _text(letter.get("Return-Path")).strip() == "<>"
        or any(letter.get(field) is not None for field in ("List-Id", "X-Autoreply", "X-Autorespond"))
    )


def _written(letter: Letter, our_address: str) -> str:
    """What somebody wrote, without what they quote of us; nothing where the letter has no text."""
    texts = dict.fromkeys(("text/plain", "text/html"), "")
    for part in _parts(letter):
        kind = part.get_content_type()
        if kind in texts and not texts[kind] and part.get_content_disposition() != "attachment":
            texts[kind] = _decoded(part)
    plain = texts["text/plain"] or html.unescape(_TAG.sub(_as_line, texts["text/html"][: 4 * LONGEST_TEXT]))
    return "\n".join(_unquoted(plain.splitlines(), our_address)).strip()


def _as_line(tag: re.Match[str]) -> str:
    return "\n" if tag.group(0)[1:2] in "/bB" else ""


def _unquoted(lines: Sequence[str], our_address: str) -> Sequence[str]:
    """Up to the line that says who wrote what is quoted: it names our address, perhaps broken off behind day and time;
    or it begins as quotations do."""
    for number, line in enumerate(lines):
        if our_address.casefold() in line.casefold():
            dated = number and sum(one.isdigit() for one in lines[number - 1]) >= _DIGITS_OF_A_DATE
            return lines[: number - 1 if dated else number]
        if _QUOTE.match(line):
            return lines[:number]
    return lines


def _decoded(part: Letter) -> str:
    return _bytes(part).decode(_alphabet(part.get_content_charset("utf-8")), "replace")


def _bytes(part: Letter) -> bytes:
    payload = part.get_payload(decode=True)
    return payload if isinstance(payload, bytes) else b""


def _alphabet(named: str) -> str:
    """The character set that a letter names, where mail is written in it; Python also knows codecs that are none."""
    try:
        name = codecs.lookup(named).name
    except (LookupError, ValueError):
        return "utf-8"
    return name if _ALPHABETS.fullmatch(name) else "utf-8"


def _parts(letter: Letter) -> Iterator[Letter]:
    """Its parts, as many as any mail program makes; not those of a letter inside it."""
    waiting, seen = [letter], 0
    while waiting and seen < MOST_PARTS:
        part = waiting.pop(0)
        seen += 1
        yield part
        if part.get_content_maintype() == "multipart":
            waiting += _inside(part)


def _ours(text: str, our_address: str) -> UUID | None:
    """The attempt that a Message-ID of ours names, the first in a text."""
    found = re.search(rf"<({_UUID})@{re.escape(domain_of(our_address))}>", text, re.I)
    return UUID(found.group(1)) if found else None


def _id_in(value: object) -> UUID | None:
    found = re.fullmatch(_UUID, _text(value).strip(), re.I)
    return UUID(found.group(0)) if found else None


def _text(header: object) -> str:
    return "" if header is None else str(header)[:10_000]
