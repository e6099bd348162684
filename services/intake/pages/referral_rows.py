"""Referrals in lists: with whom, which service, in which state, and by when something must happen, in words."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from babel.dates import format_datetime, format_timedelta

from services.intake import queries
from services.intake.casework.referrals import REFERRAL_WORDS, STATES, TIMES, WAITS_FOR_ANSWER, Side
from services.intake.casework.service_categories import CATEGORIES
from services.intake.casework.transfers import TRANSFER_WORDS
from services.intake.domain import Referral
from services.intake.pages.desk import Seat
from services.intake.queries.referrals import side_of
from shared.database import utc_now
from shared.pages import Language, marked, say

URGENT = {"high": marked("High"), "medium": marked("Medium"), "low": marked("Low")}
"""How urgent it is, where there is no room for what that means."""
TRANSFER, TAKEN_OVER = marked("Transfer of the case"), marked("Taken over")
OVERDUE = marked("Overdue since {moment}")
OWN = {
    "offered": marked("Look at it within {time}"),
    "acknowledged": marked("Answer within {time}"),
    "information_requested": marked("Answer within {time}"),
}
"""What the visitor's own side has to do."""
OTHERS = {
    "offered": marked("To be looked at within {time}"),
    "acknowledged": marked("To be answered within {time}"),
    "information_requested": marked("To be answered within {time}"),
}
"""What the other side has to do."""


@dataclass(frozen=True)
class Due:
    """By when somebody must do something, in words; empty where nothing waits."""

    text: str
    late: bool


@dataclass(frozen=True)
class Row:
    """A referral in a list."""

    referral: Referral
    other: str
    """The other organisation's name."""
    side: Side
    service: str
    state: str
    urgency: str
    due: Due


def rows(seat: Seat, found: Iterable[Referral], language: Language) -> list[Row]:
    """The referrals, each as the visitor's side sees it."""
    names = {one.id: one.name for one in queries.organisations(seat.session)}
    return [row_of(seat, one, names, language) for one in found]


def row_of(seat: Seat, referral: Referral, names: dict[UUID, str], language: Language) -> Row:
    """One of them."""
    side = side_of(referral, seat.actor)
    other = referral.receiver_id if side == "sender" else referral.organisation_id
    return Row(
        referral,
        names.get(other, "–"),
        side,
        _what(referral, language),
        say(
            language,
            TAKEN_OVER if referral.kind == "transfer" and referral.state == "accepted" else STATES[referral.state],
        ),
        say(language, URGENT.get(referral.urgency, referral.urgency)),
        due(referral, side, utc_now(), language),
    )


def _what(referral: Referral, language: Language) -> str:
    if referral.kind == "transfer":
        return say(language, TRANSFER)
    return say(language, CATEGORIES[referral.service].title if referral.service in CATEGORIES else referral.service)


def due(referral: Referral, side: Side, now: datetime, language: Language) -> Due:
    """By when somebody must look, answer or decide: "Answer within 5 hours", "Overdue since …"."""
    if referral.state not in WAITS_FOR_ANSWER or referral.due_at is None:
        return Due("", late=False)
    times = TIMES[referral.urgency]
    since = referral.offered_at + times.acknowledge if referral.state == "offered" else referral.due_at
    if since <= now:
        moment = format_datetime(since, "d MMMM y HH:mm", locale=language.locale) + " UTC"
        return Due(say(language, OVERDUE).format(moment=moment), late=True)
    own = (side == "sender") == (referral.state == "information_requested")
    words = say(language, (OWN if own else OTHERS)[referral.state])
    return Due(words.format(time=format_timedelta(since - now, threshold=2, locale=language.locale)), late=False)


def reason_of(referral: Referral, language: Language) -> str:
    """Why it ended."""
    words = {**REFERRAL_WORDS, **(TRANSFER_WORDS if referral.kind == "transfer" else {})}
    return say(language, words.get(referral.reason, referral.reason)) if referral.reason else ""
