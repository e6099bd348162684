"""Possible matches: what waits for a decision, "Are these two records the same person?", and what comes after."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any, Literal
from urllib.parse import urlencode
from uuid import UUID

from fastapi import APIRouter, Response

from services.intake import queries
from services.intake.casework.found_person import Answer
from services.intake.casework.matching import (
    BANDS,
    EVIDENCE,
    LOOK_FURTHER,
    MATCH_WORDS,
    OPEN,
    SHOWN_TO_OTHER,
    STEPS,
    Side,
    decides,
)
from services.intake.casework.questions import questions
from services.intake.commands.matches.looking import look_at
from services.intake.domain import Match
from services.intake.pages.desk import Desk, Seat
from services.intake.pages.fields import Problem, number_in
from services.intake.pages.matching_choices import choices, why_not
from services.intake.pages.matching_next import MEANING, what_next, whose
from services.intake.pages.matching_rows import WAITS, case_of, due, other_than, rows, words_of
from services.intake.pages.matching_shown import EVIDENCE_WORDS, compared, history, weights
from services.intake.pages.visits import Visit, Visited
from services.intake.queries import matches as found
from services.intake.queries.match_view import MatchView, reason_told
from shared.database import utc_now
from shared.pages import Language, marked, say

HERE = "/intake/matches"
PAGE_ROWS = 25
View = Literal["waiting", "colleagues", "found", "sought"]
Shown = Literal["all", "open", "confirmed", "rejected", "withdrawn"]
SIDES: Mapping[str, Side] = {"found": "holder", "sought": "enquirer"}
SHOWN = {
    "open": marked("Those that are open"),
    "confirmed": WAITS["confirmed"],
    "rejected": WAITS["rejected"],
    "withdrawn": WAITS["withdrawn"],
    "all": marked("All of them"),
}
HIDDEN = {
    "over": marked("This is over: nothing of the other record is shown any more."),
    "refused": marked(
        "Nothing of the other record is shown at present: a legal basis, an agreement or somebody's word stands "
        "against it. Whose it is, is not said."
    ),
    "erased": marked("One of the two people was erased: nothing is left to be compared."),
}
"""Why only the own record is shown."""
FOUND_PERSON, SOUGHT_PERSON = marked("Found person"), marked("Sought person")


def add_to(routes: APIRouter, desk: Desk) -> None:
    """The pages of this subject."""

    @routes.get("/matches")
    def list_matches(
        visit: Visited, view: View = "waiting", show: Shown = "open", after: UUID | None = None
    ) -> Response:
        """What waits for the visitor or for colleagues, what is late first; or each side's, the newest first."""
        with desk.seat(visit) as seat:
            listed, following = _listed(seat, view, show, after)
            kept = {"view": view, **({} if show == "open" else {"show": show})}
            return desk.page(
                visit,
                "matches.html",
                seat,
                view=view,
                show=show,
                shown={code: say(visit.language, words) for code, words in SHOWN.items()},
                rows=rows(seat, listed, visit.language, SIDES.get(view), by_colleagues=view == "colleagues"),
                count=found.waiting(seat.session, seat.actor),
                count_of_colleagues=found.waiting(seat.session, seat.actor, by_colleagues=True),
                following=f"{HERE}?{urlencode({**kept, 'after': following})}" if following else None,
                first_page=f"{HERE}?{urlencode(kept)}" if after else None,
            )

    @routes.get("/matches/{match_id}")
    def show_match(visit: Visited, match_id: UUID) -> Response:
        """Both records side by side; that their people were seen is recorded."""
        with desk.seat(visit, writes=True) as seat:
            return review_page(desk, visit, seat, match_id)

    @routes.get("/matches/{match_id}/decided")
    def show_decided(visit: Visited, match_id: UUID, done: str = "") -> Response:
        """What was recorded, and what comes next. Nothing of the two records."""
        with desk.seat(visit) as seat:
            row = found.match(seat.session, seat.actor, match_id)
            sides = found.sides_of(seat.session, row, seat.actor)
            own = {case_of(row, side) for side in sides}
            return desk.page(
                visit,
                "match_decided.html",
                seat,
                match=row,
                what=next((step.title for step in STEPS if step.name == done), ""),
                state=words_of(row, sides[0]),
                next=what_next(row, sides, _other(seat, row, sides), visit.language, done),
                cases=queries.references(seat.session, seat.actor, own),
                ours=decides(row.state) in sides,
                waiting=found.waiting(seat.session, seat.actor),
            )


def _listed(seat: Seat, view: View, show: Shown, after: UUID | None) -> tuple[Sequence[Match], UUID | None]:
    if view not in SIDES:
        by_colleagues = view == "colleagues"
        return found.to_decide(seat.session, seat.actor, by_colleagues=by_colleagues, after=after, limit=PAGE_ROWS)
    states = {"open": OPEN, "all": frozenset[str]()}.get(show, frozenset({show}))
    return found.matches(seat.session, seat.actor, side=SIDES[view], states=states, after=after, limit=PAGE_ROWS)


def review_page(
    desk: Desk,
    visit: Visit,
    seat: Seat,
    match_id: UUID,
    problems: Sequence[Problem] = (),
    status: int = 200,
) -> Response:
    """The two records, and what may be decided, with what was typed; after a change by somebody else (412) also what
    changed since. The look is recorded."""
    view = look_at(seat.session, seat.actor, match_id)
    row, sides, language = view.match, view.sides, visit.language
    other = _other(seat, row, sides)
    fields, silent = compared(view, sides[0], language)
    offered = choices(seat, row, view.steps, "" if whose(row, sides) == "both" else other, language)
    ours = decides(row.state) in sides
    return desk.page(
        visit,
        "match.html",
        seat,
        status=status,
        match=row,
        side=whose(row, sides),
        other=other,
        records=_records(seat, row, sides, language),
        fields=fields,
        silent=silent,
        hidden=HIDDEN[view.hidden_because] if view.hidden_because else "",
        evidence_words=EVIDENCE_WORDS,
        evidence=EVIDENCE,
        weights=weights(view, language),
        band=BANDS.get(row.band, row.band),
        meaning=MEANING.get(row.band, ""),
        state=words_of(row, sides[0] if not ours else decides(row.state) or sides[0]),
        due=due(row, ours, utc_now(), language),
        ended=MATCH_WORDS.get(reason_told(row, sides) or "", ""),
        agreed=_agreed(row, sides, language),
        of_dead=row.state in SHOWN_TO_OTHER and row.agrees_to is None,
        next=what_next(row, sides, other, language),
        decisions=[one for one in offered if one.decides],
        others=[one for one in offered if not one.decides],
        why_not=why_not(seat, row, sides, offered),
        history=history(seat, view, other, language),
        news=history(seat, view, other, language, after=number_in(visit.form, "version")) if status == 412 else (),
        to_find_out=_to_find_out(view),
        question=next((one.said.get("text", "") for one in reversed(view.history) if one.step.what == "ask"), ""),
        typed=visit.form,
        errors=problems,
    )


def _records(seat: Seat, row: Match, sides: tuple[Side, ...], language: Language) -> list[dict[str, Any]]:
    """The two records, the own first: of whom, in which case as far as the visitor sees it, and whose."""
    names = {one.id: one.name for one in queries.organisations(seat.session)}
    seen = queries.references(seat.session, seat.actor, {row.found_case_id, row.sought_case_id})
    both: tuple[Side, Side] = ("holder", "enquirer")
    return [
        {
            "title": say(language, FOUND_PERSON if side == "holder" else SOUGHT_PERSON),
            "case_id": case_of(row, side),
            "reference": seen.get(case_of(row, side), ""),
            "organisation": names.get(row.found_organisation_id if side == "holder" else row.sought_organisation_id),
        }
        for side in sorted(both, key=lambda one: one != sides[0])
    ]


def _other(seat: Seat, row: Match, sides: tuple[Side, ...]) -> str:
    return next((one.name for one in queries.organisations(seat.session) if one.id == other_than(row, sides[0])), "–")


def _to_find_out(view: MatchView) -> Mapping[str, Any]:
    """What the holder noted last that it has to find out, while it has not decided."""
    noted = (one.said for one in reversed(view.history) if one.step.what == LOOK_FURTHER)
    said = next(noted, None) if view.match.state == "proposed" else None
    return {"text": said["text"], "by": date.fromisoformat(said["by"])} if said else {}


def _agreed(row: Match, sides: tuple[Side, ...], language: Language) -> str:
    """What the found person agreed to, while the enquirer's side may go on with it."""
    if "enquirer" not in sides or row.state not in SHOWN_TO_OTHER or row.agrees_to is None:
        return ""
    codes = next(one.codes for one in questions(Answer) if one.name == "agrees_to")
    return say(language, codes.get(row.agrees_to, row.agrees_to))
