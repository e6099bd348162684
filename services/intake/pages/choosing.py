"""A referral begins with the service directory: which service, of whom, and what there is to doubt of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Annotated
from urllib.parse import urlencode
from uuid import UUID

from fastapi import APIRouter, Query, Response

from services.intake.casework.people import AGE_BAND_WORDS, AGE_BANDS
from services.intake.casework.service_categories import CATEGORIES
from services.intake.casework.service_directory import DOUBTS, OLDEST
from services.intake.commands import referrals as acts
from services.intake.domain import Case
from services.intake.pages.desk import Desk, Seat, go_to
from services.intake.pages.directory import HERE, WORDS, Row, row_of, sectors, service_page
from services.intake.pages.fields import Problem
from services.intake.pages.finding import WRONG_PLACE
from services.intake.pages.referring import WHY_NOT, Partners, partners_of, standing_of
from services.intake.pages.sending import sendable
from services.intake.pages.showing import spoken
from services.intake.pages.visits import Visit, Visited
from services.intake.queries import directory as reads
from services.intake.queries import search
from shared.access import Act, require
from shared.database import utc_now
from shared.errors import Conflict, InvalidInput
from shared.pages import FormData, Language, marked, say

PAGE_ROWS = 25
OTHERS_SHOWN = 10
"""Of services that cannot be chosen yet."""
NO_SUCH_CASE = marked("There is no such case. Give its reference, as KB-XXXXX-XXXXX-X.")
NOT_REFERABLE = marked("This case cannot be referred as it is now: open it to see why.")


@dataclass(frozen=True)
class Choice:
    """A service of the directory, as something to choose."""

    row: Row
    doubts: tuple[str, ...]
    """Sentences of `DOUBTS`."""
    why_not: str
    """Why it cannot be chosen yet; empty where it can."""
    propose: bool
    """An agreement would make it possible."""


def add_to(routes: APIRouter, desk: Desk) -> None:
    """The pages of this subject."""

    @routes.get("/cases/{case_id}/refer/services")
    def choose(visit: Visited, case_id: UUID, after: Annotated[str | None, Query(max_length=200)] = None) -> Response:
        """The services that fit: of partners first, then of others, each with what stands in the way."""
        asked = FormData.of((name, value) for name, value in visit.request.query_params.items() if value)
        with desk.seat(visit) as seat:
            return _list(desk, visit, seat, sendable(seat, case_id, Act.REFER_CASES), asked, after)

    @routes.get("/services/{service_id}/refer")
    def refer_to(visit: Visited, service_id: UUID, reference: Annotated[str, Query(max_length=200)] = "") -> Response:
        """From a service: the case is named by its reference."""
        with desk.seat(visit) as seat:
            require(seat.actor, Act.REFER_CASES)
            case = _case_named(seat, reference)
            if case is None:
                problem = Problem("reference", NO_SUCH_CASE)
                return service_page(desk, visit, seat, service_id, problem=problem, status=422, reference=reference)
            try:
                acts.check_open(sendable(seat, case.id, Act.REFER_CASES))
            except Conflict:
                problem = Problem("reference", NOT_REFERABLE)
                return service_page(desk, visit, seat, service_id, problem=problem, status=409, reference=reference)
            reads.service(seat.session, seat.actor, service_id)
            return go_to(f"/intake/cases/{case.id}/refer?service_entry_id={service_id}")


def _case_named(seat: Seat, reference: str) -> Case | None:
    if not reference:
        return None
    try:
        found = search.find_cases(seat.session, seat.actor, search.Wanted(reference=reference), limit=1).cases
    except InvalidInput:  # a slip in it: there is no such case
        return None
    return found[0] if found else None


def _list(desk: Desk, visit: Visit, seat: Seat, case: Case, asked: FormData, after: str | None) -> Response:
    partners, now, problems = partners_of(seat), utc_now(), []
    wanted, own = _wanted(asked), seat.actor.organisation_id
    theirs = frozenset(UUID(one) for one, _ in partners.receivers)
    page, others = reads.ServicePage((), None), reads.ServicePage((), None)
    try:
        first = replace(wanted, among=theirs)
        page = reads.services(seat.session, seat.actor, first, after=after, limit=PAGE_ROWS, now=now)
        if page.next is None:
            rest = replace(wanted, besides=theirs | {own})
            others = reads.services(seat.session, seat.actor, rest, limit=OTHERS_SHOWN, now=now)
    except InvalidInput:
        problems.append(Problem("", WRONG_PLACE))
    here = f"/intake/cases/{case.id}/refer/services"
    kept = [(name, value) for name, values in asked.items() for value in values if name != "after"]

    def choices(found: reads.ServicePage) -> list[Choice]:
        told = [_choice(seat, partners, one, visit.language, now) for one in found.services]
        return sorted(told, key=lambda one: bool(one.why_not))

    return desk.page(
        visit,
        "refer_choose.html",
        seat,
        status=422 if problems else 200,
        case=case,
        asked=asked,
        filtered=bool(kept),
        found=choices(page),
        others=choices(others),
        more_others=others.next is not None,
        following=f"{here}?{urlencode([*kept, ('after', page.next)])}" if page.next else None,
        first_page=f"{here}?{urlencode(kept)}" if after else None,
        directory=HERE,
        sectors=sectors(),
        tongues=spoken(visit.language.tag),
        ages=[(band, say(visit.language, AGE_BAND_WORDS[band])) for band in AGE_BANDS if band != "unknown"],
        words=WORDS,
        may_propose=seat.actor.may(Act.SIGN_AGREEMENTS),
        partners=partners,
        errors=tuple(problems),
    )


def _choice(seat: Seat, partners: Partners, found: reads.Service, language: Language, now: datetime) -> Choice:
    standing = standing_of(seat, partners, found.entry)
    return Choice(
        row_of(seat, found, language, now),
        tuple(DOUBTS[code] for code in found.entry.doubts(now)),
        WHY_NOT.get(standing, ""),
        standing in {"none", "elsewhere"},
    )


def _wanted(asked: FormData) -> reads.WantedService:
    return reads.WantedService(
        category=asked.one("category") if asked.one("category") in CATEGORIES else None,
        place=asked.one("place") or None,
        language=asked.one("language") or None,
        ages=_AGES.get(asked.one("age")),
    )


def _span(band: str) -> tuple[int, int]:
    first, _, last = band.rstrip("+").partition("-")
    return int(first), OLDEST if band.endswith("+") else int(last or first)


_AGES: Mapping[str, tuple[int, int]] = {band: _span(band) for band in AGE_BANDS if band != "unknown"}
