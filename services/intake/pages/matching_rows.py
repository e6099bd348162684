"""Possible matches in lists: what is to be done with each, how alike the two records are, and by when, in words."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from babel.dates import format_datetime, format_timedelta

from services.intake import queries
from services.intake.casework.matching import BANDS, DECIDES, OPEN, Side, decides
from services.intake.domain import Case, Match
from services.intake.pages.desk import Seat
from services.intake.pages.referral_rows import OVERDUE, Due
from services.intake.queries import matches as found
from shared.access import Act
from shared.database import utc_now
from shared.pages import Language, marked, say

SOUGHT_IN = "tracing_request"
TO_DO = {
    "proposed": marked("Release it, or not"),
    "information_asked": marked("Answer a question"),
    "released": marked("Confirm it, or not"),
}
"""What the side that decides has to do."""
WAITS = {
    "proposed": marked("Not released yet"),
    "information_asked": marked("Your question waits for an answer"),
    "released": marked("Waits for the other organisation"),
    "confirmed": marked("Confirmed: the same person"),
    "rejected": marked("Not the same person"),
    "withdrawn": marked("Withdrawn"),
}
"""What it waits for otherwise, and how it ended."""
LATE = marked("Overdue")
CHILD_OFFICER, COLLEAGUE = marked("Waits for a child protection officer"), marked("Waits for a colleague")
DECIDE, DECIDED_BY_OTHERS = marked("Decide within {time}"), marked("To be decided within {time}")


@dataclass(frozen=True)
class Row:
    """A match in a list, as one side sees it."""

    match: Match
    side: Side
    case: str
    """The own case's reference."""
    other: str
    """The other organisation's name."""
    ours: bool
    """The visitor's side decides next."""
    what: str
    band: str
    since: datetime
    """Since when this side knows of it."""
    due: Due


def case_of(match: Match, side: Side) -> UUID:
    """That side's case."""
    return match.found_case_id if side == "holder" else match.sought_case_id


def other_than(match: Match, side: Side) -> UUID:
    """The other side's organisation."""
    return match.sought_organisation_id if side == "holder" else match.found_organisation_id


def rows(
    seat: Seat, listed: Iterable[Match], language: Language, side: Side | None = None, *, by_colleagues: bool = False
) -> list[Row]:
    """The matches as that side sees them; without one, as whoever is to decide does, or its colleagues."""
    seen: list[tuple[Match, Side]] = [(one, side or decides(one.state) or "holder") for one in listed]
    names = {one.id: one.name for one in queries.organisations(seat.session)}
    own = queries.references(seat.session, seat.actor, {case_of(*one) for one in seen})
    now = utc_now()
    return [
        Row(
            match,
            side,
            own.get(case_of(match, side), "–"),
            names.get(other_than(match, side), "–"),
            decides(match.state) == side and not by_colleagues,
            say(language, _waits_for(match) if by_colleagues else words_of(match, side)),
            say(language, BANDS.get(match.band, match.band)),
            (match.released_at if side == "enquirer" else None) or match.proposed_at,
            due(match, decides(match.state) == side, now, language),
        )
        for match, side in seen
    ]


def words_of(match: Match, side: Side) -> str:
    """What that side has to do with it, or what it waits for, or how it ended."""
    return TO_DO[match.state] if decides(match.state) == side else WAITS[match.state]


def _waits_for(match: Match) -> str:
    """Who of the own organisation decides it."""
    return CHILD_OFFICER if match.child and DECIDES[match.state].of_child else COLLEAGUE


def due(match: Match, ours: bool, now: datetime, language: Language) -> Due:
    """By when somebody should decide: "Decide within 2 days", "Overdue since …"; once managers were told: "Overdue"."""
    if match.state in OPEN and match.reminded:
        return Due(say(language, LATE), late=True)
    if match.state not in OPEN or match.due_at is None:
        return Due("", late=False)
    if match.due_at <= now:
        moment = format_datetime(match.due_at, "d MMMM y HH:mm", locale=language.locale) + " UTC"
        return Due(say(language, OVERDUE).format(moment=moment), late=True)
    words = say(language, DECIDE if ours else DECIDED_BY_OTHERS)
    time = format_timedelta(match.due_at - now, threshold=2, locale=language.locale)
    return Due(words.format(time=time), late=False)


def rows_of_case(seat: Seat, case: Case, language: Language) -> list[Row]:
    """What of a case is open or confirmed, the likest first."""
    side: Side = "enquirer" if case.type == SOUGHT_IN else "holder"
    return rows(seat, found.of_case(seat.session, case, seat.actor, standing=True), language, side)


def waiting(seat: Seat) -> int | None:
    """How many wait for a decision of the visitor's side; None for a role that decides none."""
    return found.waiting(seat.session, seat.actor) if seat.actor.may(Act.CHANGE_CASES) else None


def late(seat: Seat, language: Language) -> tuple[Sequence[Row], int]:
    """What nobody has decided in time, for those who can give it to somebody: (the first of it, how many there are)."""
    if not seat.actor.may(Act.ASSIGN_CASES):
        return (), 0
    listed, count = found.overdue(seat.session, seat.actor)
    return rows(seat, listed, language), count
