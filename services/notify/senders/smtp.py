"""E-mail by SMTP (RFC 5321), to the operator's own relay, over TLS.

Until the dot that ends a message has left, nothing was sent: whatever breaks is `temporary-failure`. From the dot until
the server's answer the message may have been taken: a connection lost then is `outcome-unknown` (RFC 1047). A 4xx reply
is temporary; a 5xx reply means what its enhanced status code says (RFC 3463).
"""

from __future__ import annotations

import re
import smtplib
import socket
import ssl
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Literal
from uuid import UUID

from services.notify.domain.statuses import Result
from services.notify.senders.channel import Channel, Handed, Outgoing
from services.notify.senders.codes import MAIL, NO_SUCH_MAILBOX, PERMANENT, TECHNICAL
from services.notify.senders.gateway import LONGEST_WAIT
from services.notify.senders.letter import Signature, domain_of, is_address, message_id, written

Tls = Literal["starttls", "tls", "none"]

TIMEOUT = 20.0
"""Seconds for each reply of the server."""
_PIECE = 64 * 1024
"""Bytes that go out together: each piece has `TIMEOUT`."""
_ENHANCED = re.compile(r"\s*([245]\.[0-9]{1,3}\.[0-9]{1,3})(?=\s|$)")
_TRY_AGAIN = re.compile(r"\b(?:in|after) ([0-9]{1,6}) (second|minute)", re.IGNORECASE)
_GREETING, _LOGIN, _SENDER, _RECIPIENT, _CONTENT = "greeting", "login", "sender", "recipient", "content"


@dataclass(frozen=True)
class Relay:
    """The operator's mail server. `tls` may be "none" for this machine alone."""

    host: str
    port: int
    tls: Tls = "starttls"
    user: str | None = None
    password: str | None = field(default=None, repr=False)
    trust: ssl.SSLContext | None = field(default=None, repr=False)
    """Whose certificates are believed; None: those that this machine believes."""


class _Said(Exception):
    """A reply that ends the conversation."""

    def __init__(self, handed: Handed) -> None:
        super().__init__()
        self.handed = handed


class SmtpSender:
    """Hands messages to a relay: a connection for each, so that none breaks another. `sent_from` names no agency."""

    name = "smtp"
    channel: Channel = "email"
    takes_reference = False

    def __init__(
        self,
        relay: Relay,
        sent_from: str,
        signature: Signature | None = None,
        per_second: float = 50.0,
        *,
        hears_bounces: bool = True,
    ) -> None:
        """Where nobody `hears_bounces`, that the relay took a message is the last that is ever known of it."""
        self._relay = relay
        self._from = sent_from
        self._signature = signature
        self._taken: Result = "accepted" if hears_bounces else "delivered"
        self._trust = relay.trust or ssl.create_default_context()
        self.per_second = per_second

    def send(self, outgoing: Outgoing) -> Handed:
        """See `FamilySender.send`. What the relay takes is `accepted`: no receipt will follow, a bounce may; it is
        `delivered` where nobody hears those."""
        if not is_address(outgoing.to):
            return Handed("permanent-failure", code="not-an-address")
        try:
            content = written(outgoing, self._from, self._signature)
        except ValueError:  # a text that is no Unicode
            return Handed("technical-failure", code="not-writable")
        try:
            with self._connected() as smtp:
                self._introduce(smtp)
                return self._hand_over(smtp, outgoing, content)
        except _Said as said:
            return said.handed
        except smtplib.SMTPResponseException as refused:  # to the connection, or to STARTTLS
            return _meaning(refused.smtp_code, _told(refused.smtp_error), _GREETING)
        except ssl.SSLError:
            return Handed("temporary-failure", code="tls")
        except (OSError, smtplib.SMTPException, ValueError):
            return Handed("temporary-failure", code="not-reached")

    def look_up(self, reference: UUID, provider_id: str | None) -> Handed | None:  # noqa: ARG002 - there is no such verb
        """None: a mail server does not tell what became of a message."""
        return None

    @contextmanager
    def _connected(self) -> Iterator[smtplib.SMTP]:
        """A connection with its greeting read. However it ends, the socket is closed."""
        to = (self._relay.host, self._relay.port)
        here = domain_of(self._from)  # RFC 5321 asks for a name; this machine's would tell where we work
        smtp = (
            smtplib.SMTP_SSL(*to, local_hostname=here, timeout=TIMEOUT, context=self._trust)
            if self._relay.tls == "tls"
            else smtplib.SMTP(*to, local_hostname=here, timeout=TIMEOUT)
        )
        try:
            if smtp.sock is not None:  # the dot must not wait until the content is acknowledged
                smtp.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            yield smtp
        finally:
            smtp.close()

    def _introduce(self, smtp: smtplib.SMTP) -> None:
        """EHLO, TLS and the password: without TLS where it is asked for, nothing is said."""
        _must(smtp.ehlo(), _GREETING)
        if self._relay.tls == "starttls":
            if not smtp.has_extn("starttls"):
                raise _Said(Handed("temporary-failure", code="no-tls"))
            smtp.starttls(context=self._trust)
            _must(smtp.ehlo(), _GREETING)
        if self._relay.user is not None:
            try:
                smtp.login(self._relay.user, self._relay.password or "")
            except smtplib.SMTPResponseException as refused:
                raise _Said(_meaning(refused.smtp_code, _told(refused.smtp_error), _LOGIN)) from None
            except smtplib.SMTPServerDisconnected:
                raise
            except smtplib.SMTPException:  # it offers no way to log in that we know
                raise _Said(Handed(TECHNICAL, code="no-login")) from None

    def _hand_over(self, smtp: smtplib.SMTP, outgoing: Outgoing, content: bytes) -> Handed:
        told = smtp.has_extn("dsn")  # RFC 3461: of what fails, the headers come back, and not the text with its code
        _must(smtp.mail(self._from, ["RET=HDRS", f"ENVID={outgoing.reference}"] if told else ()), _SENDER)
        _must(smtp.rcpt(outgoing.to, ["NOTIFY=FAILURE"] if told else ()), _RECIPIENT)
        _must(smtp.docmd("DATA"), _CONTENT, wanted=3)
        for piece in _pieces(_stuffed(content)):  # the time-out is that of one call: a large mail takes several
            smtp.send(piece)
        answer = _after_the_dot(smtp)
        if answer is None:
            return Handed("outcome-unknown", code="no-answer")
        _must(answer, _CONTENT)
        with suppress(OSError, smtplib.SMTPException):
            smtp.quit()
        return Handed(self._taken, message_id(outgoing.reference, self._from))


def _after_the_dot(smtp: smtplib.SMTP) -> tuple[int, bytes] | None:
    """The server's answer to a whole message; None where none came, or none that is a reply."""
    try:
        smtp.send(b".\r\n")
        code, said = smtp.getreply()
    except (OSError, smtplib.SMTPException, ValueError):
        return None
    return (code, said) if 200 <= code < 600 else None


def _must(reply: tuple[int, bytes], stage: str, wanted: int = 2) -> None:
    """Raise `_Said` unless the reply is of the wanted hundred."""
    if reply[0] // 100 != wanted:
        raise _Said(_meaning(reply[0], _told(reply[1]), stage))


def _meaning(code: int, said: str, stage: str) -> Handed:
    """What a refusal means. Of its words only the enhanced code and a time to wait are kept."""
    enhanced = _ENHANCED.match(said)
    shown = enhanced.group(1) if enhanced else str(code)
    if code // 100 != 5:
        return Handed("temporary-failure", code=shown, retry_after=_waiting(said))
    if stage == _LOGIN:
        return Handed(TECHNICAL, code=shown)
    if shown in MAIL:
        return Handed(MAIL[shown], code=shown)
    return Handed(PERMANENT if stage == _RECIPIENT and code in NO_SUCH_MAILBOX else TECHNICAL, code=shown)


def _waiting(said: str) -> timedelta | None:
    """What a grey-listing server asks for, "try again in 5 minutes"."""
    found = _TRY_AGAIN.search(said)
    if not found:
        return None
    number = int(found.group(1))
    return min(
        timedelta(minutes=number) if found.group(2).lower() == "minute" else timedelta(seconds=number), LONGEST_WAIT
    )


def _told(said: bytes | str) -> str:
    return said.decode("ascii", "replace") if isinstance(said, bytes) else said


def _pieces(content: bytes) -> Iterator[bytes]:
    return (content[at : at + _PIECE] for at in range(0, len(content), _PIECE))


def _stuffed(content: bytes) -> bytes:
    """A line that begins with a dot gets another (RFC 5321 §4.5.2); the last line is ended."""
    stuffed = re.sub(rb"^\.", b"..", content, flags=re.MULTILINE)
    return stuffed if stuffed.endswith(b"\r\n") else stuffed + b"\r\n"
