"""The service directory as every organisation of the hub reads it: the list, and one service."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Annotated, Any
from urllib.parse import urlencode
from uuid import UUID

from fastapi import APIRouter, Query, Response

from services.intake.casework.questions import Question, questions
from services.intake.casework.service_categories import CATEGORIES, SECTORS
from services.intake.casework.service_directory import (
    CAPACITY,
    CONFIRMERS,
    DAYS,
    DOUBTS,
    FRESHNESS,
    SECTIONS,
    ServiceIn,
)
from services.intake.domain import ServiceEntry
from services.intake.pages.desk import Desk, Seat
from services.intake.pages.fields import Problem
from services.intake.pages.finding import WRONG_PLACE
from services.intake.pages.showing import Shown, countries, in_words, isolated, spoken
from services.intake.pages.visits import Visit, Visited
from services.intake.queries import directory as reads
from services.intake.queries import work
from services.intake.queries.directory import Service
from shared.access import Act
from shared.database import utc_now
from shared.errors import InvalidInput
from shared.pages import FormData, Language, marked, say

HERE = "/intake/services"
PAGE_ROWS = 25
WORDS = {"capacity": CAPACITY, "freshness": FRESHNESS}
DONE: Mapping[str, str] = {
    "add": marked("The service stands in the directory."),
    "change": marked("The service was changed, and is confirmed as of today."),
    "confirm": marked("The service is confirmed as of today."),
    "withdraw": marked("The service was withdrawn."),
    "back": marked("The service is in the directory again."),
}
SHOWN_ABOVE = {"category", "title", "provider_id", "capacity"}
"""Of a service's page, over what stands under headings."""
EVERYBODY = marked("Everybody may come")
OPEN = marked("{days}: from {opens} to {closes}")
OVERNIGHT = marked("{days}: from {opens} to {closes} the next morning")
ALWAYS = marked("{days}: around the clock")
SPAN = marked("{first} to {last}")
_QUESTIONS = {one.name: one for one in questions(ServiceIn)}


@dataclass(frozen=True)
class Row:
    """A service as the list shows it."""

    entry: ServiceEntry
    category: str
    place: str
    languages: str
    provider: str
    freshness: str
    kept: bool
    """By the visitor, who may confirm it."""


def add_to(routes: APIRouter, desk: Desk) -> None:
    """The pages of this subject."""

    @routes.get("/services")
    def list_services(visit: Visited, after: Annotated[str | None, Query(max_length=200)] = None) -> Response:
        """The services that fit, what was confirmed last first."""
        asked = FormData.of((name, value) for name, value in visit.request.query_params.items() if value)
        with desk.seat(visit) as seat:
            return _list(desk, visit, seat, asked, after)

    @routes.get("/services/{service_id}")
    def show_service(visit: Visited, service_id: UUID, done: Annotated[str, Query(max_length=20)] = "") -> Response:
        with desk.seat(visit) as seat:
            return service_page(desk, visit, seat, service_id, done=DONE.get(done, ""))


def service_page(
    desk: Desk,
    visit: Visit,
    seat: Seat,
    service_id: UUID,
    *,
    done: str = "",
    problem: Problem | None = None,
    status: int = 200,
    reference: str = "",
) -> Response:
    """One service, with what its keeper can do, and for whoever refers cases the way there. Raises `NotFound`."""
    found, now = reads.service(seat.session, seat.actor, service_id), utc_now()
    entry = found.entry
    return desk.page(
        visit,
        "service.html",
        seat,
        status=status,
        entry=entry,
        provider=found.provider,
        keeper=found.keeper,
        provider_name=isolated(found.provider.name),
        keeper_name=isolated(found.keeper.name),
        category=category_words(entry.category, visit.language),
        freshness=entry.freshness(now),
        doubts=[DOUBTS[code] for code in entry.doubts(now)],
        sections=_sections(entry, visit.language),
        who=_who(seat, entry, visit.language),
        may_keep=may_keep(seat, entry),
        may_refer=seat.actor.may(Act.REFER_CASES) and entry.provider_id != seat.actor.organisation_id,
        reference=reference,
        words=WORDS,
        done=done,
        errors=(problem,) if problem else (),
    )


def may_keep(seat: Seat, entry: ServiceEntry) -> bool:
    """True where the visitor's organisation keeps the entry, and the visitor's role may."""
    return seat.actor.may(Act.KEEP_DIRECTORY) and entry.organisation_id == seat.actor.organisation_id


def category_words(code: str, language: Language) -> str:
    """What a category is called."""
    return say(language, CATEGORIES[code].title) if code in CATEGORIES else code


@cache
def sectors() -> Mapping[str, Mapping[str, str]]:
    """Title of a sector → its categories."""
    return {
        title: {code: one.title for code, one in CATEGORIES.items() if one.sector == sector}
        for sector, (title, _) in SECTORS.items()
    }


def _list(desk: Desk, visit: Visit, seat: Seat, asked: FormData, after: str | None) -> Response:
    now, problems = utc_now(), []
    organisations = reads.providers(seat.session)
    try:
        page = reads.services(seat.session, seat.actor, _wanted(asked), after=after, limit=PAGE_ROWS, now=now)
    except InvalidInput:
        page = reads.ServicePage((), None)
        problems.append(Problem("", WRONG_PLACE))
    kept = [(name, value) for name, values in asked.items() for value in values if name != "after"]
    return desk.page(
        visit,
        "services.html",
        seat,
        status=422 if problems else 200,
        asked=asked,
        filtered=bool(kept),
        found=[row_of(seat, one, visit.language, now) for one in page.services],
        following=f"{HERE}?{urlencode([*kept, ('after', page.next)])}" if page.next else None,
        first_page=f"{HERE}?{urlencode(kept)}" if after else None,
        may_keep=seat.actor.may(Act.KEEP_DIRECTORY),
        sectors=sectors(),
        tongues=spoken(visit.language.tag),
        capacities=[(code, say(visit.language, words)) for code, words in CAPACITY.items()],
        providers=[(str(one.id), one.name) for one in organisations],
        words=WORDS,
        errors=tuple(problems),
    )


def _wanted(asked: FormData) -> reads.WantedService:
    show = asked.one("show")
    return reads.WantedService(
        category=asked.one("category") if asked.one("category") in CATEGORIES else None,
        place=asked.one("place") or None,
        language=asked.one("language") or None,
        capacity=asked.one("capacity") if asked.one("capacity") in CAPACITY else None,
        provider_id=_id(asked.one("provider")),
        to_confirm=show == "to_confirm",
        withdrawn=show == "withdrawn",
    )


def _id(typed: str) -> UUID | None:
    try:
        return UUID(typed)
    except ValueError:
        return None


def row_of(seat: Seat, found: Service, language: Language, now: datetime) -> Row:
    """A service in a list."""
    entry = found.entry
    return Row(
        entry,
        category_words(entry.category, language),
        _place(entry.place, language),
        in_words(_QUESTIONS["languages"], entry.languages, language),
        found.provider.name,
        entry.freshness(now),
        may_keep(seat, entry),
    )


def _who(seat: Seat, entry: ServiceEntry, language: Language) -> str:
    """A colleague by name; of another organisation the role alone."""
    names = work.staff_names(seat.session, seat.actor, [entry.confirmed_by])
    name = names.get(entry.confirmed_by) if entry.confirmed_by else None
    return isolated(name) if name else say(language, CONFIRMERS[entry.confirmed_as])


def _sections(entry: ServiceEntry, language: Language) -> dict[str, list[Shown]]:
    """What is known, under its headings; what is not said is left out."""
    found = {}
    for heading, names in SECTIONS.items():
        asked = (_QUESTIONS[name] for name in names if name not in SHOWN_ABOVE)
        told = [Shown(one.name, say(language, one.title), _told(one, entry, language)) for one in asked]
        found[heading] = [one for one in told if one.text]
    return found


def _told(question: Question, entry: ServiceEntry, language: Language) -> str:
    answer: Any = getattr(entry, question.name)
    if question.name == "place":
        return _place(answer, language)
    if question.name == "hours":
        return "\n".join(_opening(one, language) for one in answer)
    if question.name == "open_to" and not answer:
        return say(language, EVERYBODY)
    return in_words(question, answer, language)


def _place(code: str, language: Language) -> str:
    return countries(language.tag).get(code, code)


def _opening(hours: Mapping[str, Any], language: Language) -> str:
    opens, closes = hours["opens"], hours["closes"]
    always = (opens, closes) == ("00:00", "24:00")
    sentence = ALWAYS if always else OPEN if closes > opens else OVERNIGHT
    return say(language, sentence).format(days=_days(hours["days"], language), opens=opens, closes=closes)


def _days(chosen: Iterable[str], language: Language) -> str:
    """Days in words; three or more in a row as the first and the last of them."""
    rows: list[list[str]] = []
    order, before = list(DAYS), -2
    for number in sorted(order.index(day) for day in chosen):
        if number != before + 1:
            rows.append([])
        rows[-1].append(say(language, DAYS[order[number]]))
        before = number
    told = [[say(language, SPAN).format(first=row[0], last=row[-1])] if len(row) > 2 else row for row in rows]
    return ", ".join(day for row in told for day in row)
