"""Exactly what would be shared of a case, who is left out and why: looked at before anything is sent."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from typing import Any

from fastapi import Response

from services.intake import commands, queries
from services.intake.casework.questions import Question
from services.intake.domain import Case, ServiceEntry
from services.intake.pages.case import name_of
from services.intake.pages.desk import Desk, Seat
from services.intake.pages.fields import Problem, typed_answers
from services.intake.pages.shared_record import in_words
from services.intake.pages.visits import Visit
from services.intake.queries.referrals import ToShare
from shared.pages import Language, marked

TITLE = marked("Look at what is shared")
OTHERWISE = marked(
    "What would be shared is no longer what you looked at. Look at what would be shared now, and decide anew."
)


def kept_fields(asked: Sequence[Question], answers: Mapping[str, Any]) -> list[tuple[str, str]]:
    """What was typed, as the fields in which it goes on."""
    return [(name, value) for name, values in typed_answers(asked, answers).items() for value in values]


def preview_page(
    desk: Desk,
    visit: Visit,
    seat: Seat,
    case: Case,
    share: ToShare,
    problems: Sequence[Problem] = (),
    status: int = 200,
    *,
    chosen: ServiceEntry | None = None,
    doubts: Sequence[str] = (),
    **more: Any,
) -> Response:
    """The page with the buttons that send it, or lead back. That its people were seen is recorded."""
    commands.note_view(seat.session, seat.actor, "referral", case.id, share.people)
    return desk.page(
        visit,
        "refer_preview.html",
        seat,
        status=status,
        title=TITLE,
        case=case,
        shared=in_words(share.view, visit.language),
        until=share.until,
        left_out=_left_out(seat, case, share, visit.language),
        errors=problems,
        chosen=chosen,
        doubts=doubts,
        **{"transfer": False, **more},
    )


def _left_out(seat: Seat, case: Case, share: ToShare, language: Language) -> list[tuple[str, str]]:
    """(name, why) of the people whom the case is about and who are not shared."""
    if not share.left_out:
        return []
    people = {one.person.id: name_of(one, language) for one in queries.people(seat.session, case)}
    return [(people.get(one, "–"), decision.sentence) for one, decision in share.left_out]


def digest_of(share: ToShare, *more: object) -> str:
    """Tells whether what is sent is what was looked at."""
    seen = [share.view, str(share.until), *map(str, more)]
    return hashlib.sha256(json.dumps(seen, sort_keys=True).encode()).hexdigest()
