"""Referrals: what came in, what went out, and one of them with what is shared under it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from babel.dates import format_datetime
from fastapi import APIRouter, Response

from services.intake import commands, queries
from services.intake.casework.protection import PURPOSES
from services.intake.casework.referrals import (
    FIELDS,
    LINK_FIELDS,
    OPEN,
    REFERRAL_WORDS,
    STEP_TITLES,
    STEP_WORDS,
    TIMES,
    URGENCIES,
    WAITS_FOR_ANSWER,
    Side,
)
from services.intake.casework.service_directory import DOUBTS
from services.intake.casework.transfers import TRANSFER_TITLES, TRANSFER_WORDS, WHY_TRANSFERRED, steps_from
from services.intake.domain import Agreement, Referral
from services.intake.pages.case import SYSTEM, Told
from services.intake.pages.desk import Desk, Seat
from services.intake.pages.own_shown import named_fields
from services.intake.pages.referral_rows import reason_of, row_of, rows
from services.intake.pages.shared_record import SharedWords, in_words
from services.intake.pages.showing import Shown, countries, isolated
from services.intake.pages.visits import Visit, Visited
from services.intake.queries import referrals as found
from services.intake.queries import work
from shared.access import Act
from shared.database import utc_now
from shared.legal import SENTENCES, Ground
from shared.pages import Language, marked, say

HERE = "/intake/referrals"
PAGE_ROWS = 25
UPDATE = marked("Send what is known by now")
OFFER = marked("Refer to another organisation")
OFFER_TRANSFER = marked("Hand the case over to another organisation")
HUB = marked("By itself, when time had run out")
SAID = {"ask": marked("The question"), "answer": marked("The answer")}
HIDDEN = {
    "over": marked("This referral is over: what was shared is not shown any more."),
    "agreement_over": marked("The agreement under which it was shared is not in force: nothing is shown."),
    "transferred": marked("The case went over to another organisation: what was shared before is destroyed."),
}
"""Beside the grounds of data protection."""


def add_to(routes: APIRouter, desk: Desk) -> None:
    """The pages of this subject."""

    @routes.get("/referrals")
    def list_referrals(
        visit: Visited, box: found.Box = "in", over: bool = False, after: UUID | None = None
    ) -> Response:
        """What came in, or went out: first what is overdue, then the newest."""
        with desk.seat(visit) as seat:
            listed, following = found.referrals(
                seat.session, seat.actor, box, open_only=not over, late_first=True, after=after, limit=PAGE_ROWS
            )
            kept = {"box": box, **({"over": "true"} if over else {})}
            return desk.page(
                visit,
                "referrals.html",
                seat,
                box=box,
                over=over,
                rows=rows(seat, listed, visit.language),
                following=f"{HERE}?{urlencode({**kept, 'after': following})}" if following else None,
                first_page=f"{HERE}?{urlencode(kept)}" if after else None,
                may_read_agreements=seat.actor.may(Act.READ_AGREEMENTS),
            )

    @routes.get("/referrals/{referral_id}")
    def show_referral(visit: Visited, referral_id: UUID, done: str = "") -> Response:
        """One referral, opened; that what is shared was seen is recorded."""
        with desk.seat(visit, writes=True) as seat:
            row = found.referral(seat.session, seat.actor, referral_id)
            return _page(desk, visit, seat, row, done)


def _page(desk: Desk, visit: Visit, seat: Seat, row: Referral, done: str) -> Response:
    names = {one.id: one.name for one in queries.organisations(seat.session)}
    side, today = found.side_of(row, seat.actor), utc_now().date()
    shown, sent_at, ground = opened(seat, row, visit.language)
    hidden = ground or (found.hidden_for(seat.session, row, today) if side == "sender" else None)
    case = queries.case(seat.session, seat.actor, row.case_id) if _holds(row, side) else None
    return desk.page(
        visit,
        "referral.html",
        seat,
        row=row_of(seat, row, names, visit.language),
        case=case,
        facts=_facts(seat, row, visit.language),
        chosen=row.chosen,
        reason=reason_of(row, visit.language),
        shared=shown,
        sent_at=sent_at,
        hidden=_why(hidden) if hidden else "",
        gone=_gone(row, names, side, visit.language),
        shown_until=row.shown_until,
        history=history(seat, row, names, visit.language, told=shown is not None),
        steps=steps_from(row.kind, row.state, side),
        may_update=side == "sender" and row.state in OPEN and row.wrapped is not None and row.left_at is None,
        may_link=side == "sender" and row.state in OPEN and _by_link(seat, row),
        over=row.state not in OPEN,
        may_read_agreements=seat.actor.may(Act.READ_AGREEMENTS),
        done=_done(done, row.kind),
    )


GONE = marked("{other} is responsible for case {reference} now, since {moment}.")
COME = marked("Your organisation is responsible for case {reference}, since {moment}.")


def _gone(row: Referral, names: dict[UUID, str], side: Side, language: Language) -> str:
    """Who is responsible since a transfer; empty as long as the case is where it was."""
    if row.left_at is None or row.case_reference is None:
        return ""
    return say(language, GONE if side == "sender" else COME).format(
        other=isolated(names.get(row.receiver_id, "–")),
        reference=isolated(row.case_reference),
        moment=format_datetime(row.left_at, "d MMMM y HH:mm", locale=language.locale) + " UTC",
    )


def _holds(row: Referral, side: Side) -> bool:
    """The visitor's side has the case: the sender, or who has taken it over."""
    return row.left_at is None if side == "sender" else row.is_handed_over


def _by_link(seat: Seat, row: Referral) -> bool:
    """The receiver is a service provider, which may have no account, and few enough fields are shared."""
    if row.kind != "referral":
        return False
    provides = queries.member(seat.session, row.receiver_id).kind == "service_provider"
    return provides and row.wrapped is not None and LINK_FIELDS.issuperset(row.fields)


def opened(seat: Seat, row: Referral, language: Language) -> tuple[SharedWords | None, datetime | None, str | None]:
    """(what is shared, in words; when it was sent; why it is not shown). The look is recorded."""
    shown = found.shown(seat.session, seat.actor, row, utc_now().date())
    if shown.view is None:
        return None, None, shown.ground
    commands.note_view(seat.session, seat.actor, "referral", row.case_id, [UUID(one) for one in row.people])
    return in_words(shown.view, language), shown.sent_at, None


def history(
    seat: Seat, row: Referral, names: dict[UUID, str], language: Language, *, told: bool, after: int = 0
) -> Sequence[Told]:
    """What happened, the newest first, from behind that version. The other side's staff are their organisation.

    `told`: with what was asked and answered.
    """
    said = [one for one in found.history(seat.session, row) if one.step.number > after]
    side = found.side_of(row, seat.actor)
    words = {**REFERRAL_WORDS, **(TRANSFER_WORDS if row.kind == "transfer" else {})}
    staff = work.staff_names(seat.session, seat.actor, [one.step.user_id for one in said])
    other = names.get(row.receiver_id if side == "sender" else row.organisation_id, "–")
    return [
        Told(
            one.step.number,
            one.step.at,
            _who(one.step.side, side, staff.get(one.step.user_id) if one.step.user_id else None, other, language),
            say(language, STEP_WORDS.get(one.step.what, one.step.what)),
            say(language, words.get(one.step.reason, one.step.reason)) if one.step.reason else "",
            [Shown("text", say(language, SAID[one.step.what]), one.text)]
            if told and one.text and one.step.what in SAID
            else (),
        )
        for one in reversed(said)
    ]


def _who(whose: str | None, own: Side, name: str | None, other: str, language: Language) -> str:
    if whose is None:
        return say(language, HUB)
    return (name or say(language, SYSTEM)) if whose == own else other


def _facts(seat: Seat, row: Referral, language: Language) -> dict[str, Any]:
    """The referral itself: what each side sees of it alike."""
    times, chosen = TIMES[row.urgency], row.chosen
    own = named_fields(seat.session.get_one(Agreement, row.agreement_id).own_titles, language)
    return {
        "why": say(language, WHY_TRANSFERRED.get(row.why, row.why)) if row.why else "",
        "purpose": say(language, PURPOSES.get(row.purpose, row.purpose)),
        "urgency": say(language, URGENCIES.get(row.urgency, row.urgency)),
        "country": countries(language.tag).get(row.country, row.country) if row.country else "",
        "chosen_place": countries(language.tag).get(chosen["place"], chosen["place"]) if chosen else "",
        "doubts": "\n".join(say(language, DOUBTS[one]) for one in chosen["doubts"]) if chosen else "",
        "fields": "\n".join(own.get(one) or say(language, FIELDS.get(one, one)) for one in row.fields),
        "look_by": row.offered_at + times.acknowledge if row.state == "offered" else None,
        "answer_by": _answer_by(row),
    }


def _answer_by(row: Referral) -> datetime | None:
    if row.state not in WAITS_FOR_ANSWER or row.due_at is None:
        return None
    return row.offered_at + TIMES[row.urgency].answer if row.state == "offered" else row.due_at


def _why(ground: str) -> str:
    return HIDDEN.get(ground) or SENTENCES[Ground(ground)]


def _done(name: str, kind: str) -> str:
    """What was just done; nothing for a name that nobody knows."""
    titles = TRANSFER_TITLES if kind == "transfer" else STEP_TITLES
    return {**titles, "update": UPDATE, "offer": OFFER, "offer_transfer": OFFER_TRANSFER}.get(name, "")
