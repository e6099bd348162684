"""A message as an e-mail: headers that name no agency, a text of any script, a DKIM signature."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from pathlib import Path
from uuid import UUID

from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, load_pem_private_key

from services.notify.senders.channel import Outgoing
from shared.errors import MisconfiguredError

_SEVEN_BIT = SMTP.clone(cte_type="7bit")
"""A signature must survive relays that know no 8-bit text."""
_ATOM = r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+"
_LABEL = r"[A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?"
_ADDRESS = re.compile(rf"(?=[^@]{{1,64}}@){_ATOM}(\.{_ATOM})*@({_LABEL}\.)*{_LABEL}")
_SIGNED_HEADERS = (
    b"from",
    b"to",
    b"subject",
    b"date",
    b"message-id",
    b"mime-version",
    b"content-type",
    b"content-transfer-encoding",
    b"content-language",
    b"auto-submitted",
)
_UNSUBSCRIBING = (b"list-unsubscribe", b"list-unsubscribe-post")
"""Signed where they are there (RFC 8058 §4)."""
_LIST_UNSUBSCRIBE = b"List-Unsubscribe:"


@dataclass(frozen=True)
class Signature:
    """How the domain vouches for its mail: RFC 6376, rsa-sha256."""

    domain: str
    selector: str
    key: bytes = field(repr=False)
    """A PEM file's RSA key, as PKCS #1."""

    @classmethod
    def read(cls, domain: str, selector: str, file: Path) -> Signature:
        """Raises `MisconfiguredError` where the file holds no RSA key of at least 1,024 bits (RFC 8301 §3.2)."""
        try:
            key = load_pem_private_key(file.read_bytes(), None)
        except (OSError, ValueError, TypeError) as error:
            raise MisconfiguredError("KINBRIDGE_DKIM_KEY must name a readable PEM file without a password.") from error
        if not isinstance(key, RSAPrivateKey) or key.key_size < 1024:
            raise MisconfiguredError("KINBRIDGE_DKIM_KEY must hold an RSA key of at least 1,024 bits (2,048 is usual).")
        return cls(domain, selector, key.private_bytes(Encoding.PEM, PrivateFormat.TraditionalOpenSSL, NoEncryption()))

    def of(self, message: bytes) -> bytes:
        """The header line to put before a message with CRLF line ends."""
        import dkim  # type: ignore[import-untyped]  # it has no types; read where mail is signed: it takes a tenth of a second

        unsubscribing = _UNSUBSCRIBING if message.startswith(_LIST_UNSUBSCRIBE) else ()
        signed: bytes = dkim.sign(
            message,
            self.selector.encode(),
            self.domain.encode(),
            self.key,
            canonicalize=(b"relaxed", b"relaxed"),
            include_headers=[*_SIGNED_HEADERS, *unsubscribing],
        )
        return signed


def written(outgoing: Outgoing, sent_from: str, signature: Signature | None) -> bytes:
    """The whole message with CRLF line ends, 7 bits, signed where there is a signature.

    Its Message-ID is made of the reference. `Auto-Submitted` (RFC 3834 §5) keeps holiday notices from answering.
    """
    message = EmailMessage(policy=_SEVEN_BIT)
    message["From"] = sent_from
    message["To"] = outgoing.to
    message["Subject"] = " ".join(outgoing.subject.split())
    message["Date"] = format_datetime(datetime.now(UTC))
    message["Message-ID"] = message_id(outgoing.reference, sent_from)
    message["Auto-Submitted"] = "auto-generated"
    message.set_content(outgoing.text)
    message["Content-Language"] = outgoing.language
    for one in outgoing.attachments:
        kind, _, subtype = one.media_type.partition(";")[0].partition("/")
        message.add_attachment(one.content, maintype=kind, subtype=subtype, filename=one.name)
    content = _unsubscribing(outgoing.unsubscribe) + message.as_bytes()
    return signature.of(content) + content if signature else content


def _unsubscribing(address: str | None) -> bytes:
    """The headers by which a mail program ends such mails; with one click where that is encrypted (RFC 8058 §3.1).
    Each is one line, as it is: folded, a long address would be encoded as words."""
    if address is None:
        return b""
    if not address.isascii() or not address.isprintable() or set(address) & set("<> "):
        raise ValueError("no address of the web")
    lines = _LIST_UNSUBSCRIBE + f" <{address}>\r\n".encode()
    one_click = b"List-Unsubscribe-Post: List-Unsubscribe=One-Click\r\n"
    return lines + one_click if address.startswith("https://") else lines


def message_id(reference: UUID, sent_from: str) -> str:
    """The same for the same attempt."""
    return f"<{reference}@{domain_of(sent_from)}>"


def domain_of(address: str) -> str:
    """What stands behind the @."""
    return address.rpartition("@")[2]


def is_address(to: str) -> bool:
    """True for one address of RFC 5321 without quotes, in ASCII: the form that every server takes."""
    return len(to) <= 254 and _ADDRESS.fullmatch(to) is not None
