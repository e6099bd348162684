"""Which channels an installation has, by its settings.

Without any, the "file" channel serves for SMS and e-mail alike. A module is read only where its sender is used: a start
waits for no HTTP client that nothing calls.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Literal, Protocol

from pydantic import SecretStr

from services.notify.senders.channel import Channel, FamilySender, Receiver
from services.notify.senders.inbox import Inbox, Maildir
from services.notify.senders.mailbox import MailboxSender
from shared.errors import MisconfiguredError

SmsProvider = Literal["file", "twilio", "vonage", "africastalking"]
Kind = Literal["receipts", "inbound"]

RECEIVES_AT = "/notify/providers/{provider}/{kind}"
"""The path at which a provider's requests arrive; Africa's Talking's ends with `/` and the secret."""
SHORTEST_SECRET = 32
"""Characters of a secret that stands in an address."""


class SenderSettings(Protocol):
    """What of an installation's settings (`shared.settings.Settings`) the channels read."""

    @property
    def data_dir(self) -> Path: ...
    @property
    def public_url(self) -> str | None: ...
    @property
    def sms_provider(self) -> SmsProvider: ...
    @property
    def sms_url(self) -> str | None: ...
    @property
    def sms_account(self) -> str | None: ...
    @property
    def sms_secret(self) -> SecretStr | None: ...
    @property
    def sms_from(self) -> str | None: ...
    @property
    def sms_per_second(self) -> float: ...
    @property
    def receiver_secret(self) -> SecretStr | None: ...
    @property
    def smtp_host(self) -> str | None: ...
    @property
    def smtp_port(self) -> int: ...
    @property
    def smtp_user(self) -> str | None: ...
    @property
    def smtp_password(self) -> SecretStr | None: ...
    @property
    def smtp_tls(self) -> Literal["starttls", "tls", "none"]: ...
    @property
    def mail_from(self) -> str | None: ...
    @property
    def mail_inbox(self) -> Path | None: ...
    @property
    def dkim_domain(self) -> str | None: ...
    @property
    def dkim_selector(self) -> str | None: ...
    @property
    def dkim_key(self) -> Path | None: ...


def open_senders(settings: SenderSettings) -> Mapping[Channel, Sequence[FamilySender]]:
    """The senders of each channel, in the order in which they are tried. Raises `MisconfiguredError`.

    Where one channel is real, the mailbox stands for no other: what lies there reaches nobody, and a case worker must
    know of it.
    """
    mailbox = MailboxSender(mailbox_folder(settings))
    if settings.sms_provider == "file" and settings.smtp_host is None:
        return {"sms": (mailbox,), "email": (mailbox,), "file": (mailbox,)}
    found: dict[Channel, Sequence[FamilySender]] = {}
    if settings.sms_provider != "file":
        found["sms"] = (_sms(settings),)
    if settings.smtp_host is not None:
        found["email"] = (_smtp(settings, settings.smtp_host),)
    return found


def open_report_mail(settings: SenderSettings) -> FamilySender | None:
    """Who carries mail with reports: the mail server; without any provider, a folder. None where families have one and
    mail has none: a folder would stand for nobody. Raises `MisconfiguredError`."""
    if settings.smtp_host is not None:
        return _smtp(settings, settings.smtp_host)
    if settings.sms_provider != "file":
        return None
    from services.notify.senders.mail_folder import MailFolder

    return MailFolder(settings.data_dir / "report-mail", settings.mail_from)


def open_receivers(settings: SenderSettings) -> Mapping[str, Receiver]:
    """The receivers by their provider's name: one, or none. Raises `MisconfiguredError`."""
    if settings.sms_provider == "file":
        return {}
    receiver = _receiver(settings)
    return {receiver.name: receiver}


def open_inbox(settings: SenderSettings) -> Inbox | None:
    """The mailbox to which bounces and families' answers come back; None where nobody reads any. Raises
    `MisconfiguredError`."""
    if settings.mail_inbox is None:
        return None
    from services.notify.senders.returned import understood

    our_address = _needed("MAIL_FROM", settings.mail_from)
    return Inbox(Maildir(settings.mail_inbox), partial(understood, our_address=our_address))


def mailbox_folder(settings: SenderSettings) -> Path:
    """Where the "file" channel's messages to families lie."""
    return settings.data_dir / "mailbox"


def receives_at(settings: SenderSettings, provider: str, kind: Kind) -> str | None:
    """The public address that a provider must call; None while nobody outside can reach this installation."""
    if not settings.public_url:
        return None
    address = settings.public_url.strip().rstrip("/") + RECEIVES_AT.format(provider=provider, kind=kind)
    return f"{address}/{_receiver_secret(settings)}" if provider == "africastalking" else address


def _sms(settings: SenderSettings) -> FamilySender:
    account, secret = _needed("SMS_ACCOUNT", settings.sms_account), _needed("SMS_SECRET", _plain(settings.sms_secret))
    callback, per_second = receives_at(settings, settings.sms_provider, "receipts"), settings.sms_per_second
    if settings.sms_provider == "twilio":
        from services.notify.senders import twilio

        sent_from, url = _needed("SMS_FROM", settings.sms_from), settings.sms_url or twilio.ADDRESS
        return twilio.TwilioSender(account, secret, sent_from, callback, url=url, per_second=per_second)
    if settings.sms_provider == "vonage":
        from services.notify.senders import vonage

        sent_from, url = _needed("SMS_FROM", settings.sms_from), settings.sms_url or vonage.ADDRESS
        return vonage.VonageSender(account, secret, sent_from, callback, url=url, per_second=per_second)
    from services.notify.senders import africastalking

    url = settings.sms_url or africastalking.ADDRESS
    return africastalking.AfricasTalkingSender(account, secret, settings.sms_from, url=url, per_second=per_second)


def _receiver(settings: SenderSettings) -> Receiver:
    if settings.sms_provider == "twilio":
        from services.notify.senders.twilio import TwilioReceiver

        return TwilioReceiver(_needed("SMS_SECRET", _plain(settings.sms_secret)))
    if settings.sms_provider == "vonage":
        from services.notify.senders.vonage import VonageReceiver

        return VonageReceiver(_needed("RECEIVER_SECRET", _plain(settings.receiver_secret)))
    from services.notify.senders.africastalking import AfricasTalkingReceiver

    return AfricasTalkingReceiver(_receiver_secret(settings))


def _smtp(settings: SenderSettings, host: str) -> FamilySender:
    from services.notify.senders.gateway import on_this_machine
    from services.notify.senders.letter import Signature, is_address
    from services.notify.senders.smtp import Relay, SmtpSender

    if settings.smtp_tls == "none" and not on_this_machine(host):
        raise MisconfiguredError('KINBRIDGE_SMTP_TLS may be "none" only where the mail server is this machine.')
    sent_from = _needed("MAIL_FROM", settings.mail_from)
    if not is_address(sent_from):
        raise MisconfiguredError("KINBRIDGE_MAIL_FROM must be one e-mail address, without a name.")
    relay = Relay(host, settings.smtp_port, settings.smtp_tls, settings.smtp_user, _plain(settings.smtp_password))
    signature = None
    if settings.dkim_key is not None:
        domain, selector = (
            _needed("DKIM_DOMAIN", settings.dkim_domain),
            _needed("DKIM_SELECTOR", settings.dkim_selector),
        )
        signature = Signature.read(domain, selector, settings.dkim_key)
    return SmtpSender(relay, sent_from, signature, hears_bounces=settings.mail_inbox is not None)


def _receiver_secret(settings: SenderSettings) -> str:
    """What the address ends with. Raises `MisconfiguredError` where it could be guessed or does not fit there."""
    secret = _needed("RECEIVER_SECRET", _plain(settings.receiver_secret))
    if len(secret) < SHORTEST_SECRET or not all(
        letter.isascii() and (letter.isalnum() or letter in "-_") for letter in secret
    ):
        raise MisconfiguredError("KINBRIDGE_RECEIVER_SECRET must be at least 32 letters, digits, - or _ (A to Z).")
    return secret


def _needed(name: str, value: str | None) -> str:
    if not value:
        raise MisconfiguredError("KINBRIDGE_{name} is not set: the channel of families needs it.", name=name)
    return value


def _plain(secret: SecretStr | None) -> str | None:
    return secret.get_secret_value() if secret is not None else None
