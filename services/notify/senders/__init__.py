"""Channels. To families: one small protocol (`channel`), a sender and a receiver for each provider, opened by the
settings. To organisations: `FileSender`, which delivers a text under an id, and looks up whether it was delivered."""

from services.notify.domain.statuses import Result
from services.notify.senders.channel import (
    Arrived,
    Attachment,
    BadSignature,
    Channel,
    FamilySender,
    Handed,
    Inbound,
    Outgoing,
    Receipt,
    Receiver,
    Refused,
)
from services.notify.senders.file import FileSender
from services.notify.senders.inbox import Inbox, Maildir
from services.notify.senders.mailbox import Letter, MailboxSender
from services.notify.senders.once import SentOnce
from services.notify.senders.opening import (
    RECEIVES_AT,
    SenderSettings,
    mailbox_folder,
    open_inbox,
    open_receivers,
    open_report_mail,
    open_senders,
    receives_at,
)

__all__ = [
    "RECEIVES_AT",
    "Arrived",
    "Attachment",
    "BadSignature",
    "Channel",
    "FamilySender",
    "FileSender",
    "Handed",
    "Inbound",
    "Inbox",
    "Letter",
    "MailboxSender",
    "Maildir",
    "Outgoing",
    "Receipt",
    "Receiver",
    "Refused",
    "Result",
    "SenderSettings",
    "SentOnce",
    "mailbox_folder",
    "open_inbox",
    "open_receivers",
    "open_report_mail",
    "open_senders",
    "receives_at",
]
