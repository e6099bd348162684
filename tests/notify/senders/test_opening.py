"""The settings say which channels there are; what would be unsafe does not start."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal
from uuid import uuid4

import pytest
from pydantic import SecretStr

from services.notify.senders import Outgoing, open_inbox, open_receivers, open_senders, receives_at
from services.notify.senders.opening import SmsProvider
from shared.errors import MisconfiguredError
from tests.notify.gateways import ProviderServer
from tests.notify.mail_server import MailServer

SECRET = SecretStr("secret")
RECEIVER_SECRET = SecretStr("KINBRIDGE" + "x" * 32)


@dataclass(frozen=True)
class Given:
    data_dir: Path
    public_url: str | None = "https://hub.example/"
    sms_provider: SmsProvider = "file"
    sms_url: str | None = None
    sms_account: str | None = "account"
    sms_secret: SecretStr | None = SECRET
    sms_from: str | None = "+15550001111"
    sms_per_second: float = 50
    receiver_secret: SecretStr | None = RECEIVER_SECRET
    smtp_host: str | None = None
    smtp_port: int = 587
    smtp_user: str | None = None
    smtp_password: SecretStr | None = None
    smtp_tls: Literal["starttls", "tls", "none"] = "starttls"
    mail_from: str | None = "messages@letters.example"
    mail_inbox: Path | None = None
    dkim_domain: str | None = None
    dkim_selector: str | None = None
    dkim_key: Path | None = None


@pytest.fixture
def given(tmp_path: Path) -> Given:
    return Given(tmp_path)


def test_without_settings_the_mailbox_serves_every_channel(given: Given) -> None:
    senders = open_senders(given)
    assert {channel: [sender.name for sender in each] for channel, each in senders.items()} == {
        "sms": ["file"],
        "email": ["file"],
        "file": ["file"],
    }
    assert open_receivers(given) == {}


@pytest.mark.parametrize("provider", ["twilio", "vonage", "africastalking"])
def test_a_provider_is_opened_with_its_receiver_and_its_rate(given: Given, provider: SmsProvider) -> None:
    settings = replace(given, sms_provider=provider, sms_per_second=7)
    with ProviderServer(provider) as server:  # type: ignore[arg-type]
        (sender,) = open_senders(replace(settings, sms_url=server.url))["sms"]
        handed = sender.send(Outgoing(uuid4(), "+254711000001", "", "Hello", "en"))
        (taken,) = server.taken.values()
    assert handed.result == "accepted"
    assert (sender.name, sender.channel, sender.per_second) == (provider, "sms", 7)
    assert list(open_receivers(settings)) == [provider]
    if provider != "africastalking":
        assert str(taken.callback).startswith(f"https://hub.example/notify/providers/{provider}/receipts")


def test_africas_talking_is_given_an_address_that_ends_with_the_secret(given: Given) -> None:
    address = receives_at(given, "africastalking", "inbound")
    assert address == f"https://hub.example/notify/providers/africastalking/inbound/KINBRIDGE{'x' * 32}"
    assert receives_at(given, "twilio", "inbound") == "https://hub.example/notify/providers/twilio/inbound"
    assert receives_at(replace(given, public_url=None), "twilio", "inbound") is None


def test_mail_is_opened_by_its_host(given: Given) -> None:
    with MailServer() as server:
        settings = replace(given, smtp_host=server.host, smtp_port=server.port, smtp_tls="none")
        (sender,) = open_senders(settings)["email"]
        assert sender.send(Outgoing(uuid4(), "a@b.example", "Hello", "Hello", "en")).result == "delivered"
    assert (sender.name, sender.channel) == ("smtp", "email")


@pytest.mark.parametrize(
    "change",
    [
        {"sms_provider": "twilio", "sms_account": None},
        {"sms_provider": "twilio", "sms_secret": None},
        {"sms_provider": "twilio", "sms_from": None},
        {"sms_provider": "vonage", "sms_from": ""},
        {"sms_provider": "twilio", "sms_url": "http://gateway.example"},
        {"smtp_host": "mail.example", "smtp_tls": "none"},
        {"smtp_host": "mail.example", "mail_from": None},
        {"smtp_host": "mail.example", "mail_from": "Agency <a@b.example>"},
        {"smtp_host": "mail.example", "dkim_key": Path("key.pem")},
        {"smtp_host": "mail.example", "dkim_key": Path("key.pem"), "dkim_domain": "b.example", "dkim_selector": "k"},
    ],
)
def test_senders_that_could_not_work_or_would_not_be_safe_do_not_start(given: Given, change: dict[str, object]) -> None:
    with pytest.raises(MisconfiguredError):
        open_senders(replace(given, **change))  # type: ignore[arg-type]


@pytest.mark.parametrize("secret", [None, "", "short", "x" * 31, "é" * 40, "/" * 40])
def test_an_address_that_could_be_guessed_does_not_start(given: Given, secret: str | None) -> None:
    settings = replace(given, sms_provider="africastalking", receiver_secret=SecretStr(secret) if secret else None)
    with pytest.raises(MisconfiguredError) as refused:
        open_receivers(settings)
    assert not secret or secret not in str(refused.value)


def test_the_default_reads_no_client_that_nothing_calls() -> None:
    read = "import sys, services.notify.senders; print({'httpx2', 'dkim', 'smtplib'} & set(sys.modules))"
    told = subprocess.run([sys.executable, "-c", read], check=True, capture_output=True, text=True).stdout
    assert told.strip() == "set()"


def test_an_inbox_is_a_maildir_for_the_address_that_families_see(given: Given, tmp_path: Path) -> None:
    assert open_inbox(given) is None
    settings = replace(given, mail_inbox=tmp_path / "inbox")
    inbox = open_inbox(settings)
    assert inbox is not None
    assert sorted(one.name for one in (tmp_path / "inbox").iterdir()) == ["cur", "new", "tmp"]
    assert list(inbox.letters.waiting(10)) == []
    with pytest.raises(MisconfiguredError, match="MAIL_FROM"):
        open_inbox(replace(settings, mail_from=None))


def test_what_a_relay_takes_has_arrived_only_where_nobody_would_hear_of_a_bounce(given: Given, tmp_path: Path) -> None:
    with MailServer() as server:
        settings = replace(given, smtp_host=server.host, smtp_port=server.port, smtp_tls="none")
        message = Outgoing(uuid4(), "family@home.example", "A message", "Hello", "en")
        results = [
            open_senders(replace(settings, mail_inbox=inbox))["email"][0].send(message).result
            for inbox in (None, tmp_path / "inbox")
        ]
    assert results == ["delivered", "accepted"]
