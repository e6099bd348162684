"""What the staff of two organisations are told when something passes between them: declared, step by step.

A message names the two organisations, the reference, what is asked and by when. It never says for whom, which service,
where, or why: who may know opens it, signed in. Its words are fixed texts, filled with nothing but these `Passed`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal, Protocol
from uuid import UUID

from shared.events import (
    ReferralAccepted,
    ReferralAcknowledged,
    ReferralCompleted,
    ReferralDeclined,
    ReferralExpired,
    ReferralHandedOver,
    ReferralInformationGiven,
    ReferralInformationRequested,
    ReferralOffered,
    ReferralOverdue,
    ReferralRevoked,
    ReferralUpdated,
    TransferAccepted,
    TransferAcknowledged,
    TransferCompleted,
    TransferDeclined,
    TransferExpired,
    TransferHandedOver,
    TransferInformationGiven,
    TransferInformationRequested,
    TransferOffered,
    TransferOverdue,
    TransferRevoked,
    TransferUpdated,
)
from shared.events.envelope import Event

Side = Literal["sender", "receiver"]


class PassedFact(Protocol):
    """A fact of something that passes from one organisation to another."""

    organisation_id: UUID
    """The sender."""
    receiver_id: UUID
    case_id: UUID
    reference: str | None


@dataclass(frozen=True)
class Words:
    """A message. Gaps: {What} and {what}, a referral or a transfer; {reference}, {sender}, {receiver}, {look_by},
    {answer_by}."""

    subject: str
    text: str


PASSED: tuple[type[Event], ...] = (
    ReferralOffered,
    ReferralAcknowledged,
    ReferralInformationRequested,
    ReferralInformationGiven,
    ReferralAccepted,
    ReferralDeclined,
    ReferralHandedOver,
    ReferralCompleted,
    ReferralUpdated,
    ReferralRevoked,
    ReferralOverdue,
    ReferralExpired,
    TransferOffered,
    TransferAcknowledged,
    TransferInformationRequested,
    TransferInformationGiven,
    TransferAccepted,
    TransferDeclined,
    TransferHandedOver,
    TransferCompleted,
    TransferUpdated,
    TransferRevoked,
    TransferOverdue,
    TransferExpired,
)
"""The facts that are told. Their types read `family.step`."""
ADDRESSES: Mapping[str, str] = {"referral": "/intake/referrals/{id}", "transfer": "/intake/referrals/{id}"}
"""Each family: where it is opened. It carries its id as `family_id`."""

WORDS: Mapping[str, Mapping[Side, Words]] = {
    "offered": {
        "receiver": Words(
            "{What} {reference}: {sender} asks you",
            "{sender} offers you a {what}. Look at it by {look_by}, and answer by {answer_by}.",
        ),
        "sender": Words(
            "{What} {reference} was sent",
            "{receiver} was told. It is asked to look at it by {look_by}, and to answer by {answer_by}. "
            "Until it accepts, the case is with you.",
        ),
    },
    "acknowledged": {
        "sender": Words("{What} {reference} was seen", "{receiver} has seen it. There is nothing to do for you."),
    },
    "information_requested": {
        "sender": Words(
            "{What} {reference}: you are asked something",
            "{receiver} must know more before it answers. Open the {what}, and answer the question.",
        ),
    },
    "information_given": {
        "receiver": Words(
            "{What} {reference}: your question was answered",
            "{sender} has answered your question. Answer by {answer_by} whether you accept.",
        ),
    },
    "accepted": {
        "sender": Words("{What} {reference} was accepted", "{receiver} has accepted it. Agree on how to go on."),
        "receiver": Words(
            "{What} {reference}: you have accepted", "{sender} was told that you accepted. Agree on how to go on."
        ),
    },
    "declined": {
        "sender": Words(
            "{What} {reference} was declined",
            "{receiver} has declined it. The case is with you: open the {what} to see the reason, and ask somebody "
            "else.",
        ),
        "receiver": Words("{What} {reference}: you have declined", "{sender} was told that you declined."),
    },
    "handed_over": {
        "receiver": Words(
            "{What} {reference}: the person was handed over",
            "{sender} says that the person was handed over to you. Complete the {what} when you are done.",
        ),
    },
    "completed": {
        "sender": Words("{What} {reference} was completed", "{receiver} has completed it. The case is with you."),
    },
    "updated": {
        "receiver": Words(
            "{What} {reference} was brought up to date",
            "{sender} has brought up to date what you are shown. Open the {what} to see it.",
        ),
    },
    "revoked": {
        "receiver": Words(
            "{What} {reference} was taken back",
            "{sender} has taken it back. There is nothing to do for you any more.",
        ),
    },
    "overdue": {
        "receiver": Words(
            "{What} {reference} waits for you",
            "Nobody of yours has looked at what {sender} sent you. If nobody answers in time, it goes back.",
        ),
        "sender": Words(
            "{What} {reference}: nobody has looked at it",
            "Nobody of {receiver} has looked at it in time, and it was told so. Ask there, or ask somebody else: "
            "until it accepts, the case is with you.",
        ),
    },
    "expired": {
        "receiver": Words(
            "{What} {reference} went back",
            "Nobody of yours has answered in time: it went back to {sender}.",
        ),
        "sender": Words(
            "{What} {reference} came back",
            "Nobody of {receiver} has answered in time: the case is with you. Ask somebody else.",
        ),
    },
}
"""Each step: who is told, and how."""
OTHERWISE: Mapping[str, Mapping[Side, Words]] = {
    "transfer.accepted": {
        "sender": Words(
            "{What} {reference} was accepted",
            "{receiver} has taken the case over, and is responsible for it from now on. Hand over what you still have.",
        ),
        "receiver": Words(
            "{What} {reference}: you have taken the case over",
            "You are responsible for it from now on, and {sender} was told so.",
        ),
    },
    "transfer.handed_over": {
        "receiver": Words(
            "{What} {reference}: papers and contacts",
            "{sender} says that papers and contacts were handed over to you. Complete the {what} when you are done.",
        ),
    },
    "transfer.completed": {
        "sender": Words(
            "{What} {reference} was completed", "{receiver} has completed it. The case is with {receiver}."
        ),
    },
}
"""What one family says in other words, by the fact's type."""


def family_and_step(kind: type[Event]) -> tuple[str, str]:
    """`referral.offered` is a referral that was offered."""
    family, _, step = kind.TYPE.partition(".")
    return family, step


def sides_told(kind: type[Event]) -> Mapping[Side, Words]:
    """Whom a fact is told to, and in which words."""
    return OTHERWISE.get(kind.TYPE) or WORDS[family_and_step(kind)[1]]


def filled(words: Words, kind: type[Event], fact: PassedFact, names: Mapping[Side, str]) -> tuple[str, str]:
    """(subject, text) of a message. Times are UTC."""
    family, _ = family_and_step(kind)
    id_: UUID = getattr(fact, f"{family}_id")
    gaps: dict[str, Any] = {
        "what": family,
        "What": family.capitalize(),
        "reference": fact.reference or id_,
        "sender": names["sender"],
        "receiver": names["receiver"],
        "look_by": _moment(getattr(fact, "acknowledge_by", None)),
        "answer_by": _moment(getattr(fact, "answer_by", None)),
    }
    text = f"{words.text.format(**gaps)}\n\nOpen it, signed in: {ADDRESSES[family].format(id=id_)}"
    return words.subject.format(**gaps), text


def _moment(at: datetime | None) -> str:
    return "" if at is None else f"{at:%Y-%m-%d %H:%M} UTC"
