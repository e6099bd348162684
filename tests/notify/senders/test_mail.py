"""Mail is handed to a real server on this machine: signed, over TLS, and every way to fail has one meaning."""

from __future__ import annotations

import socket
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from aiosmtpd.smtp import SMTP

from services.notify.senders import Outgoing, smtp
from services.notify.senders.smtp import Relay, SmtpSender
from tests.notify import mail_server
from tests.notify.mail_server import PASSWORD, USER, MailServer, certify, client_context

FROM = "messages@letters.example"
TEXT = "طلبك معنا. نحن لا نطلب المال أبدا.\n.a line that begins with a dot\n..two\n.\nالسلام عليكم"


def message(to: str = "family@home.example", text: str = TEXT) -> Outgoing:
    return Outgoing(uuid4(), to, "رسالة لك", text, "ar")


def sender_of(server: MailServer, **relay: Any) -> SmtpSender:
    return SmtpSender(Relay(server.host, server.port, **{"tls": "none", **relay}), FROM)


@pytest.fixture
def server() -> Iterator[MailServer]:
    with MailServer() as running:
        yield running


@pytest.fixture(scope="module")
def certificates(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    return certify(tmp_path_factory.mktemp("certificates"))


@contextmanager
def talking(*replies: bytes) -> Iterator[int]:
    """A server that says these things one after the other, each when something was said to it, and then is gone."""
    listener = socket.create_server(("127.0.0.1", 0))

    def serve() -> None:
        connection, _ = listener.accept()
        with connection:
            for reply in replies:
                connection.sendall(reply)
                connection.recv(1 << 20)

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    yield listener.getsockname()[1]
    thread.join(5)
    listener.close()


def test_a_letter_arrives_in_its_script_and_names_nobody_but_the_domain(server: MailServer) -> None:
    outgoing = message()
    handed = sender_of(server).send(outgoing)
    (letter,) = server.letters
    assert (handed.result, handed.provider_id) == ("accepted", f"<{outgoing.reference}@letters.example>")
    assert letter["Message-ID"] == handed.provider_id
    assert (letter["From"], letter["To"], letter["Subject"]) == (FROM, outgoing.to, outgoing.subject)
    assert (letter["Auto-Submitted"], letter["Content-Language"]) == ("auto-generated", "ar")
    assert letter.get_content().replace("\r\n", "\n").rstrip("\n") == TEXT  # type: ignore[attr-defined]
    assert server.taken[0].isascii()


def test_a_long_line_and_a_bare_dot_arrive_as_they_were(server: MailServer) -> None:
    text = "x" * 5000 + "\n.\n" + "é" * 500
    sender_of(server).send(message(text=text))
    assert server.letters[0].get_content().replace("\r\n", "\n").rstrip("\n") == text  # type: ignore[attr-defined]


def test_no_line_can_be_smuggled_into_the_headers(server: MailServer) -> None:
    outgoing = replace(message(), subject="Hello\r\nBcc: other@home.example")
    assert sender_of(server).send(outgoing).result == "accepted"
    assert server.letters[0]["Bcc"] is None
    for to in (
        "a@b.example\r\nRCPT TO:<x@y.example>",
        "a@b.example,c@d.example",
        "<a@b.example>",
        "نور@b.example",
        "a",
        "",
    ):
        handed = sender_of(server).send(message(to))
        assert (handed.result, handed.code) == ("permanent-failure", "not-an-address")


def test_half_a_character_is_our_own_mistake(server: MailServer) -> None:
    assert sender_of(server).send(message(text="\ud800")).result == "technical-failure"


@pytest.mark.parametrize("tls", ["starttls", "tls"])
def test_mail_goes_over_tls_with_a_password(tls: Any, certificates: tuple[Path, Path]) -> None:
    authority, certificate = certificates
    trust = client_context(authority)
    with MailServer(tls=tls, certificate=certificate) as server:
        sender = sender_of(server, tls=tls, user=USER, password=PASSWORD, trust=trust)
        handed = sender.send(message())
        assert handed.result == "accepted", handed
        assert server.secured == [True]
        wrong = sender_of(server, tls=tls, user=USER, password="wrong", trust=trust).send(message())
        assert (wrong.result, wrong.code) == ("technical-failure", "5.7.8")
    assert PASSWORD not in repr(sender._relay)


@pytest.mark.parametrize("tls", ["starttls", "tls"])
def test_a_server_that_is_not_who_it_says_gets_nothing(
    tls: Any, certificates: tuple[Path, Path], tmp_path: Path
) -> None:
    authority, certificate = certify(tmp_path / "other", "elsewhere.example")
    with MailServer(tls=tls, certificate=certificate) as server:
        for trust in (client_context(authority), client_context(certificates[0])):  # another host; another authority
            handed = sender_of(server, tls=tls, trust=trust).send(message())
            assert (handed.result, handed.code) == ("temporary-failure", "tls")
        assert not server.taken


def test_without_the_tls_that_was_asked_for_nothing_is_said(server: MailServer) -> None:
    handed = sender_of(server, tls="starttls").send(message())
    assert (handed.result, handed.code) == ("temporary-failure", "no-tls")
    assert not server.taken


@pytest.mark.parametrize(
    ("stage", "said", "result", "code"),
    [
        ("recipient", "550 5.1.1 No such user family@home.example", "permanent-failure", "5.1.1"),
        ("recipient", "550 no", "permanent-failure", "550"),
        ("recipient", "552 5.2.2 Mailbox full", "temporary-failure", "5.2.2"),
        ("recipient", "550 5.7.1 Relaying denied", "technical-failure", "5.7.1"),
        ("recipient", "550 5.7.13 Account disabled", "permanent-failure", "5.7.13"),
        ("recipient", "450 4.2.0 Greylisted, try again in 5 minutes", "temporary-failure", "4.2.0"),
        ("recipient", "421 4.3.2 closing", "temporary-failure", "4.3.2"),
        ("sender", "550 who are you", "technical-failure", "550"),
        ("content", "554 5.7.1 spam", "technical-failure", "5.7.1"),
        ("content", "552 5.3.4 too big", "technical-failure", "5.3.4"),
        ("content", "451 4.3.0 later", "temporary-failure", "4.3.0"),
    ],
)
def test_a_reply_means_what_its_code_says(server: MailServer, stage: str, said: str, result: str, code: str) -> None:
    server.next((stage, said))
    handed = sender_of(server).send(message())
    assert (handed.result, handed.code) == (result, code)
    assert handed.retry_after == (timedelta(minutes=5) if "minutes" in said else None)
    assert not server.taken


def test_until_the_last_dot_a_broken_connection_is_a_temporary_failure(server: MailServer) -> None:
    server.next("drop-before")
    assert sender_of(server).send(message()).result == "temporary-failure"
    assert not server.taken


def test_after_the_last_dot_a_broken_connection_leaves_the_outcome_unknown(server: MailServer) -> None:
    server.next("drop-after", None)
    outgoing = message()
    assert [sender_of(server).send(outgoing).result for _ in range(2)] == ["outcome-unknown", "accepted"]
    assert server.counted[f"<{outgoing.reference}@letters.example>"] == 2, "a server does not tell the two apart"


def test_a_server_that_falls_silent_after_the_dot_leaves_the_outcome_unknown(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(smtp, "TIMEOUT", 0.3)
    with talking(b"220 me\r\n", b"250 me\r\n", b"250 ok\r\n", b"250 ok\r\n", b"354 go\r\n", b"") as port:
        handed = SmtpSender(Relay("127.0.0.1", port, "none"), FROM).send(message())
    assert handed.result == "outcome-unknown"


@pytest.mark.parametrize(
    "greeting",
    [b"", b"554 5.3.2 closed\r\n", b"421 later\r\n", b"220", b"\xff\xfe\r\n", b"HTTP/1.1 400 Bad Request\r\n\r\n"],
)
def test_whatever_greets_us_nothing_is_raised(greeting: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(smtp, "TIMEOUT", 0.3)
    with talking(greeting) as port:
        handed = SmtpSender(Relay("127.0.0.1", port, "none"), FROM).send(message())
    assert handed.result == "temporary-failure", handed


def test_nobody_listening_is_a_temporary_failure() -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    assert SmtpSender(Relay("127.0.0.1", port, "none"), FROM).send(message()).result == "temporary-failure"


def test_however_a_server_fails_what_a_sender_says_of_a_letter_is_true() -> None:
    chances = [
        (0.2, "drop-before"),
        (0.2, "drop-after"),
        (0.1, ("recipient", "550 5.1.1 no")),
        (0.1, ("content", "451 no")),
    ]
    with MailServer(chances=chances) as server:
        sender, letters = sender_of(server), [message() for _ in range(80)]
        said: dict[str, set[int]] = {}
        for letter in letters:
            handed = sender.send(letter)
            said.setdefault(handed.result, set()).add(server.counted[f"<{letter.reference}@letters.example>"])
    assert said == {"accepted": {1}, "outcome-unknown": {1}, "temporary-failure": {0}, "permanent-failure": {0}}


def test_by_default_this_machines_authorities_are_believed(certificates: tuple[Path, Path]) -> None:
    trust = SmtpSender(Relay("mail.example", 587), FROM)._trust
    assert (trust.verify_mode, trust.check_hostname) == (ssl.CERT_REQUIRED, True)
    with MailServer(tls="tls", certificate=certificates[1]) as server:
        assert sender_of(server, tls="tls").send(message()).code == "tls"


def test_a_relay_that_knows_delivery_notifications_is_told_which_message_and_to_keep_the_text(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """RFC 3461: a bounce names the attempt, and brings the headers back, not the code."""
    said: list[str] = []

    class Knowing(SMTP):
        async def smtp_EHLO(self, hostname: str) -> None:
            await self.push("250-relay.example")
            await self.push("250 DSN")
            self.session.host_name, self.session.extended_smtp = hostname, True

        async def smtp_MAIL(self, arg: str) -> None:
            said.append(arg)
            await super().smtp_MAIL(arg.split(" ")[0])

        async def smtp_RCPT(self, arg: str) -> None:
            said.append(arg)
            await super().smtp_RCPT(arg.split(" ")[0])

    monkeypatch.setattr(mail_server, "SMTP", Knowing)
    letter = message()
    with MailServer() as server:
        assert sender_of(server).send(letter).result == "accepted"
    assert said == [
        f"FROM:<{FROM}> RET=HDRS ENVID={letter.reference}",
        "TO:<family@home.example> NOTIFY=FAILURE",
    ]
