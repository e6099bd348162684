"""A letter is whole, names nobody but its domain, and is signed by it."""

from __future__ import annotations

from base64 import b64encode
from email import message_from_bytes
from email.policy import default
from pathlib import Path
from uuid import uuid4

import dkim  # type: ignore[import-untyped]  # it has no types
import hypothesis
import pytest
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat
from hypothesis import strategies as st

from services.notify.senders import Outgoing
from services.notify.senders.letter import Signature, is_address, written
from services.notify.senders.smtp import Relay, SmtpSender
from shared.errors import MisconfiguredError
from tests.notify.mail_server import MailServer

FROM = "messages@letters.example"
EXPECTED_HEADERS = {
    "From",
    "To",
    "Subject",
    "Date",
    "Message-ID",
    "Auto-Submitted",
    "Content-Language",
    "Content-Type",
    "Content-Transfer-Encoding",
    "MIME-Version",
}


def message(to: str = "family@home.example", subject: str = "رسالة لك", text: str = "طلبك معنا") -> Outgoing:
    return Outgoing(uuid4(), to, subject, text, "ar")


def addresses() -> st.SearchStrategy[str]:
    atom = st.text("aZ09!#$%&'*+/=?^_`{|}~-", min_size=1, max_size=9)
    label = st.from_regex(r"[a-zA-Z0-9]([a-zA-Z0-9-]{0,9}[a-zA-Z0-9])?", fullmatch=True)
    parts = st.tuples(st.lists(atom, min_size=1, max_size=4), st.lists(label, min_size=1, max_size=4))
    return parts.map(lambda each: ".".join(each[0]) + "@" + ".".join(each[1]))


@hypothesis.settings(max_examples=100)
@hypothesis.given(addresses(), st.text(), st.text())
def test_every_address_that_is_one_and_every_text_becomes_one_letter(to: str, subject: str, text: str) -> None:
    assert is_address(to)
    try:
        raw = written(message(to, subject, text), FROM, None)
    except ValueError:
        assert not (subject + text).isprintable()
        return
    letter = message_from_bytes(raw, policy=default)
    assert raw.isascii()
    assert [address.addr_spec for address in letter["To"].addresses] == [to]
    assert set(letter.keys()) <= EXPECTED_HEADERS


@pytest.mark.parametrize("form", [PrivateFormat.PKCS8, PrivateFormat.TraditionalOpenSSL])
def test_a_letter_is_signed_by_its_domain_and_a_changed_one_is_not(tmp_path: Path, form: PrivateFormat) -> None:
    key = rsa.generate_private_key(65537, 2048)
    (tmp_path / "dkim.pem").write_bytes(key.private_bytes(Encoding.PEM, form, NoEncryption()))
    signature = Signature.read("letters.example", "k1", tmp_path / "dkim.pem")
    with MailServer() as server:
        SmtpSender(Relay(server.host, server.port, "none"), FROM, signature).send(message())
        (raw,) = server.taken
    public = b64encode(key.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo))
    asked = []

    def dns(name: bytes, timeout: int = 5) -> bytes:
        asked.append(name)
        return b"v=DKIM1; k=rsa; p=" + public

    assert dkim.verify(raw, dnsfunc=dns)
    assert asked == [b"k1._domainkey.letters.example."]
    assert not dkim.verify(raw.replace(b"family@home.example", b"other@home.example"), dnsfunc=dns)
    assert not dkim.verify(b"From: other@agency.example\r\n" + raw, dnsfunc=dns), "a second From breaks it"
    assert "PRIVATE" not in repr(signature)


def test_a_key_that_signs_no_mail_is_refused_at_the_start(tmp_path: Path) -> None:
    for content in (b"", b"-----BEGIN RSA PRIVATE KEY-----\nAAAA\n-----END RSA PRIVATE KEY-----\n", _elliptic()):
        (tmp_path / "dkim.pem").write_bytes(content)
        with pytest.raises(MisconfiguredError):
            Signature.read("letters.example", "k1", tmp_path / "dkim.pem")
    with pytest.raises(MisconfiguredError):
        Signature.read("letters.example", "k1", tmp_path / "nothing.pem")


def _elliptic() -> bytes:
    key = ec.generate_private_key(ec.SECP256R1())
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
