"""A mail server on this machine that fails as told, and the certificates for it."""

from __future__ import annotations

import asyncio
import datetime as dt
import ipaddress
import random
import ssl
import threading
from collections import Counter, deque
from collections.abc import Sequence
from email import message_from_bytes
from email.message import Message
from email.policy import default
from pathlib import Path
from typing import Any, Literal

from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID

Stage = Literal["sender", "recipient", "content"]
USER, PASSWORD = "relay-user", "relay-password"


class MailServer:
    """`with MailServer() as server:` takes mail at `server.host`, `server.port`.

    `next` says what happens to the next messages: None is taken; ("recipient", "550 5.1.1 …") is what the server says
    at that stage; "drop-before" closes the connection before the content, "drop-after" once it has taken the message.
    """

    def __init__(
        self,
        *,
        tls: Literal["starttls", "tls", "none"] = "none",
        certificate: Path | None = None,
        chances: Sequence[tuple[float, Any]] = (),
        seed: int = 1,
    ) -> None:
        """`chances` are (how often, what happens): what remains of 1 is taken."""
        self.taken: list[bytes] = []
        self.counted: Counter[str] = Counter()
        """By Message-ID."""
        self.secured: list[bool] = []
        self._script: deque[Any] = deque()
        self._lock = threading.Lock()
        self._chances, self._random = chances, random.Random(seed)
        self._tls = tls
        self._context = server_context(certificate) if certificate else None
        self._loop = asyncio.new_event_loop()
        self._stop = asyncio.Event()
        self._started = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self.host, self.port = "127.0.0.1", 0

    @property
    def letters(self) -> list[Message]:
        return [message_from_bytes(raw, policy=default) for raw in self.taken]

    def next(self, *happenings: Any) -> None:
        with self._lock:
            self._script.extend(happenings)

    def __enter__(self) -> MailServer:
        self._thread.start()
        assert self._started.wait(10)
        return self

    def __exit__(self, *_error: object) -> None:
        self._loop.call_soon_threadsafe(self._stop.set)
        self._thread.join(10)

    def _run(self) -> None:
        asyncio.set_event_loop(self._loop)
        self._loop.run_until_complete(self._serve())
        self._loop.close()

    async def _serve(self) -> None:
        wrapped = self._context if self._tls == "tls" else None
        server = await self._loop.create_server(self._conversation, self.host, 0, backlog=1024, ssl=wrapped)
        self.port = server.sockets[0].getsockname()[1]
        self._started.set()
        await self._stop.wait()
        server.close()
        others = asyncio.all_tasks(self._loop) - {asyncio.current_task()}
        for task in others:
            task.cancel()
        await asyncio.gather(*others, return_exceptions=True)

    def _conversation(self) -> SMTP:
        starttls = self._tls == "starttls"
        return SMTP(
            self,
            hostname="relay.example",
            loop=self._loop,
            tls_context=self._context if starttls else None,
            require_starttls=starttls,
            authenticator=_authenticated,
            auth_require_tls=starttls,
        )

    async def handle_MAIL(self, server: SMTP, _session: Session, envelope: Envelope, address: str, options: Any) -> str:
        with self._lock:
            server.happening = self._script.popleft() if self._script else self._drawn()  # type: ignore[attr-defined]
        if (refusal := _said(server, "sender")) is not None:
            return refusal
        envelope.mail_from = address
        envelope.mail_options.extend(options)
        return "250 OK"

    def _drawn(self) -> Any:
        drawn = self._random.random()
        for chance, happening in self._chances:
            drawn -= chance
            if drawn < 0:
                return happening
        return None

    async def handle_RCPT(self, server: SMTP, _session: Session, envelope: Envelope, address: str, options: Any) -> str:
        if (refusal := _said(server, "recipient")) is not None:
            return refusal
        if server.happening == "drop-before":  # type: ignore[attr-defined]
            _transport(server).abort()
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        if (refusal := _said(server, "content")) is not None:
            return refusal
        content = envelope.original_content or b""
        with self._lock:
            self.taken.append(content)
            self.counted[str(message_from_bytes(content)["Message-ID"])] += 1
            self.secured.append(session.ssl is not None or _transport(server).get_extra_info("sslcontext") is not None)
        if server.happening == "drop-after":  # type: ignore[attr-defined]
            _transport(server).abort()
            await asyncio.sleep(0.05)
        return "250 OK"


def _transport(server: SMTP) -> asyncio.Transport:
    assert isinstance(server.transport, asyncio.Transport)
    return server.transport


def _said(server: SMTP, stage: Stage) -> str | None:
    happening = server.happening  # type: ignore[attr-defined]
    return happening[1] if isinstance(happening, tuple) and happening[0] == stage else None


def _authenticated(_server: SMTP, _session: Session, _envelope: Envelope, _kind: str, given: Any) -> AuthResult:
    good = isinstance(given, LoginPassword) and (given.login, given.password) == (USER.encode(), PASSWORD.encode())
    return AuthResult(success=good, handled=good)


def server_context(certificate: Path) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    return context


def client_context(authority: Path) -> ssl.SSLContext:
    """Trusts the one authority."""
    return ssl.create_default_context(cafile=str(authority))


def certify(folder: Path, host: str = "127.0.0.1") -> tuple[Path, Path]:
    """An authority of its own and a certificate for a host: (the authority's file, the server's with its key)."""
    authority_key, server_key = ec.generate_private_key(ec.SECP256R1()), ec.generate_private_key(ec.SECP256R1())
    authority_name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Test authority")])
    now = dt.datetime.now(dt.UTC)

    def build(name: x509.Name, key: ec.EllipticCurvePublicKey) -> x509.CertificateBuilder:
        return (
            x509.CertificateBuilder()
            .subject_name(name)
            .issuer_name(authority_name)
            .public_key(key)
            .serial_number(x509.random_serial_number())
            .not_valid_before(now - dt.timedelta(days=1))
            .not_valid_after(now + dt.timedelta(days=1))
        )

    try:
        known: x509.GeneralName = x509.IPAddress(ipaddress.ip_address(host))
    except ValueError:
        known = x509.DNSName(host)
    authority = (
        build(authority_name, authority_key.public_key())
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(authority_key, hashes.SHA256())
    )
    server_name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, host)])
    server = (
        build(server_name, server_key.public_key())
        .add_extension(x509.SubjectAlternativeName([known]), critical=False)
        .sign(authority_key, hashes.SHA256())
    )
    key = server_key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "authority.pem").write_bytes(authority.public_bytes(Encoding.PEM))
    (folder / "server.pem").write_bytes(key + server.public_bytes(Encoding.PEM))
    return folder / "authority.pem", folder / "server.pem"
